"""Runs that fail: what they, their threads and their streams show of it."""

from __future__ import annotations

from ..recorder import Recorder
from ..scenario import scenario
from .steps import PATHS, WAYS, ask, join, new_thread


@scenario(way=WAYS)
async def a_node_that_fails(server: Recorder, way: str) -> None:
    thread = await new_thread(server)
    await server.post(
        f"/threads/{thread}/{PATHS[way]}", ask("sf", "fails", stream_mode=["values", "updates"])
    )
    runs = await server.until(f"/threads/{thread}/runs", lambda runs: runs and runs[0]["status"] == "error")
    await join(server, thread, runs[0]["run_id"])
    await server.get(f"/threads/{thread}")
    await server.get(f"/threads/{thread}/state")
    await server.post(f"/threads/{thread}/history", {"limit": 50})
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "fails", "input": None})
    await server.post(f"/threads/{thread}/runs/wait", ask("nyc"))
    await server.get(f"/threads/{thread}")


ERRORS = (
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "EOFError",
    "ImportError",
    "IndexError",
    "KeyError",
    "LookupError",
    "MemoryError",
    "NotImplementedError",
    "OSError",
    "PermissionError",
    "RecursionError",
    "RuntimeError",
    "SyntaxError",
    "TimeoutError",
    "TypeError",
    "UnicodeError",
    "ValueError",
    "ZeroDivisionError",
)


@scenario(error=ERRORS)
async def errors_of_nodes_the_server_hides_or_shows(server: Recorder, error: str) -> None:
    thread = await new_thread(server)
    message = {"role": "human", "content": error, "id": error}
    body = {"assistant_id": "fails", "input": {"messages": [message]}}
    await server.post(f"/threads/{thread}/runs/wait", body)
    await server.get(f"/threads/{thread}")
    await server.get(f"/threads/{thread}/state")


@scenario()
async def errors_the_server_hides_or_shows(server: Recorder) -> None:
    hidden = {"messages": [{"role": "human", "content": "IndexError", "id": "h"}]}
    for body in (
        {"assistant_id": "agent", "input": "hello"},
        {"assistant_id": "agent", "input": ["hello"]},
        {"assistant_id": "agent", "input": {"bogus": 1}},
        {"assistant_id": "agent", "input": {}},
        {"assistant_id": "agent", "input": None},
        {"assistant_id": "agent"},
        ask("sf", config={"recursion_limit": 1}),
        ask("sf", interrupt_before=["nosuch"]),
        {"assistant_id": "fails", "input": hidden, "raise_error": False},
    ):
        thread = await new_thread(server)
        await server.post(f"/threads/{thread}/runs/wait", body)
        await server.get(f"/threads/{thread}")
        await server.get(f"/threads/{thread}/state")

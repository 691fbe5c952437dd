"""Requests that are refused: their statuses and the exact words."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..recording import Json
from ..scenario import scenario
from .steps import (
    PATHS,
    WAYS,
    ask,
    finished_run,
    join,
    new_thread,
    run_in_flight,
    start,
    start_and_join,
)

WRONG_OPTIONS: dict[str, Json] = {
    "multitask_strategy": ["bogus", None, 5],
    "assistant_id": ["nope", UNKNOWN, 5, None],
    "stream_mode": ["bogus", ["values", "bogus"], 5],
    "if_not_exists": ["x", None],
    "on_disconnect": ["x"],
    "metadata": [[1], "x"],
    "config": ["x", {"recursion_limit": "x"}],
    "context": [5],
    "after_seconds": ["x"],
    "webhook": ["notaurl", "http://127.0.0.1:9/hook", "", 5],
    "command": ["x", 5],
    "interrupt_before": ["tools", 5],
    "interrupt_after": [{"a": 1}],
    "checkpoint_id": [5],
    "checkpoint": ["x"],
    "stream_subgraphs": ["x"],
    "stream_resumable": [5],
    "durability": ["x"],
}


@scenario(way=WAYS)
async def a_run_with_a_wrong_option_is_refused(server: Recorder, way: str) -> None:
    thread = await new_thread(server)
    for option, values in WRONG_OPTIONS.items():
        for value in values:
            if option == "on_disconnect" and way == "create":
                continue  # accepted there; see `options_a_background_run_does_not_check`
            await server.post(f"/threads/{thread}/{PATHS[way]}", ask("sf", **{option: value}))
    await server.get(f"/threads/{thread}/runs")
    await server.get(f"/threads/{thread}")


@scenario()
async def options_a_background_run_does_not_check(server: Recorder) -> None:
    for option in ({"on_disconnect": "x"}, {"after_seconds": -1}, {"unheard_of": "bar"}):
        thread = await new_thread(server)
        await start_and_join(server, thread, ask("sf", **option))


@scenario(way=WAYS)
async def a_body_that_is_no_run_is_refused(server: Recorder, way: str) -> None:
    thread = await new_thread(server)
    path = f"/threads/{thread}/{PATHS[way]}"
    await server.post(path)
    await server.post(path, b"{nope")
    await server.post(path, [])
    await server.post(path, {"input": {}})
    await server.post(path, b"null")
    await server.post(path, b'"text"')
    await server.get(f"/threads/{thread}/runs")


@scenario()
async def json_sent_as_plain_text_is_read_all_the_same(server: Recorder) -> None:
    thread = await new_thread(server)
    body = (
        b'{"assistant_id": "agent", "input": {"messages": [{"role": "human", "content": "hi", "id": "h"}]}}'
    )
    run = await server.post(f"/threads/{thread}/runs", body, {"content-type": "text/plain"})
    await join(server, thread, run["run_id"])


@scenario(way=WAYS)
async def a_run_on_a_thread_that_does_not_exist_is_refused(server: Recorder, way: str) -> None:
    await server.post(f"/threads/{UNKNOWN}/{PATHS[way]}", ask("sf"))
    await server.post(f"/threads/nope/{PATHS[way]}", ask("sf"))
    await server.post(f"/threads/{UNKNOWN}/{PATHS[way]}", ask("sf", if_not_exists="reject"))


@scenario()
async def runs_that_do_not_exist(server: Recorder) -> None:
    thread, run = await finished_run(server)
    await server.get(f"/threads/{thread}/runs/{run}/stream")
    for path in (
        f"{thread}/runs/{UNKNOWN}",
        f"{thread}/runs/nope",
        f"{UNKNOWN}/runs/{run}",
        f"nope/runs/{run}",
    ):
        await server.get(f"/threads/{path}")
        await server.get(f"/threads/{path}/join")
        await server.get(f"/threads/{path}/stream")
        await server.post(f"/threads/{path}/cancel")
        await server.post(f"/threads/{path}/cancel?wait=1")
        await server.delete(f"/threads/{path}")
    await server.get(f"/threads/{UNKNOWN}/runs")
    await server.get("/threads/nope/runs")
    await server.get(f"/threads/{thread}/runs/wait")


@scenario()
async def threads_that_do_not_exist(server: Recorder) -> None:
    for thread in (UNKNOWN, "nope"):
        path = f"/threads/{thread}"
        await server.get(path)
        await server.patch(path, {"metadata": {}})
        await server.delete(path)
        await server.get(f"{path}/state")
        await server.get(f"{path}/state/{UNKNOWN}")
        await server.post(f"{path}/state/checkpoint", {"checkpoint": {"checkpoint_id": UNKNOWN}})
        await server.post(f"{path}/state", {"values": {}})
        await server.get(f"{path}/history")
        await server.post(f"{path}/history", {})
        await server.post(f"{path}/copy")


@scenario()
async def a_body_that_is_no_thread_is_refused(server: Recorder) -> None:
    thread = await new_thread(server)
    for path in (
        "/threads",
        "/threads/search",
        "/threads/count",
        "/threads/prune",
        f"/threads/{thread}/history",
    ):
        await server.post(path)
        await server.post(path, [])
    for path in (f"/threads/{thread}/state", f"/threads/{thread}/state/checkpoint"):
        await server.post(path)
    await server.patch(f"/threads/{thread}")
    await server.send("PATCH", f"/threads/{thread}/state", {"metadata": {"k": 1}})
    for body in (
        {"if_exists": "x"},
        {"thread_id": "abc"},
        {"thread_id": 5},
        {"metadata": "x"},
        {"ttl": 5},
        {"ttl": {"strategy": "x"}},
        {"supersteps": "x"},
    ):
        await server.post("/threads", body)
    await server.patch(f"/threads/{thread}", {"metadata": "x"})


@scenario()
async def unknown_routes_and_methods(server: Recorder) -> None:
    thread = await new_thread(server)
    for method, path in (
        ("GET", "/nope"),
        ("PUT", "/threads"),
        ("DELETE", "/threads"),
        ("OPTIONS", "/threads"),
        ("POST", f"/threads/{thread}"),
        ("GET", "/runs"),
        ("GET", f"/runs/{UNKNOWN}"),
        ("GET", f"/runs/{UNKNOWN}/join"),
        ("GET", "/runs/wait"),
        ("POST", "/ok"),
    ):
        await server.send(method, path)
    await server.post("/threads/", {})
    await server.get(f"/threads/{thread}/")


@scenario()
async def state_cannot_change_while_a_run_is_in_flight(server: Recorder) -> None:
    thread, run = await run_in_flight(server)
    await server.post(f"/threads/{thread}/state", {"values": {"messages": []}})
    await server.post(f"/threads/{thread}/copy")
    server.release(thread)
    await join(server, thread, run)
    await server.get(f"/threads/{thread}/state")


@scenario()
async def state_cannot_change_while_a_run_is_pending(server: Recorder) -> None:
    thread = await new_thread(server)
    run = await start(server, thread, ask("sf", after_seconds=600))
    await server.post(f"/threads/{thread}/state", {"values": {"messages": []}})
    await server.post(f"/threads/{thread}/runs/{run}/cancel")


@scenario()
async def webhooks_that_no_server_should_call_are_refused(server: Recorder) -> None:
    thread = await new_thread(server)
    for host in (
        "localhost",
        "127.0.0.2",
        "[::1]",
        "0.0.0.0",
        "[::]",
        "169.254.1.1",
        "[fe80::1]",
        "224.0.0.1",
        "[ff02::1]",
        "240.0.0.1",
        "255.255.255.255",
    ):
        await server.post(f"/threads/{thread}/runs", ask("sf", webhook=f"http://{host}:9/hook"))

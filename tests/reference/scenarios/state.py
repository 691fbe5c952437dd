"""State and history of a thread, read and written."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..recording import Json
from ..scenario import scenario
from .steps import ask, finished_run, look, new_thread


@scenario()
async def state_of_a_thread_without_runs(server: Recorder) -> None:
    thread = await new_thread(server)
    await look(server, thread)
    await server.post(f"/threads/{thread}/state", {"values": {"messages": []}})
    await server.get(f"/threads/{thread}/history")


@scenario()
async def history_is_read_in_parts(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    path = f"/threads/{thread}/history"
    history = await server.post(path, {"limit": 10})
    middle = history[2]["checkpoint_id"]
    for query in ("", "?limit=3", "?limit=0", "?limit=abc", "?limit=-1", f"?limit=10&before={middle}"):
        await server.get(f"{path}{query}")
    for body in (
        {},
        {"limit": 0},
        {"limit": 1001},
        {"limit": 2},
        {"limit": 10, "before": middle},
        {"limit": 10, "before": {"configurable": {"checkpoint_id": middle}}},
        {"limit": 10, "before": {"checkpoint_id": middle}},
        {"limit": 10, "metadata": {"source": "input"}},
        {"limit": 10, "metadata": {"step": 2}},
        {"limit": 10, "checkpoint": {"checkpoint_ns": ""}},
    ):
        await server.post(path, body)


@scenario()
async def state_is_read_at_a_checkpoint(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    path = f"/threads/{thread}/state"
    history = await server.post(f"/threads/{thread}/history", {"limit": 10})
    for entry in (history[1], history[-1]):
        await server.get(f"{path}/{entry['checkpoint_id']}")
        await server.post(f"{path}/checkpoint", {"checkpoint": entry["checkpoint"]})
    await server.get(f"{path}/{UNKNOWN}")
    await server.get(f"{path}/zzz")
    await server.post(f"{path}/checkpoint", {"checkpoint": {"checkpoint_id": UNKNOWN}})
    await server.post(f"{path}/checkpoint", {"checkpoint": {}})
    await server.post(f"{path}/checkpoint", {})
    await server.get(f"{path}?subgraphs=true")


@scenario()
async def state_of_a_subgraph(server: Recorder) -> None:
    thread = await new_thread(server)
    body: Json = {"assistant_id": "parent", "input": {"trail": "a"}, "interrupt_before": ["inner"]}
    await server.post(f"/threads/{thread}/runs/wait", body)
    await look(server, thread)
    await server.get(f"/threads/{thread}/state?subgraphs=true")
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "parent"})
    await look(server, thread)


@scenario()
async def state_is_updated(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    path = f"/threads/{thread}/state"

    def said(role: str, text: str) -> Json:
        return {"messages": [{"role": role, "content": text, "id": f"said-{text}"}]}

    for body in (
        {"values": said("human", "more")},
        {"values": said("ai", "forged"), "as_node": "agent"},
        {"values": said("human", "q"), "as_node": "__start__"},
        {"values": said("human", "q2"), "as_node": "tools"},
        {"values": None},
        {},
        {"values": {}, "as_node": "nope"},
        {"values": "x"},
        {"values": {"unheard_of": 1}},
        {"values": [said("human", "a"), said("human", "b")]},
        {"values": None, "as_node": "__end__"},
    ):
        await server.post(path, body)
        await server.get(path)
        await server.get(f"/threads/{thread}")
    await server.post(f"/threads/{thread}/history", {"limit": 50})


@scenario(how=("checkpoint_id", "checkpoint"))
async def state_is_updated_at_an_old_checkpoint(server: Recorder, how: str) -> None:
    thread, _ = await finished_run(server)
    history = await server.post(f"/threads/{thread}/history", {"limit": 10})
    old = history[2]["checkpoint"]
    values = {"messages": [{"role": "human", "content": "fork", "id": "fork"}]}
    where: Json = {how: old["checkpoint_id"] if how == "checkpoint_id" else old}
    await server.post(f"/threads/{thread}/state", {"values": values, **where})
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "agent", "input": None})
    await look(server, thread)
    await server.post(f"/threads/{thread}/state", {"values": values, "checkpoint_id": UNKNOWN})


@scenario()
async def state_is_updated_on_a_thread_that_only_names_its_graph(server: Recorder) -> None:
    thread = await new_thread(server, metadata={"graph_id": "agent"})
    values = {"messages": [{"role": "human", "content": "weather in sf", "id": "first"}]}
    await server.post(f"/threads/{thread}/state", {"values": values})
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "agent", "input": None})
    await look(server, thread)


@scenario()
async def state_is_updated_after_a_failure(server: Recorder) -> None:
    thread, _ = await finished_run(server, "fails")
    await server.post(f"/threads/{thread}/state", {"values": {"messages": []}, "as_node": "boom"})
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/wait", ask("nyc"))
    await look(server, thread)


@scenario()
async def a_question_is_answered_by_an_update(server: Recorder) -> None:
    thread, _ = await finished_run(server, "asks")
    answer = {"messages": [{"role": "ai", "content": "for you", "id": "answered"}]}
    await server.post(f"/threads/{thread}/state", {"values": answer, "as_node": "ask"})
    await look(server, thread)


@scenario()
async def a_state_holds_what_is_no_json(server: Recorder) -> None:
    thread = await new_thread(server)
    body = {"assistant_id": "things", "input": {"things": {}}, "stream_mode": ["values", "updates"]}
    await server.post(f"/threads/{thread}/runs/wait", body)
    await server.post(f"/threads/{thread}/runs/stream", body)
    await look(server, thread)

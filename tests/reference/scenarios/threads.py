"""Threads as such: made, found, changed, copied, forgotten."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..recording import Json
from ..scenario import scenario
from .steps import ask, finished_run, join, look, new_thread, run_in_flight, start, start_held


@scenario()
async def threads_are_made(server: Recorder) -> None:
    chosen = server.new_id()
    await server.post("/threads", {"thread_id": chosen, "metadata": {"a": 1}})
    await server.post("/threads", {"thread_id": chosen})
    await server.post("/threads", {"thread_id": chosen, "if_exists": "raise"})
    await server.post("/threads", {"thread_id": chosen, "if_exists": "do_nothing", "metadata": {"b": 2}})
    await server.post("/threads", {"thread_id": server.new_id().replace("-", "")})
    await server.post("/threads", {"thread_id": server.new_id().upper()})
    await server.post("/threads", {"ttl": {"strategy": "delete", "ttl": 1000}})
    await server.post("/threads", {"ttl": {"ttl": 1000.5}})
    await server.post("/threads", {"unheard_of": 1})
    await server.post("/threads", {"graph_id": "agent"})
    await server.post("/threads", {"metadata": {"graph_id": "agent"}})
    await look(server, chosen)
    await server.get(f"/threads/{chosen}?include=ttl")
    await server.get(f"/threads/{chosen}?select=status")


@scenario()
async def threads_are_made_with_a_past(server: Recorder) -> None:
    question = {"role": "human", "content": "weather in sf", "id": "x1"}
    answer = {"role": "ai", "content": "Fine.", "id": "x2"}
    steps = [
        {"updates": [{"values": {"messages": [question]}, "as_node": "__start__"}]},
        {"updates": [{"values": {"messages": [answer]}, "as_node": "agent"}]},
    ]
    for count in (1, 2):
        thread = await new_thread(server, metadata={"graph_id": "agent"}, supersteps=steps[:count])
        await look(server, thread)
    await server.post(f"/threads/{thread}/runs/wait", ask("nyc"))
    await server.post("/threads", {"supersteps": steps})


@scenario(refused=("node", "value", "type", "second step"))
async def a_past_that_the_graph_refuses(server: Recorder, refused: str) -> None:
    question = {"role": "human", "content": "weather in sf", "id": "x1"}
    steps: list[Json] = [{"updates": [{"values": {"messages": [question]}, "as_node": "__start__"}]}]
    thread = server.new_id()
    update: Json = {
        "node": {"values": {}, "as_node": "nosuch"},
        "value": {"values": {"messages": [{"role": "nosuch", "content": "x"}]}, "as_node": "agent"},
        "type": {"values": "nosuch", "as_node": "agent"},
        "second step": {"values": {}, "as_node": "nosuch"},
    }[refused]
    steps = [*(steps if refused == "second step" else []), {"updates": [update]}]
    await server.post(
        "/threads", {"thread_id": thread, "metadata": {"graph_id": "agent"}, "supersteps": steps}
    )
    await look(server, thread)


@scenario()
async def threads_are_patched(server: Recorder) -> None:
    thread = await new_thread(server, metadata={"a": 1, "nested": {"x": 1}})
    path = f"/threads/{thread}"
    await server.patch(path, {"metadata": {"z": 9, "nested": {"y": 2}}})
    await server.patch(path, {})
    await server.patch(path, {"ttl": {"ttl": 500}})
    await server.patch(path, {"metadata": {"q": 1}}, {"prefer": "return=minimal"})
    await server.patch(path, {"metadata": {"a": None}})
    await server.get(path)


@scenario()
async def a_busy_thread_is_patched(server: Recorder) -> None:
    thread, run = await run_in_flight(server)
    await server.patch(f"/threads/{thread}", {"metadata": {"late": True}})
    server.release(thread)
    await join(server, thread, run)
    await look(server, thread)


@scenario()
async def threads_are_copied(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    await start(server, thread, ask("nyc", after_seconds=600))
    await server.patch(f"/threads/{thread}", {"metadata": {"a": 1}})
    copy = await server.post(f"/threads/{thread}/copy")
    await look(server, copy["thread_id"])
    await server.post(f"/threads/{copy['thread_id']}/runs/wait", ask("la"))
    await look(server, copy["thread_id"])
    await server.post(f"/threads/{thread}/history", {"limit": 50})
    empty = await new_thread(server)
    copy = await server.post(f"/threads/{empty}/copy", {})
    await look(server, copy["thread_id"])


@scenario()
async def threads_are_deleted_and_pruned(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    await server.delete(f"/threads/{thread}")
    await server.delete(f"/threads/{thread}")
    await look(server, thread)
    first, second = await new_thread(server), await new_thread(server)
    bodies: list[Json] = [
        {"thread_ids": [first], "strategy": "delete"},
        {"thread_ids": [first, UNKNOWN], "strategy": "delete"},
        {"thread_ids": [second], "strategy": "keep_latest"},
        {"thread_ids": [second], "strategy": "bogus"},
        {"thread_ids": []},
        {"thread_ids": [second]},
        {},
    ]
    for body in bodies:
        await server.post("/threads/prune", body)
    await server.get(f"/threads/{first}")
    await server.get(f"/threads/{second}")


@scenario()
async def threads_are_searched(server: Recorder) -> None:
    tag = {"tag": server.tag}
    idle = await new_thread(server, metadata={**tag, "n": 1})
    busy, failed, paused = [await new_thread(server, metadata={**tag, "n": n}) for n in (2, 3, 4)]
    run = await start_held(server, busy, ask("sf"))
    await server.post(f"/threads/{failed}/runs/wait", ask("sf", "fails"))
    await server.post(f"/threads/{paused}/runs/wait", ask("sf", "asks"))
    for options in (
        {},
        {"limit": 2},
        {"limit": 2, "offset": 2},
        {"limit": 2, "offset": 3},
        {"offset": 10},
        {"sort_by": "created_at", "sort_order": "asc"},
        {"sort_by": "updated_at", "sort_order": "desc"},
        {"sort_by": "state_updated_at", "sort_order": "asc"},
        {"sort_by": "status", "sort_order": "asc"},
        {"sort_by": "thread_id"},
        {"status": "idle"},
        {"status": "busy"},
        {"status": "interrupted"},
        {"status": "error"},
        {"ids": [idle, failed, UNKNOWN]},
        {"select": ["thread_id", "status"]},
        {"select": ["values", "interrupts", "error"]},
        {"limit": 1, "extract": {"first": "values.messages[0].content"}},
        {"metadata": {"tag": "none"}},
        {"metadata": {**tag, "n": 3}},
        {"values": {"foo": 1}},
        {"sort_by": "zzz"},
        {"sort_order": "zzz"},
        {"status": "zzz"},
        {"select": ["zzz"]},
        {"limit": 0},
        {"limit": 1001},
        {"limit": -1},
        {"offset": -1},
        {"ids": ["nope"]},
    ):
        await server.post("/threads/search", {"metadata": tag, **options})
    for options in (
        {},
        {"status": "idle"},
        {"status": "busy"},
        {"status": "zzz"},
        {"metadata": {"tag": "none"}},
    ):
        await server.post("/threads/count", {"metadata": tag, **options})
    server.release(busy)
    await join(server, busy, run)
    await server.post("/threads/search", {"metadata": tag, "status": "idle"})


@scenario(alone=True)
async def all_threads_are_searched_and_counted(server: Recorder) -> None:
    # Two of its own: the newest is then known, and that there are more, whatever ran before.
    await server.post("/threads", {})
    await server.post("/threads", {})
    # By creation: what ran before may still be ending, and so be changed last.
    await server.post("/threads/search", {"limit": 1, "sort_by": "created_at", "sort_order": "desc"})
    await server.post("/threads/count", {"metadata": {"nobody": "has this"}})
    await server.post("/threads/search", {"metadata": {"nobody": "has this"}})

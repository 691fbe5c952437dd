"""Runs that are cancelled or deleted."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..scenario import scenario
from .steps import (
    ask,
    finished_run,
    join,
    look,
    new_thread,
    run_in_flight,
    start,
    start_and_join,
    start_held,
)

ACTIONS = ("default", "interrupt", "rollback")


@scenario(action=ACTIONS)
async def cancel_of_a_run_nobody_watches(server: Recorder, action: str) -> None:
    thread, run = await run_in_flight(server)
    asked = "" if action == "default" else f"?action={action}"
    await server.post(f"/threads/{thread}/runs/{run}/cancel{asked}")
    if action == "rollback":  # the real server leaves the thread busy when nobody watches the run
        await server.until_status(thread, run, "gone")
    else:
        await server.until(f"/threads/{thread}", lambda shown: shown["status"] != "busy")
    await look(server, thread)
    server.release(thread)
    await server.post(f"/threads/{thread}/runs/wait", ask("nyc"))
    await look(server, thread)


@scenario(action=ACTIONS, wait=("0", "1"))
async def cancel_of_a_run_in_flight(server: Recorder, action: str, wait: str) -> None:
    thread, run = await run_in_flight(server)
    joined, streamed = [
        (await server.begin("GET", f"/threads/{thread}/runs/{run}/{how}")).forget()
        for how in ("join", "stream")
    ]
    asked = "" if action == "default" else f"&action={action}"
    await server.post(f"/threads/{thread}/runs/{run}/cancel?wait={wait}{asked}")
    # Whether the stream hears of a rollback, and the join shows the run's values, is a race in the real server.
    await (streamed.ended() if action == "rollback" else streamed.body())
    await joined.ended()
    await server.until_status(thread, run, "gone" if action == "rollback" else "interrupted")
    await server.until(f"/threads/{thread}", lambda shown: shown["status"] != "busy")
    await server.get(f"/threads/{thread}/runs/{run}")
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/{run}/cancel?wait={wait}")
    server.release(thread)
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "agent", "input": None})
    await look(server, thread)


@scenario(action=("interrupt", "rollback"))
async def cancel_of_a_run_behind_a_finished_one(server: Recorder, action: str) -> None:
    thread, _ = await finished_run(server)
    run = await start_held(server, thread, ask("nyc"))
    joined = await server.begin("GET", f"/threads/{thread}/runs/{run}/join")
    await server.post(f"/threads/{thread}/runs/{run}/cancel?action={action}")
    await joined.ended()
    await server.until(f"/threads/{thread}", lambda shown: shown["status"] != "busy")
    await look(server, thread)


@scenario(action=("interrupt", "rollback"), wait=("0", "1"))
async def cancel_of_a_pending_run(server: Recorder, action: str, wait: str) -> None:
    thread = await new_thread(server)
    run = await start(server, thread, ask("sf", after_seconds=600))
    await server.post(f"/threads/{thread}/runs/{run}/cancel?action={action}&wait={wait}")
    await server.get(f"/threads/{thread}/runs/{run}")
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/{run}/cancel?action=bogus")
    await start_and_join(server, thread, ask("nyc", multitask_strategy="reject"))
    await look(server, thread)


@scenario(action=("interrupt", "rollback"))
async def cancel_of_a_queued_run_leaves_the_first_alone(server: Recorder, action: str) -> None:
    thread, first = await run_in_flight(server)
    second = await start(server, thread, ask("nyc"))
    await server.post(f"/threads/{thread}/runs/{second}/cancel?action={action}")
    await look(server, thread)
    server.release(thread)
    await join(server, thread, first)
    await look(server, thread)


@scenario()
async def a_queued_run_starts_when_the_first_is_cancelled(server: Recorder) -> None:
    thread, first = await run_in_flight(server)
    second = await start(server, thread, ask("nyc"))
    await server.post(f"/threads/{thread}/runs/{first}/cancel?wait=1")
    await server.until_thinking(thread, second)
    await look(server, thread)
    server.release(thread)
    await join(server, thread, second)
    await look(server, thread)


@scenario()
async def cancel_of_a_finished_run_is_refused(server: Recorder) -> None:
    thread, run = await finished_run(server)
    await server.post(f"/threads/{thread}/runs/{run}/cancel")
    await server.post(f"/threads/{thread}/runs/{run}/cancel?wait=1&action=rollback")
    await server.post(f"/threads/{thread}/runs/{run}/cancel?action=bogus")
    await server.post(f"/threads/{thread}/runs/{run}/cancel?wait=bogus")
    await look(server, thread)


@scenario()
async def many_runs_are_cancelled_by_their_ids(server: Recorder) -> None:
    thread, first = await run_in_flight(server)
    second = await start(server, thread, ask("nyc"))
    await server.post("/runs/cancel", {"thread_id": thread, "run_ids": [first, second]})
    await server.until_status(thread, first, "interrupted")
    await server.until_status(thread, second, "interrupted")
    await look(server, thread)
    for body in (
        {},
        {"thread_id": thread, "run_ids": [UNKNOWN]},
        {"thread_id": thread, "run_ids": []},
        {"thread_id": thread},
        {"thread_id": "nope", "run_ids": [first]},
        {"thread_id": thread, "run_ids": ["nope"]},
        {"status": "bogus"},
    ):
        await server.post("/runs/cancel", body)
    await server.post("/runs/cancel")


@scenario(alone=True, status=("pending", "running", "all"))
async def many_runs_are_cancelled_by_their_status(server: Recorder, status: str) -> None:
    thread, first = await run_in_flight(server)
    second = await start(server, thread, ask("nyc", after_seconds=600))
    await server.post("/runs/cancel", {"status": status})
    if status != "running":
        await server.until_status(thread, second, "interrupted")
    if status != "pending":
        await server.until_status(thread, first, "interrupted")
    await look(server, thread)
    await server.post("/runs/cancel", {"status": "all"})
    await server.until_status(thread, first, "interrupted")
    await server.until_status(thread, second, "interrupted")
    await look(server, thread)
    await server.post("/runs/cancel", {"status": "all"})


@scenario()
async def a_finished_run_is_deleted(server: Recorder) -> None:
    thread, run = await finished_run(server)
    await server.delete(f"/threads/{thread}/runs/{run}")
    await server.delete(f"/threads/{thread}/runs/{run}")
    await server.get(f"/threads/{thread}/runs/{run}")
    await look(server, thread)
    await start_and_join(server, thread, ask("nyc"))
    await look(server, thread)


@scenario()
async def a_pending_run_is_deleted(server: Recorder) -> None:
    thread = await new_thread(server)
    run = await start(server, thread, ask("sf", after_seconds=600))
    await server.delete(f"/threads/{thread}/runs/{run}")
    await server.get(f"/threads/{thread}/runs/{run}")
    await look(server, thread)
    await start_and_join(server, thread, ask("nyc", multitask_strategy="reject"))
    await look(server, thread)


@scenario()
async def a_run_in_flight_is_deleted(server: Recorder) -> None:
    thread, run = await run_in_flight(server)
    await server.delete(f"/threads/{thread}/runs/{run}")
    await server.get(f"/threads/{thread}/runs/{run}")
    await look(server, thread)
    server.release(thread)
    # Its checkpoints went with it: until the run writes its last one, the state has neither a next node nor an id.
    ended = await server.until(
        f"/threads/{thread}/state", lambda state: state["checkpoint_id"] and not state["next"]
    )
    assert ended["values"]["messages"]
    await look(server, thread)
    await start_and_join(server, thread, ask("nyc", multitask_strategy="reject"))
    await look(server, thread)


@scenario()
async def a_thread_is_deleted_while_a_run_is_in_flight(server: Recorder) -> None:
    thread, run = await run_in_flight(server)
    await start(server, thread, ask("nyc"))
    await server.delete(f"/threads/{thread}")
    await look(server, thread)
    await server.get(f"/threads/{thread}/runs/{run}")
    await server.delete(f"/threads/{thread}")
    await server.post("/threads", {"thread_id": thread})
    await look(server, thread)

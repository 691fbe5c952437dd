"""A second run on a thread, under each strategy, at each stage of the first."""

from __future__ import annotations

from ..recorder import Recorder
from ..scenario import scenario
from .steps import (
    STRATEGIES,
    WAYS,
    ask,
    finished_run,
    join,
    look,
    new_thread,
    run_in_flight,
    send,
    start,
    start_and_join,
    start_held,
    until_error_shows,
    with_strategy,
)


@scenario(strategy=STRATEGIES, way=WAYS)
async def second_run_while_the_first_thinks(server: Recorder, strategy: str, way: str) -> None:
    thread, first = await run_in_flight(server)
    await look(server, thread)
    second = await send(server, way, thread, ask("nyc", **with_strategy(strategy)))
    if strategy in ("interrupt", "rollback"):
        await server.until_thinking(thread, second.run_id)
        await until_error_shows(server, thread, strategy)
    await look(server, thread)
    await server.get(f"/threads/{thread}/runs/{first}")
    joined = await server.begin("GET", f"/threads/{thread}/runs/{first}/join")
    server.release(thread)
    if strategy in ("interrupt", "rollback"):
        # A run that has ended already shows the newest values; whether the new run's are there is chance.
        await joined.ended()
    else:
        await joined.body()
    await second.body()
    if strategy != "reject":
        await join(server, thread, second.run_id)
        await server.get(f"/threads/{thread}/runs/{second.run_id}")
    await server.get(f"/threads/{thread}/runs/{first}")
    await look(server, thread)


@scenario(strategy=STRATEGIES, way=WAYS)
async def second_run_when_the_first_is_finished(server: Recorder, strategy: str, way: str) -> None:
    thread, _ = await finished_run(server)
    second = await send(server, way, thread, ask("nyc", **with_strategy(strategy)))
    await second.body()
    await join(server, thread, second.run_id)
    await look(server, thread)


@scenario(strategy=STRATEGIES)
async def second_run_when_the_first_has_failed(server: Recorder, strategy: str) -> None:
    thread, _ = await finished_run(server, "fails")
    await look(server, thread)
    await start_and_join(server, thread, ask("nyc", **with_strategy(strategy)))
    await look(server, thread)


@scenario(strategy=STRATEGIES)
async def second_run_when_the_first_paused_before_a_node(server: Recorder, strategy: str) -> None:
    thread, _ = await finished_run(server, interrupt_before=["tools"])
    await look(server, thread)
    await start_and_join(server, thread, ask("nyc", **with_strategy(strategy)))
    await look(server, thread)


@scenario(strategy=STRATEGIES)
async def second_run_when_the_first_asks_a_question(server: Recorder, strategy: str) -> None:
    thread, _ = await finished_run(server, "asks")
    await look(server, thread)
    await start_and_join(
        server, thread, {"assistant_id": "asks", "command": {"resume": "yes"}, **with_strategy(strategy)}
    )
    await look(server, thread)


@scenario(strategy=STRATEGIES)
async def second_run_while_the_first_waits_for_its_time(server: Recorder, strategy: str) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    first = await start(server, thread, ask("sf", after_seconds=600))
    reply = await send(server, "create", thread, ask("nyc", **with_strategy(strategy)))
    if strategy != "reject":
        await server.until_thinking(thread, reply.run_id)
    await look(server, thread)
    if strategy in ("interrupt", "rollback"):
        await send(server, "create", thread, ask("la", **with_strategy("reject")))
    await server.get(f"/threads/{thread}/runs/{first}")
    server.release(thread)
    if strategy != "reject":
        await join(server, thread, reply.run_id)
    if strategy in ("interrupt", "rollback"):
        await join(server, thread, first)
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/{first}/cancel")
    await look(server, thread)


@scenario(strategy=STRATEGIES, way=WAYS)
async def third_run_while_one_thinks_and_one_is_queued(server: Recorder, strategy: str, way: str) -> None:
    thread, first = await run_in_flight(server)
    second = await start(server, thread, ask("nyc"))
    third = await send(server, way, thread, ask("la", **with_strategy(strategy)))
    if strategy in ("interrupt", "rollback"):
        await server.until_thinking(thread, third.run_id)
        await until_error_shows(server, thread, strategy)
    await look(server, thread)
    server.release(thread)
    await third.body()
    await server.until_ended(thread, first, second, *([] if strategy == "reject" else [third.run_id]))
    await join(server, thread, first)
    await join(server, thread, second)
    if strategy != "reject":
        await join(server, thread, third.run_id)
    await look(server, thread)


@scenario(strategy=("interrupt", "rollback"), graph=("streams", "fails"))
async def second_run_while_the_first_is_in_its_first_node(
    server: Recorder, strategy: str, graph: str
) -> None:
    thread, first = await run_in_flight(server, graph)
    second = await start_held(server, thread, ask("nyc", **with_strategy(strategy)))
    await look(server, thread)
    server.release(thread)
    await join(server, thread, second)
    await join(server, thread, first)
    await look(server, thread)


@scenario(strategy=("interrupt", "rollback"))
async def second_run_while_the_first_is_in_a_subgraph(server: Recorder, strategy: str) -> None:
    thread = await new_thread(server)
    await start_held(server, thread, {"assistant_id": "parent", "input": {"trail": "a"}})
    await server.get(f"/threads/{thread}/state")
    second = await start_held(
        server, thread, {"assistant_id": "parent", "input": {"trail": "b"}, **with_strategy(strategy)}
    )
    await look(server, thread)
    server.release(thread)
    await join(server, thread, second)
    await look(server, thread)


@scenario(strategy=("interrupt", "rollback"))
async def earlier_finished_runs_stay_untouched(server: Recorder, strategy: str) -> None:
    thread, _ = await finished_run(server)
    await start_held(server, thread, ask("nyc"))
    await look(server, thread)
    second = await start_held(server, thread, ask("la", **with_strategy(strategy)))
    await look(server, thread)
    server.release(thread)
    await join(server, thread, second)
    await look(server, thread)


@scenario(strategy=("reject", "enqueue", "interrupt", "rollback"))
async def the_first_runs_own_strategy_does_not_matter(server: Recorder, strategy: str) -> None:
    thread, _ = await run_in_flight(server, **with_strategy(strategy))
    second = await start_held(server, thread, ask("nyc", **with_strategy("interrupt")))
    server.release(thread)
    await join(server, thread, second)
    await look(server, thread)


@scenario()
async def queued_runs_go_first_in_first_out(server: Recorder) -> None:
    thread, first = await run_in_flight(server)
    runs = [await start(server, thread, ask(city)) for city in ("nyc", "la", "rome")]
    await server.get(f"/threads/{thread}/runs")
    server.release(thread)
    for run in (first, *runs):
        await server.until_status(thread, run, "success")
    await join(server, thread, first)
    await look(server, thread)


@scenario()
async def two_waits_at_once_answer_one_after_the_other(server: Recorder) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    first = await send(server, "wait", thread, ask("sf"))
    await server.until_thinking(thread, first.run_id)
    second = await send(server, "wait", thread, ask("nyc"))
    server.release(thread)
    await first.body()
    await second.body()
    await look(server, thread)


@scenario(strategy=("interrupt", "rollback"))
async def a_new_run_clears_a_long_queue(server: Recorder, strategy: str) -> None:
    thread, first = await run_in_flight(server)
    for number in range(6):
        await start(server, thread, ask(f"city {number}"))
    last = await start_held(server, thread, ask("nyc", **with_strategy(strategy)))
    await look(server, thread)
    server.release(thread)
    await join(server, thread, last)
    await join(server, thread, first)
    await look(server, thread)


@scenario()
async def a_queued_run_goes_on_after_the_first_has_failed(server: Recorder) -> None:
    thread, first = await run_in_flight(server, "fails")
    second = await start(server, thread, ask("nyc"))
    await look(server, thread)
    joined = await server.begin("GET", f"/threads/{thread}/runs/{first}/join")
    server.release(thread)
    await joined.body()
    await join(server, thread, second)
    await look(server, thread)


@scenario()
async def join_of_an_old_run_shows_the_newest_values(server: Recorder) -> None:
    thread, first = await finished_run(server)
    await start_and_join(server, thread, ask("nyc"))
    await join(server, thread, first)

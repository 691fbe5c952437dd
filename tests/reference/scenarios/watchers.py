"""Those who wait for a run or watch it: what they hear when it is superseded, and what their hanging up does."""

from __future__ import annotations

from ..recorder import Recorder
from ..scenario import scenario
from .steps import ask, join, look, new_thread, run_in_flight, send, start, start_held, with_strategy


async def _superseded(server: Recorder, thread: str, first: str, by: str) -> str | None:
    """End a held run in the way `by` names; return the run that took its place, if any."""
    if by in ("interrupt", "rollback"):
        # The delay leaves the real server time to delete checkpoints, which it does after it has answered.
        return await start_held(server, thread, ask("nyc", after_seconds=1, **with_strategy(by)))
    if by == "deleted thread":
        await server.delete(f"/threads/{thread}")
    else:
        await server.post(f"/threads/{thread}/runs/{first}/cancel?action={by.split()[-1]}")
        await server.until_status(thread, first, "interrupted" if by.endswith("interrupt") else "gone")
    return None


@scenario(
    by=("interrupt", "rollback", "cancel interrupt", "cancel rollback", "deleted thread"),
    watch=("join", "stream"),
)
async def what_watches_a_run_ends_when_it_is_superseded(server: Recorder, by: str, watch: str) -> None:
    thread, first = await run_in_flight(server)
    watcher = (await server.begin("GET", f"/threads/{thread}/runs/{first}/{watch}")).forget()
    second = await _superseded(server, thread, first, by)
    if (watch == "join" and by != "deleted thread") or by.endswith("rollback"):
        # Whether the run's values are the thread's already, or its row is gone, is a race in the real server.
        await watcher.ended()
    else:
        await watcher.body()
    await server.get(f"/threads/{thread}/runs/{first}")
    await server.get(f"/threads/{thread}/runs/{first}/{watch}")
    server.release(thread)
    if second:
        await join(server, thread, second)
    await look(server, thread)


@scenario(
    by=("interrupt", "rollback", "cancel interrupt", "cancel rollback", "deleted thread"),
    way=("wait", "stream"),
)
async def who_waits_for_a_run_hears_when_it_is_superseded(server: Recorder, by: str, way: str) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    waiting = await send(server, way, thread, ask("sf", stream_mode=["values", "updates"]))
    await server.until_thinking(thread, waiting.run_id)
    if way == "stream":
        await waiting.events(6)
    second = await _superseded(server, thread, waiting.run_id, by)
    if by.endswith("rollback"):
        # The values so far, or that the run is gone: whichever the real server comes to first.
        await waiting.ended()
    else:
        await waiting.body()
    await join(server, thread, waiting.run_id)
    server.release(thread)
    if second:
        await join(server, thread, second)
    await look(server, thread)


@scenario(strategy=("interrupt", "rollback"))
async def join_of_a_pending_run_that_is_superseded(server: Recorder, strategy: str) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    first = await start(server, thread, ask("sf", after_seconds=600))
    watcher = await server.begin("GET", f"/threads/{thread}/runs/{first}/join")
    second = await start(server, thread, ask("nyc", **with_strategy(strategy)))
    await watcher.body()
    server.release(thread)
    await join(server, thread, second)
    await join(server, thread, first)


@scenario(setting=("default", "continue", "cancel"), way=("wait", "stream"))
async def the_client_hangs_up(server: Recorder, setting: str, way: str) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    option = {} if setting == "default" else {"on_disconnect": setting}
    waiting = await send(server, way, thread, ask("sf", **option))
    await server.until_thinking(thread, waiting.run_id)
    if way == "stream":
        await waiting.events(4)
    await waiting.drop()
    if setting == "cancel":
        await server.until_status(thread, waiting.run_id, "interrupted")
        await server.until(f"/threads/{thread}", lambda shown: shown["status"] != "busy")
    await look(server, thread)
    server.release(thread)
    if setting != "cancel":
        await join(server, thread, waiting.run_id)
    await look(server, thread)


@scenario(query=("", "?cancel_on_disconnect=1", "?cancel_on_disconnect=0"), watch=("join", "stream"))
async def who_joins_hangs_up(server: Recorder, query: str, watch: str) -> None:
    thread, run = await run_in_flight(server)
    watcher = (await server.begin("GET", f"/threads/{thread}/runs/{run}/{watch}{query}")).forget()
    await watcher.drop()
    if query.endswith("1"):
        await server.until_status(thread, run, "interrupted")
        await server.until(f"/threads/{thread}", lambda shown: shown["status"] != "busy")
    await look(server, thread)
    server.release(thread)
    await join(server, thread, run)
    await look(server, thread)

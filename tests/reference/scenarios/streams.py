"""What runs stream, in each mode and to whoever listens when."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..recording import Json
from ..scenario import scenario
from .steps import ask, finished_run, join, look, new_thread, send, start, start_and_join, start_held

MODES = (
    "values",
    "updates",
    "messages",
    "messages-tuple",
    "events",
    "debug",
    "tasks",
    "checkpoints",
    "custom",
)


def _ask(graph: str, **options: Json) -> Json:
    if graph == "parent":
        return {"assistant_id": "parent", "input": {"trail": "start"}, **options}
    return ask("sf", graph, **options)


@scenario(mode=(*MODES, "default", "empty"), graph=("agent", "streams", "fails", "asks", "parent"))
async def stream_in_one_mode(server: Recorder, mode: str, graph: str) -> None:
    thread = await new_thread(server)
    option: Json = {"default": {}, "empty": {"stream_mode": []}}.get(mode, {"stream_mode": mode})
    await server.post(f"/threads/{thread}/runs/stream", _ask(graph, **option))
    await server.get(f"/threads/{thread}/runs")


@scenario(
    modes=(
        "values+updates",
        "updates+values",
        "values+messages-tuple+custom+updates",
        "messages+updates",
        "tasks+checkpoints",
        "events+values",
        "debug+custom",
    ),
    graph=("agent", "streams"),
)
async def stream_in_several_modes(server: Recorder, modes: str, graph: str) -> None:
    thread = await new_thread(server)
    await server.post(f"/threads/{thread}/runs/stream", _ask(graph, stream_mode=modes.split("+")))


@scenario(mode=("values", "updates", "messages-tuple", "debug", "tasks", "checkpoints", "events", "custom"))
async def stream_subgraphs(server: Recorder, mode: str) -> None:
    thread = await new_thread(server)
    await server.post(
        f"/threads/{thread}/runs/stream", _ask("parent", stream_mode=[mode], stream_subgraphs=True)
    )
    await look(server, thread)


@scenario()
async def stream_on_a_thread_with_history(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    await server.post(f"/threads/{thread}/runs/stream", ask("nyc", stream_mode=["values", "messages-tuple"]))


@scenario(pause=("interrupt_before", "interrupt_after"), mode=("values", "updates", "values+updates"))
async def stream_of_a_run_that_pauses(server: Recorder, pause: str, mode: str) -> None:
    thread = await new_thread(server)
    options: dict[str, Json] = {"stream_mode": mode.split("+")}
    await server.post(f"/threads/{thread}/runs/stream", ask("sf", **options) | {pause: ["tools"]})
    await server.get(f"/threads/{thread}")
    await server.post(f"/threads/{thread}/runs/stream", {"assistant_id": "agent", "input": None, **options})


@scenario()
async def a_stateless_stream_shows_the_same(server: Recorder) -> None:
    for mode in ("values", "updates", "messages-tuple"):
        await server.post("/runs/stream", ask("sf", stream_mode=mode))


def _event_ids(events: Json) -> list[str]:
    return [event["id"] for event in events]


@scenario()
async def a_resumable_stream_is_read_again(server: Recorder) -> None:
    thread = await new_thread(server)
    reply = await server.begin(
        "POST",
        f"/threads/{thread}/runs/stream",
        ask("sf", stream_mode=["values", "updates"], stream_resumable=True),
    )
    ids = _event_ids(await reply.body())
    path = f"/threads/{thread}/runs/{reply.run_id}/stream"
    await server.get(path)
    for last in ("-1", ids[0], ids[2], ids[-1], "junk"):
        await server.get(path, {"last-event-id": last})
    await server.get(f"{path}?stream_mode=updates", {"last-event-id": "-1"})
    await server.get(f"{path}?stream_mode=messages", {"last-event-id": "-1"})
    await server.get(f"{path}?stream_mode=bogus", {"last-event-id": "-1"})


@scenario(resumable=("no", "yes"))
async def a_stream_is_joined_in_flight(server: Recorder, resumable: str) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    options: Json = {"stream_mode": ["values", "updates"]}
    if resumable == "yes":
        options["stream_resumable"] = True
    first = await send(server, "stream", thread, ask("sf", **options))
    # Metadata, the input, then two events of each of two nodes; later ones come when the run is released.
    await first.events(6)
    path = f"/threads/{thread}/runs/{first.run_id}/stream"
    listeners = [
        await server.begin("GET", path),
        await server.begin("GET", path, headers={"last-event-id": "-1"}),
        await server.begin("GET", f"{path}?stream_mode=updates"),
        await server.begin("GET", f"{path}?stream_mode=messages"),
    ]
    server.release(thread)
    for listener in (first, *listeners):
        await listener.body()
    await server.get(path)
    await server.get(path, {"last-event-id": "-1"})


@scenario()
async def a_dropped_resumable_stream_is_taken_up_again(server: Recorder) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    stream = await send(server, "stream", thread, ask("sf", stream_mode=["updates"], stream_resumable=True))
    await stream.events(3)
    await server.until_thinking(thread, stream.run_id)
    last = stream.exchange.body[-1].get("id", "-1")
    await stream.drop()
    rest = await server.begin(
        "GET", f"/threads/{thread}/runs/{stream.run_id}/stream", headers={"last-event-id": last}
    )
    server.release(thread)
    await rest.body()


@scenario()
async def a_queued_run_is_streamed_from_its_start(server: Recorder) -> None:
    thread = await new_thread(server)
    await start_held(server, thread, ask("sf"))
    second = await start(server, thread, ask("nyc", stream_mode="updates"))
    listener = await server.begin("GET", f"/threads/{thread}/runs/{second}/stream")
    server.release(thread)
    await listener.body()
    await join(server, thread, second)


@scenario()
async def a_stream_in_the_middle_of_a_node(server: Recorder) -> None:
    thread = await new_thread(server)
    server.hold(thread)
    stream = await send(
        server, "stream", thread, ask("sf", "streams", stream_mode=["custom", "messages-tuple", "values"])
    )
    await stream.events(3)
    run = stream.run_id
    await server.get(f"/threads/{thread}/state")
    late = await server.begin("GET", f"/threads/{thread}/runs/{run}/stream")
    server.release(thread)
    await stream.body()
    await late.body()
    await look(server, thread)


@scenario()
async def streams_that_do_not_exist(server: Recorder) -> None:
    thread, run = await finished_run(server)
    await server.get(f"/threads/{thread}/runs/{run}/stream")
    await server.get(f"/threads/{thread}/runs/{run}/stream", {"last-event-id": "-1"})
    await server.get(f"/threads/{thread}/runs/{UNKNOWN}/stream")
    await server.get(f"/threads/{thread}/runs/{run}/stream?cancel_on_disconnect=bogus")


@scenario()
async def a_threads_stream_shows_its_runs_one_after_the_other(server: Recorder) -> None:
    thread = await new_thread(server)
    stream = await server.begin("GET", f"/threads/{thread}/stream")
    await start_and_join(server, thread, ask("sf", stream_mode=["values", "updates"]))
    await start_and_join(server, thread, ask("nyc", "fails", stream_mode=["values"]))
    await server.until(f"/threads/{thread}", lambda shown: shown["status"] == "error")
    await stream.events(11)
    await stream.drop()


@scenario()
async def streams_of_threads_that_do_not_exist(server: Recorder) -> None:
    await server.get("/threads/nope/stream")
    thread = await new_thread(server)
    await server.get(f"/threads/{thread}/stream?stream_modes=bogus")

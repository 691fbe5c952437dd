"""Runs without a thread of their own."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..scenario import scenario
from .steps import STRATEGIES, WAYS, ask, join, look, with_strategy

PATHS = {"create": "/runs", "wait": "/runs/wait", "stream": "/runs/stream"}


@scenario(way=WAYS, graph=("agent", "fails", "asks"))
async def a_stateless_run_leaves_nothing(server: Recorder, way: str, graph: str) -> None:
    reply = await server.begin("POST", PATHS[way], ask("sf", graph))
    body = await reply.body()
    await server.get(f"/runs/{reply.run_id}")
    if way == "create":
        thread = body["thread_id"]
        await server.until(f"/threads/{thread}", lambda shown: shown == 404)
        await join(server, thread, reply.run_id)
        await look(server, thread)


@scenario(way=WAYS)
async def on_completion_keep_keeps_a_stateless_run(server: Recorder, way: str) -> None:
    reply = await server.begin(
        "POST", PATHS[way], ask("sf", on_completion="keep", metadata={"tag": server.tag})
    )
    await reply.body()
    if way == "create":
        thread = reply.exchange.body["thread_id"]
        await join(server, thread, reply.run_id)
        await look(server, thread)


@scenario(way=WAYS)
async def a_stateless_run_with_a_wrong_option_is_refused(server: Recorder, way: str) -> None:
    for option in (
        {"on_completion": "x"},
        {"multitask_strategy": "bogus"},
        {"assistant_id": "nope"},
        {"assistant_id": UNKNOWN},
        {"stream_mode": "bogus"},
        {"after_seconds": "x"},
        {"on_disconnect": "x"},
    ):
        await server.post(PATHS[way], ask("sf", **option))
    await server.post(PATHS[way], {"input": {}})
    await server.post(PATHS[way])
    await server.post(PATHS[way], b"{nope")


@scenario(strategy=STRATEGIES)
async def a_stateless_run_takes_any_strategy(server: Recorder, strategy: str) -> None:
    await server.post("/runs/wait", ask("sf", **with_strategy(strategy)))


@scenario()
async def a_stateless_run_ignores_a_checkpoint(server: Recorder) -> None:
    await server.post("/runs/wait", ask("sf", checkpoint_id=UNKNOWN))


@scenario()
async def a_batch_of_stateless_runs(server: Recorder) -> None:
    runs = await server.post("/runs/batch", [ask("sf"), ask("nyc", metadata={"second": True})])
    for run in runs:
        await server.until(f"/threads/{run['thread_id']}", lambda shown: shown == 404)
    await server.post("/runs/batch", [])
    await server.post("/runs/batch", {})
    await server.post("/runs/batch", [ask("sf"), {"assistant_id": "nope"}])
    await server.post("/runs/batch", [ask("sf"), {}])
    await server.post("/runs/batch")


@scenario()
async def a_stateless_run_in_flight_has_a_thread(server: Recorder) -> None:
    run = await server.post("/runs", ask("sf", after_seconds=600))
    thread = run["thread_id"]
    await look(server, thread)
    await server.get(f"/threads/{thread}/runs/{run['run_id']}")
    await server.post(f"/threads/{thread}/runs/{run['run_id']}/cancel")
    await server.get(f"/threads/{thread}/runs/{run['run_id']}")

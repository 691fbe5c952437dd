"""What a run can be asked for besides its input, and what of it comes back."""

from __future__ import annotations

from ..ids import UNKNOWN
from ..recorder import Recorder
from ..recording import Json
from ..scenario import scenario
from .steps import (
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
)


@scenario()
async def every_option_is_echoed(server: Recorder) -> None:
    thread = await new_thread(server)
    run = await start_and_join(
        server,
        thread,
        ask(
            "sf",
            metadata={"m": 1},
            config={
                "tags": ["t1"],
                "recursion_limit": 7,
                "configurable": {"model": "x"},
                "metadata": {"cm": 2},
            },
            stream_mode=["values", "updates"],
            stream_subgraphs=True,
            stream_resumable=True,
            interrupt_before=["tools"],
            interrupt_after=["nosuch"],
            on_disconnect="continue",
            if_not_exists="reject",
            durability="sync",
        ),
    )
    await server.get(f"/threads/{thread}/runs/{run}")
    await look(server, thread)


@scenario()
async def context_is_echoed(server: Recorder) -> None:
    thread = await new_thread(server)
    await start_and_join(server, thread, ask("sf", context={"user_name": "bob"}))
    await look(server, thread)
    await server.post(
        f"/threads/{thread}/runs", ask("sf", context={"a": 1}, config={"configurable": {"b": 1}})
    )


@scenario()
async def metadata_of_thread_and_run_meet_in_the_checkpoints(server: Recorder) -> None:
    thread = await new_thread(server, metadata={"proj": "p1", "both": "thread"})
    await start_and_join(server, thread, ask("sf", metadata={"both": "run", "mine": True}))
    await look(server, thread)
    await start_and_join(server, thread, ask("nyc", config={"configurable": {"k": "v"}}))
    await look(server, thread)


@scenario()
async def request_id_of_the_client_is_kept(server: Recorder) -> None:
    thread = await new_thread(server)
    headers = {"x-request-id": "client-chosen", "x-api-key": "k", "x-custom": "c"}
    run = await server.post(f"/threads/{thread}/runs", ask("sf"), headers)
    await join(server, thread, run["run_id"])
    await server.get(f"/threads/{thread}/state")


@scenario()
async def a_run_in_flight_shows_more_of_its_config(server: Recorder) -> None:
    thread, run = await run_in_flight(server)
    await server.get(f"/threads/{thread}/runs/{run}")
    await server.get(f"/threads/{thread}/runs")
    server.release(thread)
    await join(server, thread, run)
    await server.get(f"/threads/{thread}/runs/{run}")


@scenario(way=WAYS)
async def if_not_exists_creates_the_thread(server: Recorder, way: str) -> None:
    thread = server.new_id()
    body = ask("sf", if_not_exists="create", metadata={"m": 1})
    reply = await send(server, way, thread, body)
    await reply.body()
    await join(server, thread, reply.run_id)
    await look(server, thread)


@scenario()
async def after_seconds_delays_a_run(server: Recorder) -> None:
    thread = await new_thread(server)
    run = await start(server, thread, ask("sf", after_seconds=1))
    await server.get(f"/threads/{thread}/runs")
    await join(server, thread, run)
    await look(server, thread)


@scenario(way=("create", "wait"))
async def interrupt_before_and_go_on(server: Recorder, way: str) -> None:
    thread = await new_thread(server)
    for body in (
        ask("sf", interrupt_before=["tools"]),
        {"assistant_id": "agent", "interrupt_before": ["agent"]},
        {"assistant_id": "agent", "input": None},
        ask("nyc", interrupt_before="*"),
    ):
        reply = await send(server, way, thread, body)
        await reply.body()
        await join(server, thread, reply.run_id)
        await look(server, thread)


@scenario(after=("agent", "tools", "everything"))
async def interrupt_after_and_go_on(server: Recorder, after: str) -> None:
    thread = await new_thread(server)
    await server.post(
        f"/threads/{thread}/runs/wait", ask("sf", interrupt_after="*" if after == "everything" else [after])
    )
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "agent"})
    await look(server, thread)


@scenario(way=WAYS)
async def a_question_is_asked_and_answered(server: Recorder, way: str) -> None:
    thread = await new_thread(server)
    bodies: list[Json] = [
        ask("sf", "asks", stream_mode=["values", "updates"]),
        {"assistant_id": "asks", "command": {"resume": "yes"}, "stream_mode": ["values", "updates"]},
    ]
    for body in bodies:
        reply = await send(server, way, thread, body)
        await reply.body()
        await join(server, thread, reply.run_id)
        await look(server, thread)


@scenario()
async def a_question_is_passed_over(server: Recorder) -> None:
    thread, _ = await finished_run(server, "asks")
    await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "asks", "input": None})
    await look(server, thread)
    await server.post(f"/threads/{thread}/runs/wait", ask("nyc", "asks"))
    await look(server, thread)


@scenario()
async def commands_update_and_go_to(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    message = {"role": "human", "content": "what's the weather in nyc?", "id": "from-command"}
    for command in (
        {"update": {"messages": [message]}, "goto": "agent"},
        {"goto": "tools"},
        {"update": {"messages": [{**message, "id": "again"}]}},
        {"goto": "nosuch"},
        {"resume": 1},
    ):
        await server.post(f"/threads/{thread}/runs/wait", {"assistant_id": "agent", "command": command})
        await server.get(f"/threads/{thread}/state")
    await server.post(f"/threads/{thread}/runs/wait", ask("la", command={"resume": 1}))
    await look(server, thread)


@scenario(how=("checkpoint_id", "checkpoint"), source=("nothing", "input"))
async def a_run_starts_from_an_old_checkpoint(server: Recorder, how: str, source: str) -> None:
    thread, _ = await finished_run(server)
    history = await server.post(f"/threads/{thread}/history", {"limit": 10})
    old = history[2]["checkpoint_id"]
    where: Json = old if how == "checkpoint_id" else {"checkpoint_id": old, "checkpoint_ns": ""}
    body = ask("nyc") if source == "input" else {"assistant_id": "agent", "input": None}
    await start_and_join(server, thread, {**body, how: where})
    await look(server, thread)


@scenario()
async def a_run_starts_from_a_checkpoint_that_does_not_exist(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    await server.post(f"/threads/{thread}/runs/wait", ask("nyc", checkpoint_id=UNKNOWN))
    await look(server, thread)


@scenario(durability=("sync", "async", "exit", "checkpoint_during off"))
async def durability_says_which_checkpoints_stay(server: Recorder, durability: str) -> None:
    option: Json = {"durability": durability}
    if durability == "checkpoint_during off":
        option = {"checkpoint_during": False}
    thread = await new_thread(server)
    await server.post(f"/threads/{thread}/runs/wait", ask("sf", **option))
    await server.until(f"/threads/{thread}/state", lambda state: state["checkpoint_id"] is not None)
    await look(server, thread)


@scenario()
async def runs_are_listed(server: Recorder) -> None:
    thread, _ = await finished_run(server)
    await start_and_join(server, thread, ask("sf", "fails"))
    cancelled = await start_held(server, thread, ask("nyc"))
    await server.post(f"/threads/{thread}/runs/{cancelled}/cancel?wait=1")
    for query in (
        "",
        "?limit=1",
        "?limit=1&offset=1",
        "?limit=100&offset=5",
        "?status=success",
        "?status=error",
        "?status=interrupted",
        "?status=bogus",
        "?limit=0",
        "?limit=abc",
        "?limit=-1",
        "?offset=abc",
        "?select=run_id&select=status",
    ):
        await server.get(f"/threads/{thread}/runs{query}")
    # The refusal lists a Python set, in an order that is chance.
    await (await server.begin("GET", f"/threads/{thread}/runs?select=bogus")).ended()


@scenario()
async def messages_come_in_many_shapes(server: Recorder) -> None:
    shapes: list[Json] = [
        [{"role": "user", "content": "weather in sf"}],
        [{"role": "human", "content": "weather in sf"}],
        [{"type": "human", "content": "weather in sf"}],
        [["user", "weather in sf"]],
        ["weather in sf"],
        "weather in sf",
        [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        ],
        [{"role": "bogus", "content": "x"}],
        [{"content": "x"}],
        [5],
        [],
    ]
    for messages in shapes:
        thread = await new_thread(server)
        await start_and_join(server, thread, {"assistant_id": "agent", "input": {"messages": messages}})
        await server.get(f"/threads/{thread}/state")

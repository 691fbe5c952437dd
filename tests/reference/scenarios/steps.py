"""Steps that several scenarios share."""

from __future__ import annotations

from ..recorder import Recorder, Reply
from ..recording import Json

STRATEGIES = ("default", "reject", "enqueue", "interrupt", "rollback")
PATHS = {"create": "runs", "wait": "runs/wait", "stream": "runs/stream"}
WAYS = tuple(PATHS)

GATED_NODE = {"fails": "boom", "streams": "speak", "parent": "child"}


def ask(city: str, graph: str = "agent", **options: Json) -> Json:
    """Return the body that asks a graph about a city's weather."""
    message = {"role": "human", "content": f"what's the weather in {city}?", "id": f"ask-{city}"}
    return {"assistant_id": graph, "input": {"messages": [message]}, **options}


def with_strategy(strategy: str) -> Json:
    """Return the option a strategy is asked for with; the default is asked for by saying nothing."""
    return {} if strategy == "default" else {"multitask_strategy": strategy}


async def new_thread(server: Recorder, **body: Json) -> str:
    thread = await server.post("/threads", body)
    return str(thread["thread_id"])


async def start(server: Recorder, thread: str, body: Json) -> str:
    """Start a background run and return its id."""
    run = await server.post(f"/threads/{thread}/runs", body)
    return str(run["run_id"])


async def start_held(server: Recorder, thread: str, body: Json) -> str:
    """Start a background run; return its id when it is held: before its final answer, or in a node."""
    server.hold(thread)
    run = await start(server, thread, body)
    if (graph := body["assistant_id"]) == "agent":
        await server.until_thinking(thread, run)
    else:
        await server.until_in_node(thread, run, GATED_NODE[graph])
    return run


async def start_and_join(server: Recorder, thread: str, body: Json) -> str:
    """Start a background run; return its id when it has come to its end."""
    run = await start(server, thread, body)
    await join(server, thread, run)
    return run


async def run_in_flight(server: Recorder, graph: str = "agent", **options: Json) -> tuple[str, str]:
    """Return a new thread and its run, which is held."""
    thread = await new_thread(server)
    return thread, await start_held(server, thread, ask("sf", graph, **options))


async def finished_run(server: Recorder, graph: str = "agent", **options: Json) -> tuple[str, str]:
    """Return a new thread and a run of it that has come to its end."""
    thread = await new_thread(server)
    return thread, await start_and_join(server, thread, ask("sf", graph, **options))


async def join(server: Recorder, thread: str, run: str) -> Json:
    """Join a run once it has ended: a join in flight may answer otherwise."""
    await server.until_ended(thread, run)
    return await server.get(f"/threads/{thread}/runs/{run}/join")


async def send(server: Recorder, way: str, thread: str, body: Json) -> Reply:
    """Start a run in one of the three ways; its answer may still be on its way."""
    return await server.begin("POST", f"/threads/{thread}/{PATHS[way]}", body)


async def look(server: Recorder, thread: str) -> None:
    """Record all that a thread shows of itself."""
    await server.get(f"/threads/{thread}")
    await server.get(f"/threads/{thread}/state")
    await server.post(f"/threads/{thread}/history", {"limit": 50})
    await server.get(f"/threads/{thread}/runs")


async def until_error_shows(server: Recorder, thread: str, strategy: str) -> None:
    """Wait until a thread names the run that interrupted it; that comes a moment after the answer."""
    if strategy == "interrupt":
        await server.until(f"/threads/{thread}", lambda shown: shown.get("error") is not None)

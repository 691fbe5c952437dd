"""Endpoints of a thread's states: read one or all, and change the newest by hand."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import Conflict, NotFound, Unprocessable
from mockserver.exchange import answer, deployment_of, integer_of, read_body, thread_of
from mockserver.records import Json, Run, Thread

MAX_STATES = 1000


async def newest(request: Request) -> Response:
    """Answer the newest state of a thread. Source: observed on langgraph-api 0.16.7."""
    return await _state(request, None, subgraphs=request.query_params.get("subgraphs") in ("1", "true"))


async def at_id(request: Request) -> Response:
    """Answer the state at a checkpoint named in the path, empty if there is none.

    Source: observed on langgraph-api 0.16.7.
    """
    at = {"checkpoint_id": request.path_params["checkpoint_id"]}
    return await _state(request, at, subgraphs=request.query_params.get("subgraphs") in ("1", "true"))


async def at_checkpoint(request: Request) -> Response:
    """Answer the state at a Checkpoint, empty if there is none. Source: observed on langgraph-api 0.16.7."""
    body = await read_body(request, schemas.state_at)
    return await _state(request, body["checkpoint"], subgraphs=body.get("subgraphs", False))


async def update(request: Request) -> Response:
    """Write to the state as if a node had, and answer the new checkpoint.

    Source: observed on langgraph-api 0.16.7. A checkpoint of another thread and a `checkpoint_id` of null are
    500s there; here the thread in the path counts, and null is no checkpoint.
    """
    body = await read_body(request, schemas.state_update)
    thread = await thread_of(request)
    at = body.get("checkpoint", {})
    if body.get("checkpoint_id"):
        at = {**at, "checkpoint_id": str(body["checkpoint_id"])}
    checkpoint = await write(request, thread, [[body]], at)
    return answer(
        {"checkpoint": checkpoint, "configurable": checkpoint, "checkpoint_id": checkpoint["checkpoint_id"]}
    )


async def write(
    request: Request, thread: Thread, supersteps: list[list[Json]], at: Json | None = None
) -> Json:
    """Change a thread's state while none of its runs is in flight, and return the new checkpoint.

    Raises:
        Conflict: a run is in flight (409).
        NotFound: the thread has been deleted meanwhile, or the graph it names is not there (404).
        BadRequest: the graph refuses the update (400).
    """
    execution = await deployment_of(request).execution()
    try:
        async with thread.writing:
            if thread.in_flight:
                rows = [_row(run) for run in thread.in_flight.values()]
                raise Conflict(f"Thread {thread.thread_id} has in-flight runs: {rows}")
            checkpoint, outcome = await execution.history.update(thread, supersteps, at)
            if thread.deleted:
                execution.forget(thread)
                raise NotFound(f"Thread with ID {thread.thread_id} not found")
            execution.scheduler.updated(thread, outcome)
            return checkpoint
    finally:
        execution.scheduler.resume(thread)


async def history(request: Request) -> Response:
    """Answer the newest states, one unless a limit is given. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    try:
        limit = integer_of(request, "limit", 1)
    except ValueError:
        raise Unprocessable(f"Invalid limit {request.query_params['limit']}") from None
    execution = await deployment_of(request).execution()
    before = request.query_params.get("before")
    return answer(await execution.history.states(thread, limit=min(limit, MAX_STATES), before=before))


async def search_history(request: Request) -> Response:
    """Answer the newest states that fit, one unless a limit is given.

    Source: observed on langgraph-api 0.16.7, where a Checkpoint as `before` is a 500; here it works.
    """
    body = await read_body(request, schemas.history)
    thread = await thread_of(request)
    before = body.get("before", {})
    execution = await deployment_of(request).execution()
    states = await execution.history.states(
        thread,
        limit=int(body.get("limit", 1)),
        before=str(before.get("configurable", before).get("checkpoint_id") or "") or None,
        metadata=body.get("metadata"),
        at=body.get("checkpoint"),
    )
    return answer(states)


async def _state(request: Request, at: Json | None, *, subgraphs: bool) -> Response:
    thread = await thread_of(request)
    execution = await deployment_of(request).execution()
    return answer(await execution.history.state(thread, at, subgraphs=subgraphs))


class _Counter:
    """Stands for the function that the real server puts among the settings of a run at work."""

    def __repr__(self) -> str:
        return "<function incr_nodes at 0x7f0000000000>"


def _row(run: Run) -> Json:
    """Return a run as the real server's storage holds it, whose `repr` its refusal of an update shows."""
    kwargs = {**run.kwargs, "config": {**run.kwargs["config"]}}
    configurable = kwargs["config"]["configurable"]
    if "__pregel_node_finished" in configurable:
        kwargs["config"]["configurable"] = {**configurable, "__pregel_node_finished": _Counter()}
    ids = {name: UUID(getattr(run, name)) for name in ("run_id", "thread_id", "assistant_id")}
    texts = {"status": str(run.status), "multitask_strategy": str(run.strategy)}
    return {
        **run.to_json(),
        **ids,
        **texts,
        "kwargs": kwargs,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
    }

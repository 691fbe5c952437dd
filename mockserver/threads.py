"""Endpoints of threads: make, read, change, copy, delete and find them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import BadRequest, Conflict, GraphUnassigned, NotFound, Unprocessable
from mockserver.exchange import answer, deployment_of, no_content, read_body, thread_id_of, thread_of
from mockserver.ids import canonical_uuid
from mockserver.records import Json, Thread
from mockserver.thread_states import write

MALFORMED_ID = "Invalid thread ID: must be a UUID"


async def create(request: Request) -> Response:
    """Make a thread. Source: observed on langgraph-api 0.16.7 (200, not 201)."""
    deployment = deployment_of(request)
    body = await read_body(request, schemas.thread_create)
    thread_id = None
    if "thread_id" in body and (thread_id := canonical_uuid(body["thread_id"])) is None:
        raise Unprocessable(MALFORMED_ID)
    if thread_id is not None:
        await deployment.vacate(thread_id)
    if thread_id is not None and (known := deployment.records.threads.get(thread_id)) is not None:
        if body.get("if_exists") != "do_nothing":
            raise Conflict(f"Thread with ID {thread_id} already exists")
        return answer(known.to_json())
    thread = deployment.new_thread(body.get("metadata", {}), thread_id)
    if body.get("supersteps"):
        return await _with_a_past(request, thread, body["supersteps"])
    return answer(thread.to_json())


async def _with_a_past(request: Request, thread: Thread, supersteps: list[Json]) -> Response:
    """Answer a new thread once its state is written.

    Source: observed on langgraph-api 0.16.7, where the thread also stays if its graph refuses that state.
    """
    try:
        await write(request, thread, [step["updates"] for step in supersteps])
    except (GraphUnassigned, NotFound) as error:
        problem = (
            f"Thread {thread.thread_id} was created, but there were problems updating the state: {error}"
        )
        return answer({"detail": problem}, status=201)
    return answer(thread.to_json())


async def get(request: Request) -> Response:
    """Answer one thread. Source: observed on langgraph-api 0.16.7."""
    return answer((await thread_of(request)).to_json())


async def patch(request: Request) -> Response:
    """Merge metadata into a thread's. Source: observed on langgraph-api 0.16.7."""
    deployment = deployment_of(request)
    thread_id = thread_id_of(request)
    body = await read_body(request, schemas.thread_patch)
    if (thread := deployment.records.threads.get(thread_id)) is None:
        raise NotFound("Not Found")
    thread.metadata |= body.get("metadata", {})
    thread.updated_at = deployment.ids.now()
    if request.headers.get("prefer") == "return=minimal":
        return no_content()
    return answer(thread.to_json())


async def delete(request: Request) -> Response:
    """Forget a thread, and stop its run. Source: observed on langgraph-api 0.16.7."""
    execution = await deployment_of(request).execution()
    execution.scheduler.delete_thread(await thread_of(request))
    return no_content()


async def copy(request: Request) -> Response:
    """Make a thread with the metadata and all checkpoints of another, but none of its runs.

    Source: observed on langgraph-api 0.16.7; the body is not read, an unknown thread is a Conflict.
    """
    deployment = deployment_of(request)
    if canonical_uuid(request.path_params["thread_id"]) is None:
        raise BadRequest("badly formed hexadecimal UUID string")
    try:
        source = await thread_of(request)
    except NotFound:
        raise Conflict("Conflict") from None
    execution = await deployment.execution()
    made = deployment.copy_thread(source)
    execution.history.copy(source, made)
    return answer(made.to_json())


async def prune(request: Request) -> Response:
    """Forget many threads, and answer how many there were. Source: observed on langgraph-api 0.16.7."""
    deployment = deployment_of(request)
    body = await read_body(request, schemas.thread_prune)
    named = {canonical_uuid(thread_id) for thread_id in body["thread_ids"]}
    if None in named:
        raise Unprocessable(MALFORMED_ID)
    if body.get("strategy") == "keep_latest":
        raise Unprocessable("keep_latest strategy is not supported in in-memory runtime")
    execution = await deployment.execution()
    found = [thread for thread_id, thread in deployment.records.threads.items() if thread_id in named]
    for thread in found:
        execution.scheduler.delete_thread(thread)
    return answer({"pruned_count": len(found)})


async def storage(request: Request) -> Response:
    """Answer how much a thread's checkpoints take. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    return answer((await deployment_of(request).execution()).history.size(thread))

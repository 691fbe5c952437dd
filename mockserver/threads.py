"""Endpoints of threads: make, read, change, delete and search them, and read their states."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import Conflict, NotFound, NotImitated, Unprocessable
from mockserver.exchange import (
    answer,
    contains,
    deployment_of,
    integer_of,
    no_content,
    page_of,
    read_body,
    thread_id_of,
    thread_of,
)
from mockserver.ids import canonical_uuid
from mockserver.records import Json, Thread


async def create(request: Request) -> Response:
    """Make a thread. Source: observed on langgraph-api 0.16.7 (200, not 201)."""
    deployment = deployment_of(request)
    body = await read_body(request, schemas.thread_create)
    if body.get("supersteps"):
        raise NotImitated("This mock deployment does not make threads from supersteps yet")
    thread_id = None
    if "thread_id" in body and (thread_id := canonical_uuid(body["thread_id"])) is None:
        raise Unprocessable("Invalid thread ID: must be a UUID")
    if thread_id is not None and (known := deployment.records.threads.get(thread_id)) is not None:
        if body.get("if_exists") != "do_nothing":
            raise Conflict(f"Thread with ID {thread_id} already exists")
        return answer(known.to_json())
    return answer(deployment.new_thread(body.get("metadata", {}), thread_id).to_json())


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


async def search(request: Request) -> Response:
    """Answer the threads that fit, newest first. Source: observed on langgraph-api 0.16.7."""
    body = await read_body(request, schemas.thread_search)
    found = _fitting(request, body)
    if "sort_by" in body or "sort_order" in body:
        key = body.get("sort_by", "created_at")
        descending = body.get("sort_order", "desc") == "desc"
        found = iter(sorted(found, key=lambda thread: str(getattr(thread, key)), reverse=descending))
    return page_of(found, Thread.to_json, body)


async def count(request: Request) -> Response:
    """Answer how many threads fit, as a bare number. Source: observed on langgraph-api 0.16.7."""
    body = await read_body(request, schemas.thread_count)
    return answer(sum(1 for _ in _fitting(request, body)))


async def state(request: Request) -> Response:
    """Answer the newest state of a thread. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    return answer(await (await deployment_of(request).execution()).state(thread))


async def update_state(request: Request) -> Response:
    """Refuse to change a state: not imitated yet."""
    raise NotImitated("This mock deployment does not update states yet")


async def history(request: Request) -> Response:
    """Answer the newest states, one unless a limit is given. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    try:
        limit = integer_of(request, "limit", 1)
    except ValueError:
        raise Unprocessable(f"Invalid limit {request.query_params['limit']}") from None
    execution = await deployment_of(request).execution()
    before = request.query_params.get("before")
    return answer(await execution.history(thread, limit=min(limit, 1000), before=before))


async def search_history(request: Request) -> Response:
    """Answer the newest states that fit, one unless a limit is given.

    Source: observed on langgraph-api 0.16.7, where a Checkpoint as `before` is a 500; here it works.
    """
    body = await read_body(request, schemas.history)
    thread = await thread_of(request)
    before = body.get("before", {})
    execution = await deployment_of(request).execution()
    states = await execution.history(
        thread,
        limit=int(body.get("limit", 1)),
        before=str(before.get("configurable", before).get("checkpoint_id") or "") or None,
        metadata=body.get("metadata"),
    )
    return answer(states)


def _fitting(request: Request, body: Json) -> Iterator[Thread]:
    threads = deployment_of(request).records.threads
    wanted = {canonical_uuid(thread_id) for thread_id in body["ids"]} if body.get("ids") else None
    for thread in reversed(threads.values()):
        if (
            (wanted is None or thread.thread_id in wanted)
            and body.get("status", thread.status) == thread.status
            and contains(thread.metadata, body.get("metadata", {}))
            and contains(thread.values or {}, body.get("values", {}))
        ):
            yield thread

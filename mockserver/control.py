"""The mock's own API under /mock, apart from the imitated one: begin anew, set the pace, see what happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mockserver import schemas
from mockserver.deployment import Deployment
from mockserver.errors import BadRequest, NotFound, Unprocessable
from mockserver.exchange import answer, deployment_of, read_body
from mockserver.ids import canonical_uuid
from mockserver.journal import Journal
from mockserver.records import Json
from mockserver.streams import HEADERS, HEARTBEAT, HEARTBEAT_S, MEDIA_TYPE, Event

MALFORMED_ID = "Invalid thread ID: must be a UUID"


async def index(request: Request) -> Response:
    """List this API and the settings."""
    routes = [
        {"method": method, "path": route.path, "does": (route.endpoint.__doc__ or "").splitlines()[0]}
        for route in ROUTES
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    return answer({"settings": _settings(deployment_of(request)), "routes": routes})


async def reset(request: Request) -> Response:
    """Forget everything and draw the same ids again, or others with `seed`; with `thread_id` that thread only.

    A thread that is reset keeps its id and metadata.
    """
    deployment = deployment_of(request)
    body = await read_body(request, schemas.reset, if_empty={})
    if "thread_id" not in body:
        await deployment.reset(int(body["seed"]) if "seed" in body else None)
        return answer({"seed": deployment.ids.seed})
    if "seed" in body:
        raise BadRequest(
            "A single thread cannot be reseeded; leave out seed, or thread_id to reset everything"
        )
    thread_id = _thread_id(body["thread_id"])
    if thread_id is None or (thread := deployment.records.threads.get(thread_id)) is None:
        raise NotFound(f"Thread with ID {thread_id} not found")
    await deployment.reset_thread(thread)
    return answer({"seed": deployment.ids.seed, "thread_id": thread_id})


async def settings(request: Request) -> Response:
    """Change `hold` and `think`, in seconds, for runs that start from now on."""
    deployment = deployment_of(request)
    body = await read_body(request, schemas.settings)
    deployment.tune(hold_s=body.get("hold"), think_s=body.get("think"))
    return answer(_settings(deployment))


async def journal(request: Request) -> Response:
    """Tell what happened to runs, oldest first: `?thread_id=`, `?after=` a number; as JSON or text/event-stream.

    An event's id is its entry's number, its name is its kind. A stream tells what is kept, goes on with what
    comes, and ends when everything is reset; `Last-Event-ID` is taken like `after`. What an entry says is
    written at the classes of `mockserver.journal`.
    """
    kept = deployment_of(request).journal
    thread_id = _thread_id(request.query_params.get("thread_id"))
    after = _after(request)
    if MEDIA_TYPE in request.headers.get("accept", ""):
        return StreamingResponse(_follow(kept, thread_id, after), headers=HEADERS, media_type=MEDIA_TYPE)
    return answer(kept.entries(thread_id, after))


async def _follow(kept: Journal, thread_id: str | None, after: int) -> AsyncIterator[bytes]:
    while True:
        newest = kept.newest
        for entry in kept.entries(thread_id, after):
            number = entry["number"]
            yield Event(number, str(number), entry["kind"], orjson.dumps(entry)).to_bytes(with_id=True)
        after = max(after, newest)
        if kept.closed and kept.newest <= after:
            return
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await kept.newer(after)
        except TimeoutError:
            yield HEARTBEAT


def _after(request: Request) -> int:
    told = request.query_params.get("after", request.headers.get("last-event-id", "0"))
    if not told.isdecimal() or len(told) > 18:
        raise Unprocessable(f"Invalid number {told!r}: after is the number of an entry")
    return int(told)


def _thread_id(text: str | None) -> str | None:
    if text is None:
        return None
    if (found := canonical_uuid(text)) is None:
        raise Unprocessable(MALFORMED_ID)
    return found


def _settings(deployment: Deployment) -> Json:
    return {"hold": deployment.hold_s, "think": deployment.think_s, "seed": deployment.ids.seed}


ROUTES = [
    Route("/mock", index),
    Route("/mock/reset", reset, methods=["POST"]),
    Route("/mock/settings", settings, methods=["PATCH"]),
    Route("/mock/journal", journal),
]

"""Reading requests within bounds and writing answers; what all endpoints share, and no rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.deployment import Deployment
from mockserver.errors import BodyTooLarge, NotFound, Unprocessable
from mockserver.ids import canonical_uuid
from mockserver.records import Json, Run, Thread
from mockserver.schemas import Schema

MAX_BODY_BYTES = 8 * 1024 * 1024

MAX_OFFSET = 10**9

ROOM_TO_WRAP = 8
"""Levels that an answer may put around what a body sent; orjson writes 254 levels in all."""

Record = TypeVar("Record")


def deployment_of(request: Request) -> Deployment:
    """Return the deployment that a request has reached."""
    deployment: Deployment = request.app.state.deployment
    return deployment


async def read_body(request: Request, schema: Schema, *, if_empty: Any = None) -> Json:
    """Return a request's JSON body; never holds more of it than the bound.

    Args:
        request: whose body.
        schema: what the body must fit.
        if_empty: taken instead of a body of no bytes; None refuses it.

    Raises:
        BodyTooLarge: longer than MAX_BODY_BYTES (413).
        Unprocessable: no JSON, or not of the schema (422).
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(
                f"The request body is longer than {MAX_BODY_BYTES} bytes, the most this mock deployment reads"
            )
    if not body and if_empty is not None:
        return schema.check(if_empty)
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unprocessable("Invalid JSON in request body") from None
    _check_depth(parsed)
    return schema.check(parsed)


def _check_depth(parsed: Any) -> None:
    for _ in range(ROOM_TO_WRAP):
        parsed = [parsed]
    try:
        orjson.dumps(parsed)
    except orjson.JSONEncodeError:
        raise Unprocessable("The request body is nested too deeply for this mock deployment") from None


def answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a body as compact JSON, with the content type the real server sends."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def no_content(status: int = 204) -> Response:
    """Return an answer without a body."""
    return Response(status_code=status)


def uuid_of(request: Request, parameter: str, refusal: str) -> str:
    """Return a path parameter as a canonical UUID.

    Raises:
        Unprocessable: it is none; `refusal` is the text (422).
    """
    if (found := canonical_uuid(request.path_params[parameter])) is None:
        raise Unprocessable(refusal)
    return found


def thread_id_of(request: Request) -> str:
    """Return the thread id in a path.

    Raises:
        Unprocessable: it is no UUID (422).
    """
    return uuid_of(request, "thread_id", "Invalid thread ID: must be a UUID")


def run_id_of(request: Request) -> str:
    """Return the run id in a path.

    Raises:
        Unprocessable: it is no UUID (422).
    """
    return uuid_of(request, "run_id", "Invalid run ID: must be a UUID")


async def thread_of(request: Request) -> Thread:
    """Return the thread in a path, once its run at work has come to rest.

    Raises:
        Unprocessable: the id is no UUID (422).
        NotFound: there is no such thread (404).
    """
    deployment, thread_id = deployment_of(request), thread_id_of(request)
    if (thread := deployment.records.threads.get(thread_id)) is None:
        raise NotFound(f"Thread with ID {thread_id} not found")
    if thread.working is not None:
        await (await deployment.execution()).settle(thread)
    if thread.deleted:  # meanwhile, by another request
        raise NotFound(f"Thread with ID {thread_id} not found")
    return thread


async def run_of(request: Request, *, missing: str = "Not Found") -> tuple[Thread, Run]:
    """Return the thread and the run in a path.

    Raises:
        Unprocessable: an id is no UUID (422).
        NotFound: there is no such thread, or no such run on it; then `missing` is the text (404).
    """
    run_id, thread_id = run_id_of(request), thread_id_of(request)
    if missing != "Not Found" and thread_id not in deployment_of(request).records.threads:
        raise NotFound(missing)
    thread = await thread_of(request)
    if (run := thread.runs.get(run_id)) is None:
        raise NotFound(missing)
    return thread, run


def integer_of(request: Request, parameter: str, default: int) -> int:
    """Return a query parameter as a number >= 0.

    Raises:
        ValueError: it is no number; how that is refused differs from endpoint to endpoint.
    """
    return max(0, int(request.query_params.get(parameter, default)))


def page_of(
    found: Iterable[Record], show: Callable[[Record], Json], body: Json, *, default_limit: int = 10
) -> Response:
    """Return a page of search results, with the headers that say where it ends.

    `x-pagination-total` counts only up to the record after the page.
    Source: observed on langgraph-api 0.16.7.
    """
    limit, offset = int(body.get("limit", default_limit)), min(int(body.get("offset", 0)), MAX_OFFSET)
    page = list(islice(found, offset, offset + limit + 1))
    more = len(page) > limit
    headers = {"x-pagination-total": str(offset + len(page))}
    if more:
        headers["x-pagination-next"] = str(offset + limit)
    return answer([show(record) for record in page[:limit]], headers=headers)


def selected(record: Json, body: Json) -> Json:
    """Return of a record what the `select` of a search asks for."""
    return {key: record[key] for key in body["select"] if key in record} if body.get("select") else record


def contains(whole: Any, part: Any) -> bool:
    """Return whether a JSON value has everything that another has."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and contains(whole[key], value) for key, value in part.items())
    return bool(whole == part)

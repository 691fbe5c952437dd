"""Endpoints that find threads: search and count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import BadRequest, Unprocessable
from mockserver.exchange import answer, contains, deployment_of, page_of, read_body, selected
from mockserver.ids import canonical_uuid
from mockserver.records import Json, Thread

EXTRACTABLE = ("config", "interrupts", "metadata", "values")

STEP = re.compile(r"(\w+)((?:\[-?\d+\])*)")
"""A name and the indexes behind it, between two dots of a path."""


async def search(request: Request) -> Response:
    """Answer the threads that fit, newest first.

    Source: observed on langgraph-api 0.16.7, where `values` is a 500 as soon as a thread has none.
    """
    body = await read_body(request, schemas.thread_search)
    paths = _paths(body.get("extract", {}))
    found = _fitting(request, body)
    if "sort_by" in body or "sort_order" in body:
        key = body.get("sort_by", "created_at")
        descending = body.get("sort_order", "desc") == "desc"
        found = iter(sorted(found, key=lambda thread: str(getattr(thread, key)), reverse=descending))

    def show(thread: Thread) -> Json:
        whole = thread.to_json()
        shown = selected(whole, body)
        if paths:
            shown["extracted"] = {name: _at(whole, path) for name, path in paths.items()}
        return shown

    return page_of(found, show, body)


async def count(request: Request) -> Response:
    """Answer how many threads fit, as a bare number. Source: observed on langgraph-api 0.16.7."""
    body = await read_body(request, schemas.thread_count)
    return answer(sum(1 for _ in _fitting(request, body)))


def _fitting(request: Request, body: Json) -> Iterator[Thread]:
    threads = deployment_of(request).records.threads
    wanted = _wanted(body["ids"]) if body.get("ids") else None
    for thread in reversed(threads.values()):
        if (
            (wanted is None or thread.thread_id in wanted)
            and body.get("status", thread.status) == thread.status
            and contains(thread.metadata, body.get("metadata", {}))
            and contains(thread.values or {}, body.get("values", {}))
        ):
            yield thread


def _wanted(ids: list[str]) -> set[str]:
    wanted = {each: canonical_uuid(each) for each in ids}
    for each, found in wanted.items():
        if found is None:
            raise BadRequest(f"Invalid thread ID {each}")
    return {found for found in wanted.values() if found is not None}


def _paths(extract: dict[str, str]) -> dict[str, list[str | int] | None]:
    """Return the steps of each path that is asked for; None for one that leads nowhere.

    Raises:
        Unprocessable: a name or the root of a path cannot be (422).
    Source: observed on langgraph-api 0.16.7.
    """
    for name, path in extract.items():
        if not name.isidentifier():
            raise Unprocessable(
                f"Extract key '{name}' must be a valid identifier (letters, digits, underscores)"
            )
        if not path:
            raise Unprocessable(f"Extract path for '{name}' must be a non-empty string")
        if re.split(r"[.\[]", path)[0] not in EXTRACTABLE:
            roots = ", ".join(EXTRACTABLE)
            raise Unprocessable(f"Extract path '{path}' must start with one of: {roots}")
    return {name: _steps(path) for name, path in extract.items()}


def _steps(path: str) -> list[str | int] | None:
    steps: list[str | int] = []
    for part in path.split("."):
        if (found := STEP.fullmatch(part)) is None:
            return None
        steps += [found[1], *(int(index) for index in re.findall(r"-?\d+", found[2]))]
    return steps


def _at(value: Any, path: list[str | int] | None) -> Any:
    """Return what a path leads to in a JSON value, None if there is nothing."""
    for step in path or ():
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value if path else None

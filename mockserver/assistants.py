"""Endpoints of assistants: so far the one that every graph has from the start."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import NotFound
from mockserver.exchange import answer, contains, deployment_of, page_of, read_body, selected, uuid_of
from mockserver.records import Assistant, Json


async def get(request: Request) -> Response:
    """Answer one assistant; its graph's name will not do. Source: observed on langgraph-api 0.16.7."""
    assistant_id = uuid_of(request, "assistant_id", "Invalid assistant ID: must be a UUID")
    if (assistant := deployment_of(request).records.assistants.get(assistant_id)) is None:
        raise NotFound("Not Found")
    return answer(assistant.to_json())


async def search(request: Request) -> Response:
    """Answer the assistants that fit, newest first. Source: observed on langgraph-api 0.16.7."""
    body = await read_body(request, schemas.assistant_search)
    graphs = sorted(deployment_of(request).graphs)
    if body.get("graph_id", graphs[0]) not in graphs:
        raise NotFound(f"Graph '{body['graph_id']}' not found. Expected one of: {graphs}")
    found = _fitting(request, body)
    if "sort_by" in body or "sort_order" in body:
        key = body.get("sort_by", "created_at")
        descending = body.get("sort_order", "desc") == "desc"
        found = iter(sorted(found, key=lambda assistant: assistant.to_json()[key], reverse=descending))
    return page_of(found, lambda assistant: selected(assistant.to_json(), body), body)


async def count(request: Request) -> Response:
    """Answer how many assistants fit, as a bare number. Source: observed on langgraph-api 0.16.7."""
    body = await read_body(request, schemas.assistant_count)
    return answer(sum(1 for _ in _fitting(request, body)))


def _fitting(request: Request, body: Json) -> Iterator[Assistant]:
    for assistant in reversed(deployment_of(request).records.assistants.values()):
        if (
            body.get("graph_id", assistant.graph_id) == assistant.graph_id
            and body.get("name", "").lower() in assistant.name.lower()
            and contains(assistant.metadata, body.get("metadata", {}))
        ):
            yield assistant

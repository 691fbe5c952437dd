"""Assistants, over HTTP in this process."""

from __future__ import annotations

import pytest

from tests.mock import AGENT, UNKNOWN, mock

pytestmark = pytest.mark.anyio


async def test_every_graph_has_an_assistant_from_the_start() -> None:
    async with mock() as client:
        found = await client.get(f"/assistants/{AGENT}")

    assert found.json() == {
        "assistant_id": AGENT,
        "graph_id": "agent",
        "config": {},
        "context": {},
        "metadata": {"created_by": "system"},
        "name": "agent",
        "created_at": "2026-01-01T00:00:00.001000+00:00",
        "updated_at": "2026-01-01T00:00:00.001000+00:00",
        "version": 1,
        "description": None,
    }


@pytest.mark.parametrize(
    ("assistant_id", "status", "detail"),
    [("agent", 422, "Invalid assistant ID: must be a UUID"), (UNKNOWN, 404, "Not Found")],
)
async def test_an_assistant_is_found_by_its_uuid_only(assistant_id: str, status: int, detail: str) -> None:
    async with mock() as client:
        answer = await client.get(f"/assistants/{assistant_id}")

    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_search_and_count_find_the_assistants() -> None:
    async with mock() as client:
        everything = await client.post("/assistants/search", json={})
        by_graph = await client.post("/assistants/search", json={"graph_id": "agent", "select": ["name"]})
        none = await client.post("/assistants/search", json={"metadata": {"created_by": "me"}})
        counted = await client.post("/assistants/count", json={})

    assert [assistant["assistant_id"] for assistant in everything.json()] == [AGENT]
    assert everything.headers["x-pagination-total"] == "1"
    assert by_graph.json() == [{"name": "agent"}]
    assert none.json() == []
    assert counted.text == "1"


async def test_a_search_for_an_unknown_graph_is_not_found() -> None:
    async with mock() as client:
        answer = await client.post("/assistants/search", json={"graph_id": "nope"})

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Graph 'nope' not found. Expected one of: ['agent']"}

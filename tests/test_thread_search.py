"""Searching and counting threads, over HTTP in this process."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock import SF, Json, mock

pytestmark = pytest.mark.anyio


async def test_search_pages_newest_first() -> None:
    async with mock() as client:
        threads = [await client.thread(metadata={"tag": "x"}) for _ in range(4)]
        await client.thread()
        first = await client.post("/threads/search", json={"metadata": {"tag": "x"}, "limit": 2})
        second = await client.post(
            "/threads/search", json={"metadata": {"tag": "x"}, "limit": 2, "offset": 2}
        )
        none = await client.post("/threads/search", json={"metadata": {"tag": "y"}})

    assert [f"/threads/{t['thread_id']}" for t in first.json() + second.json()] == threads[::-1]
    assert (first.headers["x-pagination-total"], first.headers["x-pagination-next"]) == ("3", "2")
    assert second.headers["x-pagination-total"] == "4"
    assert "x-pagination-next" not in second.headers
    assert (none.json(), none.headers["x-pagination-total"]) == ([], "0")


async def test_search_filters_sorts_and_selects() -> None:
    async with mock() as client:
        idle, busy = await client.thread(), await client.thread()
        await client.run(busy)
        by_status = await client.post("/threads/search", json={"status": "busy", "select": ["status"]})
        by_id = await client.post("/threads/search", json={"ids": [idle.removeprefix("/threads/")]})
        oldest = await client.post("/threads/search", json={"sort_order": "asc", "limit": 1})
        counted = await client.post("/threads/count", json={"status": "idle"})

    assert by_status.json() == [{"status": "busy"}]
    assert [thread["thread_id"] for thread in by_id.json()] == [idle.removeprefix("/threads/")]
    assert [thread["thread_id"] for thread in oldest.json()] == [idle.removeprefix("/threads/")]
    assert counted.text == "1"


async def test_a_search_of_absurd_bounds_is_answered() -> None:
    async with mock() as client:
        far = await client.post("/threads/search", content='{"limit":10.0,"offset":1e300}')

    assert (far.status_code, far.json()) == (200, [])


async def test_the_total_beyond_the_end_is_the_offset() -> None:
    async with mock() as client:
        await client.thread()
        beyond = await client.post("/threads/search", json={"offset": 10})

    assert (beyond.json(), beyond.headers["x-pagination-total"]) == ([], "10")


@pytest.mark.parametrize(
    ("metadata", "count"),
    [
        ({"n": {"a": 1}}, 1),
        ({"n": {}}, 1),
        ({"n": {"b": [1]}}, 0),
        ({"n": {"b": [1, 2]}}, 1),
        ({"n": {"a": 1, "c": 2}}, 0),
        ({"n": None}, 0),
    ],
)
async def test_metadata_is_found_by_what_it_contains(metadata: Json, count: int) -> None:
    async with mock() as client:
        await client.thread(metadata={"n": {"a": 1, "b": [1, 2]}})
        counted = await client.post("/threads/count", json={"metadata": metadata})

    assert counted.json() == count


async def test_values_are_searched_although_some_threads_have_none() -> None:
    async with mock() as client:
        await client.thread()
        await client.read(f"{await client.run(await client.thread())}/join")
        whole = (await client.post("/threads/search", json={"select": ["values"]})).json()[0]["values"]
        searched: list[Json] = [{}, whole, {"messages": []}]
        counts = [
            (await client.post("/threads/count", json={"values": values})).json() for values in searched
        ]

    assert counts == [2, 1, 0]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("values.messages[0].content", SF),
        ("values.messages[-4].content", SF),
        ("values.messages[-1].tool_calls", []),
        ("values.messages[99]", None),
        ("values.messages[*].content", None),
        ("values.messages.content", None),
        ("values..messages", None),
        ("metadata.n.b[1]", 2),
        ("metadata[n]", None),
        ("config.configurable", {}),
        ("interrupts", {}),
    ],
)
async def test_extract_follows_a_path(path: str, found: Any) -> None:
    async with mock() as client:
        thread = await client.thread(metadata={"n": {"b": [1, 2]}})
        await client.read(f"{await client.run(thread)}/join")
        searched = await client.post("/threads/search", json={"extract": {"it": path}, "select": ["status"]})

    assert searched.json() == [{"status": "idle", "extracted": {"it": found}}]


@pytest.mark.parametrize(
    ("extract", "detail"),
    [
        (
            {"a": "status"},
            "Extract path 'status' must start with one of: config, interrupts, metadata, values",
        ),
        ({"a": "["}, "Extract path '[' must start with one of: config, interrupts, metadata, values"),
        ({"a": ""}, "Extract path for 'a' must be a non-empty string"),
        ({"a-b": "values"}, "Extract key 'a-b' must be a valid identifier (letters, digits, underscores)"),
        ({"a": 5}, '5 is not of type "string"'),
        ({f"a{n}": "values" for n in range(11)}, '{"a0":"values"'),
    ],
)
async def test_extract_refuses_what_leads_nowhere(extract: Json, detail: str) -> None:
    async with mock() as client:
        refused = await client.post("/threads/search", json={"extract": extract})

    assert (refused.status_code, refused.json()["detail"][: len(detail)]) == (422, detail)


async def test_ids_that_are_none_are_refused() -> None:
    async with mock() as client:
        refused = await client.post("/threads/search", json={"ids": ["nope"]})

    assert (refused.status_code, refused.json()) == (400, {"detail": "Invalid thread ID nope"})

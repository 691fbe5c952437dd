"""Streams of runs and of threads, over HTTP in this process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.mock import BUSY, NYC, SF, UNKNOWN, Client, ask, mock

pytestmark = pytest.mark.anyio

Events = list[tuple[str, Any, str | None]]


def parsed(body: str) -> Events:
    """Return name, data and id of each event; fails if a line is not as on the wire."""
    events: Events = []
    for block in body.split("\r\n\r\n")[:-1]:
        lines = block.split("\r\n")
        assert [line.partition(": ")[0] for line in lines] in (["event", "data"], ["event", "data", "id"])
        event, data, *ids = [line.partition(": ")[2] for line in lines]
        events.append((event, json.loads(data), ids[0] if ids else None))
    return events


def names(events: Events) -> list[str]:
    return [name for name, _, _ in events]


async def stream(client: Client, thread: str, **options: Any) -> Events:
    answer = await client.post(f"{thread}/runs/stream", json=ask(SF, **options))
    assert answer.status_code == 200, answer.text
    return parsed(answer.text)


async def test_a_run_is_streamed_with_the_headers_of_the_real_server() -> None:
    async with mock() as client:
        thread = await client.thread()
        answer = await client.post(f"{thread}/runs/stream", json=ask(SF))
        run = answer.headers["content-location"]
        shown = await client.read(run)

    assert dict(answer.headers) == {
        "cache-control": "no-store",
        "connection": "keep-alive",
        "content-location": f"{thread}/runs/{shown['run_id']}",
        "content-type": "text/event-stream; charset=utf-8",
        "location": f"{run}/stream",
        "vary": "Origin",
        "x-accel-buffering": "no",
    }
    events = parsed(answer.text)
    assert events[0] == ("metadata", {"run_id": shown["run_id"], "attempt": 1}, None)
    assert names(events) == ["metadata", "values", "values", "values", "values"]
    assert [len(data["messages"]) for _, data, _ in events[1:]] == [1, 2, 3, 4]
    assert shown["status"] == "success"


async def test_a_refused_stream_is_plain_json() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.run(thread)
        answer = await client.post(f"{thread}/runs/stream", json=ask(NYC, multitask_strategy="reject"))

    assert (answer.status_code, answer.json()) == (409, {"detail": BUSY})
    assert answer.headers["content-type"] == "application/json"


async def test_a_run_that_fails_ends_its_stream_with_an_error() -> None:
    async with mock() as client:
        thread = await client.thread()
        body = {"assistant_id": "agent", "input": "hello"}
        events = parsed((await client.post(f"{thread}/runs/stream", json=body)).text)

    assert names(events) == ["metadata", "error"]
    assert events[1][1]["error"] == "InvalidUpdateError"


async def test_a_resumable_stream_has_ids_and_can_be_read_again() -> None:
    async with mock() as client:
        thread = await client.thread()
        whole = await stream(client, thread, stream_mode=["values", "updates"], stream_resumable=True)
        run = (await client.read(f"{thread}/runs"))[0]["run_id"]
        path = f"{thread}/runs/{run}/stream"
        again = [
            parsed((await client.get(path, headers={"last-event-id": last})).text)
            for last in ("-1", str(whole[2][2]), str(whole[-1][2]), "junk")
        ]
        plain = await client.get(path)
        updates = parsed(
            (await client.get(f"{path}?stream_mode=updates", headers={"last-event-id": "-1"})).text
        )

    assert names(whole) == [
        "metadata", "values", "updates", "values", "updates", "values", "updates", "values",
    ]  # fmt: skip
    assert len({event[2] for event in whole}) == 8
    assert again == [whole, whole[3:], [], []]
    assert plain.text == ""
    assert names(updates) == ["updates"] * 3


async def test_a_stream_that_is_joined_shows_what_comes_from_now_on() -> None:
    async with mock(think_s=60) as client:
        thread = await client.thread()
        run = await client.run(thread, stream_mode=["updates"])
        joining = asyncio.create_task(client.get(f"{run}/stream", headers={"last-event-id": "-1"}))
        await client.answered(f"{run}/stream")
        await client.get(f"{run}/join")
        joined = await joining
        late = await client.get(f"{run}/stream")

    assert names(parsed(joined.text)) == ["updates"]
    assert (joined.headers["location"], joined.headers["content-location"]) == (f"{run}/stream", run)
    assert late.text == ""


@pytest.mark.parametrize("path", [f"{{thread}}/runs/{UNKNOWN}", f"/threads/{UNKNOWN}/runs/{UNKNOWN}"])
async def test_a_stream_of_no_run_is_one_error_event(path: str) -> None:
    async with mock() as client:
        path = path.format(thread=await client.thread())
        answer = await client.get(f"{path}/stream")

    assert answer.status_code == 200
    assert answer.headers["location"] == f"{path}/stream"
    assert answer.text == (
        'event: error\r\ndata: {"error":"HTTPException","message":"404: Run not found"}\r\n\r\n'
    )


@pytest.mark.parametrize("way", ["interrupt", "rollback", "cancel"])
async def test_a_stream_whose_run_is_ended_early_ends_without_a_word(way: str) -> None:
    async with mock(think_s=60) as client:
        thread = await client.thread()
        streaming = asyncio.create_task(client.post(f"{thread}/runs/stream", json=ask(SF)))
        await client.answered(f"{thread}/runs/stream")
        first = (await client.read(f"{thread}/runs"))[0]["run_id"]
        if way == "cancel":
            await client.post(f"{thread}/runs/{first}/cancel?wait=1")
        else:
            await client.run(thread, NYC, multitask_strategy=way)

        assert names(parsed((await streaming).text)) == ["metadata", "values", "values", "values"]


async def test_the_stream_of_a_thread_shows_its_runs_one_after_the_other() -> None:
    async with mock(think_s=60) as client:
        thread = await client.thread()
        streaming = asyncio.create_task(client.get(f"{thread}/stream"))
        await client.answered(f"{thread}/stream")
        runs = [await client.run(thread, question, stream_mode="updates") for question in (SF, NYC)]
        await client.get(f"{runs[1]}/join")
        await client.delete(thread)
        answer = await streaming
        events = parsed(answer.text)

    ids = [run.rpartition("/")[2] for run in runs]
    assert "location" not in answer.headers
    assert all(id for _, _, id in events)
    assert [data for name, data, _ in events if name == "metadata" and "status" in data] == [
        {"status": "run_done", "run_id": run_id} for run_id in ids
    ]
    assert names(events).count("updates") == 6


async def test_the_stream_of_a_thread_refuses_what_it_cannot_show() -> None:
    async with mock() as client:
        answer = await client.get(f"{await client.thread()}/stream?stream_modes=bogus")

    assert (answer.status_code, answer.json()) == (422, {"detail": "Invalid stream mode: bogus"})

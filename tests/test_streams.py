"""Logs of events and their readers, then streams over HTTP in this process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from mockserver import streams
from mockserver.streams import EventLog, KeptLogs
from tests.mock import BUSY, NYC, SF, UNKNOWN, Client, ask, mock

pytestmark = pytest.mark.anyio

START_MS = 1767225600000


async def frames(log: EventLog, after: str | None = None) -> list[bytes]:
    log.close()
    return [frame async for frame in log.reader(after).frames(with_ids=True)]


def kept_log(*data: bytes) -> EventLog:
    log = EventLog(START_MS, keep=True)
    for each in data:
        log.add("values", each)
    return log


async def test_an_event_is_written_as_the_real_server_writes_it() -> None:
    log = kept_log(b'{"a":1}')

    assert await frames(log, "-1") == [b'event: values\r\ndata: {"a":1}\r\nid: 1767225600000-0\r\n\r\n']


@pytest.mark.parametrize(
    ("after", "rest"),
    [
        (None, []),
        ("-1", [b"0", b"1", b"2"]),
        (f"{START_MS}-0", [b"1", b"2"]),
        (f"{START_MS + 2}-0", []),
        ("9" * 20 + "-0", []),
        ("0-0", [b"0", b"1", b"2"]),
        ("junk", []),
    ],
)
async def test_a_kept_log_is_read_from_after_an_id(after: str | None, rest: list[bytes]) -> None:
    log = kept_log(b"0", b"1", b"2")

    assert [frame.split(b"\r\n")[1].removeprefix(b"data: ") for frame in await frames(log, after)] == rest


async def test_a_log_that_is_not_kept_holds_only_what_is_unread() -> None:
    log = EventLog(START_MS)
    log.add("values", b"nobody reads this")
    unread = log.size
    reader = log.reader("-1")
    log.add("values", b"12345")
    waiting = log.size
    reading = reader.frames(with_ids=False)
    first = await anext(reading)

    assert (unread, waiting, log.size) == (0, 5, 0)
    assert first == b"event: values\r\ndata: 12345\r\n\r\n"
    await reading.aclose()
    assert not log.wanted


async def test_a_reader_that_is_gone_holds_nothing() -> None:
    log = EventLog(START_MS)
    reader = log.reader()
    del reader
    log.add("values", b"12345")

    assert (log.wanted, log.size) == (False, 0)


async def test_a_reader_that_is_too_slow_is_told_so_and_the_log_stays_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "MAX_LOG_BYTES", 10)
    log = EventLog(START_MS)
    slow = log.reader().frames(with_ids=False)
    quick = log.reader()
    for _ in range(100):
        log.add("values", b"123456")

    assert log.size == 6
    assert (await anext(slow)).startswith(b'event: error\r\ndata: {"error":"StreamTooSlow"')
    assert [frame async for frame in slow] == []
    quick.position = 100
    log.add("values", b"12345678901")
    assert await anext(quick.frames(with_ids=False)) == b"event: values\r\ndata: 12345678901\r\n\r\n"


async def test_silence_is_broken_by_a_heartbeat_and_not_by_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0)
    log = EventLog(START_MS)
    reading = log.reader().frames(with_ids=False)

    assert await anext(reading) == b": heartbeat\r\n\r\n"
    assert await anext(reading) == b": heartbeat\r\n\r\n"
    log.add("values", b"1")
    assert await anext(reading) == b"event: values\r\ndata: 1\r\n\r\n"


async def test_a_reader_hears_at_once_of_an_event_and_of_the_end() -> None:
    log = EventLog(START_MS)
    reading = log.reader().frames(with_ids=False)
    waiting = asyncio.ensure_future(anext(reading))
    await checkpoint()
    log.add("values", b"1")

    assert await asyncio.wait_for(waiting, 1) == b"event: values\r\ndata: 1\r\n\r\n"
    ending = asyncio.ensure_future(anext(reading, None))
    await checkpoint()
    log.close()
    assert await asyncio.wait_for(ending, 1) is None


async def test_the_oldest_kept_logs_are_emptied_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_KEPT_BYTES", 10)
    kept = KeptLogs()
    logs = [kept_log(b"1234"), kept_log(b"1234"), kept_log(b"1234")]
    for log in logs:
        kept.add(log)

    assert [log.size for log in logs] == [0, 4, 4]
    assert (await frames(logs[0], "-1"))[0].startswith(b"event: error\r\n")


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

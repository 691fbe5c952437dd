"""Logs of events and their readers."""

from __future__ import annotations

import asyncio

import pytest
from anyio.lowlevel import checkpoint

from mockserver import streams
from mockserver.streams import EventLog, KeptLogs

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

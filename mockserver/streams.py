"""What runs stream: bounded logs of events, their readers, and how events read on the wire; knows no graph.

sse-starlette frames events too, but writes `id` before `event`, sends its pings by the clock rather than after
silence, changes uvicorn's Server for the whole process and polls for its end. Framing is a few lines, so
these bytes are made here and sent by Starlette's own StreamingResponse.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from weakref import WeakSet

import orjson

HEARTBEAT_S = 5.0
"""Seconds of silence after which a reader gets a comment. Source: observed on langgraph-api 0.16.7."""

HEARTBEAT = b": heartbeat\r\n\r\n"

MAX_LOG_BYTES = 8 * 1024 * 1024
"""Most that one run's log holds; an event longer than that is still held alone."""

MAX_KEPT_BYTES = 64 * 1024 * 1024
"""Most that the logs of ended resumable runs hold together."""

HEADERS = {"cache-control": "no-store", "connection": "keep-alive", "x-accel-buffering": "no"}

MEDIA_TYPE = "text/event-stream"


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    number: int
    """Its place in its log, from 0."""

    id: str
    name: str
    data: bytes
    """Compact JSON."""

    def to_bytes(self, *, with_id: bool) -> bytes:
        """Return the event as sent. Source: observed on langgraph-api 0.16.7: CRLF, event, data, id."""
        sent = b"event: %b\r\ndata: %b\r\n" % (self.name.encode(), self.data)
        return sent + (b"id: %b\r\n\r\n" % self.id.encode() if with_id else b"\r\n")


class EventLog:
    """The events of one run, or of all runs of one thread.

    A log that is not kept only holds what its readers have not read yet, and nothing without readers. At
    MAX_LOG_BYTES the oldest events fall out, whoever still needs them: the run goes on, and a reader who is
    too slow gets an `error` event that says so and the end of its stream.

    Args:
        start_ms: milliseconds since 1970, where the ids of events start.
        keep: whether events stay for readers to come (`stream_resumable`).
    """

    def __init__(self, start_ms: int, *, keep: bool = False) -> None:
        self.keep = keep
        self.closed = False
        self.size = 0
        self._start_ms = start_ms
        self._next = 0
        self._events: deque[Event] = deque()
        self._readers: WeakSet[Reader] = WeakSet()
        self._grew = asyncio.Event()

    @property
    def wanted(self) -> bool:
        """Whether anybody will read the next event."""
        return self.keep or bool(self._readers)

    def add(self, name: str, data: bytes) -> None:
        """Append an event; its id is `<milliseconds>-0`, later than the one before."""
        self._events.append(Event(self._next, f"{self._start_ms + self._next}-0", name, data))
        self._next += 1
        self.size += len(data)
        while self.size > MAX_LOG_BYTES and len(self._events) > 1:
            self._drop()
        self.trim()
        self._wake()

    def close(self) -> None:
        """Say that nothing more will come."""
        self.closed = True
        self.trim()
        self._wake()

    def trim(self) -> None:
        """Forget what no reader will ask for any more."""
        needed = 0 if self.keep else min((reader.position for reader in self._readers), default=self._next)
        while self._events and self._events[0].number < needed:
            self._drop()

    def clear(self) -> None:
        """Forget all events."""
        while self._events:
            self._drop()

    def leave(self, reader: Reader) -> None:
        """Take note that somebody has stopped reading."""
        self._readers.discard(reader)
        self.trim()

    def reader(self, after: str | None = None) -> Reader:
        """Return a reader of what comes from now on.

        Args:
            after: in a kept log, the id of the last event already read: those after it come first. `-1`
                stands for all events. What is no id is no event's.
        """
        reader = Reader(self, self._next)
        if self.keep and after == "-1":
            reader.position = 0
        elif self.keep and (found := re.fullmatch(r"(\d{1,20})-\d+", after or "")):
            reader.position = min(max(int(found[1]) - self._start_ms + 1, 0), self._next)
        self._readers.add(reader)
        return reader

    async def at(self, number: int) -> Event | None:
        """Return an event, once it is there; None if the log is closed before.

        Raises:
            LookupError: it has fallen out.
        """
        while number >= self._next and not self.closed:
            await self._grew.wait()
        if number >= self._next:
            return None
        index = number - (self._next - len(self._events))
        if index < 0:
            raise LookupError(number)
        return self._events[index]

    def _drop(self) -> None:
        self.size -= len(self._events.popleft().data)

    def _wake(self) -> None:
        grew, self._grew = self._grew, asyncio.Event()
        grew.set()


class Reader:
    """Somebody who reads a log at their own pace. One that is gone is forgotten with its connection."""

    def __init__(self, log: EventLog, position: int) -> None:
        self._log = log
        self.position = position

    async def frames(self, *, with_ids: bool, modes: Collection[str] = ()) -> AsyncGenerator[bytes, None]:
        """Yield what is sent, event by event, and a heartbeat after silence.

        Args:
            with_ids: whether events carry their ids.
            modes: only events of these stream modes; none means all.
        """
        try:
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        event = await self._log.at(self.position)
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                except LookupError:
                    yield too_slow().to_bytes(with_id=False)
                    return
                if event is None:
                    return
                self.position += 1
                self._log.trim()
                if not modes or mode_of(event.name) in modes:
                    yield event.to_bytes(with_id=with_ids)
        finally:
            self._log.leave(self)


class KeptLogs:
    """The logs of ended resumable runs, newest last; the oldest are emptied when they hold too much."""

    def __init__(self) -> None:
        self._logs: deque[EventLog] = deque()
        self._size = 0

    def add(self, log: EventLog) -> None:
        """Keep a closed log within MAX_KEPT_BYTES."""
        self._logs.append(log)
        self._size += log.size
        while self._size > MAX_KEPT_BYTES:
            oldest = self._logs.popleft()
            self._size -= oldest.size
            oldest.clear()


def mode_of(name: str) -> str:
    """Return the stream mode of an event's name: `values|child:1` is of `values`."""
    return re.split(r"[|/]", name, maxsplit=1)[0]


def error_event(kind: str, message: str) -> Event:
    """Return the event that tells of an error."""
    return Event(0, "", "error", orjson.dumps({"error": kind, "message": message}))


def too_slow() -> Event:
    """Return what a reader gets that came too late for the next event."""
    return error_event(
        "StreamTooSlow", f"Events were lost: more than {MAX_LOG_BYTES} bytes were not read in time"
    )

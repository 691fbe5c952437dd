"""The only source of ids and time: seeded, so the same requests in the same order give the same bodies."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

SYSTEM_ASSISTANTS = UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")
"""Namespace of system assistants' ids. Source: observed on langgraph-api 0.16.7; not the standard URL one."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Where the mock's time starts. It advances by one tick per reading, never by itself."""

TICK = timedelta(milliseconds=1)

GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
"""Where the time inside a version 6 UUID starts. Source: RFC 9562, section 5.6."""


class Ids:
    """Ids and times of one deployment.

    Args:
        seed: any integer; the same seed gives the same ids and times.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._random = random.Random(seed)
        self._now = EPOCH

    def now(self) -> datetime:
        """Return the mock's time, a tick later than at the last reading."""
        self._now += TICK
        return self._now

    def uuid7(self) -> str:
        """Return an id shaped like the real server's thread and run ids; later ids sort later.

        Source: observed on langgraph-api 0.16.7; layout of RFC 9562, section 5.7.
        """
        return str(UUID(int=_versioned(unix_ms(self.now()) << 80 | self._random.getrandbits(80), 7)))

    def uuid4(self) -> str:
        """Return an id shaped like a random one: request ids, copies of threads."""
        return str(UUID(int=_versioned(self._random.getrandbits(128), 4)))

    def for_thread(self, thread_id: str, after: ThreadIds | None = None) -> ThreadIds:
        """Return the ids drawn while a graph works on this thread.

        Args:
            thread_id: of the thread.
            after: whose ids shall sort before these, because the thread begins as a copy.
        """
        start = self.now()
        if after is not None:
            start = max(start, after.newest)
        return ThreadIds(f"{self.seed}:{thread_id}", start)


class ThreadIds:
    """Ids and times of one thread's messages and checkpoints.

    Each thread draws from its own source: graphs work in the background, and which of two threads
    comes first must not decide what either is called.
    """

    def __init__(self, seed: str, start: datetime) -> None:
        digest = sha256(seed.encode()).digest()
        self._random = random.Random(digest)
        self._node = int.from_bytes(digest[:6], "big")
        self._now = start

    @property
    def newest(self) -> datetime:
        """The time of the last reading."""
        return self._now

    def now(self) -> datetime:
        """Return the thread's time, a tick later than at the last reading."""
        self._now += TICK
        return self._now

    def uuid4(self) -> UUID:
        """Return the id of a message that came without one."""
        return UUID(int=_versioned(self._random.getrandbits(128), 4))

    def uuid7(self) -> UUID:
        """Return the id of one call of a graph, a node or a model, as events name it; no time passes."""
        return UUID(int=_versioned(unix_ms(self._now) << 80 | self._random.getrandbits(80), 7))

    def checkpoint_id(self, step: int) -> UUID:
        """Return a checkpoint id; it carries the step and sorts by time.

        Args:
            step: the graph's step counter, >= -2.
        Source: LangGraph's own ids (version 6, RFC 9562), the step in the fourth group.
        """
        ticks = int((self.now() - GREGORIAN) / timedelta(microseconds=1)) * 10
        high, low = ticks >> 12, ticks & 0xFFF
        return UUID(int=_versioned(high << 80 | low << 64 | (step & 0x3FFF) << 48 | self._node, 6))


def stopwatch() -> Callable[[], float]:
    """Return what tells the real seconds since this call, by a clock that never goes back."""
    start = time.monotonic()
    return lambda: time.monotonic() - start


def system_assistant_id(graph_id: str) -> str:
    """Return the id of the assistant that every graph has from the start."""
    return str(uuid5(SYSTEM_ASSISTANTS, graph_id))


def canonical_uuid(text: str) -> str | None:
    """Return a UUID in lower case with dashes, or None if the text is none.

    Source: observed on langgraph-api 0.16.7, which takes upper case and no dashes too.
    """
    try:
        return str(UUID(text))
    except ValueError:
        return None


def iso(moment: datetime) -> str:
    """Return a time as the API writes it: microseconds and `+00:00`, never `Z`."""
    return moment.isoformat(timespec="microseconds")


def unix_ms(moment: datetime) -> int:
    """Return a time in whole milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def _versioned(value: int, version: int) -> int:
    """Return the 128 bits with a UUID's version and variant put in."""
    value &= ~(0xF << 76 | 0x3 << 62)
    return value | version << 76 | 0x2 << 62

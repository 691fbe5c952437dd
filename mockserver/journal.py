"""What happened to runs, in order, for pictures and tests; bounded; knows no HTTP."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MAX_ENTRIES = 10_000


class Kind(StrEnum):
    """What an entry tells of."""

    REQUEST = "request"
    RUN = "run"
    THREAD = "thread"
    CHECKPOINT = "checkpoint"


class Decision(StrEnum):
    """What became of a request to start a run."""

    ACCEPTED = "accepted"
    """It may start at once; if it interrupts or rolls back a run at work, once that run's work is over."""

    QUEUED = "queued"
    """It waits until the runs before it are done, or for the delay it asked for."""

    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry says; the kinds below say more."""

    number: int
    """Counts all entries from 1; orders them where a clock could not. A gap is what fell out."""

    elapsed_s: float
    """Seconds since the journal began, by a clock that never goes back."""

    kind: Kind
    thread_id: str


@dataclass(frozen=True, kw_only=True)
class RequestEntry(Entry):
    """Somebody asked to start a run, and this was decided."""

    run_id: str | None
    """None if it was rejected: then there is no run."""

    strategy: str
    waited_for: bool
    """Whether the client that asked waits for the end of the run, by `/runs/wait` or `/runs/stream`."""

    delay_s: float
    """The `after_seconds` that was asked for."""

    decision: Decision
    in_flight: list[str]
    """Ids of the runs that were pending or running, oldest first."""

    superseded: list[str]
    """Ids of those that this run interrupts or rolls back."""


@dataclass(frozen=True, kw_only=True)
class RunEntry(Entry):
    """A run has a new status, or is no more."""

    run_id: str
    status: str
    """pending, running, success, error or interrupted; "rolled back" or "deleted" if the run is no more."""

    reason: str | None
    """Why it was ended before its time, as the thread's `error` says it."""


@dataclass(frozen=True, kw_only=True)
class ThreadEntry(Entry):
    """A thread has a new status, or is no more."""

    status: str
    """idle, busy, interrupted or error; "deleted" if the thread is no more."""


@dataclass(frozen=True, kw_only=True)
class CheckpointEntry(Entry):
    """A checkpoint was written."""

    run_id: str | None
    """Who wrote it; None if the state was changed by hand."""

    checkpoint_id: str
    checkpoint_ns: str
    """Empty for the thread's own graph, else the subgraph's namespace."""

    step: int
    """The graph's step counter; a thread's first checkpoint has -1."""

    source: str
    """input, loop, update or fork."""


class Journal:
    """The newest entries; older ones fall out, whoever still wanted to read them.

    Args:
        elapsed_s: tells the seconds that have passed since it began.
        note: is told of decisions and of statuses of runs, in words.
    """

    def __init__(
        self, elapsed_s: Callable[[], float], note: Callable[[str], None] = lambda line: None
    ) -> None:
        self._elapsed_s = elapsed_s
        self._note = note
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._grown = asyncio.Event()
        self.newest = 0
        """Number of the newest entry."""

        self.closed = False

    def request(self, thread_id: str, run_id: str | None, **said: Any) -> None:
        """Note a request to start a run; `said` are the further fields of a RequestEntry."""
        entry = RequestEntry(**self._next(Kind.REQUEST, thread_id), run_id=run_id, **said)
        self._add(entry)
        self._note(f"run {run_id or 'request'} {entry.decision} ({entry.strategy}, thread {thread_id})")

    def run(self, thread_id: str, run_id: str, status: str, reason: str | None = None) -> None:
        """Note a run's new status."""
        entry = RunEntry(**self._next(Kind.RUN, thread_id), run_id=run_id, status=str(status), reason=reason)
        self._add(entry)
        self._note(f"run {run_id} {status}")

    def thread(self, thread_id: str, status: str) -> None:
        """Note a thread's new status."""
        self._add(ThreadEntry(**self._next(Kind.THREAD, thread_id), status=str(status)))

    def checkpoint(self, thread_id: str, **said: Any) -> None:
        """Note a checkpoint; `said` are the further fields of a CheckpointEntry."""
        self._add(CheckpointEntry(**self._next(Kind.CHECKPOINT, thread_id), **said))

    def entries(self, thread_id: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return what is kept as JSON, oldest first.

        Args:
            thread_id: only this thread's; None is all.
            after: only entries with greater numbers.
        """
        return [asdict(entry) for entry in self._newer(after) if thread_id in (None, entry.thread_id)]

    async def newer(self, after: int) -> None:
        """Wait until there is an entry with a greater number, or will never be one."""
        while self.newest <= after and not self.closed:
            self._grown.clear()
            await self._grown.wait()

    def forget(self, thread_id: str) -> None:
        """Drop the entries of one thread; the others keep their numbers."""
        kept = [entry for entry in self._entries if entry.thread_id != thread_id]
        self._entries = deque(kept, maxlen=MAX_ENTRIES)

    def close(self) -> None:
        """End the journal: whoever follows it gets no more."""
        self.closed = True
        self._grown.set()

    def _newer(self, after: int) -> Iterable[Entry]:
        """Return the kept entries with greater numbers, at the cost of their count."""
        newer: deque[Entry] = deque()
        for entry in reversed(self._entries):
            if entry.number <= after:
                break
            newer.appendleft(entry)
        return newer

    def _next(self, kind: Kind, thread_id: str) -> dict[str, Any]:
        self.newest += 1
        return {
            "number": self.newest,
            "elapsed_s": round(self._elapsed_s(), 6),
            "kind": kind,
            "thread_id": thread_id,
        }

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._grown.set()

"""Threads, runs and assistants, and how each reads as JSON; no rules and no HTTP.

Every lookup is a dict's: its cost does not grow with the number of threads or runs.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from mockserver.hold import Hold
from mockserver.ids import ThreadIds, iso, unix_ms
from mockserver.statuses import Fate, RunStatus, Strategy, ThreadStatus
from mockserver.streams import EventLog

Json = dict[str, Any]

NO_SUCH_RUN = {"error": "HTTPException", "message": "404: Run not found"}
"""What a join of no run is told, with status 200. Source: observed on langgraph-api 0.16.7."""


@dataclass(frozen=True)
class Stop:
    """An order to end a run before its time."""

    action: Strategy
    """INTERRUPT keeps what the run has done so far, ROLLBACK leaves no trace of it."""

    reason: str
    """Becomes the message of the thread's `error`."""

    silent: bool = False
    """Whether the thread hears nothing of it, as when runs are cancelled by their status."""

    def to_error(self) -> Json:
        """Return the `error` a thread shows after this stop."""
        name = "UserInterrupt" if self.action is Strategy.INTERRUPT else "UserRollback"
        return {"error": name, "message": self.reason}


@dataclass(frozen=True)
class Outcome:
    """How the work on a run ended, in JSON that can be sent as it stands."""

    values: Json | None = None
    """The thread's state at the end; the values it had before if there is none."""

    unfinished: bool = False
    """Whether the graph still has nodes to run (`next` is not empty)."""

    interrupts: Json = field(default_factory=dict)
    """Task id to interrupts, for a graph that asks a human."""

    error: Json | None = None
    """`{"error": class, "message": text}` of a run that failed."""

    has_state: bool = True
    """Whether the thread has a checkpoint."""


@dataclass
class Run:
    """One run of a graph on a thread."""

    run_id: str
    thread_id: str
    assistant_id: str
    graph_id: str
    metadata: Json
    kwargs: Json
    strategy: Strategy
    created_at: datetime
    updated_at: datetime
    hold: Hold
    served_by: Json
    """What the server adds to the run's metadata when its work begins."""

    asked_strategy: str | None = None
    """The strategy as it was asked for; a stateless run may ask for nonsense, and shows it."""

    waited_for: bool = False
    """Whether the client that started the run waits for its end."""

    delay_s: float = 0.0
    """Seconds until the run may start; 0 once it may."""

    status: RunStatus = RunStatus.PENDING
    stop: Stop | None = None
    fate: Fate = Fate.KEPT
    outcome: Outcome | None = None
    last_values: Json = field(default_factory=dict)
    """The newest state the run itself has seen; what `/runs/wait` answers."""

    watchers: int = 0
    """How many answers wait for the run's end or its events; some rules of the real server depend on it."""

    started_at: datetime | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    events: EventLog = field(init=False)

    def __post_init__(self) -> None:
        self.events = EventLog(unix_ms(self.created_at), keep=self.kwargs.get("resumable", False))

    def lose(self) -> None:
        """Tell those who read the run's stream that it was deleted."""
        if self.events.wanted and not self.ended.is_set():
            self.events.add("error", orjson.dumps(NO_SUCH_RUN))

    def end(self) -> None:
        """Tell all who wait for the run, or read its stream, that there is no more."""
        self.ended.set()
        self.events.close()

    @property
    def temporary(self) -> bool:
        """Whether the run and its thread go when it has ended."""
        return bool(self.kwargs.get("temporary"))

    @property
    def path(self) -> str:
        """The run's path on the API."""
        return f"/threads/{self.thread_id}/runs/{self.run_id}"

    def to_json(self) -> Json:
        """Return the run as the API shows it."""
        return {
            "run_id": self.run_id,
            "thread_id": self.thread_id,
            "assistant_id": self.assistant_id,
            "metadata": self.metadata,
            "status": self.status,
            "kwargs": self.kwargs,
            "multitask_strategy": self.asked_strategy or self.strategy,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "langsmith_session_name": None,
        }


@dataclass
class Thread:
    """One conversation, and the runs on it."""

    thread_id: str
    created_at: datetime
    updated_at: datetime
    state_updated_at: datetime
    metadata: Json
    ids: ThreadIds
    status: ThreadStatus = ThreadStatus.IDLE
    config: Json = field(default_factory=dict)
    values: Json | None = None
    has_run: bool = False
    """Whether a run has ended here; `error` is shown from then on."""

    error: Json | None = None
    interrupts: Json | None = None
    """None until a run has left a state here."""

    runs: dict[str, Run] = field(default_factory=dict)
    in_flight: dict[str, Run] = field(default_factory=dict)
    """Pending and running runs, oldest first."""

    working: Run | None = None
    """The run whose graph is at work, which may lag a moment behind its status."""

    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the thread's state is changed by hand; no run starts meanwhile."""

    deleted: bool = False
    copied: bool = False
    """Whether the thread began as a copy of another, which shows no `values` until it has some of its own."""
    events: EventLog = field(init=False)
    """What all runs of the thread stream."""

    def __post_init__(self) -> None:
        self.events = EventLog(unix_ms(self.created_at))

    def ahead_of(self, run: Run) -> list[Run]:
        """Return the runs that will be done before this one, a deleted one still at work included."""
        if run.ended.is_set():
            return []
        ahead = [other for other in self.in_flight.values() if other.created_at < run.created_at]
        if self.working is not None and self.working is not run and self.working not in ahead:
            ahead.insert(0, self.working)
        return ahead

    def to_json(self) -> Json:
        """Return the thread as the API shows it."""
        shown: Json = {
            "thread_id": self.thread_id,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "state_updated_at": iso(self.state_updated_at),
            "metadata": self.metadata,
            "status": self.status,
            "config": self.config,
            "values": self.values,
        }
        if self.copied and self.values is None:
            del shown["values"]
        if self.has_run:
            shown["error"] = self.error
        if self.interrupts is not None:
            shown["interrupts"] = self.interrupts
        return shown


@dataclass
class Assistant:
    """A graph with a configuration."""

    assistant_id: str
    graph_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    metadata: Json
    config: Json = field(default_factory=dict)
    context: Json = field(default_factory=dict)
    version: int = 1
    description: str | None = None

    def to_json(self) -> Json:
        """Return the assistant as the API shows it."""
        return {
            "assistant_id": self.assistant_id,
            "graph_id": self.graph_id,
            "config": self.config,
            "context": self.context,
            "metadata": self.metadata,
            "name": self.name,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "version": self.version,
            "description": self.description,
        }


@dataclass
class Records:
    """Everything one deployment remembers, oldest first."""

    threads: dict[str, Thread] = field(default_factory=dict)
    assistants: dict[str, Assistant] = field(default_factory=dict)
    leaving: dict[str, Thread] = field(default_factory=dict)
    """Deleted threads on which a run is still at work."""

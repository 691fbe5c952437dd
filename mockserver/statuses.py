"""The words for what a new run does to others, and for where runs and threads stand."""

from __future__ import annotations

from enum import StrEnum


class Strategy(StrEnum):
    """What a new run does about runs in flight on its thread.

    Source: API reference, `multitask_strategy`; order as the real server's messages list it.
    """

    REJECT = "reject"
    ROLLBACK = "rollback"
    INTERRUPT = "interrupt"
    ENQUEUE = "enqueue"


SUPERSEDING = (Strategy.INTERRUPT, Strategy.ROLLBACK)
"""Those that end the runs in flight."""


class RunStatus(StrEnum):
    """Where a run stands. Source: observed on langgraph-api 0.16.7; `timeout` was never seen."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    ERROR = "error"
    INTERRUPTED = "interrupted"


FINAL = (RunStatus.SUCCESS, RunStatus.ERROR, RunStatus.INTERRUPTED)
"""A run that stands there stays there."""


class ThreadStatus(StrEnum):
    """Where a thread stands. Source: observed on langgraph-api 0.16.7."""

    IDLE = "idle"
    BUSY = "busy"
    INTERRUPTED = "interrupted"
    ERROR = "error"


class Fate(StrEnum):
    """What became of a run that no longer exists, as those who wait for it are told."""

    KEPT = "kept"
    ROLLED_BACK = "rolled back"
    DELETED = "deleted"

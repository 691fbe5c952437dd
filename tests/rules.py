"""The rules for concurrent runs on a test bench: one thread, and a worker that only remembers."""

from __future__ import annotations

from datetime import timedelta

from mockserver.hold import Hold
from mockserver.ids import EPOCH, Ids
from mockserver.journal import Journal
from mockserver.records import Outcome, Records, Run, Thread
from mockserver.scheduler import Scheduler
from mockserver.statuses import Strategy

FINISHED = Outcome(values={"messages": ["done"]})


class Notes:
    """A worker that does nothing but remember what it was told."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.delayed: list[str] = []
        self.forgotten: list[str] = []

    def start(self, thread: Thread, run: Run) -> None:
        self.started.append(run.run_id)

    def stop(self, run: Run) -> None:
        self.stopped.append(run.run_id)

    def delay(self, thread: Thread, run: Run) -> None:
        self.delayed.append(run.run_id)

    def forget(self, thread: Thread) -> None:
        self.forgotten.append(thread.thread_id)

    def forget_run(self, thread: Thread, run: Run) -> None:
        self.forgotten.append(run.run_id)


class Bench:
    """One thread under the rules."""

    def __init__(self) -> None:
        self.ids = Ids()
        self.worker = Notes()
        self.records = Records()
        self.thread = Thread("t", EPOCH, EPOCH, EPOCH, {}, self.ids.for_thread("t"))
        self.records.threads["t"] = self.thread
        self.journal = Journal(lambda: 0.0)
        self.rules = Scheduler(self.records, self.worker, self.ids.now, 1.0, self.journal)

    def submit(self, run_id: str, strategy: str = "enqueue", *, delay_s: float = 0.0) -> Run:
        now = self.ids.now()
        run = Run(
            run_id, "t", "a", "g", {}, {}, Strategy(strategy), now + timedelta(seconds=delay_s), now,
            hold=Hold(30), served_by={}, delay_s=delay_s,
        )  # fmt: skip
        self.rules.submit(self.thread, run)
        return run

    def finish(self, run: Run, outcome: Outcome = FINISHED) -> None:
        self.rules.done(self.thread, run, outcome)

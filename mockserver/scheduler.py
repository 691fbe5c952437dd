"""Rules for concurrent runs on one thread: reject, enqueue, interrupt, rollback; knows no HTTP and no clock.

At most one run of a thread is at work. Every call changes the records at once and to the end, without
awaiting anything, so two requests can never see a rule half applied.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from mockserver.errors import ThreadBusy
from mockserver.journal import Decision, Journal
from mockserver.records import Outcome, Records, Run, Stop, Thread
from mockserver.statuses import FINAL, SUPERSEDING, Fate, RunStatus, Strategy, ThreadStatus


class Worker(Protocol):
    """What carries the rules out: runs graphs, keeps checkpoints, waits."""

    def start(self, thread: Thread, run: Run) -> None:
        """Begin the work; call `Scheduler.done` when it is over, however it ends."""

    def stop(self, run: Run) -> None:
        """End the work soon."""

    def delay(self, thread: Thread, run: Run) -> None:
        """Call `Scheduler.due` after `run.delay_s`."""

    def forget(self, thread: Thread) -> None:
        """Delete everything a deleted thread's graphs have written."""

    def forget_run(self, thread: Thread, run: Run) -> None:
        """Delete everything a deleted run's graph has written so far."""


class Scheduler:
    """Decides which run of a thread works, and what a new run does to earlier ones.

    Args:
        records: what the rules read and change.
        worker: what they are carried out by.
        now: the deployment's time.
        think_s: seconds, >= 0; what a run still thinks once somebody waits behind it.
        journal: is told of every decision and status change.
    """

    def __init__(
        self,
        records: Records,
        worker: Worker,
        now: Callable[[], datetime],
        think_s: float,
        journal: Journal,
    ) -> None:
        self._records = records
        self._worker = worker
        self._now = now
        self.think_s = think_s
        self._journal = journal

    def submit(self, thread: Thread, run: Run) -> None:
        """Accept a run on a thread, as its strategy says.

        Raises:
            ThreadBusy: the strategy is `reject` and a run is pending or running (409).
        Source: observed on langgraph-api 0.16.7. Only runs in flight count, not the thread's status.
        """
        earlier = list(thread.in_flight.values())
        decision = _decide(thread, run)
        superseded = earlier if run.strategy in SUPERSEDING else []
        rejected = decision is Decision.REJECTED
        self._journal.request(
            thread.thread_id,
            None if rejected else run.run_id,
            strategy=str(run.strategy),
            waited_for=run.waited_for,
            delay_s=run.delay_s,
            decision=decision,
            in_flight=[other.run_id for other in earlier],
            superseded=[other.run_id for other in superseded],
        )
        if rejected:
            raise ThreadBusy
        self._set_thread_status(thread, ThreadStatus.BUSY)
        thread.updated_at = run.updated_at
        reason = f"superseded by run {run.run_id} (multitask_strategy={run.strategy})"
        for other in superseded:
            self.stop(thread, other, Stop(run.strategy, reason))
        thread.runs[run.run_id] = thread.in_flight[run.run_id] = run
        self._tell(run, run.status)
        if run.delay_s > 0:
            self._worker.delay(thread, run)
        if run.waited_for:
            for other in thread.ahead_of(run):
                other.hold.shorten(self.think_s)
        self._start_next(thread)

    def due(self, thread: Thread, run: Run) -> None:
        """Let a delayed run start from now on."""
        run.delay_s = 0.0
        self._start_next(thread)

    def join(self, thread: Thread, run: Run) -> None:
        """End the thinking of a run and of those ahead of it: its client has nothing more to send."""
        for other in [*thread.ahead_of(run), run]:
            other.hold.release()

    def stop(self, thread: Thread, run: Run, stop: Stop) -> None:
        """End a run in flight; the next one starts when its work is really over.

        Source: observed on langgraph-api 0.16.7. A pending run that is interrupted leaves the thread idle;
        one that is rolled back leaves its status alone, but is only interrupted if somebody waits for it.
        """
        was_working = thread.working is run
        if run.watchers and not was_working:
            stop = Stop(Strategy.INTERRUPT, stop.reason)
        thread.in_flight.pop(run.run_id, None)
        run.stop = stop
        if stop.action is Strategy.INTERRUPT:
            self._set_status(run, RunStatus.INTERRUPTED)
            run.updated_at = self._now()
        else:
            self._remove(thread, run, Fate.ROLLED_BACK)
        if was_working:
            self._worker.stop(run)
            return
        if stop.action is Strategy.INTERRUPT and thread.working is None and not thread.in_flight:
            self._set_thread_status(thread, ThreadStatus.IDLE)
        run.outcome = Outcome(values=thread.values)
        run.end()

    def cancel(self, thread: Thread, run: Run, stop: Stop) -> None:
        """End a run because somebody asked for it.

        Source: observed on langgraph-api 0.16.7. A pending run that is cancelled leaves the thread idle even
        while another run works.
        """
        was_working = thread.working is run
        self.stop(thread, run, stop)
        if not was_working and run.status is RunStatus.INTERRUPTED:
            self._set_thread_status(thread, ThreadStatus.IDLE)

    def delete_run(self, thread: Thread, run: Run) -> None:
        """Forget a run and its checkpoints. One at work goes on, and the thread's status and values stay.

        Source: observed on langgraph-api 0.16.7.
        """
        self._worker.forget_run(thread, run)
        self._lose(thread, run)

    def delete_thread(self, thread: Thread) -> None:
        """Forget a thread with its runs, and stop the one at work."""
        if thread.deleted:
            return
        del self._records.threads[thread.thread_id]
        thread.deleted = True
        thread.events.close()
        for run in list(thread.runs.values()):
            self._lose(thread, run)
        self._journal.thread(thread.thread_id, Fate.DELETED)
        if thread.working is not None:
            self._records.leaving[thread.thread_id] = thread
            self._worker.stop(thread.working)
        else:
            self._worker.forget(thread)

    def updated(self, thread: Thread, outcome: Outcome) -> None:
        """Take note that a thread's state was changed by hand, by whoever holds `thread.writing`."""
        thread.has_run = True
        thread.error, thread.values, thread.interrupts = None, outcome.values, outcome.interrupts
        thread.updated_at = thread.state_updated_at = self._now()
        self._set_thread_status(thread, _status_after(thread, outcome))

    def resume(self, thread: Thread) -> None:
        """Start what had to wait while a thread's state was changed by hand."""
        self._start_next(thread)

    def begun(self, run: Run) -> None:
        """Take note that a run's work has begun. Its `updated_at` does not move, as on the real server."""
        self._set_status(run, RunStatus.RUNNING)

    def done(self, thread: Thread, run: Run, outcome: Outcome) -> None:
        """Take note that a run's work is over, and start the next."""
        thread.working = None
        thread.in_flight.pop(run.run_id, None)
        run.outcome = outcome
        if run.fate is not Fate.DELETED:
            self._settle(thread, run, outcome)
        if run.temporary and not thread.deleted:
            thread.runs.pop(run.run_id, None)
            self.delete_thread(thread)
        run.end()
        run.hold.resting.set()
        if thread.deleted:
            self._records.leaving.pop(thread.thread_id, None)
            self._worker.forget(thread)
        self._start_next(thread)

    def _settle(self, thread: Thread, run: Run, outcome: Outcome) -> None:
        """Put what a run left behind on the run and its thread."""
        now = self._now()
        if run.stop is None:
            self._set_status(run, RunStatus.ERROR if outcome.error else RunStatus.SUCCESS)
            run.updated_at = now
        if run.stop and (run.stop.silent or (run.fate is Fate.ROLLED_BACK and not run.watchers)):
            return  # on the real server the thread then never hears of the end, and may stay busy
        thread.has_run = True
        thread.metadata = {**thread.metadata, "graph_id": run.graph_id}
        thread.error = run.stop.to_error() if run.stop else outcome.error
        thread.updated_at = thread.state_updated_at = now
        if run.fate is Fate.KEPT and outcome.has_state:
            thread.values, thread.interrupts = outcome.values, outcome.interrupts
        self._set_thread_status(thread, _status_after(thread, outcome))

    def _start_next(self, thread: Thread) -> None:
        if thread.working is not None or thread.writing.locked():
            return
        ready = (run for run in thread.in_flight.values() if run.delay_s == 0)
        if (run := min(ready, key=lambda run: run.created_at, default=None)) is not None:
            thread.working = run
            self._worker.start(thread, run)

    def _set_status(self, run: Run, status: RunStatus) -> None:
        if run.status not in FINAL and run.fate is Fate.KEPT:
            run.status = status
            self._tell(run, status)

    def _tell(self, run: Run, status: RunStatus | Fate) -> None:
        self._journal.run(run.thread_id, run.run_id, status, run.stop.reason if run.stop else None)

    def _set_thread_status(self, thread: Thread, status: ThreadStatus) -> None:
        if thread.status is not status:
            thread.status = status
            self._journal.thread(thread.thread_id, status)

    def _lose(self, thread: Thread, run: Run) -> None:
        self._remove(thread, run, Fate.DELETED)
        run.lose()
        if thread.working is not run:
            run.end()

    def _remove(self, thread: Thread, run: Run, fate: Fate) -> None:
        thread.in_flight.pop(run.run_id, None)
        thread.runs.pop(run.run_id, None)
        run.fate = fate
        self._tell(run, fate)


def _decide(thread: Thread, run: Run) -> Decision:
    """Return what becomes of a new run, which is not among those in flight yet."""
    if run.strategy is Strategy.REJECT and thread.in_flight:
        return Decision.REJECTED
    in_the_way = thread.in_flight or thread.working is not None
    if run.delay_s > 0 or (in_the_way and run.strategy not in SUPERSEDING):
        return Decision.QUEUED
    return Decision.ACCEPTED


def _status_after(thread: Thread, outcome: Outcome) -> ThreadStatus:
    if thread.in_flight:
        return ThreadStatus.BUSY
    if outcome.error:
        return ThreadStatus.ERROR
    return ThreadStatus.INTERRUPTED if outcome.unfinished else ThreadStatus.IDLE

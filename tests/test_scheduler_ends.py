"""How runs and threads end under the rules: cancelled, failed, deleted, temporary."""

from __future__ import annotations

import pytest

from mockserver.records import Outcome, Stop
from mockserver.statuses import Fate, RunStatus, Strategy, ThreadStatus
from tests.rules import Bench


def test_cancelling_a_queued_run_leaves_the_thread_idle_while_another_works() -> None:
    bench = Bench()
    first, second = bench.submit("1"), bench.submit("2")
    bench.rules.begun(first)

    bench.rules.cancel(bench.thread, second, Stop(Strategy.INTERRUPT, "because"))

    assert (bench.thread.status, first.status) == (ThreadStatus.IDLE, RunStatus.RUNNING)


def test_a_silent_stop_ends_the_run_and_the_thread_hears_nothing() -> None:
    bench = Bench()
    run = bench.submit("1")
    bench.rules.begun(run)

    bench.rules.cancel(bench.thread, run, Stop(Strategy.INTERRUPT, "because", silent=True))
    bench.finish(run)

    assert (run.status, bench.thread.status) == (RunStatus.INTERRUPTED, ThreadStatus.BUSY)
    assert bench.thread.error is None


def test_a_temporary_run_takes_its_thread_with_it() -> None:
    bench = Bench()
    run = bench.submit("1")
    run.kwargs["temporary"] = True

    bench.finish(run)

    assert bench.records.threads == {}
    assert (run.status, run.fate, run.ended.is_set()) == (RunStatus.SUCCESS, Fate.KEPT, True)


def test_a_failed_run_lets_the_queued_one_start() -> None:
    bench = Bench()
    first, second = bench.submit("1"), bench.submit("2")

    bench.finish(first, Outcome(error={"error": "ValueError", "message": "boom"}))

    assert first.status is RunStatus.ERROR
    assert bench.worker.started == ["1", "2"]
    assert bench.thread.status is ThreadStatus.BUSY
    assert second.status is RunStatus.PENDING


def test_cancelling_a_running_run_leaves_the_thread_interrupted() -> None:
    bench = Bench()
    run = bench.submit("1")

    bench.rules.stop(bench.thread, run, Stop(Strategy.INTERRUPT, "on request"))
    bench.finish(run, Outcome(values={}, unfinished=True))

    assert run.status is RunStatus.INTERRUPTED
    assert bench.thread.status is ThreadStatus.INTERRUPTED
    assert bench.thread.error == {"error": "UserInterrupt", "message": "on request"}


def test_deleting_a_running_run_never_lets_two_work_at_once() -> None:
    bench = Bench()
    first = bench.submit("1")

    bench.rules.delete_run(bench.thread, first)
    bench.submit("2", "reject")
    assert bench.worker.started == ["1"]

    bench.finish(first)
    assert bench.worker.started == ["1", "2"]


def test_deleting_a_thread_ends_all_its_runs_and_what_they_wrote() -> None:
    bench = Bench()
    first, second = bench.submit("1"), bench.submit("2")

    bench.rules.delete_thread(bench.thread)
    bench.finish(first)

    assert bench.records.threads == {}
    assert bench.worker.stopped == ["1"]
    assert bench.worker.started == ["1"]
    assert bench.worker.forgotten == ["t"]
    assert first.ended.is_set() and second.ended.is_set()


def test_joining_a_finished_run_leaves_the_one_at_work_thinking(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, released = Bench(), []
    first = bench.submit("1")
    bench.finish(first)
    second = bench.submit("2")
    monkeypatch.setattr(second.hold, "release", lambda: released.append("2"))

    bench.rules.join(bench.thread, first)
    assert released == []

    bench.rules.join(bench.thread, second)
    assert released == ["2"]

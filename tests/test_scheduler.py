"""What a new run does to earlier ones, without HTTP, graphs or a clock."""

from __future__ import annotations

import pytest

from mockserver.errors import ThreadBusy
from mockserver.records import Outcome, Stop
from mockserver.statuses import Fate, RunStatus, Strategy, ThreadStatus
from tests.rules import Bench


def test_reject_refuses_a_second_run_and_changes_nothing() -> None:
    bench = Bench()
    first = bench.submit("1")
    bench.rules.begun(first)

    with pytest.raises(ThreadBusy):
        bench.submit("2", "reject")

    assert list(bench.thread.runs) == ["1"]
    assert first.status is RunStatus.RUNNING
    assert bench.worker.stopped == []


def test_reject_refuses_while_the_first_run_is_only_pending() -> None:
    bench = Bench()
    bench.submit("1", delay_s=60)

    with pytest.raises(ThreadBusy):
        bench.submit("2", "reject")


def test_reject_accepts_a_run_once_the_thread_has_none_in_flight() -> None:
    bench = Bench()
    bench.finish(bench.submit("1"))

    bench.submit("2", "reject")

    assert bench.worker.started == ["1", "2"]


def test_reject_accepts_a_run_on_a_thread_whose_last_run_failed() -> None:
    bench = Bench()
    bench.finish(bench.submit("1"), Outcome(error={"error": "ValueError", "message": "boom"}))
    assert bench.thread.status is ThreadStatus.ERROR

    bench.submit("2", "reject")

    assert bench.worker.started == ["1", "2"]


def test_enqueue_starts_runs_one_after_the_other_in_order() -> None:
    bench = Bench()
    first, second, third = (bench.submit(name) for name in ("1", "2", "3"))
    assert bench.worker.started == ["1"]

    bench.finish(first)
    assert bench.worker.started == ["1", "2"]
    assert bench.thread.status == "busy"

    bench.finish(second)
    bench.finish(third)
    assert bench.worker.started == ["1", "2", "3"]
    assert bench.thread.status == "idle"


def test_enqueue_lets_a_later_run_pass_a_delayed_one() -> None:
    bench = Bench()
    delayed = bench.submit("1", delay_s=3)
    prompt = bench.submit("2")
    assert bench.worker.started == ["2"]

    bench.finish(prompt)
    bench.rules.due(bench.thread, delayed)

    assert bench.worker.started == ["2", "1"]


def test_interrupt_marks_the_run_at_once_and_starts_the_next_when_its_work_is_over() -> None:
    bench = Bench()
    first = bench.submit("1")
    bench.rules.begun(first)

    bench.submit("2", "interrupt")
    assert first.status is RunStatus.INTERRUPTED
    assert bench.worker.started == ["1"]

    bench.finish(first, Outcome(values={"messages": ["part"]}, unfinished=True))
    assert bench.worker.started == ["1", "2"]
    assert bench.thread.status is ThreadStatus.BUSY
    assert bench.thread.values == {"messages": ["part"]}
    assert bench.thread.error == {
        "error": "UserInterrupt",
        "message": "superseded by run 2 (multitask_strategy=interrupt)",
    }


def test_interrupt_ends_the_running_and_all_queued_runs() -> None:
    bench = Bench()
    first, second = bench.submit("1"), bench.submit("2")
    bench.rules.begun(first)

    bench.submit("3", "interrupt")

    assert [first.status, second.status] == [RunStatus.INTERRUPTED, RunStatus.INTERRUPTED]
    assert second.ended.is_set()
    assert not first.ended.is_set()
    assert list(bench.thread.in_flight) == ["3"]


def test_interrupt_of_a_pending_run_leaves_the_thread_idle() -> None:
    bench = Bench()
    pending = bench.submit("1", delay_s=60)

    bench.submit("2", "interrupt")

    assert pending.status is RunStatus.INTERRUPTED
    assert bench.thread.status is ThreadStatus.IDLE
    assert bench.worker.started == ["2"]


def test_rollback_removes_the_running_and_all_queued_runs() -> None:
    bench = Bench()
    first, second = bench.submit("1"), bench.submit("2")
    bench.rules.begun(first)

    bench.submit("3", "rollback")

    assert list(bench.thread.runs) == ["3"]
    assert [first.fate, second.fate] == [Fate.ROLLED_BACK, Fate.ROLLED_BACK]
    assert bench.worker.stopped == ["1"]


@pytest.mark.parametrize("watchers", [0, 1])
def test_rollback_leaves_the_values_of_the_thread_and_an_error_if_somebody_waits(watchers: int) -> None:
    bench = Bench()
    bench.finish(bench.submit("0"))
    first = bench.submit("1")
    first.watchers = watchers

    bench.submit("2", "rollback")
    bench.finish(first, Outcome(values={"messages": ["vanished"]}))

    error = {"error": "UserRollback", "message": "superseded by run 2 (multitask_strategy=rollback)"}
    assert bench.thread.values == {"messages": ["done"]}
    assert bench.thread.error == (error if watchers else None)


def test_a_rollback_nobody_waits_for_leaves_the_thread_busy() -> None:
    bench = Bench()
    run = bench.submit("1")

    bench.rules.cancel(bench.thread, run, Stop(Strategy.ROLLBACK, "because"))
    bench.finish(run)

    assert (bench.thread.status, bench.thread.has_run) == (ThreadStatus.BUSY, False)


def test_a_pending_run_somebody_waits_for_is_interrupted_instead_of_rolled_back() -> None:
    bench = Bench()
    run = bench.submit("1", delay_s=9)
    run.watchers = 1

    bench.rules.cancel(bench.thread, run, Stop(Strategy.ROLLBACK, "because"))

    assert (run.status, run.fate) == (RunStatus.INTERRUPTED, Fate.KEPT)
    assert bench.thread.status is ThreadStatus.IDLE


def test_the_end_of_a_later_run_clears_the_error_of_a_superseded_one() -> None:
    bench = Bench()
    first = bench.submit("1")
    second = bench.submit("2", "interrupt")

    bench.finish(first)
    bench.finish(second)

    assert bench.thread.error is None
    assert bench.thread.status is ThreadStatus.IDLE

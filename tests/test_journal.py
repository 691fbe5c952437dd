"""What the journal keeps, without any server."""

from __future__ import annotations

import asyncio

import pytest

from mockserver.journal import MAX_ENTRIES, Decision, Journal

pytestmark = pytest.mark.anyio


def ticking(*seconds: float) -> Journal:
    """Return a journal whose clock reads these seconds, one after the other."""
    return Journal(iter(seconds).__next__)


def still() -> Journal:
    """Return a journal whose clock stands still."""
    return Journal(lambda: 0.0)


def test_entries_are_numbered_and_timed() -> None:
    journal = ticking(0.5, 1.25)

    journal.run("t", "r", "pending")
    journal.thread("t", "busy")

    assert journal.entries() == [
        {
            "number": 1, "elapsed_s": 0.5, "kind": "run", "thread_id": "t",
            "run_id": "r", "status": "pending", "reason": None,
        },
        {"number": 2, "elapsed_s": 1.25, "kind": "thread", "thread_id": "t", "status": "busy"},
    ]  # fmt: skip


def test_entries_of_one_thread_or_after_a_number_are_found() -> None:
    journal = still()
    for thread_id in ("a", "b", "a", "b"):
        journal.thread(thread_id, "busy")

    assert [entry["number"] for entry in journal.entries("a")] == [1, 3]
    assert [entry["number"] for entry in journal.entries(after=2)] == [3, 4]
    assert journal.entries(after=4) == []


def test_the_oldest_entries_fall_out() -> None:
    journal = still()
    for _ in range(MAX_ENTRIES + 5):
        journal.thread("t", "busy")

    kept = journal.entries()
    assert (len(kept), kept[0]["number"], kept[-1]["number"]) == (MAX_ENTRIES, 6, MAX_ENTRIES + 5)


def test_a_forgotten_thread_leaves_a_gap() -> None:
    journal = still()
    for thread_id in ("a", "b", "a", "b"):
        journal.thread(thread_id, "busy")

    journal.forget("a")
    journal.thread("b", "idle")

    assert [entry["number"] for entry in journal.entries()] == [2, 4, 5]


async def test_whoever_waits_hears_of_the_next_entry() -> None:
    journal = still()
    journal.thread("t", "busy")
    waiting = [asyncio.create_task(journal.newer(1)) for _ in range(2)]
    await asyncio.sleep(0)

    assert not any(task.done() for task in waiting)

    journal.thread("t", "idle")
    await asyncio.gather(*waiting)


async def test_a_closed_journal_keeps_nobody_waiting() -> None:
    journal = still()
    waiting = asyncio.create_task(journal.newer(0))
    await asyncio.sleep(0)

    journal.close()
    await waiting


def test_decisions_are_noted_in_words() -> None:
    lines: list[str] = []
    journal = Journal(lambda: 0.0, lines.append)

    journal.request(
        "t", None, strategy="reject", waited_for=False, delay_s=0.0,
        decision=Decision.REJECTED, in_flight=["r"], superseded=[],
    )  # fmt: skip
    journal.run("t", "r", "success")

    assert lines == ["run request rejected (reject, thread t)", "run r success"]

from __future__ import annotations

from tests import journals
from walkthrough.timeline import by_thread, description, read


def test_a_refused_request_is_told_with_its_409() -> None:
    assert description(journals.rejected()) == (
        "The first request starts the first run. "
        "The second request, with reject, comes while the first run is in flight, and is refused with 409. "
        "The first run ends with success after 3 checkpoints."
    )


def test_a_queued_run_is_told_to_wait() -> None:
    assert description(journals.enqueued()) == (
        "The first request starts the first run. "
        "The second request, with enqueue, comes while the first run is in flight: the second run waits. "
        "The first run ends with success after 2 checkpoints. "
        "The second run ends with success after no checkpoints."
    )


def test_an_interrupted_run_keeps_its_checkpoints_in_words() -> None:
    assert description(journals.interrupted()) == (
        "The first request starts the first run. "
        "The second request, with interrupt, comes while the first run is in flight, and cuts it off. "
        "The first run ends as interrupted after 2 checkpoints. "
        "The second run ends with success after 1 checkpoint."
    )


def test_a_run_that_is_rolled_back_loses_its_checkpoints_in_words() -> None:
    assert "The first run is rolled back, and its 2 checkpoints with it." in description(
        journals.rolled_back()
    )


def test_several_runs_in_flight_are_named() -> None:
    third = journals.request("c", "interrupt", in_flight=["a", "b"], superseded=["a", "b"])
    entries = [*journals.begun("a"), journals.request("b", decision="queued", in_flight=["a"]), third]

    said = description(entries)

    assert (
        "with interrupt, comes while the first run and the second run are in flight, and cuts them off."
        in said
    )


def test_runs_that_have_not_ended_are_told_last() -> None:
    entries = [*journals.begun("a"), journals.request("b", decision="queued", in_flight=["a"])]

    assert description(entries).endswith(
        "The first run is still at work, with 2 checkpoints so far. The second run is still waiting."
    )


def test_the_tenth_request_and_those_after_it_are_numbered() -> None:
    entries = [journals.request(str(number)) for number in range(11)]

    assert [lane.name for lane in read(entries).lanes][-2:] == ["tenth run", "11th run"]


def test_a_state_changed_by_hand_is_told() -> None:
    assert "The state is changed by hand." in description([*journals.begun("a"), journals.checkpoint(None)])


def test_a_refused_request_and_a_change_by_hand_are_two_lanes() -> None:
    entries = [*journals.rejected(), journals.checkpoint(None)]

    assert [lane.name for lane in read(entries).lanes] == ["first run", "second request", "by hand"]


def test_checkpoints_of_subgraphs_are_not_the_threads() -> None:
    entries = [*journals.begun("a"), journals.checkpoint("a", "child:1")]

    assert len(read(entries).lanes[0].checkpoints) == 2


def test_a_finished_run_that_is_deleted_keeps_its_outcome() -> None:
    entries = [*journals.begun("a"), journals.status("a", "success"), journals.status("a", "deleted")]

    assert read(entries).lanes[0].outcome == "success"


def test_unknown_kinds_say_nothing() -> None:
    entries = [*journals.rejected(), {"kind": "weather", "thread_id": "t"}, {}]

    assert description(entries) == description(journals.rejected())


def test_a_run_whose_request_fell_out_of_the_journal_is_still_told() -> None:
    assert description(journals.rejected()[2:]).endswith(
        "The first run ends with success after 3 checkpoints."
    )


def test_threads_are_those_asked_for_a_run_in_that_order() -> None:
    entries: list[journals.Entry] = [
        {"kind": "thread", "thread_id": "idle", "status": "idle"},
        {"kind": "checkpoint", "thread_id": "two", "run_id": None},
        {"kind": "request", "thread_id": "one", "run_id": "a"},
        {"kind": "request", "thread_id": "two", "run_id": "b"},
    ]

    assert by_thread(entries) == [[entries[2]], [entries[1], entries[3]]]

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from tests import journals
from walkthrough.svg import STYLE, draw
from walkthrough.timeline import description

SVG = "{http://www.w3.org/2000/svg}"


def drawn(entries: list[journals.Entry]) -> Element:
    return ElementTree.fromstring(draw(entries, "A title"))


def lane(picture: Element, name: str) -> Element:
    (found,) = [group for group in picture.iter(f"{SVG}g") if group.get("data-lane") == name]
    return found


def shapes(parent: Element, kind: str) -> list[Element]:
    return [each for each in parent.iter() if kind in (each.get("class") or "").split()]


def texts(parent: Element) -> list[str | None]:
    return [each.text for each in parent.iter(f"{SVG}text")]


def test_a_refused_request_has_a_409_and_no_bar() -> None:
    refused = lane(drawn(journals.rejected()), "second request")

    assert texts(refused) == ["Second request", "rejected", "409 Conflict"]
    assert shapes(refused, "mark") and not shapes(refused, "bar")


def test_a_409_stands_at_the_moment_of_its_request() -> None:
    picture = drawn(journals.rejected())
    mark = shapes(lane(picture, "second request"), "mark")[0]
    first = shapes(lane(picture, "first run"), "working")[0]

    arrivals = [arrival.get("d", "") for arrival in shapes(picture, "arrival")]

    assert arrivals[1].startswith(f"M{mark.get('cx')} ")
    assert float(first.get("x", 0)) < float(mark.get("cx", 0)) < right(first)


def right(bar: Element) -> float:
    return float(bar.get("x", 0)) + float(bar.get("width", 0))


def test_a_queued_run_waits_lighter_until_the_first_has_ended() -> None:
    picture = drawn(journals.enqueued())
    (first,) = shapes(lane(picture, "first run"), "bar")

    queued, working = shapes(lane(picture, "second run"), "bar")

    assert queued.get("class") == "bar queued"
    assert working.get("class") == "bar working"
    assert right(queued) == pytest.approx(float(working.get("x", 0)), abs=0.1)
    assert right(first) == pytest.approx(right(queued), abs=0.1)


@pytest.mark.parametrize(
    ("entries", "tone"), [(journals.interrupted(), "interrupted"), (journals.rolled_back(), "gone")]
)
def test_work_that_was_cut_off_is_hatched(entries: list[journals.Entry], tone: str) -> None:
    first = lane(drawn(entries), "first run")

    (bar,) = shapes(first, "bar")

    assert first.get("class") == tone
    assert (bar.get("class"), bar.get("fill")) == ("bar hatched", f"url(#hatch-{tone})")


def test_only_a_rollback_strikes_checkpoints_out() -> None:
    kept, removed = (
        lane(drawn(entries), "first run") for entries in (journals.interrupted(), journals.rolled_back())
    )

    assert (len(shapes(kept, "checkpoint")), len(shapes(kept, "removed"))) == (2, 0)
    assert (len(shapes(removed, "checkpoint")), len(shapes(removed, "removed"))) == (0, 2)


def test_an_error_has_its_own_colour() -> None:
    assert lane(drawn([*journals.begun("a"), journals.status("a", "error")]), "first run").get("class") == (
        "error"
    )


def test_every_arrival_is_labelled_and_a_strategy_named_where_it_matters() -> None:
    assert [text.text for text in shapes(drawn(journals.interrupted()), "arriving")] == [
        "first request",
        "second request: interrupt",
    ]


def test_labels_of_arrivals_that_follow_closely_stand_on_lines_of_their_own() -> None:
    entries = [journals.request(str(number)) for number in range(6)] + journals.begun("last") * 2

    lines = [text.get("y") for text in shapes(drawn(entries), "arriving")][:6]

    assert len(set(lines[:2])) == 2


def test_pictures_in_one_document_share_only_ids_that_mean_the_same() -> None:
    pictures = [drawn(journals.rejected()), drawn(journals.rolled_back())]

    ids = [[each.get("id") for each in picture.iter() if each.get("id")] for picture in pictures]

    assert ids == [["hatch-interrupted", "hatch-gone"]] * 2


def test_title_and_description_are_the_pictures_words() -> None:
    picture = drawn(journals.rejected())

    assert picture.findtext(f"{SVG}title") == "A title"
    assert picture.findtext(f"{SVG}desc") == description(journals.rejected())
    assert picture.get("role") == "img"


def test_the_same_requests_give_the_same_bytes_whatever_ids_and_times_are() -> None:
    other = [
        {**entry, "thread_id": "another", "number": 70, "elapsed_s": 8.5, "run_id": entry["run_id"] and "x"}
        | ({"in_flight": ["x"] if entry["in_flight"] else []} if "in_flight" in entry else {})
        for entry in journals.rejected()
    ]

    assert draw(other, "A title") == draw(journals.rejected(), "A title")


def test_hostile_text_stays_text() -> None:
    hostile = '</desc><script>alert("1")</script>&'
    entries = [*journals.begun("a"), journals.request("b", hostile, in_flight=["a"], decision="queued")]
    entries.append(journals.status("b", f'"{hostile}'))

    picture = ElementTree.fromstring(draw(entries, hostile))

    assert picture.findtext(f"{SVG}title") == hostile
    assert not list(picture.iter(f"{SVG}script"))
    assert f"second request: {hostile}" in texts(picture)


def test_unknown_kinds_are_ignored() -> None:
    entries = [*journals.rejected(), {"kind": "weather", "thread_id": "t"}]

    assert draw(entries, "A title") == draw(journals.rejected(), "A title")


def test_no_entries_are_an_empty_picture() -> None:
    assert not shapes(drawn([]), "bar working")


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("colour", ["ink", "soft", "success", "running", "interrupted", "gone", "error"])
def test_words_and_bars_can_be_read_on_the_paper(scheme: int, colour: str) -> None:
    values = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", STYLE.split("@media")[scheme]))

    lighter, darker = sorted((luminance(values[colour]), luminance(values["paper"])), reverse=True)

    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

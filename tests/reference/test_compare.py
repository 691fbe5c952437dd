from __future__ import annotations

import pytest

from .compare import Comparison, compare
from .recording import Exchange, Json, Recording

A = "01a203b2-14d2-757d-9f9a-514d4b8c894b"
B = "01a203b2-638f-722c-8d06-19bf3d3d2275"
C = "4533c894-baec-452c-8785-89fc4c5f6b1f"
D = "76701e5e-2381-4182-9c77-1427ced24f71"


def answer(body: Json, path: str = "/threads", **more: Json) -> Exchange:
    return Exchange("GET", path, status=200, body=body, **more)


def compared(real: list[Exchange], mock: list[Exchange]) -> Comparison:
    return compare("story", Recording(real), Recording(mock))


def pointers(real: Json, mock: Json) -> list[str]:
    return [each.pointer for each in compared([answer(real)], [answer(mock)]).differences]


def test_compare_finds_nothing_in_equal_answers() -> None:
    comparison = compared([answer({"a": [1, None, "x"]})], [answer({"a": [1, None, "x"]})])

    assert comparison.differences == []
    assert comparison.exchanges == 1


@pytest.mark.parametrize(
    ("real", "mock", "pointer"),
    [
        ({"a": 1}, {"a": 2}, "/body/a"),
        ({"a": 1}, {"a": 1.0}, "/body/a"),
        ({"a": 1}, {"a": True}, "/body/a"),
        ({"a": None}, {}, "/body/a"),
        ({}, {"a": None}, "/body/a"),
        ({"a": {"b": ["x", "y"]}}, {"a": {"b": ["x", "z"]}}, "/body/a/b/1"),
        ([1, 2], [1], "/body"),
        ({"a/b": 1}, {"a/b": 2}, "/body/a~1b"),
    ],
)
def test_compare_points_at_the_difference(real: Json, mock: Json, pointer: str) -> None:
    assert pointers(real, mock) == [pointer]


def test_compare_lets_ids_stand_for_each_other() -> None:
    assert pointers({"run": A, "path": f"/runs/{A}/join"}, {"run": C, "path": f"/runs/{C}/join"}) == []


def test_compare_remembers_ids_from_one_exchange_to_the_next() -> None:
    real = [answer({"run": A}), answer({"run": A})]
    mock = [answer({"run": C}), answer({"run": D})]

    differences = compared(real, mock).differences

    assert [(each.exchange, each.real, each.mock) for each in differences] == [(2, '"<id 1>"', '"<new id>"')]


def test_compare_refuses_one_id_for_two() -> None:
    assert pointers({"a": A, "b": B}, {"a": C, "b": C}) == ["/body/b"]


def test_compare_pairs_ids_in_keys() -> None:
    assert pointers({"task": A, "by": {A: 1}}, {"task": C, "by": {C: 1}}) == []
    assert pointers({"by": {A: 1}}, {"by": {C: 2}}) == ["/body/by/<id>"]


def test_compare_knows_the_system_assistants() -> None:
    agent = "fe096781-5601-53d2-b2f6-0d3403f7e9ca"

    assert pointers({"assistant_id": agent}, {"assistant_id": C}) == ["/body/assistant_id"]


def test_compare_ignores_which_time_it_is_but_not_how_it_is_written() -> None:
    real, other = "2026-11-22T14:38:52.114325+00:00", "2026-11-23T01:02:03.000004+00:00"

    assert pointers({"at": real}, {"at": other}) == []
    assert pointers({"at": real}, {"at": "2026-11-23T01:02:03Z"}) == ["/body/at"]


def test_compare_masks_versions_and_host() -> None:
    real = {"metadata": {"langgraph_version": "1.2.22", "langgraph_api_url": "http://127.0.0.1:1"}}
    mock = {"metadata": {"langgraph_version": "9", "langgraph_api_url": None}}

    assert pointers(real, mock) == ["/body/metadata/langgraph_api_url"]


def test_compare_shows_bodies_when_the_status_differs() -> None:
    real, mock = answer({"detail": "no"}), answer({"fine": True})
    real.status = 409

    [difference] = compared([real], [mock]).differences

    assert difference.pointer == "/status"
    assert difference.real.startswith("409") and '{"detail": "no"}' in difference.real


def test_compare_looks_at_named_headers() -> None:
    real = answer({}, headers={"content-type": "application/json", "date": "today"})
    mock = answer({}, headers={"content-type": "text/plain", "date": "tomorrow"})

    assert [each.pointer for each in compared([real], [mock]).differences] == ["/headers/content-type"]


def test_compare_shows_the_order_of_events() -> None:
    real = [{"event": "metadata", "data": {}}, {"event": "values", "data": {"a": 1}}]
    mock = [{"event": "metadata", "data": {}}, {"event": "updates", "data": {"a": 2}}]

    [difference] = compared([answer(real)], [answer(mock)]).differences

    assert difference.real == "2 items: metadata values"
    assert difference.mock == "2 items: metadata updates"


def test_compare_says_where_a_recording_stopped() -> None:
    mock = Recording([answer({})], "NeverCameError: no such state")

    [difference] = compare("story", Recording([answer({}), answer({})]), mock).differences

    assert (difference.exchange, difference.pointer) == (0, "/end")
    assert difference.mock == "NeverCameError: no such state"

from __future__ import annotations

import pytest

from .recording import Json, parse_body, parse_events


def test_parse_events_drops_heartbeats_and_keeps_the_order_of_fields() -> None:
    raw = b': heartbeat\r\n\r\nevent: values\r\ndata: {"a":1}\r\nid: 5\r\n\r\nevent: cut'

    assert parse_events(raw) == [{"fields": "event data id", "event": "values", "data": {"a": 1}, "id": "5"}]


@pytest.mark.parametrize(
    ("raw", "body", "form"),
    [
        (b'{"a":[1,2]}', {"a": [1, 2]}, "JSON, compact"),
        (b'\n\n{"a":1}', {"a": 1}, "JSON, compact"),
        (b'{"a": 1}', {"a": 1}, "JSON"),
        (b'{"a"', '{"a"', "broken JSON"),
        (b"", "", "empty"),
    ],
)
def test_parse_body_tells_how_json_was_written(raw: bytes, body: Json, form: str) -> None:
    assert parse_body("application/json", raw) == (body, form)

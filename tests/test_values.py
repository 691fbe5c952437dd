"""What JSON says of the values and errors that graphs have."""

from __future__ import annotations

import re
from collections import deque
from datetime import timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from mockserver.values import error_to_json, plain


class Pair(NamedTuple):
    left: int
    right: int


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"abc", "YWJj"),
        ({1}, [1]),
        (deque([1, 2]), [1, 2]),
        (Pair(5, 6), {"left": 5, "right": 6}),
        (Decimal("1.0"), 1.0),
        (Decimal("3E2"), 300),
        (Decimal("NaN"), None),
        (timedelta(seconds=90), 90.0),
        (ZoneInfo("Europe/Paris"), None),
        (re.compile("a+"), "a+"),
        (PurePosixPath("a/b"), "a/b"),
        (IPv4Address("127.0.0.1"), "127.0.0.1"),
        (RuntimeError("no"), {"error": "RuntimeError", "message": "no"}),
        (1j, "1j"),
    ],
    ids=repr,
)
def test_a_value_that_is_no_json_is_said_as_the_real_server_says_it(value: Any, said: Any) -> None:
    answer = plain({"it": value})["it"]

    assert (answer, type(answer)) == (said, type(said))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("no"), "'no'"),
        (NotImplementedError("no"), "no"),
        (IndexError("no"), "An internal error occurred"),
        (OSError("no"), "An internal error occurred"),
    ],
    ids=repr,
)
def test_the_class_of_an_error_says_whether_its_message_is_shown(error: Exception, message: str) -> None:
    assert error_to_json(error) == {"error": type(error).__name__, "message": message}

"""Values and errors of graphs as JSON; knows no HTTP."""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta, tzinfo
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import PurePath
from re import Pattern
from typing import Any

import orjson
from langgraph.errors import EmptyInputError, InvalidUpdateError
from pydantic import BaseModel

from mockserver.errors import BadGraph
from mockserver.records import Json

OPEN_ERRORS = (
    AttributeError,
    KeyError,
    RuntimeError,
    TimeoutError,
    TypeError,
    ValueError,
    EmptyInputError,
    InvalidUpdateError,
    BadGraph,
)
"""Errors whose message a client may see; those of other classes are masked.

Source: observed on langgraph-api 0.16.7 with twenty of Python's errors and LangGraph's own.
"""

MASKED = "An internal error occurred"

ADDRESSES = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)


def _number(value: Decimal) -> int | float:
    exponent = value.as_tuple().exponent  # a letter if it is no number
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


SAID: tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((set, frozenset, deque), list),
    ((bytes, bytearray), lambda value: b64encode(value).decode()),
    ((Decimal,), _number),
    ((timedelta,), timedelta.total_seconds),
    ((tzinfo,), lambda value: value.tzname(None)),
    ((Pattern,), lambda value: value.pattern),
    ((PurePath, *ADDRESSES), str),
)
"""What is said of values that orjson does not know. Source: observed on langgraph-api 0.16.7."""


def plain(value: Any) -> Any:
    """Return a value of a graph as plain JSON; what JSON cannot say is written as its `repr`."""
    return orjson.loads(orjson.dumps(value, default=_fallback, option=orjson.OPT_NON_STR_KEYS))


def error_to_json(error: BaseException) -> Json:
    """Return an error as a run, its thread and its stream show it."""
    return {
        "error": type(error).__name__,
        "message": str(error) if isinstance(error, OPEN_ERRORS) else MASKED,
    }


def _fallback(value: Any) -> Any:
    """Return what JSON can say of a value. Source: observed on langgraph-api 0.16.7."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, BaseException):
        return error_to_json(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "_asdict"):  # a named tuple
        return value._asdict()
    for kinds, said in SAID:
        if isinstance(value, kinds):
            return said(value)
    return repr(value)

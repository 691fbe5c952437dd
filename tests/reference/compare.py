"""Compares two recordings of one scenario; knows no server.

Ids and times differ between any two runs, so an id of one side stands for an id of the other from the first
place where the two meet; from there on the pair must hold. Everything else tolerated is listed in `MASKS`.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .differences import Difference
from .ids import VARYING, Pairs, template
from .recording import Exchange, Json, Recording

HEADERS = (
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
    "allow",
    "cache-control",
    "content-location",
    "content-type",
    "location",
    "vary",
    "x-accel-buffering",
    "x-pagination-next",
    "x-pagination-total",
)


class Mask(NamedTuple):
    """A place where two servers may differ, as long as the JSON type is the same."""

    name: str
    pointer: str
    """Regular expression for the end of the JSON pointer."""


MASKS = (
    Mask("versions", r"/(langgraph_version|langgraph_api_version|langgraph_py_version)"),
    Mask("versions", r"/lc_versions/[^/]+"),
    Mask("host", r"/(langgraph_host|langgraph_plan|langgraph_api_url)"),
    Mask("clock", r"/__request_start_time_ms__"),
)


@dataclass
class Comparison:
    """The differences between two recordings of a scenario, and how much was compared."""

    scenario: str
    differences: list[Difference] = field(default_factory=list)
    exchanges: int = 0
    values: int = 0


def compare(scenario: str, real: Recording, mock: Recording) -> Comparison:
    """Compare two recordings exchange by exchange, then how far each came."""
    comparison = Comparison(scenario)
    pairs = Pairs()
    for number, (ours, theirs) in enumerate(zip(real.exchanges, mock.exchanges, strict=False), 1):
        comparison.exchanges += 1
        for pointer, left, right in _compare_exchange(ours, theirs, pairs, comparison):
            request = f"{ours.method} {template(ours.path)}"
            comparison.differences.append(Difference(scenario, number, request, pointer, left, right))
    ends = [recording.stopped or f"{len(recording.exchanges)} exchanges" for recording in (real, mock)]
    if ends[0] != ends[1]:
        comparison.differences.append(Difference(scenario, 0, "the whole scenario", "/end", ends[0], ends[1]))
    return comparison


_Found = Iterator[tuple[str, str, str]]


def _compare_exchange(real: Exchange, mock: Exchange, pairs: Pairs, count: Comparison) -> _Found:
    """Yield pointer, real and mock value of each difference.

    When the status differs the rest says nothing more, and the bodies are shown with it.
    """
    if (real.status, "broken" in real.form) != (mock.status, "broken" in mock.form):
        left, right = (f"{each.status} {each.form} {_short(each.body)}" for each in (real, mock))
        yield "/status", left, right
        return
    count.values += 1
    if real.form != mock.form:
        yield "/form", real.form, mock.form
    for name in HEADERS:
        yield from _compare_json(f"/headers/{name}", _header(real, name), _header(mock, name), pairs, count)
    yield from _compare_json(
        "/body", _before_a_worker_took_it(real), _before_a_worker_took_it(mock), pairs, count
    )


def _header(exchange: Exchange, name: str) -> str | None:
    """Return a header; the methods in `allow` come from a Python set, so their order is chance."""
    value = exchange.headers.get(name)
    return ", ".join(sorted(value.split(", "))) if name == "allow" and value else value


TAKEN_BY_A_WORKER = (
    "__pregel_node_finished",
    "langgraph_api_url",
    "langgraph_api_version",
    "langgraph_host",
    "langgraph_plan",
    "langgraph_version",
    "run_attempt",
)


def _before_a_worker_took_it(exchange: Exchange) -> Json:
    """Return the answer to a new run as it is while the run is pending.

    Now and then the real server's worker takes the run before its answer is written.
    """
    body = exchange.body
    is_new_run = exchange.method == "POST" and exchange.path.endswith("/runs") and exchange.status == 200
    if not is_new_run or body["status"] != "running":
        return body
    body = copy.deepcopy(body)
    body["status"] = "pending"
    for name in TAKEN_BY_A_WORKER:
        for place in ("configurable", "metadata"):
            body["kwargs"]["config"][place].pop(name, None)
    return body


def _compare_json(pointer: str, real: Json, mock: Json, pairs: Pairs, count: Comparison) -> _Found:
    count.values += 1
    if isinstance(real, dict) and isinstance(mock, dict):
        yield from _compare_objects(pointer, real, mock, pairs, count)
    elif isinstance(real, list) and isinstance(mock, list):
        yield from _compare_lists(pointer, real, mock, pairs, count)
    elif type(real) is not type(mock):
        yield pointer, _shown(real, pairs, False), _shown(mock, pairs, True)
    elif any(re.search(mask.pointer + "$", pointer) for mask in MASKS):
        return
    elif isinstance(real, str) and isinstance(mock, str):
        if not _same_text(real, mock, pairs):
            yield pointer, _shown(real, pairs, False), _shown(mock, pairs, True)
    elif real != mock:
        yield pointer, json.dumps(real), json.dumps(mock)


def _same_text(real: str, mock: str, pairs: Pairs) -> bool:
    if template(real) != template(mock):
        return False
    same = True
    for left, right in zip(VARYING.finditer(real), VARYING.finditer(mock), strict=True):
        same = (left.lastgroup != "id" or pairs.match(left[0], right[0])) and same
    return same


def _compare_objects(
    pointer: str, real: dict[str, Json], mock: dict[str, Json], pairs: Pairs, count: Comparison
) -> _Found:
    missing, extra = [], [key for key in mock if key not in map(pairs.expected, real)]
    for key in sorted(real):
        partner = pairs.expected(key)
        if partner not in mock:
            alike = [other for other in extra if template(other) == template(key) != key]
            if not alike or not _same_text(key, alike[0], pairs):
                missing.append(key)
                continue
            partner = alike[0]
            extra.remove(partner)
        step = template(key).replace("~", "~0").replace("/", "~1")
        yield from _compare_json(f"{pointer}/{step}", real[key], mock[partner], pairs, count)
    for key in missing:
        yield f"{pointer}/{template(key)}", _shown(real[key], pairs, False), "(absent)"
    for key in extra:
        yield f"{pointer}/{template(key)}", "(absent)", _shown(mock[key], pairs, True)


def _compare_lists(
    pointer: str, real: list[Json], mock: list[Json], pairs: Pairs, count: Comparison
) -> _Found:
    kinds = [_kinds(side) for side in (real, mock)]
    if kinds[0] != kinds[1]:
        yield pointer, kinds[0], kinds[1]
    for index, (left, right) in enumerate(zip(real, mock, strict=False)):
        if _kind(left) != _kind(right):
            return
        yield from _compare_json(f"{pointer}/{index}", left, right, pairs, count)


def _kind(item: Json) -> str:
    """Return what an item of a list is: the name of an event or the type of a message, else nothing."""
    if not isinstance(item, dict):
        return ""
    kind = item.get("event") or item.get("type")
    return template(kind) if isinstance(kind, str) else ""


def _kinds(items: list[Json]) -> str:
    named = [_kind(item) for item in items]
    return f"{len(items)} items" + (f": {' '.join(named)}" if any(named) else "")


def _shown(value: Json, pairs: Pairs, of_mock: bool) -> str:
    return pairs.name(_short(value), of_mock)


def _short(value: Json, limit: int = 160) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[:limit]}..."

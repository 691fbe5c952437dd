"""Differences between the servers: found, and listed with their reasons in differences.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Difference:
    """One place where the mock's answer is not the real server's."""

    scenario: str
    exchange: int
    """Number of the request within its scenario, from 1; 0 when it concerns the scenario as a whole."""
    request: str
    """Method and path, ids replaced."""
    pointer: str
    """JSON pointer into /status, /headers, /form or /body."""
    real: str
    mock: str

    def __str__(self) -> str:
        return f"{self.exchange:>3} {self.request}  {self.pointer}  real {self.real}  mock {self.mock}"


@dataclass(frozen=True)
class Listed:
    """A difference that is known, and why it is there."""

    scenario: str
    exchange: int
    pointer: str
    category: str
    """"better": the real server is plainly broken there; "open": work left."""
    reason: str

    def __str__(self) -> str:
        return f"{self.scenario}, exchange {self.exchange}, {self.pointer}"


def read_listed(path: Path) -> list[Listed]:
    """Read the listed differences; a category that is neither "better" nor "open" is a ValueError."""
    entries = [Listed(**entry) for entry in tomllib.loads(path.read_text()).get("difference", [])]
    for entry in entries:
        if entry.category not in ("better", "open"):
            raise ValueError(f"{path.name}: category {entry.category!r} of {entry}; use 'better' or 'open'")
    return entries


def unlisted(differences: Sequence[Difference], listed: Sequence[Listed]) -> list[Difference]:
    """Return the differences nobody has listed."""
    known = {(entry.scenario, entry.exchange, entry.pointer) for entry in listed}
    return [each for each in differences if (each.scenario, each.exchange, each.pointer) not in known]


def stale(differences: Sequence[Difference], listed: Sequence[Listed]) -> list[Listed]:
    """Return the listed differences that no longer occur."""
    seen = {(each.scenario, each.exchange, each.pointer) for each in differences}
    return [entry for entry in listed if (entry.scenario, entry.exchange, entry.pointer) not in seen]

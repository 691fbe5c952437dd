"""What a mock deployment is told when it is made: the one list of its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a mock deployment behaves and what it serves."""

    hold_s: float = 30.0
    """Seconds, >= 0; how long a run nobody waits for thinks unless it is joined."""

    think_s: float = 1.0
    """Seconds, >= 0; how long a run its starter waits for thinks."""

    seed: int = 0
    """Any integer; the same seed and requests give the same bodies."""

    api_key: str | None = None
    """What clients must send as x-api-key; None asks for nothing."""

    config: Path | None = None
    """A langgraph.json whose graphs are served instead of the weather agent."""

    graphs: Mapping[str, Any] | None = None
    """Graph id to `module_or_file:attribute`, or to a compiled graph or a factory of one; beside the config's."""

    loopback_webhooks: bool = False
    """Whether webhooks may name this machine; the real server refuses that by default."""


class Options(TypedDict, total=False):
    """The fields of `Settings` as keyword arguments, for type checkers."""

    hold_s: float
    think_s: float
    seed: int
    api_key: str | None
    config: Path | None
    graphs: Mapping[str, Any] | None
    loopback_webhooks: bool

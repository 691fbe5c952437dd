"""What a scenario saw on one server, and how answers are read; knows no server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

# JSON as it comes; scenarios only pick ids out of it.
Json = Any


@dataclass
class Exchange:
    """One request and its answer as far as it came."""

    method: str
    path: str
    request: Json = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = None
    form: str = ""
    """How the body was written: JSON or JSON-compact, text, empty, or events with their line ending."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Recording:
    """What one scenario saw on one server."""

    exchanges: list[Exchange] = field(default_factory=list)
    stopped: str | None = None
    """Why the scenario could not go on, if it could not."""


def parse_events(raw: bytes) -> list[Json]:
    """Return the complete events of a server-sent stream; comments (heartbeats) are dropped."""
    events = []
    for block in raw.replace(b"\r\n", b"\n").split(b"\n\n")[:-1]:
        lines = [line for line in block.decode().split("\n") if line and not line.startswith(":")]
        if not lines:
            continue
        fields = [line.partition(": ") for line in lines]
        event: dict[str, Json] = {"fields": " ".join(name for name, _, _ in fields)}
        event |= {name: value for name, _, value in fields}
        if "data" in event:
            event["data"] = json.loads(event["data"])
        events.append(event)
    return events


def parse_body(content_type: str, raw: bytes) -> tuple[Json, str]:
    """Return a body and the form it was written in."""
    if content_type.startswith("text/event-stream"):
        return parse_events(raw), "events, CRLF" if b"\n" not in raw.replace(b"\r\n", b"") else "events, LF"
    # A wait sends newlines before its body to keep the connection alive.
    text = raw.decode().lstrip("\n")
    if content_type == "application/json" and text:
        try:
            body = json.loads(text)
        except ValueError:
            return text, "broken JSON"
        compact = json.dumps(body, separators=(",", ":"), ensure_ascii=False) == text
        return body, "JSON, compact" if compact else "JSON"
    return text, "text" if text else "empty"

"""Journals of one thread, written by hand: what `GET /mock/journal` gives, as far as pictures read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Entry = dict[str, Any]


def request(run_id: str | None, strategy: str = "enqueue", **more: Any) -> Entry:
    said = {"decision": "accepted", "in_flight": [], "superseded": [], **more}
    return {"kind": "request", "thread_id": "t", "run_id": run_id, "strategy": strategy, **said}


def status(run_id: str, status: str) -> Entry:
    return {"kind": "run", "thread_id": "t", "run_id": run_id, "status": status}


def checkpoint(run_id: str | None, namespace: str = "") -> Entry:
    return {"kind": "checkpoint", "thread_id": "t", "run_id": run_id, "checkpoint_ns": namespace}


def begun(run_id: str, **more: Any) -> list[Entry]:
    """A run that was started and has written two checkpoints."""
    started = [request(run_id, **more), status(run_id, "pending"), status(run_id, "running")]
    return [*started, checkpoint(run_id), checkpoint(run_id)]


def rejected() -> list[Entry]:
    refused = request(None, "reject", decision="rejected", in_flight=["a"])
    return [*begun("a"), refused, checkpoint("a"), status("a", "success")]


def enqueued() -> list[Entry]:
    waits = [request("b", decision="queued", in_flight=["a"]), status("b", "pending")]
    return [*begun("a"), *waits, status("a", "success"), status("b", "running"), status("b", "success")]


def superseded(strategy: str, outcome: str) -> list[Entry]:
    follows = request("b", strategy, in_flight=["a"], superseded=["a"])
    second: Sequence[Entry] = [status("b", "pending"), status("b", "running"), checkpoint("b")]
    return [*begun("a"), follows, status("a", outcome), *second, status("b", "success")]


def interrupted() -> list[Entry]:
    return superseded("interrupt", "interrupted")


def rolled_back() -> list[Entry]:
    return superseded("rollback", "rolled back")

"""A thread's state and history as JSON; knows no HTTP."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Interrupt, PregelTask, StateSnapshot

from mockserver.records import Json
from mockserver.values import plain

EMPTY: Json = {
    "values": {},
    "next": [],
    "tasks": [],
    "metadata": None,
    "created_at": None,
    "checkpoint": None,
    "parent_checkpoint": None,
    "interrupts": [],
    "checkpoint_id": None,
    "parent_checkpoint_id": None,
}
"""The state of a thread without checkpoints. Source: observed on langgraph-api 0.16.7."""


def state_to_json(snapshot: StateSnapshot, thread_id: str) -> Json:
    """Return one state as the API shows it."""
    checkpoint = _checkpoint(snapshot.config, thread_id)
    parent = _checkpoint(snapshot.parent_config, thread_id)
    return {
        "values": plain(snapshot.values),
        "next": list(snapshot.next),
        "tasks": [_task(task, thread_id) for task in snapshot.tasks],
        "metadata": snapshot.metadata and {**plain(snapshot.metadata), "thread_id": thread_id},
        "created_at": snapshot.created_at,
        "checkpoint": checkpoint,
        "parent_checkpoint": parent,
        "interrupts": [interrupt_to_json(interrupt) for interrupt in snapshot.interrupts],
        "checkpoint_id": checkpoint and checkpoint["checkpoint_id"],
        "parent_checkpoint_id": parent and parent["checkpoint_id"],
    }


def interrupts_by_task(snapshot: StateSnapshot) -> Json:
    """Return the `interrupts` a thread shows."""
    return {
        task.id: [interrupt_to_json(interrupt) for interrupt in task.interrupts]
        for task in snapshot.tasks
        if task.interrupts
    }


def interrupt_to_json(found: Interrupt | Json) -> Json:
    """Return one interrupt, or what is kept of it, as state and thread show it."""
    interrupt = Interrupt(**found) if isinstance(found, dict) else found
    return {"id": interrupt.id, "value": plain(interrupt.value)}


def _task(task: PregelTask, thread_id: str) -> Json:
    nested = task.state
    return {
        "id": task.id,
        "name": task.name,
        "path": plain(task.path),
        "error": None if task.error is None else _error_text(task.error),
        "interrupts": [interrupt_to_json(interrupt) for interrupt in task.interrupts],
        "checkpoint": None if nested is None or isinstance(nested, StateSnapshot) else nested["configurable"],
        "state": state_to_json(nested, thread_id) if isinstance(nested, StateSnapshot) else None,
        "result": plain(task.result),
    }


def _error_text(error: Any) -> str:
    return error if isinstance(error, str) else repr(error)


def _checkpoint(config: RunnableConfig | None, thread_id: str) -> Json | None:
    if config is None or "checkpoint_id" not in config.get("configurable", {}):
        return None
    named = {**config["configurable"], "thread_id": thread_id}
    return {key: named[key] for key in ("checkpoint_id", "thread_id", "checkpoint_ns") if key in named}

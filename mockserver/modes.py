"""What a graph streams while it works, as the events of the API's stream modes; knows no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessageChunk, BaseMessage, BaseMessageChunk, message_chunk_to_message
from langgraph.types import Command

from mockserver.records import Json, Run
from mockserver.values import plain

Piece = tuple[tuple[str, ...], str, Any]
"""Namespace (empty for the graph itself), LangGraph's stream mode, and what it gave."""

Named = tuple[str, Any]
"""Name and data of an event."""


async def pieces(graph: Any, run: Run) -> AsyncIterator[Piece]:
    """Run a compiled graph and yield what it streams: always `values`, and what the run's modes need."""
    kwargs = run.kwargs
    modes: list[str] = kwargs["stream_mode"]
    native = {"messages" if mode in ("messages-tuple", "events") else mode for mode in modes} | {"values"}
    options: Json = {
        "stream_mode": sorted(native),
        "subgraphs": kwargs["subgraphs"],
        "context": kwargs["context"] or None,
        "interrupt_before": kwargs["interrupt_before"],
        "interrupt_after": kwargs["interrupt_after"],
        "durability": kwargs["durability"],
    }
    config = {**kwargs["config"], "run_id": UUID(run.run_id)}
    if "checkpoint_id" in config["configurable"]:
        named = {"checkpoint_id": config["configurable"]["checkpoint_id"]}
        config["metadata"] = {**config["metadata"], **named}
    given = _input_of(kwargs)
    if "events" not in modes:
        async for piece in graph.astream(given, config, **options):
            yield _piece(piece)
        return
    async for event in graph.astream_events(given, config, version="v2", **options):
        if event["event"] == "on_chain_stream" and event["run_id"] == run.run_id:
            yield _piece(event["data"]["chunk"])
        else:
            await asyncio.sleep(0)  # the graph gives ids to messages right after it has told of them
            yield (), "events", event


def _piece(given: tuple[Any, ...]) -> Piece:
    return given if len(given) == 3 else ((), *given)


def _input_of(kwargs: Json) -> Any:
    command = kwargs["command"]
    if command is None:
        return kwargs["input"]
    return Command(update=command.get("update"), resume=command.get("resume"), goto=command.get("goto") or ())


class Translation:
    """Turns pieces into the events of one run; remembers the messages that come in parts.

    Args:
        run: whose `stream_mode` says which events there are.
    Source: observed on langgraph-api 0.16.7.
    """

    def __init__(self, run: Run) -> None:
        self._modes = frozenset(run.kwargs["stream_mode"])
        self._parts: dict[str, BaseMessageChunk] = {}

    def events(self, piece: Piece) -> Iterator[Named]:
        """Yield the events a piece becomes, none if nobody asked for it."""
        namespace, mode, data = piece
        if mode == "messages":
            yield from self._messages(*data)
        elif mode in self._modes:
            shown = plain(data)
            if mode == "debug" and data["type"] == "checkpoint":
                _name_checkpoints(shown["payload"])
            yield "|".join((mode, *namespace)), shown

    def _messages(self, message: BaseMessage, metadata: Json) -> Iterator[Named]:
        if "messages-tuple" in self._modes:
            yield "messages", [plain(message), plain(metadata)]
            return
        if "messages" not in self._modes or message.id is None:
            return
        if message.id not in self._parts:
            yield "messages/metadata", {message.id: {"metadata": plain(metadata)}}
        if not isinstance(message, BaseMessageChunk):
            yield "messages/complete", [plain(message)]
            return
        before = self._parts.get(message.id)
        whole = self._parts[message.id] = message if before is None else _joined(before, message)
        yield "messages/partial", [plain(message_chunk_to_message(whole))]


def _name_checkpoints(payload: Json) -> None:
    """Add what the real server adds to a debug event: the checkpoints without the rest of their configs."""
    for name, config in (("checkpoint", "config"), ("parent_checkpoint", "parent_config")):
        named = (payload[config] or {}).get("configurable")
        keys = ("checkpoint_id", "thread_id", "checkpoint_ns", "checkpoint_map")
        payload[name] = named and {key: named[key] for key in keys if key in named}
    for task in payload["tasks"]:
        if isinstance(task["state"], dict) and "configurable" in task["state"]:
            task["checkpoint"] = task.pop("state")["configurable"]


def _joined(before: BaseMessageChunk, part: BaseMessageChunk) -> BaseMessageChunk:
    if isinstance(before, AIMessageChunk) and before.chunk_position == "last":
        before = before.model_copy(update={"chunk_position": None})
    joined = before + part
    assert isinstance(joined, BaseMessageChunk)
    return joined

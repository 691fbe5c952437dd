"""Checkpoints in memory, with ids and times of ours, and a way to take one run's back; knows no HTTP."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime, tzinfo
from typing import Any, cast
from uuid import UUID, uuid4

import langchain_core.callbacks.manager
import langgraph.graph.message
import langgraph.pregel._checkpoint
import langgraph.pregel._loop
import langgraph.pregel._messages
from langchain_core.runnables import RunnableConfig
from langchain_core.utils.uuid import uuid7
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde import jsonplus

from mockserver.ids import ThreadIds
from mockserver.journal import Journal
from mockserver.records import Json

drawing_from: ContextVar[ThreadIds | None] = ContextVar("drawing_from", default=None)
"""Where the graph at work draws its ids and times; None outside the mock's own runs."""


class Checkpoints(InMemorySaver):
    """LangGraph's in-memory checkpointer, which can also forget single runs."""

    journal: Journal | None = None
    """Is told of every checkpoint."""

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint; if it was asked for which one to start from, that stays in the metadata.

        Source: observed on langgraph-api 0.16.7; LangGraph's own checkpointers leave it out.
        """
        named, said = config["configurable"], config.get("metadata", {})
        origin = {"checkpoint_id": said["checkpoint_id"]} if "checkpoint_id" in said else {}
        kept = super().put(
            config, checkpoint, cast("CheckpointMetadata", {**origin, **metadata}), new_versions
        )
        if self.journal is not None:
            self.journal.checkpoint(
                named["thread_id"],
                run_id=named.get("run_id"),
                checkpoint_id=checkpoint["id"],
                checkpoint_ns=named.get("checkpoint_ns", ""),
                step=metadata.get("step", -1),
                source=metadata.get("source", "loop"),
            )
        return kept

    def as_json(self) -> InMemorySaver:
        """Return the same checkpoints for reading, with plain JSON in place of objects.

        A client can notice: a `command` that only updates leaves its update for whoever reads the state next,
        and then reducers are given JSON. `add_messages` makes messages of it, which is not quite the same.

        Source: observed on langgraph-api 0.16.7.
        """
        reader = InMemorySaver(serde=jsonplus.JsonPlusSerializer(__unpack_ext_hook__=_unpack_as_json))
        reader.storage, reader.writes, reader.blobs = self.storage, self.writes, self.blobs
        return reader

    def forget_run(self, thread_id: str, run_id: str) -> None:
        """Delete what one run has written on a thread; earlier runs stay untouched.

        Source: rollback as observed on langgraph-api 0.16.7.
        """
        namespaces = self.storage.get(thread_id, {})
        for namespace, stored in namespaces.items():
            for checkpoint_id, (_, metadata, _) in list(stored.items()):
                if self.serde.loads_typed(metadata).get("run_id") == run_id:
                    del stored[checkpoint_id]
                    self.writes.pop((thread_id, namespace, checkpoint_id), None)
        if not any(namespaces.values()):
            self.delete_thread(thread_id)

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Give a thread all that another has written; ids of checkpoints stay the same."""
        for namespace, stored in list(self.storage.get(source_thread_id, {}).items()):
            self.storage[target_thread_id][namespace] = dict(stored)
        for thread_id, namespace, checkpoint_id in list(self.writes):
            if thread_id == source_thread_id:
                written = self.writes[thread_id, namespace, checkpoint_id]
                self.writes[target_thread_id, namespace, checkpoint_id] = dict(written)
        for (thread_id, namespace, channel, version), blob in list(self.blobs.items()):
            if thread_id == source_thread_id:
                self.blobs[target_thread_id, namespace, channel, version] = blob

    def size_of(self, thread_id: str) -> Json:
        """Return what a thread has written, counted in pieces and bytes.

        Source: keys observed on langgraph-api 0.16.7.
        Assumed: the bytes of a thread's `storage` are those of the serialized values.
        """
        stored = [each for kept in self.storage.get(thread_id, {}).values() for each in kept.values()]
        channels: dict[str, Json] = {}
        for (owner, _, channel, _), (_, blob) in self.blobs.items():
            if owner == thread_id:
                sizes = channels.setdefault(channel, {"versions": 0, "bytes": 0})
                sizes["versions"] += 1
                sizes["bytes"] += len(blob)
        writes = [
            len(value[2][1])
            for key, written in self.writes.items()
            if key[0] == thread_id
            for value in written.values()
        ]
        sizes_of = {
            "checkpoints": [len(checkpoint[1]) + len(metadata[1]) for checkpoint, metadata, _ in stored],
            "channel_values": [each["bytes"] for each in channels.values()],
            "pending_writes": writes,
        }
        shown: Json = {name: {"count": len(sizes), "bytes": sum(sizes)} for name, sizes in sizes_of.items()}
        shown["channel_values"]["count"] = sum(each["versions"] for each in channels.values())
        shown["channel_values"]["by_channel"] = channels
        total = sum(each["bytes"] for each in shown.values())
        return {"thread_id": thread_id, "total_bytes": total, **shown}


def _unpack_as_json(code: int, data: bytes) -> Any:
    if code == jsonplus.EXT_DELTA_SNAPSHOT:  # LangGraph's own mark on a value, which it must find again
        return jsonplus._msgpack_ext_hook(code, data)
    return jsonplus._msgpack_ext_hook_to_json(code, data)


def install() -> None:
    """Make LangGraph draw the ids and times of checkpoints, messages and events from `drawing_from`.

    LangGraph has no setting for them; outside the mock's runs its own are used as before.
    """
    vars(langgraph.pregel._checkpoint).update(uuid6=_checkpoint_id, datetime=_Clock)
    vars(langgraph.pregel._loop).update(datetime=_Clock)
    vars(langgraph.pregel._messages).update(uuid4=_MessageIds.uuid4)
    vars(langgraph.graph.message).update(uuid=_MessageIds)
    vars(langchain_core.callbacks.manager).update(uuid7=_callback_id)


def _checkpoint_id(node: int | None = None, clock_seq: int | None = None) -> UUID:
    source = drawing_from.get()
    return uuid6(node, clock_seq) if source is None else source.checkpoint_id(clock_seq or 0)


def _callback_id() -> UUID:
    source = drawing_from.get()
    return uuid7() if source is None else source.uuid7()


class _Clock:
    @staticmethod
    def now(tz: tzinfo | None = None) -> datetime:
        source = drawing_from.get()
        return datetime.now(tz) if source is None else source.now()


class _MessageIds:
    @staticmethod
    def uuid4() -> UUID:
        source = drawing_from.get()
        return uuid4() if source is None else source.uuid4()

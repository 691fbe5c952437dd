"""Checkpoints in memory, with ids and times of ours, and a way to take one run's back; knows no HTTP."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime, tzinfo
from uuid import UUID, uuid4

import langchain_core.callbacks.manager
import langgraph.graph.message
import langgraph.pregel._checkpoint
import langgraph.pregel._loop
import langgraph.pregel._messages
from langchain_core.utils.uuid import uuid7
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.memory import InMemorySaver

from mockserver.ids import ThreadIds

drawing_from: ContextVar[ThreadIds | None] = ContextVar("drawing_from", default=None)
"""Where the graph at work draws its ids and times; None outside the mock's own runs."""


class Checkpoints(InMemorySaver):
    """LangGraph's in-memory checkpointer, which can also forget single runs."""

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

"""Reads, changes and copies what the graphs of threads have written; knows no HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateUpdate

from mockserver.checkpoints import Checkpoints, drawing_from
from mockserver.errors import BadRequest, GraphUnassigned, NotFound
from mockserver.records import Json, Outcome, Thread
from mockserver.serving import Graphs
from mockserver.states import EMPTY, interrupts_by_task, state_to_json
from mockserver.values import plain

logger = logging.getLogger(__name__)


class History:
    """The states of all threads, as LangGraph's checkpointer keeps them.

    Args:
        graphs: what wrote the states, and what they are read through.
        graph_ids: which of them there are.
        checkpoints: where all of them write.
    """

    def __init__(self, graphs: Graphs, graph_ids: Iterable[str], checkpoints: Checkpoints) -> None:
        self._graphs = graphs
        self._graph_ids = sorted(graph_ids)
        self._checkpoints = checkpoints
        self._kept = {"checkpointer": checkpoints.as_json()}

    async def state(self, thread: Thread, at: Json | None = None, *, subgraphs: bool = False) -> Json:
        """Return a state of a thread.

        Args:
            thread: whose state.
            at: a Checkpoint; None is the newest.
            subgraphs: whether the states of subgraphs at work are shown too.

        Raises:
            NotFound: there is no such graph as the thread names (404).
        """
        if (graph_id := self._graph_id_of(thread)) is None:
            return EMPTY
        config = _config_of(thread, at)
        try:
            async with self._graphs.open(graph_id, config) as graph:
                found = await graph.copy(self._kept).aget_state(config, subgraphs=subgraphs)
        except ValueError as error:
            if at is None:  # what a failed run has left cannot be read either
                raise BadRequest(str(error)) from None
            return _nothing_at(thread, at)  # a namespace of no subgraph
        return state_to_json(found, thread.thread_id)

    async def states(
        self,
        thread: Thread,
        *,
        limit: int,
        before: str | None = None,
        metadata: Json | None = None,
        at: Json | None = None,
    ) -> list[Json]:
        """Return the states of a thread, newest first.

        Args:
            thread: whose states.
            limit: how many at most, >= 0.
            before: a checkpoint id; only older states are returned.
            metadata: only states whose metadata has these values.
            at: a Checkpoint; its namespace, and its id if it names one, are the only ones looked at.

        Raises:
            NotFound: there is no such graph as the thread names (404).
        """
        graph_id = self._graph_id_of(thread)
        if graph_id is None or limit == 0:
            return []
        older_than: RunnableConfig | None = {"configurable": {"checkpoint_id": before}} if before else None
        config = _config_of(thread, {"checkpoint_ns": "", **(at or {})})
        try:
            async with self._graphs.open(graph_id, config) as graph:
                reader = graph.copy(self._kept)
                found = reader.aget_state_history(config, filter=metadata, before=older_than, limit=limit)
                return [state_to_json(state, thread.thread_id) async for state in found]
        except ValueError:  # a namespace of no subgraph
            return []

    async def update(
        self, thread: Thread, supersteps: list[list[Json]], at: Json | None = None
    ) -> tuple[Json, Outcome]:
        """Write to a thread's state as if nodes had; return the new checkpoint and what the thread then shows.

        A thread shows the state its update started from, if that was named, and not what came of it.

        Args:
            thread: whose state.
            supersteps: one after the other; each is a list of updates with `values` and `as_node`.
            at: a Checkpoint to start from; None is the newest.

        Raises:
            GraphUnassigned: the thread names no graph (400).
            NotFound: there is no such graph as it names (404).
            BadRequest: the graph refuses the update (400).
        Source: observed on langgraph-api 0.16.7.
        """
        if (graph_id := self._graph_id_of(thread)) is None:
            raise GraphUnassigned(thread.thread_id)
        start = {"checkpoint_ns": "", **(at or {})}
        named = {**start, "graph_id": graph_id}
        try:
            with _drawing(thread):
                async with self._graphs.open(graph_id, _config_of(thread, start)) as graph:
                    for step in supersteps:
                        updates = [StateUpdate(each.get("values"), each.get("as_node")) for each in step]
                        written = await graph.abulk_update_state(_config_of(thread, named), [updates])
                        named = written["configurable"]
                    state = await graph.aget_state(_config_of(thread, start))
        except Exception as error:  # whatever a graph's reducers and routes raise is about the update
            logger.info("an update of thread %s failed", thread.thread_id, exc_info=error)
            raise BadRequest(str(error)) from None
        outcome = Outcome(plain(state.values), bool(state.next), interrupts_by_task(state))
        checkpoint = {key: named[key] for key in ("thread_id", "checkpoint_ns", "checkpoint_id")}
        return checkpoint, outcome

    def copy(self, source: Thread, target: Thread) -> None:
        """Give a new thread all the checkpoints of another, under their own ids."""
        self._checkpoints.copy_thread(source.thread_id, target.thread_id)

    def size(self, thread: Thread) -> Json:
        """Return how many checkpoints a thread has and how many bytes they take."""
        return self._checkpoints.size_of(thread.thread_id)

    def _graph_id_of(self, thread: Thread) -> str | None:
        if not (graph_id := thread.metadata.get("graph_id")):
            return None
        if graph_id not in self._graph_ids:
            raise NotFound(f"Graph '{graph_id}' not found. Expected one of: {self._graph_ids}")
        return str(graph_id)


@contextmanager
def _drawing(thread: Thread) -> Iterator[None]:
    token = drawing_from.set(thread.ids)
    try:
        yield
    finally:
        drawing_from.reset(token)


def _config_of(thread: Thread, at: Json | None = None) -> RunnableConfig:
    named = {"checkpoint_ns": ""} if at is None else at
    metadata = {"checkpoint_id": named["checkpoint_id"]} if "checkpoint_id" in named else {}
    return {"configurable": {**named, "thread_id": thread.thread_id}, "metadata": metadata}


def _nothing_at(thread: Thread, at: Json) -> Json:
    named = {**at, "thread_id": thread.thread_id}
    return {**EMPTY, "checkpoint": named, "checkpoint_id": at.get("checkpoint_id")}

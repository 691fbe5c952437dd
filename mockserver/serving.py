"""Graphs ready to run: with the deployment's checkpointer, and made anew where a factory makes them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from langgraph.store.memory import InMemoryStore

from mockserver import weather
from mockserver.errors import BadGraph
from mockserver.graphs import load

Graph = Pregel[Any, Any, Any, Any]


class Graphs:
    """The graphs of one deployment.

    Args:
        found: graph id to graph, or to where it is, as `graphs.references` gives them.
        checkpointer: keeps the states of all of them.

    Raises:
        BadGraph: one of them cannot be served.
    """

    def __init__(self, found: Mapping[str, Any], checkpointer: BaseCheckpointSaver[Any]) -> None:
        self._checkpointer = checkpointer
        self._store = InMemoryStore()
        self._graphs: dict[str, Graph] = {}
        self._factories: dict[str, Callable[..., Any]] = {}
        for graph_id, where in found.items():
            graph = load(graph_id, where)
            if isinstance(graph, (Pregel, StateGraph)):
                self._graphs[graph_id] = self._ready(graph_id, graph)
            elif callable(graph):
                self._factories[graph_id] = graph
            else:
                raise _not_a_graph(graph_id, graph)

    def __contains__(self, graph_id: object) -> bool:
        return graph_id in self._graphs or graph_id in self._factories

    def rests(self, graph_id: str) -> bool:
        """Return whether a graph is known to think, and so to rest, within milliseconds."""
        return getattr(self._graphs.get(graph_id), "builder", None) is weather.builder

    @asynccontextmanager
    async def open(self, graph_id: str, config: RunnableConfig) -> AsyncIterator[Graph]:
        """Give a graph for as long as it is needed; a factory makes one for this config.

        A factory takes a config or nothing, and returns a graph, or an awaitable or a context manager of one.
        Source: langgraph.json reference, "graphs".
        """
        if graph_id in self._graphs:
            yield self._graphs[graph_id]
            return
        factory = self._factories[graph_id]
        async with AsyncExitStack() as stack:
            made = factory(config) if inspect.signature(factory).parameters else factory()
            if inspect.isawaitable(made):
                made = await made
            if hasattr(made, "__aenter__"):
                made = await stack.enter_async_context(made)
            elif hasattr(made, "__enter__"):
                made = stack.enter_context(made)
            yield self._ready(graph_id, made)

    def _ready(self, graph_id: str, graph: Any) -> Graph:
        if isinstance(graph, StateGraph):
            graph = graph.compile()
        if not isinstance(graph, Pregel):
            raise _not_a_graph(graph_id, graph)
        own = {"checkpointer": self._checkpointer, "store": graph.store or self._store, "name": graph_id}
        return graph.copy(own)


def _not_a_graph(graph_id: str, found: Any) -> BadGraph:
    return BadGraph(
        f"Graph {graph_id!r} is a {type(found).__name__}, not a graph. "
        "Name a compiled LangGraph graph, or a function that returns one"
    )

"""One run through one graph: statuses, checkpoints, values; knows no HTTP."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Mapping
from typing import Any

import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.errors import EmptyInputError, GraphRecursionError, InvalidUpdateError
from langgraph.pregel import Pregel

from mockserver import checkpoints, weather
from mockserver.checkpoints import Checkpoints, drawing_from
from mockserver.modes import Translation, pieces
from mockserver.records import Fate, Json, Outcome, Run, Thread
from mockserver.scheduler import Scheduler
from mockserver.states import EMPTY, interrupts_by_task, plain, state_to_json
from mockserver.streams import KeptLogs

OPEN_ERRORS = (ValueError, InvalidUpdateError, GraphRecursionError, EmptyInputError)
"""Errors whose message a client may see; those of other classes are masked.

Source: observed on langgraph-api 0.16.7 with ValueError, IndexError and LangGraph's own. Assumed: the rest.
"""

MASKED = "An internal error occurred"

logger = logging.getLogger(__name__)

checkpoints.install()


class Execution:
    """Runs the graphs of one deployment and reads their states.

    Args:
        graphs: graph id to where the graph is, as `module:attribute`.
    """

    def __init__(self, graphs: Mapping[str, str]) -> None:
        self.checkpoints = Checkpoints()
        self._graphs = {graph_id: self._load(where) for graph_id, where in graphs.items()}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._kept_logs = KeptLogs()
        self.scheduler: Scheduler
        """Is told how runs go; set right after both are made, as each needs the other."""

    def _load(self, where: str) -> Pregel[Any, Any, Any, Any]:
        module, _, attribute = where.partition(":")
        graph: Pregel[Any, Any, Any, Any] = getattr(importlib.import_module(module), attribute)
        return graph.copy({"checkpointer": self.checkpoints})

    # What the scheduler orders.

    def start(self, thread: Thread, run: Run) -> None:
        """Begin the work on a run."""
        if not self._rests(run):
            run.hold.resting.set()
        self._tasks[run.run_id] = asyncio.create_task(self._work(thread, run), name=f"run {run.run_id}")

    def stop(self, run: Run) -> None:
        """End the work on a run soon; until it is over the run is not at rest."""
        run.hold.resting.clear()
        if (task := self._tasks.get(run.run_id)) is not None:
            task.cancel()

    def delay(self, thread: Thread, run: Run) -> None:
        """Let a run wait for `run.delay_s` before it may start."""
        loop = asyncio.get_running_loop()
        self._timers[run.run_id] = loop.call_later(run.delay_s, self._due, thread, run)

    def forget(self, thread: Thread) -> None:
        """Delete all checkpoints of a deleted thread."""
        self.checkpoints.delete_thread(thread.thread_id)

    def _due(self, thread: Thread, run: Run) -> None:
        self._timers.pop(run.run_id, None)
        self.scheduler.due(thread, run)

    async def close(self) -> None:
        """End all work without a trace, as when the process ends."""
        for timer in self._timers.values():
            timer.cancel()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What requests ask.

    async def settle(self, thread: Thread) -> None:
        """Wait until the run at work thinks or has ended, so that what a request sees is not luck.

        Only for graphs that are known to think soon; others are looked at as they are.
        """
        while (run := thread.working) is not None and not run.hold.resting.is_set():
            await run.hold.resting.wait()

    async def state(self, thread: Thread) -> Json:
        """Return the newest state of a thread."""
        graph = self._graphs.get(thread.metadata.get("graph_id", ""))
        if graph is None:
            return EMPTY
        return state_to_json(await graph.aget_state(_config_of(thread)), thread.thread_id)

    async def history(
        self, thread: Thread, *, limit: int, before: str | None = None, metadata: Json | None = None
    ) -> list[Json]:
        """Return the states of a thread, newest first.

        Args:
            thread: whose states.
            limit: how many at most, >= 0.
            before: a checkpoint id; only older states are returned.
            metadata: only states whose metadata has these values.
        """
        graph = self._graphs.get(thread.metadata.get("graph_id", ""))
        if graph is None or limit == 0:
            return []
        older_than: RunnableConfig | None = {"configurable": {"checkpoint_id": before}} if before else None
        states = graph.aget_state_history(_config_of(thread), filter=metadata, before=older_than, limit=limit)
        return [state_to_json(state, thread.thread_id) async for state in states]

    # The work itself.

    def _rests(self, run: Run) -> bool:
        """Return whether the run's graph is known to think, and so to rest, within milliseconds."""
        return self._graphs[run.graph_id].builder is weather.builder  # type: ignore[attr-defined]

    async def _work(self, thread: Thread, run: Run) -> None:
        self.scheduler.begun(run)
        run.kwargs["config"]["configurable"]["__pregel_node_finished"] = None
        run.kwargs["config"]["metadata"] |= run.served_by
        drawing_from.set(thread.ids)
        weather.thinking.set(run.hold.think)
        _publish(thread, run, "metadata", {"run_id": run.run_id, "attempt": 1})
        error: Json | None = None
        try:
            await self._stream(thread, run)
        except asyncio.CancelledError:
            if run.stop is None and run.fate is Fate.KEPT:
                raise  # the deployment closes
        except Exception as caught:  # whatever a graph raises is the run's outcome, not ours
            logger.info("run %s failed", run.run_id, exc_info=caught)
            error = _error_to_json(caught)
        finally:
            self._tasks.pop(run.run_id, None)  # from here on the run can no longer be stopped
        outcome = await self._outcome(thread, run, error)
        if outcome.error is not None and run.stop is None:
            _publish(thread, run, "error", outcome.error)
        self.scheduler.done(thread, run, outcome)
        if run.events.keep:
            self._kept_logs.add(run.events)
        if thread.events.wanted:
            thread.events.add("metadata", orjson.dumps({"status": "run_done", "run_id": run.run_id}))

    async def _stream(self, thread: Thread, run: Run) -> None:
        translation = Translation(run)
        async for piece in pieces(self._graphs[run.graph_id], run):
            namespace, mode, data = piece
            if mode == "values" and not namespace:
                run.last_values |= plain(data)
            for name, shown in translation.events(piece):
                _publish(thread, run, name, shown)

    async def _outcome(self, thread: Thread, run: Run, error: Json | None) -> Outcome:
        """Read what the run has left; never fails, because the next run waits for it."""
        try:
            state = await self._graphs[run.graph_id].aget_state(_config_of(thread))
            if run.fate is Fate.ROLLED_BACK:
                self.checkpoints.forget_run(thread.thread_id, run.run_id)
                return Outcome(values=thread.values)
            return Outcome(plain(state.values), bool(state.next), interrupts_by_task(state), error)
        except Exception as caught:
            logger.exception("the state left by run %s cannot be read", run.run_id)
            return Outcome(values=thread.values, error=error or _error_to_json(caught))


def _config_of(thread: Thread) -> RunnableConfig:
    return {"configurable": {"thread_id": thread.thread_id, "checkpoint_ns": ""}}


def _publish(thread: Thread, run: Run, name: str, data: Any) -> None:
    """Tell those who read the run's stream or its thread's."""
    for log in (run.events, thread.events):
        if log.wanted:
            log.add(name, orjson.dumps(data))


def _error_to_json(error: Exception) -> Json:
    return {
        "error": type(error).__name__,
        "message": str(error) if isinstance(error, OPEN_ERRORS) else MASKED,
    }

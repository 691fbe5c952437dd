"""One run through one graph: statuses, checkpoints, values; knows no HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from langchain_core.runnables import RunnableConfig

from mockserver import checkpoints, weather
from mockserver.checkpoints import Checkpoints, drawing_from
from mockserver.history import History
from mockserver.ids import iso
from mockserver.modes import Translation, pieces
from mockserver.records import Json, Outcome, Run, Thread
from mockserver.scheduler import Scheduler
from mockserver.serving import Graphs
from mockserver.states import interrupts_by_task
from mockserver.statuses import Fate
from mockserver.streams import KeptLogs
from mockserver.values import error_to_json, plain
from mockserver.webhooks import Webhooks

logger = logging.getLogger(__name__)

checkpoints.install()


class Execution:
    """Runs the graphs of one deployment and reads their states.

    Args:
        graphs: graph id to graph, or to where it is, as `graphs.references` gives them.
        note: is told of webhooks, in words.
    """

    def __init__(self, graphs: Mapping[str, Any], note: Callable[[str], None]) -> None:
        self.checkpoints = Checkpoints()
        self._graphs = Graphs(graphs, self.checkpoints)
        self.history = History(self._graphs, graphs, self.checkpoints)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._kept_logs = KeptLogs()
        self._webhooks = Webhooks(note)
        self.scheduler: Scheduler
        """Is told how runs go; set right after both are made, as each needs the other."""

    # What the scheduler orders.

    def start(self, thread: Thread, run: Run) -> None:
        """Begin the work on a run."""
        if not self._graphs.rests(run.graph_id):
            run.hold.resting.set()
        self._tasks[run.run_id] = asyncio.create_task(self._work(thread, run), name=f"run {run.run_id}")

    def stop(self, run: Run) -> None:
        """End the work on a run soon; until it is over the run is not at rest."""
        run.hold.resting.clear()
        # Not now: a task cancelled before its first step would never say that the run is over.
        asyncio.get_running_loop().call_soon(self._cancel, run)

    def _cancel(self, run: Run) -> None:
        if (task := self._tasks.get(run.run_id)) is not None:
            task.cancel()

    def delay(self, thread: Thread, run: Run) -> None:
        """Let a run wait for `run.delay_s` before it may start."""
        loop = asyncio.get_running_loop()
        self._timers[run.run_id] = loop.call_later(run.delay_s, self._due, thread, run)

    def forget(self, thread: Thread) -> None:
        """Delete all checkpoints of a deleted thread."""
        self.checkpoints.delete_thread(thread.thread_id)

    def forget_run(self, thread: Thread, run: Run) -> None:
        """Delete the checkpoints of a deleted run."""
        self.checkpoints.forget_run(thread.thread_id, run.run_id)

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
        await self._webhooks.close()

    # What requests ask.

    async def settle(self, thread: Thread) -> None:
        """Wait until the run at work thinks or has ended, so that what a request sees is not luck.

        Only for graphs that are known to think soon; others are looked at as they are.
        """
        while (run := thread.working) is not None and not run.hold.resting.is_set():
            await run.hold.resting.wait()

    # The work itself.

    async def _work(self, thread: Thread, run: Run) -> None:
        if run.stop is not None or thread.deleted:  # before it began
            del self._tasks[run.run_id]
            self.scheduler.done(thread, run, Outcome(values=thread.values))
            return
        self.scheduler.begun(run)
        run.started_at = thread.ids.now()
        configurable = run.kwargs["config"]["configurable"]
        configurable["__pregel_node_finished"] = None
        configurable.pop("__context_provided__", None)
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
            error = error_to_json(caught)
        finally:
            self._tasks.pop(run.run_id, None)  # from here on the run can no longer be stopped
        outcome = await self._outcome(thread, run, error)
        if outcome.error is not None and run.stop is None:
            _publish(thread, run, "error", outcome.error)
        self.scheduler.done(thread, run, outcome)
        if run.kwargs["webhook"] is not None:
            self._webhooks.send(run.kwargs["webhook"], _webhook_body(thread, run, outcome))
        if run.events.keep:
            self._kept_logs.add(run.events)
        if thread.events.wanted:
            thread.events.add("metadata", orjson.dumps({"status": "run_done", "run_id": run.run_id}))

    async def _stream(self, thread: Thread, run: Run) -> None:
        translation = Translation(run)
        async with self._graphs.open(run.graph_id, run.kwargs["config"]) as graph:
            async for piece in pieces(graph, run):
                namespace, mode, data = piece
                if mode == "values" and not namespace:
                    run.last_values |= plain(data)
                for name, shown in translation.events(piece):
                    _publish(thread, run, name, shown)

    async def _outcome(self, thread: Thread, run: Run, error: Json | None) -> Outcome:
        """Read what the run has left; never fails, because the next run waits for it."""
        try:
            config = _config_of(thread)
            async with self._graphs.open(run.graph_id, config) as graph:
                state = await graph.aget_state(config)
            if run.fate is Fate.ROLLED_BACK:
                self.checkpoints.forget_run(thread.thread_id, run.run_id)
                return Outcome(values=thread.values, has_state=False)
            if state.created_at is None:
                return Outcome(values=thread.values, has_state=False, error=error)
            return Outcome(
                values=plain(state.values),
                unfinished=bool(state.next),
                interrupts=interrupts_by_task(state),
                error=error,
            )
        except Exception as caught:
            logger.exception("the state left by run %s cannot be read", run.run_id)
            return Outcome(values=thread.values, error=error or error_to_json(caught))


def _config_of(thread: Thread) -> RunnableConfig:
    return {"configurable": {"thread_id": thread.thread_id, "checkpoint_ns": ""}}


def _webhook_body(thread: Thread, run: Run, outcome: Outcome) -> Json:
    """Return what a webhook is told. Source: observed on langgraph-api 0.16.7."""
    error = run.stop.to_error() if run.stop else outcome.error
    return {
        **run.to_json(),
        "run_started_at": iso(run.started_at or run.updated_at),
        "run_ended_at": iso(run.updated_at),
        "webhook_sent_at": iso(thread.ids.now()),
        "values": outcome.values,
        **({} if error is None else {"error": error}),
    }


def _publish(thread: Thread, run: Run, name: str, data: Any) -> None:
    """Tell those who read the run's stream or its thread's."""
    for log in (run.events, thread.events):
        if log.wanted:
            log.add(name, orjson.dumps(data))

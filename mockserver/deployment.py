"""One mock deployment: its settings, records, ids, log and, once loaded, its graphs; knows no HTTP."""

from __future__ import annotations

import asyncio
import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING

from mockserver.graphs import references
from mockserver.hold import Hold
from mockserver.ids import Ids, stopwatch, system_assistant_id
from mockserver.journal import Journal
from mockserver.log import Log
from mockserver.records import Assistant, Json, Records, Thread
from mockserver.scheduler import Scheduler
from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.execution import Execution

IMITATED_API_VERSION = "0.16.7"
"""The langgraph-api whose behaviour this is."""


LANGGRAPH_VERSION = version("langgraph")
"""Read once, here: it reads files, for which no request should wait."""


class Deployment:
    """What the endpoints of one mock deployment share.

    Args:
        settings: what it is told; `hold_s` and `think_s` may change while it runs.

    Raises:
        BadGraph: the config cannot be read, or names no graphs.
    """

    def __init__(self, settings: Settings) -> None:
        self.hold_s = settings.hold_s
        self.think_s = settings.think_s
        self.loopback_webhooks = settings.loopback_webhooks
        self.graphs = references(settings.config, settings.graphs)
        """Graph id to graph, or to where it is."""

        self.log = Log()
        self._execution: Execution | None = None
        self._loading = asyncio.Lock()
        self._start_over(settings.seed)

    def _start_over(self, seed: int) -> None:
        self.ids = Ids(seed)
        self.records = Records()
        self.journal = Journal(stopwatch(), self.log.add)
        for graph_id in self.graphs:
            now = self.ids.now()
            assistant_id = system_assistant_id(graph_id)
            self.records.assistants[assistant_id] = Assistant(
                assistant_id, graph_id, graph_id, now, now, metadata={"created_by": "system"}
            )

    def load(self) -> Execution:
        """Return what runs the graphs, at the cost of importing LangGraph and the graphs the first time.

        Raises:
            BadGraph: one of the graphs cannot be served.
        """
        if self._execution is None:
            module = importlib.import_module("mockserver.execution")
            self._execution = execution = module.Execution(self.graphs, self.log.add)
            execution.scheduler = Scheduler(self.records, execution, self.ids.now, self.think_s, self.journal)
            execution.checkpoints.journal = self.journal
        return self._execution

    async def execution(self) -> Execution:
        """Return what runs the graphs; loads LangGraph, in a thread, when it is first wanted."""
        async with self._loading:
            if self._execution is None:
                await asyncio.to_thread(importlib.import_module, "mockserver.execution")
            return self.load()

    async def reset(self, seed: int | None = None) -> None:
        """Forget all threads and runs, end all work, and draw the same ids again.

        Args:
            seed: of the ids from now on; None keeps the one in use.
        """
        execution, self._execution = self._execution, None
        threads, journal = list(self.records.threads.values()), self.journal
        self._start_over(self.ids.seed if seed is None else seed)  # nobody who comes meanwhile sees the old
        if execution is not None:
            for thread in threads:
                execution.scheduler.delete_thread(thread)
            await execution.close()
        journal.close()
        self.log.add(f"reset (seed {self.ids.seed})")

    async def reset_thread(self, thread: Thread) -> None:
        """Make a thread anew, under its id and with its metadata; its runs and states are forgotten."""
        (await self.execution()).scheduler.delete_thread(thread)
        await self.vacate(thread.thread_id)
        if thread.thread_id not in self.records.threads:  # nobody was quicker
            self.journal.forget(thread.thread_id)
            self.new_thread(thread.metadata, thread.thread_id)

    def tune(self, *, hold_s: float | None = None, think_s: float | None = None) -> None:
        """Change how long runs think that start from now on; None leaves it as it is."""
        self.hold_s = self.hold_s if hold_s is None else hold_s
        self.think_s = self.think_s if think_s is None else think_s
        if self._execution is not None:
            self._execution.scheduler.think_s = self.think_s

    def new_thread(self, metadata: Json, thread_id: str | None = None) -> Thread:
        """Make a thread and keep it.

        Args:
            metadata: kept as it is.
            thread_id: a canonical UUID not in use; None draws one.
        """
        thread_id = thread_id or self.ids.uuid7()
        now = self.ids.now()
        thread = Thread(thread_id, now, now, now, metadata, self.ids.for_thread(thread_id))
        self.records.threads[thread_id] = thread
        return thread

    def copy_thread(self, source: Thread) -> Thread:
        """Make a thread with another's metadata; ids drawn on it sort after the other's.

        Source: observed on langgraph-api 0.16.7; the id is a random one there too.
        """
        thread_id = self.ids.uuid4()
        thread = self.new_thread(dict(source.metadata), thread_id)
        thread.ids = self.ids.for_thread(thread_id, after=source.ids)
        thread.copied = True
        return thread

    async def vacate(self, thread_id: str) -> None:
        """Wait until nothing is at work any more on a deleted thread whose id is to be used again."""
        if (leaving := self.records.leaving.get(thread_id)) is not None:
            await (await self.execution()).settle(leaving)

    def new_hold(self, *, waited_for: bool) -> Hold:
        """Return how long a new run will think."""
        return Hold(self.think_s if waited_for else self.hold_s)

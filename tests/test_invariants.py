"""What holds whatever clients do: a state machine drives the API in this process beside a small model.

The search is the same every time, so that a failure is about the change that brought it. To search anew and
for longer, raise `max_examples` and `stateful_step_count` at the end of this file and set `derandomize=False`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.calls import ANSWER_LIMIT_S, Call
from tests.mock import FOREVER_S, Client, Json, ask, mock
from tests.model import DONE, ModelRun, ModelThread, check_journal

STRATEGIES = ("reject", "enqueue", "interrupt", "rollback")

T = TypeVar("T")


class Machine(RuleBasedStateMachine):
    """Clients that do anything to a few threads."""

    threads: Bundle[ModelThread] = Bundle("threads")
    runs: Bundle[tuple[ModelThread, ModelRun]] = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.known: list[ModelThread] = []
        self.asked = 0
        self.client: Client = self.do(
            self.stack.enter_async_context(mock(hold_s=FOREVER_S, think_s=FOREVER_S))
        )

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(asyncio.wait_for(coroutine, 3 * ANSWER_LIMIT_S))

    def teardown(self) -> None:
        try:
            self.do(self.drain())
        finally:
            self.do(self.stack.aclose())
            self.runner.close()

    # What clients do.

    @rule(target=threads)
    def make(self) -> ModelThread:
        thread = ModelThread(self.do(self.client.thread()))
        self.known.append(thread)
        return thread

    @rule(
        target=runs,
        thread=threads,
        strategy=st.sampled_from(STRATEGIES),
        way=st.sampled_from(("", "/wait", "/stream")),
        cancels=st.booleans(),
    )
    def start(
        self, thread: ModelThread, strategy: str, way: str, cancels: bool
    ) -> tuple[ModelThread, ModelRun]:
        self.asked += 1
        question = f"what's the weather in town {self.asked}?"
        body = ask(question, multitask_strategy=strategy, on_disconnect="cancel" if cancels else "continue")
        run = ModelRun("", question, status="never was")
        before = self.do(self.seen(thread))
        call = self.do(self.begin("POST", f"{thread.path}/runs{way}", body))
        if thread.deleted:
            assert call.status == 404
        elif strategy == "reject" and thread.in_flight:
            assert call.status == 409
            assert self.do(self.seen(thread)) == before
        else:
            assert call.status == 200
            run.path, run.status = call.headers["content-location"], "pending"
            thread.accept(run, strategy)
            if way:
                run.calls.append((call, cancels))
        return thread, run

    @rule(of=runs)
    def join(self, of: tuple[ModelThread, ModelRun]) -> None:
        thread, run = of
        if not run.path:
            return
        gone = run.status in ("rolled back", "deleted")
        joined = self.do(self.client.get(f"{run.path}/join"))
        thread.finish(run)
        assert joined.status_code == 200
        assert ("__error__" in joined.json()) is gone

    @rule(of=runs, modes=st.sampled_from(("", "?stream_mode=values")))
    def watch(self, of: tuple[ModelThread, ModelRun], modes: str) -> None:
        thread, run = of
        if run in thread.in_flight:
            run.calls.append((self.do(self.begin("GET", f"{run.path}/stream{modes}")), False))

    @rule(of=runs)
    def hang_up(self, of: tuple[ModelThread, ModelRun]) -> None:
        thread, run = of
        for call, cancels in run.calls:
            self.do(call.hang_up())
            if cancels and run in thread.in_flight:
                thread.stop(run, "interrupted")
                thread.go_on()
        run.calls.clear()

    @rule(of=runs, action=st.sampled_from(("interrupt", "rollback")), wait=st.sampled_from("01"))
    def cancel(self, of: tuple[ModelThread, ModelRun], action: str, wait: str) -> None:
        thread, run = of
        if not run.path:
            return
        cancelled = self.do(self.client.post(f"{run.path}/cancel?action={action}&wait={wait}"))
        if run in thread.in_flight:
            assert cancelled.status_code in (200, 202)
            status = "interrupted" if action == "interrupt" else "rolled back"
            thread.stop(run, status, watched=wait == "1")
            thread.go_on()
        else:
            assert cancelled.status_code == 404

    @rule(of=consumes(runs))
    def forget(self, of: tuple[ModelThread, ModelRun]) -> None:
        thread, run = of
        if not run.path:
            return
        deleted = self.do(self.client.delete(run.path))
        gone = thread.deleted or run.status in ("rolled back", "deleted")
        assert deleted.status_code == (404 if gone else 204)
        thread.forget(run)

    @rule(thread=threads)
    def write(self, thread: ModelThread) -> None:
        """Change the state by hand."""
        if thread.working is not None and not thread.in_flight:
            return  # a deleted run is at work, and whose state wins is nobody's business
        self.asked += 1
        said = {
            "messages": [{"role": "human", "content": f"by hand {self.asked}", "id": f"hand-{self.asked}"}]
        }
        written = self.do(self.client.post(f"{thread.path}/state", json={"values": said, "as_node": "agent"}))
        if thread.deleted:
            assert written.status_code == 404
        elif not thread.has_graph:
            assert written.status_code == 400
        elif thread.in_flight:
            assert written.status_code == 409
        else:
            assert written.status_code == 200
            thread.written.append((None, [*thread.questions, f"by hand {self.asked}"]))

    @rule(thread=consumes(threads))
    def delete(self, thread: ModelThread) -> None:
        deleted = self.do(self.client.delete(thread.path))
        assert deleted.status_code == (404 if thread.deleted else 204)
        thread.vanish()

    @rule(thread=threads)
    def reset(self, thread: ModelThread) -> None:
        """Make one thread anew."""
        body = {"thread_id": thread.path.removeprefix("/threads/")}
        answer = self.do(self.client.post("/mock/reset", json=body))
        assert answer.status_code == (404 if thread.deleted else 200)
        if not thread.deleted:
            thread.vanish()
            thread.deleted = False
            thread.runs.clear()
            thread.written.clear()

    @rule()
    def reset_all(self) -> None:
        self.asked += 1
        self.do(
            self.client.post("/mock/reset", json={"seed": self.asked})
        )  # the same ids would be others' now
        for thread in self.known:
            thread.vanish()

    # What must hold then.

    @invariant()
    def threads_are_as_the_model_says(self) -> None:
        for thread in self.known:
            if not thread.deleted:
                runs, said = self.do(self.seen(thread))
                expected = {run.run_id: run.status for run in thread.runs if run.status not in DONE[3:]}
                assert runs == expected
                assert said == thread.questions

    @invariant()
    def whoever_waits_for_what_is_over_is_answered(self) -> None:
        for thread in self.known:
            for run in thread.runs:
                if run.status in DONE and run is not thread.working:
                    for call, _ in run.calls:
                        self.do(call.over())
                    run.calls.clear()

    @invariant()
    def journal_keeps_the_rules(self) -> None:
        check_journal(self.do(self.client.read("/mock/journal")))

    # How the machine sees.

    async def begin(self, method: str, path: str, body: Json | None = None) -> Call:
        return await Call(self.client, method, path, body).begun()

    async def seen(self, thread: ModelThread) -> Any:
        """Return all that must be as the model says, and nothing that only tells the time."""
        if thread.deleted:
            return (await self.client.get(thread.path)).status_code
        runs = await self.client.read(f"{thread.path}/runs", limit=1000)
        state = await self.client.read(f"{thread.path}/state")
        said = [
            message["content"]
            for message in state["values"].get("messages", [])
            if message["type"] == "human"
        ]
        return {run["run_id"]: run["status"] for run in runs}, said

    async def drain(self) -> None:
        """Join whatever is still in flight: nothing accepted is lost."""
        for thread in self.known:
            for run in thread.in_flight:
                joined = await self.client.read(f"{run.path}/join")
                assert joined["messages"][-1]["type"] == "ai"
                assert (await self.client.read(run.path))["status"] == "success"
            if not thread.deleted:
                run_path = await self.client.run(thread.path, multitask_strategy="enqueue")
                await self.client.read(f"{run_path}/join")
                assert (await self.client.read(thread.path))["status"] == "idle"


Machine.TestCase.settings = settings(
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
test_machine = pytest.mark.filterwarnings("default::ResourceWarning")(Machine.TestCase)

"""What holds whatever clients do: a state machine drives the API in this process beside a small model.

The search is the same every time, so that a failure is about the change that brought it. To search anew and
for longer, raise `max_examples` and `stateful_step_count` at the end of this file and set `derandomize=False`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from starlette.types import Message, Receive

from tests.mock import Client, Json, ask, mock

FOREVER_S = 100_000.0
"""How long runs think in these tests: until somebody joins them."""

ANSWER_LIMIT_S = 10.0
"""Longer than any answer takes that comes at all."""

STRATEGIES = ("reject", "enqueue", "interrupt", "rollback")

DONE = ("success", "interrupted", "error", "rolled back", "deleted")

T = TypeVar("T")


class Call:
    """A request whose client can hang up before the answer is complete, as a socket can."""

    def __init__(self, client: Client, method: str, path: str, body: Json | bytes | None = None) -> None:
        self._sent = (
            body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        )
        self._hung_up = asyncio.Event()
        self._asked = False
        self.start(client, method, path, self._receive)

    def start(self, client: Client, method: str, path: str, receive: Receive) -> None:
        """Send a request whose body comes from `receive`."""
        self.received, self.status = b"", 0
        self.headers: dict[str, str] = {}
        self._begun = asyncio.Event()
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "headers": [(b"host", b"mock")], "server": ("mock", 80), "client": ("test", 1),
        }  # fmt: skip
        self.task = asyncio.create_task(client.app(scope, receive, self._send))

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._sent, "more_body": False}
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._begun.set()
        else:
            self.received += message.get("body", b"")

    async def begun(self) -> Call:
        """Wait for the status and headers."""
        await asyncio.wait_for(self._begun.wait(), ANSWER_LIMIT_S)
        return self

    async def over(self) -> bytes:
        """Wait for the whole answer."""
        await asyncio.wait_for(self.task, ANSWER_LIMIT_S)
        return self.received

    async def hang_up(self) -> None:
        """Go before the answer is complete."""
        self._hung_up.set()
        await self.over()


@dataclass(eq=False)
class ModelRun:
    """What must be true of one run."""

    path: str
    question: str
    status: str = "pending"
    calls: list[tuple[Call, bool]] = field(default_factory=list)
    """Those who wait for it, and whether it is to be cancelled when they go."""

    heard: list[str] = field(default_factory=list)
    """What humans had said when it began, its own question included."""

    @property
    def run_id(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(eq=False)
class ModelThread:
    """What must be true of one thread. A run thinks until somebody joins it, so nothing happens by itself."""

    path: str
    working: ModelRun | None = None
    """The run at work; a deleted one goes on."""

    queue: list[ModelRun] = field(default_factory=list)
    runs: list[ModelRun] = field(default_factory=list)
    written: list[tuple[ModelRun | None, list[str]]] = field(default_factory=list)
    """Who has written to the state, None by hand, and what humans have said there; the last one shows."""

    has_graph: bool = False
    """Whether a run was ever accepted; a reset does not take that back."""

    deleted: bool = False

    @property
    def questions(self) -> list[str]:
        return self.written[-1][1] if self.written else []

    @property
    def in_flight(self) -> list[ModelRun]:
        head = [self.working] if self.working is not None and self.working.status == "running" else []
        return head + self.queue

    def accept(self, run: ModelRun, strategy: str) -> None:
        self.has_graph = True
        self.runs.append(run)
        if strategy in ("interrupt", "rollback"):
            for other in self.in_flight:
                self.stop(other, "interrupted" if strategy == "interrupt" else "rolled back")
        self.queue.append(run)
        self.go_on()

    def stop(self, run: ModelRun, status: str, *, watched: bool = False) -> None:
        if run is self.working:
            self.working = None
        else:
            self.queue.remove(run)
            if run.calls or watched:
                status = "interrupted"  # who waits for a run that never began is not told that it is gone
        if status == "rolled back":
            self.unwrite(run)
        run.status = status

    def unwrite(self, run: ModelRun) -> None:
        self.written = [(writer, said) for writer, said in self.written if writer is not run]

    def finish(self, last: ModelRun) -> None:
        """Let all runs up to this one come to their end."""
        while last is self.working or last in self.queue:
            assert self.working is not None
            ended, self.working = self.working, None
            self.written.append((ended, ended.heard))
            if ended.status == "running":
                ended.status = "success"
            self.go_on()

    def forget(self, run: ModelRun) -> None:
        """Delete a run with what it has written so far; one at work goes on, and writes more."""
        if run in self.queue:
            self.queue.remove(run)
        self.unwrite(run)
        run.status = "deleted"

    def go_on(self) -> None:
        if self.working is None and self.queue:
            self.working = run = self.queue.pop(0)
            run.status = "running"
            run.heard = [*self.questions, run.question]
            self.written.append((run, run.heard))

    def vanish(self) -> None:
        self.deleted, self.working = True, None
        self.queue.clear()
        for run in self.runs:
            run.status = "deleted"


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


def check_journal(journal: list[Json]) -> None:
    """Hold what was noted against the rules, thread by thread.

    One run works at a time, and only it writes checkpoints; runs start in the order they were accepted in;
    whoever was accepted is pending at once; what has ended stays as it is.
    """
    for thread_id in {entry["thread_id"] for entry in journal}:
        working: str | None = None
        accepted: list[str] = []
        begun: list[str] = []
        status: dict[str, str] = {}
        for entry in journal:
            if entry["thread_id"] != thread_id:
                continue
            run_id: str | None = entry.get("run_id")
            if entry["kind"] == "request":
                assert (run_id is None) is (entry["decision"] == "rejected"), entry
                assert entry["decision"] != "rejected" or entry["in_flight"], entry
                assert entry["in_flight"] == [id for id in accepted if status[id] not in DONE], entry
                if run_id is not None:
                    accepted.append(run_id)
                    status[run_id] = "requested"
            elif run_id is None:
                continue
            elif entry["kind"] == "run":
                before, status[run_id] = status[run_id], entry["status"]
                assert before not in DONE or entry["status"] == "deleted", entry
                if entry["status"] == "running":
                    assert working is None or status[working] in DONE, entry
                    working = run_id
                    begun.append(run_id)
            elif entry["kind"] == "checkpoint":
                assert run_id == working, entry
        assert begun == [id for id in accepted if id in begun]


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

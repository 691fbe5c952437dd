"""A client that writes down what a server answers; knows nothing of what the answers should be."""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx

from .recording import Exchange, Json, Recording, parse_body, parse_events

ANSWER_LIMIT_S = 45.0
STATE_LIMIT_S = 20.0
HEADERS_LIMIT_S = 5.0
ROUND_TRIPS = 5
NO_BODY = object()


class NeverCameError(Exception):
    """A state the scenario waits for did not come within the bound."""


class Reply:
    """An answer that may still be on its way."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.headers_came = asyncio.Event()
        self.body_grew = asyncio.Condition()
        self.raw = b""
        self.task: asyncio.Task[None] | None = None

    async def body(self) -> Json:
        """Wait for the end of the answer and return its body."""
        assert self.task is not None
        await self.task
        return self.exchange.body

    async def ended(self) -> None:
        """Wait for the end of an answer whose body is chance on the real server; it is not compared."""
        await self.body()
        self.exchange.body, self.exchange.form = None, "not compared"

    async def events(self, count: int) -> None:
        """Wait until at least `count` events have come."""
        async with asyncio.timeout(STATE_LIMIT_S), self.body_grew:
            await self.body_grew.wait_for(lambda: len(self.exchange.body or []) >= count)

    def forget(self) -> Self:
        """Leave out what was heard so far: whether a step is heard that has just ended is chance on the real server."""
        self.raw, self.exchange.body = b"", None
        return self

    async def drop(self) -> None:
        """Hang up."""
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait([self.task])

    @property
    def run_id(self) -> str:
        """Return the run the answer's headers name."""
        return self.exchange.headers["content-location"].rsplit("/", 1)[-1]


class Recorder:
    """Sends a scenario's requests to one server; waiting for a state is not recorded."""

    def __init__(self, url: str, gates: Path, recording: Recording) -> None:
        # Every request has a connection of its own: the real server drops it after a 500. Nothing here is https, and
        # reading the certificates would take a third of a recording's time.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(base_url=url, timeout=ANSWER_LIMIT_S, limits=limits, verify=False)
        self._gates = gates
        self._held: set[Path] = set()
        self._replies: list[Reply] = []
        self._recording = recording
        self.tag = str(uuid.uuid4())

    async def close(self) -> None:
        for gate in self._held:
            gate.unlink(missing_ok=True)
        for reply in self._replies:
            if reply.task is not None and not reply.task.done():
                await reply.drop()
        await self._client.aclose()

    def new_id(self) -> str:
        """Return a fresh id for a scenario that chooses its own."""
        return str(uuid.uuid4())

    def hold(self, thread_id: str) -> None:
        """Make the runs of a thread wait where their graph calls `gate`."""
        gate = self._gates / thread_id
        gate.touch()
        self._held.add(gate)

    def release(self, thread_id: str) -> None:
        """Let the runs of a thread go on."""
        (self._gates / thread_id).unlink(missing_ok=True)

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Json:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, body: Json = NO_BODY, headers: dict[str, str] | None = None) -> Json:
        return await self.send("POST", path, body, headers)

    async def patch(self, path: str, body: Json = NO_BODY, headers: dict[str, str] | None = None) -> Json:
        return await self.send("PATCH", path, body, headers)

    async def delete(self, path: str) -> Json:
        return await self.send("DELETE", path)

    async def send(
        self, method: str, path: str, body: Json = NO_BODY, headers: dict[str, str] | None = None
    ) -> Json:
        """Send a request, record it and return the answer's body; bytes are sent as they are."""
        return await self._start(method, path, body, headers).body()

    async def begin(
        self, method: str, path: str, body: Json = NO_BODY, headers: dict[str, str] | None = None
    ) -> Reply:
        """Send a request whose answer takes its time; return when its headers have come.

        The real server sends the headers at once; one that sends them late is recorded as such.
        """
        reply = self._start(method, path, body, headers)
        try:
            await asyncio.wait_for(reply.headers_came.wait(), HEADERS_LIMIT_S)
        except TimeoutError:
            reply.exchange.form = "late headers, "
        # The real server listens to the run a moment after it has sent the headers, and nothing shows when.
        await self._let_it_work()
        return reply

    async def _let_it_work(self) -> None:
        """Give the server turns of its event loop, in which it does what it has begun."""
        for _ in range(ROUND_TRIPS):
            await self._client.get("/info")

    def _start(self, method: str, path: str, body: Json, headers: dict[str, str] | None) -> Reply:
        request = None if body is NO_BODY else body
        exchange = Exchange(method, path, request if not isinstance(request, bytes) else request.decode())
        self._recording.exchanges.append(exchange)
        reply = Reply(exchange)
        content = body if isinstance(body, bytes) else None if body is NO_BODY else json.dumps(body).encode()
        all_headers = {"content-type": "application/json"} if content is not None else {}
        reply.task = asyncio.create_task(self._receive(reply, content, {**all_headers, **(headers or {})}))
        self._replies.append(reply)
        return reply

    async def _receive(self, reply: Reply, content: bytes | None, headers: dict[str, str]) -> None:
        exchange = reply.exchange
        unread = b""
        try:
            async with self._client.stream(
                exchange.method, exchange.path, content=content, headers=headers
            ) as response:
                exchange.status = response.status_code
                exchange.headers = dict(response.headers)
                reply.headers_came.set()
                is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
                async for chunk in response.aiter_bytes():
                    reply.raw += chunk
                    if is_stream:
                        events, end, unread = (unread + chunk).rpartition(b"\r\n\r\n")
                        async with reply.body_grew:
                            exchange.body = [*(exchange.body or []), *parse_events(events + end)]
                            reply.body_grew.notify_all()
        except httpx.HTTPError as error:
            exchange.form += f"broken off: {type(error).__name__}, "
        except asyncio.CancelledError:
            exchange.form += "hung up, "
            raise
        finally:
            reply.headers_came.set()
            if exchange.status:
                exchange.body, form = parse_body(exchange.headers.get("content-type", ""), reply.raw)
                exchange.form += form if "hung up" not in exchange.form else "the rest is unread"

    async def until(self, path: str, holds: Callable[[Json], bool]) -> Json:
        """Poll a path until its JSON answer, or its status if it is no 200, is as wanted."""
        answer: Json = None
        deadline = asyncio.get_running_loop().time() + STATE_LIMIT_S
        for pause_s in itertools.chain([0.02, 0.05], itertools.repeat(0.1)):
            response = await self._client.get(path)
            answer = response.json() if response.status_code == 200 else response.status_code
            if holds(answer):
                return answer
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(pause_s)
        raise NeverCameError(f"GET {path} never was as expected; last: ...{json.dumps(answer)[-300:]}")

    async def until_thinking(self, thread_id: str, run_id: str) -> None:
        """Wait until the agent has called its tool and is held before its final answer."""

        def thinking(state: Json) -> bool:
            return bool(
                isinstance(state, dict)
                and (state["metadata"] or {}).get("run_id") == run_id
                and state["metadata"]["source"] == "loop"
                and [message["type"] for message in state["values"]["messages"]][-1:] == ["tool"]
            )

        await self.until(f"/threads/{thread_id}/state", thinking)
        await self._let_it_work()  # the real server streams a step a moment after its state can be read

    async def until_in_node(self, thread_id: str, run_id: str, node: str) -> None:
        """Wait until a run of a one-node graph has started that node."""

        def started(state: Json) -> bool:
            return bool(
                isinstance(state, dict)
                and (state["metadata"] or {}).get("run_id") == run_id
                and state["next"] == [node]
            )

        await self.until(f"/threads/{thread_id}/state", started)
        await self._let_it_work()

    async def until_ended(self, thread_id: str, *run_ids: str) -> None:
        """Wait until runs are neither pending nor running."""
        for run_id in run_ids:
            await self.until(
                f"/threads/{thread_id}/runs/{run_id}",
                lambda run: not isinstance(run, dict) or run["status"] not in ("pending", "running"),
            )

    async def until_status(self, thread_id: str, run_id: str, status: str) -> None:
        """Wait until a run has a status; "gone" waits for its 404."""
        await self.until(
            f"/threads/{thread_id}/runs/{run_id}",
            lambda run: run == 404 if status == "gone" else isinstance(run, dict) and run["status"] == status,
        )

"""Bad input on every route of the application: never a 500, never a change, never more memory than the bound."""

from __future__ import annotations

import asyncio
import json
import socket
import tracemalloc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route
from starlette.types import Message

from mockserver import MockDeployment, create_app, schemas
from mockserver.exchange import MAX_BODY_BYTES
from tests.calls import Call
from tests.mock import UNKNOWN, Client, Json, mock

pytestmark = pytest.mark.anyio


def routes() -> list[tuple[str, str]]:
    """Return method and path of each route."""
    return [
        (method, route.path)
        for route in create_app().routes
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


ROUTES = routes()

WRITING = [(method, path) for method, path in ROUTES if method in ("POST", "PATCH")]

NOT_READ = ("/copy", "/cancel")
"""Routes that take no body; `/runs/cancel` does."""

BAD_BODIES = [
    b"", b"{nope", b"[]", b"null", b"5", b'"text"', b'"\xff"', b'{"a": NaN}', b"\x00", b'{"a":1}{"b":2}',
    b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900,
]  # fmt: skip


def fields(schema: Any) -> Iterator[str]:
    """Return the names of all fields in a schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from fields(part)


NAMES = sorted({name for value in vars(schemas).values() for name in fields(value)})

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["agent", UNKNOWN, "values", "enqueue", "create", "delete", "created_at", "*"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip

BODIES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), ANYTHING, max_size=6)

ODD_IDS = st.sampled_from([UNKNOWN, "nope", "%00", "..", "0", "é", "a" * 2000, UNKNOWN.replace("-", "")])


async def snapshot(client: Client) -> Any:
    """Return all that a refused request must leave alone."""
    records = client.deployment.records
    states = [await client.read(f"/threads/{thread_id}/history", limit=50) for thread_id in records.threads]
    threads = [
        (thread.to_json(), [run.to_json() for run in thread.runs.values()])
        for thread in records.threads.values()
    ]
    settings = await client.read("/mock")
    return json.dumps([threads, states, settings, [each.to_json() for each in records.assistants.values()]])


async def refused(client: Client, method: str, path: str, body: bytes) -> Call:
    """Send a request, hang up once its answer has begun, and return what came."""
    call = await Call(client, method, path, body).begun()
    await call.hang_up()
    return call


async def test_bodies_that_are_none_change_nothing_on_any_route() -> None:
    async with mock() as client:
        thread = await client.thread(metadata={"graph_id": "agent"})
        run = await client.run(thread)
        before = await snapshot(client)
        for method, path in WRITING:
            if path.endswith(NOT_READ) and path != "/runs/cancel":
                continue
            filled = path.replace("/threads/{thread_id}", thread).format(run_id=run.rpartition("/")[2])
            for body in BAD_BODIES:
                if path == "/mock/reset" and not body:
                    continue  # an empty body resets
                call = await refused(client, method, filled, body)

                assert (call.status, path, body) == (422, path, body)
        assert await snapshot(client) == before


@settings(
    derandomize=True, max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    route=st.sampled_from(ROUTES), body=BODIES, odd=ODD_IDS, known=st.booleans(), query=st.text(max_size=6)
)
def test_generated_requests_are_answered_and_refusals_change_nothing(
    route: tuple[str, str], body: Json, odd: str, known: bool, query: str
) -> None:
    async def send() -> None:
        async with mock(hold_s=0.0) as client:
            thread = await client.thread(metadata={"graph_id": "agent"})
            run = await client.run(thread)
            await client.read(f"{run}/join")
            method, path = route
            ids = {"thread_id": thread.rpartition("/")[2], "run_id": run.rpartition("/")[2]} if known else {}
            filled = (
                path.format_map(Filled(ids, odd))
                + "?"
                + "&".join(
                    f"{name}={query}"
                    for name in ("limit", "offset", "wait", "action", "after", "subgraphs", "before")
                )
            )
            before = await snapshot(client)
            call = await refused(client, method, filled, json.dumps(body).encode())
            assert call.status < 500, client.deployment.log.tail(1)
            if call.status >= 400:
                assert await snapshot(client) == before

    asyncio.run(send())


class Filled(dict[str, str]):
    """Path parameters: these, and something odd for all others."""

    def __init__(self, ids: dict[str, str], odd: str) -> None:
        super().__init__(ids)
        self._odd = odd

    def __missing__(self, name: str) -> str:
        return self._odd


@pytest.mark.parametrize(("method", "path"), WRITING)
async def test_a_streamed_body_of_100_mb_is_never_held(method: str, path: str) -> None:
    chunk, sent = b" " * 65536, 0

    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        filled = path.replace("/threads/{thread_id}", thread).format(run_id=run.rpartition("/")[2])

        async def receive() -> Message:
            nonlocal sent
            sent += len(chunk)
            return {"type": "http.request", "body": chunk, "more_body": sent < 100 * 1024 * 1024}

        call = Call.__new__(Call)
        tracemalloc.start()
        try:
            call.start(client, method, filled, receive)
            await call.begun()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            call.task.cancel()

    assert call.status == 413 or path.endswith(NOT_READ)
    assert sent <= MAX_BODY_BYTES + 2 * len(chunk)
    assert peak < 3 * MAX_BODY_BYTES  # the body and the one it is copied into while it grows, and slack


@pytest.mark.parametrize(
    "sent",
    [
        b'POST /threads HTTP/1.1\r\nhost: mock\r\ncontent-length: 100\r\n\r\n{"metadata": {',
        b'POST /threads HTTP/1.1\r\nhost: mock\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"met',
        b"POST /threads HTTP/1.1\r\nhost: mo",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"POST /threads HTTP/1.1\r\nhost: mock\r\ncontent-length: nope\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_a_request_that_is_half_sent_changes_nothing(sent: bytes) -> None:
    with MockDeployment() as deployment, httpx.Client(base_url=deployment.url) as client:
        with socket.create_connection(("127.0.0.1", httpx.URL(deployment.url).port or 0)) as half:
            half.sendall(sent)
            half.shutdown(socket.SHUT_WR)
            answer = half.makefile("rb").read()
        count = client.post("/threads/count", json={})

        assert b" 500 " not in answer
        assert (count.status_code, count.json()) == (200, 0)
        assert not any(" 500 " in line for line in deployment.log_tail(100))

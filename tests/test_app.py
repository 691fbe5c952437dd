"""What holds for every request: errors, headers, bounds, the log."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mockserver import create_app
from mockserver.exchange import MAX_BODY_BYTES
from tests.mock import NYC, SF, UNKNOWN, mock

pytestmark = pytest.mark.anyio


def test_importing_the_application_loads_no_langgraph() -> None:
    program = "import sys, mockserver.app; print([m for m in sys.modules if m.startswith(('langgraph', 'langchain'))])"

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert finished.stdout == "[]\n"


@pytest.mark.parametrize("path", ["/ok", "/"])
async def test_the_deployment_says_it_is_ready(path: str) -> None:
    async with mock() as client:
        answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.content == b'{"ok":true,"services":{}}'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Origin"


async def test_info_names_what_is_imitated() -> None:
    async with mock() as client:
        info = await client.read("/info")

    assert info["version"] == "0.16.7"
    assert info["langgraph_py_version"] == "1.2.22"


@pytest.mark.parametrize("path", ["/nope", "/store/items", "/runs/crons", f"/threads/{UNKNOWN}/nope"])
async def test_an_unknown_route_is_not_found(path: str) -> None:
    async with mock() as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(("method", "path"), [("PUT", "/threads"), ("OPTIONS", "/threads")])
async def test_a_wrong_method_is_not_allowed(method: str, path: str) -> None:
    async with mock() as client:
        answer = await client.request(method, path)

    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})


async def test_a_trailing_slash_is_redirected() -> None:
    async with mock() as client:
        answer = await client.post("/threads/", json={})

    assert (answer.status_code, answer.headers["location"]) == (307, "http://mock/threads")


@pytest.mark.parametrize("body", [b"", b"{nope", b'{"a": NaN}', b'"\xff"'])
@pytest.mark.parametrize("path", ["/threads", "/threads/search", f"/threads/{UNKNOWN}/runs"])
async def test_a_body_that_is_no_json_is_refused(path: str, body: bytes) -> None:
    async with mock() as client:
        answer = await client.post(path, content=body)

    assert (answer.status_code, answer.json()) == (422, {"detail": "Invalid JSON in request body"})


@pytest.mark.parametrize("depth", [250, 900, 100_000])
async def test_a_body_nested_too_deeply_is_refused(depth: int) -> None:
    async with mock() as client:
        thread = await client.thread()
        body = '{"assistant_id":"agent","input":' + "[" * depth + "]" * depth + "}"
        answer = await client.post(f"{thread}/runs", content=body)

    assert answer.status_code == 422


async def test_a_body_beyond_the_bound_is_refused_without_reading_it_all() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    async with mock() as client:
        answer = await client.post("/threads", content=endless())

    assert answer.status_code == 413
    assert "8388608 bytes" in answer.json()["detail"]
    assert sent <= MAX_BODY_BYTES + 2 * 65536


async def test_browsers_of_any_origin_are_let_in() -> None:
    async with mock() as client:
        simple = await client.get(f"/threads/{UNKNOWN}", headers={"origin": "http://localhost:3000"})
        preflight = await client.options(
            "/threads",
            headers={
                "origin": "http://localhost:3000",
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type,x-api-key",
            },
        )

    assert simple.headers["access-control-allow-origin"] == "*"
    exposed = simple.headers["access-control-expose-headers"]
    assert exposed == "x-pagination-total, x-pagination-next, content-location"
    assert (preflight.status_code, preflight.text) == (200, "OK")
    assert preflight.headers["access-control-allow-headers"] == "content-type,x-api-key"
    assert preflight.headers["access-control-max-age"] == "600"


async def test_an_api_key_is_asked_for_once_one_is_set() -> None:
    transport = httpx.ASGITransport(create_app(api_key="secret"))
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        without = await client.post("/threads", json={})
        wrong = await client.post("/threads", json={}, headers={"x-api-key": "guess"})
        right = await client.post("/threads", json={}, headers={"x-api-key": "secret"})
        ready = await client.get("/ok")

    assert [answer.status_code for answer in (without, wrong, right, ready)] == [401, 403, 200, 200]
    assert without.json() == {"detail": "Send the API key as the x-api-key header"}


async def test_a_failure_of_our_own_is_a_500_with_a_line_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: Any) -> None:
        raise RuntimeError("the roof leaks")

    app = create_app()
    monkeypatch.setattr(app.state.deployment, "new_thread", break_down)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        answer = await client.post("/threads", json={})

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert app.state.deployment.log.tail(1) == ["POST /threads 500 RuntimeError: the roof leaks"]


async def test_the_log_keeps_a_refusal_in_one_line_of_bounded_length() -> None:
    async with mock() as client:
        await client.post("/threads", json={"metadata": ["x" * 10_000]})
        lines = client.deployment.log.tail(1)

    assert lines[0].startswith('POST /threads 422 ["xxx')
    assert len(lines[0]) < 400
    assert "\n" not in lines[0]


async def test_the_same_requests_get_the_same_bodies() -> None:
    async def story(seed: int) -> list[bytes]:
        async with mock(seed=seed) as client:
            thread = await client.thread()
            first = await client.run(thread, SF)
            second = await client.run(thread, NYC, multitask_strategy="interrupt")
            paths = [thread, first, second, f"{thread}/runs", f"{second}/join", f"{thread}/state"]
            bodies = [(await client.get(path)).content for path in paths]
            return [*bodies, (await client.get(f"{thread}/history?limit=20")).content]

    assert await story(1) == await story(1)
    assert await story(1) != await story(2)


async def test_reset_forgets_everything_and_draws_the_same_ids_again() -> None:
    async with mock() as client:
        first = await client.thread()
        run = await client.run(first)
        reset = await client.post("/mock/reset")
        gone = await client.get(run)
        second = await client.thread()
        found = (await client.post("/threads/search", json={})).json()

    assert (reset.status_code, reset.json()) == (200, {"seed": 0})
    assert gone.status_code == 404
    assert first == second
    assert len(found) == 1


async def test_reset_may_change_the_seed() -> None:
    async with mock() as client:
        first = await client.thread()
        await client.post("/mock/reset", json={"seed": 5})

        assert await client.thread() != first

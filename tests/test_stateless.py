"""Runs without a thread of their own, over HTTP in this process."""

from __future__ import annotations

import asyncio

import pytest

from tests.mock import AGENT, NYC, SF, UNKNOWN, ask, mock

pytestmark = pytest.mark.anyio


async def test_a_stateless_run_has_a_thread_until_it_has_ended() -> None:
    async with mock() as client:
        started = await client.post("/runs", json=ask(SF, metadata={"m": 1}))
        run = started.json()
        thread = f"/threads/{run['thread_id']}"
        during = await client.read(thread)
        joined = await client.read(f"{thread}/runs/{run['run_id']}/join")
        after = await client.get(thread)

    assert started.headers["content-location"] == f"/runs/{run['run_id']}"
    assert run["metadata"] == {"created_by": "system", "assistant_id": AGENT, "m": 1}
    assert run["kwargs"]["temporary"] is True
    assert (during["status"], during["metadata"]["graph_id"], during["metadata"]["m"]) == ("busy", "agent", 1)
    assert len(joined["messages"]) == 4
    assert after.status_code == 404
    assert client.deployment.records.threads == {}


async def test_on_completion_keep_keeps_thread_and_run() -> None:
    async with mock() as client:
        run = (await client.post("/runs", json=ask(SF, on_completion="keep"))).json()
        path = f"/threads/{run['thread_id']}/runs/{run['run_id']}"
        await client.get(f"{path}/join")

        assert run["kwargs"]["temporary"] is False
        assert (await client.read(path))["status"] == "success"


async def test_a_stateless_wait_names_its_run_and_leaves_nothing() -> None:
    async with mock() as client:
        answer = await client.post("/runs/wait", json=ask(SF))
        location = answer.headers["location"]
        gone = await client.get(answer.headers["content-location"])

    assert len(answer.json()["messages"]) == 4
    assert location == f"{answer.headers['content-location']}/join"
    assert location.startswith("/threads/")
    assert gone.status_code == 404


async def test_a_stateless_stream_names_its_run_without_a_thread() -> None:
    async with mock() as client:
        answer = await client.post("/runs/stream", json=ask(SF, stream_mode="updates"))
        threads = (await client.post("/threads/search", json={})).json()

    assert answer.text.count("event: updates\r\n") == 3
    assert answer.headers["location"] == f"{answer.headers['content-location']}/stream"
    assert answer.headers["content-location"].startswith("/runs/")
    assert threads == []


async def test_a_batch_starts_all_of_its_runs_or_none() -> None:
    async with mock() as client:
        runs = (await client.post("/runs/batch", json=[ask(SF), ask(NYC)])).json()
        refused = await client.post("/runs/batch", json=[ask(SF), {"assistant_id": "nope"}])
        empty = await client.post("/runs/batch", json=[])
        threads = (await client.post("/threads/search", json={})).json()

    assert [run["kwargs"]["input"]["messages"][0]["content"] for run in runs] == [SF, NYC]
    assert {run["thread_id"] for run in runs} == {thread["thread_id"] for thread in threads}
    assert (refused.status_code, empty.status_code) == (422, 422)
    assert empty.json()["detail"].startswith(
        '[] has less than 1 item\n\nFailed validating "minItems" in schema'
    )


async def test_named_runs_of_a_thread_are_cancelled() -> None:
    async with mock() as client:
        thread = await client.thread()
        runs = [(await client.run(thread)).rpartition("/")[2] for _ in range(2)]
        body = {"thread_id": thread.removeprefix("/threads/"), "run_ids": runs}
        cancelled = await client.post("/runs/cancel", json=body)
        again = await client.post("/runs/cancel", json=body)
        shown = await client.read(thread)
        statuses = [run["status"] for run in await client.read(f"{thread}/runs")]

    assert (cancelled.status_code, cancelled.content) == (204, b"")
    assert (again.status_code, again.json()) == (404, {"detail": "No runs found to cancel."})
    assert statuses == ["interrupted", "interrupted"]
    assert (shown["status"], shown["error"]["message"]) == (
        "interrupted",
        "interrupt requested via POST /runs/cancel",
    )


@pytest.mark.parametrize(
    ("status", "left"),
    [
        ("pending", ["interrupted", "running"]),
        ("running", ["pending", "interrupted"]),
        ("all", ["interrupted", "interrupted"]),
    ],
)
async def test_runs_are_cancelled_by_their_status(status: str, left: list[str]) -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.run(thread)
        await client.run(thread, NYC, after_seconds=600)
        answer = await client.post("/runs/cancel", json={"status": status})
        statuses = [run["status"] for run in await client.read(f"{thread}/runs")]

    assert answer.status_code == 204
    assert statuses == left


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 422, "{} is not valid under any of the schemas listed in the 'oneOf' keyword"),
        ({"status": "bogus"}, 422, '"bogus" is not one of "pending", "running" or "all"'),
        ({"thread_id": "nope", "run_ids": []}, 422, "Invalid thread ID: must be a UUID"),
        ({"thread_id": UNKNOWN, "run_ids": ["nope"]}, 422, "Invalid run ID: must be a UUID"),
        ({"thread_id": UNKNOWN, "run_ids": [UNKNOWN]}, 404, "No runs found to cancel."),
    ],
)
async def test_a_cancellation_of_nothing_is_refused(body: object, status: int, detail: str) -> None:
    async with mock() as client:
        answer = await client.post("/runs/cancel", json=body)

    assert answer.status_code == status
    assert answer.json()["detail"].partition("\n")[0] == detail


async def test_many_stateless_runs_at_once_all_answer_and_leave_nothing() -> None:
    async with mock() as client:
        answers = await asyncio.gather(*(client.post("/runs/wait", json=ask(SF)) for _ in range(20)))

        assert [len(answer.json()["messages"]) for answer in answers] == [4] * 20
        assert client.deployment.records.threads == {}

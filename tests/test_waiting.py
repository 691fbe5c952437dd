"""Those who wait for a run or join it, over HTTP in this process. Background runs are held until joined."""

from __future__ import annotations

import asyncio

import pytest

from tests import graphs
from tests.mock import NYC, SF, UNKNOWN, ask, mock

pytestmark = pytest.mark.anyio

NO_RUN = {"__error__": {"error": "HTTPException", "message": "404: Run not found"}}


@pytest.mark.parametrize("strategy", ["interrupt", "rollback"])
async def test_a_join_of_a_pending_run_that_is_superseded_answers_an_empty_object(strategy: str) -> None:
    async with mock() as client:
        thread = await client.thread()
        pending = await client.run(thread, SF, after_seconds=3600)
        joining = asyncio.create_task(client.read(f"{pending}/join"))
        await client.answered(f"{pending}/join")
        await client.run(thread, NYC, multitask_strategy=strategy)

        assert await joining == {}


async def test_a_join_of_a_superseded_run_answers_what_the_thread_holds() -> None:
    async with mock() as client:
        thread = await client.thread()
        first = await client.run(thread, SF)
        await client.post(f"{first}/cancel?wait=1")
        joined = await client.read(f"{first}/join")

    assert [m["type"] for m in joined["messages"]] == ["human", "ai", "tool"]


async def test_wait_answers_the_values_at_the_end() -> None:
    async with mock() as client:
        thread = await client.thread()
        waited = await client.post(f"{thread}/runs/wait", json=ask(SF))
        runs = await client.read(f"{thread}/runs")

    run = f"{thread}/runs/{runs[0]['run_id']}"
    assert (waited.headers["location"], waited.headers["content-location"]) == (f"{run}/join", run)
    assert waited.headers["content-type"] == "application/json"
    assert [m["type"] for m in waited.json()["messages"]] == ["human", "ai", "tool", "ai"]


async def test_a_waited_for_run_hurries_the_held_run_ahead_of_it() -> None:
    async with mock(hold_s=3600.0, think_s=0.0) as client:
        thread = await client.thread()
        await client.run(thread, SF)
        waited = await client.post(f"{thread}/runs/wait", json=ask(NYC))

    assert len(waited.json()["messages"]) == 8


async def test_a_held_run_ends_by_itself_when_its_time_is_up() -> None:
    async with mock(hold_s=0.0) as client:
        thread = await client.thread()
        run = await client.run(thread)

        assert (await client.read(run))["status"] in ("running", "success")
        assert (await client.read(f"{run}/join"))["messages"][-1]["type"] == "ai"


async def test_polling_ends_no_thinking() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        for path in (thread, run, f"{thread}/state", f"{thread}/runs", f"{thread}/history"):
            await client.get(path)

        assert (await client.read(run))["status"] == "running"


async def test_a_join_of_no_run_is_told_so_with_status_200() -> None:
    async with mock() as client:
        thread = await client.thread()
        unknown_run = await client.get(f"{thread}/runs/{UNKNOWN}/join")
        unknown_thread = await client.get(f"/threads/{UNKNOWN}/runs/{UNKNOWN}/join")
        malformed = await client.get(f"{thread}/runs/nope/join")

    assert (unknown_run.status_code, unknown_run.json()) == (200, NO_RUN)
    assert (unknown_thread.status_code, unknown_thread.json()) == (200, NO_RUN)
    assert (malformed.status_code, malformed.json()) == (422, {"detail": "Invalid run ID: must be a UUID"})


@pytest.mark.parametrize(
    ("modes", "keys"),
    [(["values"], ["trail", "__interrupt__"]), (["updates"], ["__interrupt__"]), (["tasks"], [])],
)
async def test_a_wait_answers_what_its_run_streams(modes: list[str], keys: list[str]) -> None:
    async with mock(graphs={"asks": graphs.asks}) as client:
        body = {"assistant_id": "asks", "input": {"trail": "a"}, "stream_mode": modes}
        values = (await client.post(f"{await client.thread()}/runs/wait", json=body)).json()

    assert list(values) == keys
    for interrupt in values.get("__interrupt__", []):
        assert interrupt.pop("id")
        assert interrupt == {"value": {"question": "where to?"}, "response_schema": None}


async def test_a_deleted_thread_is_told_to_who_waits_for_its_run() -> None:
    async with mock(think_s=60) as client:
        thread = await client.thread()
        waiting = [
            asyncio.create_task(
                client.post(f"{thread}/runs/{way}", json=ask(SF, multitask_strategy="enqueue"))
            )
            for way in ("wait", "stream")
        ]
        for way in ("wait", "stream"):
            await client.answered(f"{thread}/runs/{way}")
        await client.delete(thread)
        waited, streamed = [await task for task in waiting]

    assert waited.json() == NO_RUN
    assert streamed.text.endswith(
        'event: error\r\ndata: {"error":"HTTPException","message":"404: Run not found"}\r\n\r\n'
    )

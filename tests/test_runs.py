"""Runs on a thread and what ends them, over HTTP in this process. Background runs are held until joined."""

from __future__ import annotations

import asyncio

import pytest

from tests.mock import AGENT, BUSY, NYC, SF, UNKNOWN, ask, kinds, mock

pytestmark = pytest.mark.anyio

NO_RUN = {"__error__": {"error": "HTTPException", "message": "404: Run not found"}}


async def test_a_thread_is_busy_from_the_start_of_a_run_and_idle_after_its_join() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        busy, running = await client.read(thread), await client.read(run)
        joined = await client.get(f"{run}/join")
        idle, done = await client.read(thread), await client.read(run)

    assert (busy["status"], busy["values"], running["status"]) == ("busy", None, "running")
    assert busy["metadata"] == {"graph_id": "agent", "assistant_id": AGENT}
    assert "error" not in busy
    assert (idle["status"], idle["error"], idle["interrupts"], done["status"]) == (
        "idle",
        None,
        {},
        "success",
    )
    assert joined.json() == idle["values"]
    assert kinds(idle) == ["human", "ai", "tool", "ai"]
    assert joined.headers["location"] == f"{run}/join"
    assert joined.headers["content-location"] == run


@pytest.mark.parametrize("way", ["runs", "runs/wait", "runs/stream"])
async def test_reject_answers_409_while_a_run_is_in_flight(way: str) -> None:
    async with mock() as client:
        thread = await client.thread()
        first = await client.run(thread)
        refused = await client.post(f"{thread}/{way}", json=ask(NYC, multitask_strategy="reject"))
        listed = await client.read(f"{thread}/runs")

    assert (refused.status_code, refused.json()) == (409, {"detail": BUSY})
    assert [f"{thread}/runs/{run['run_id']}" for run in listed] == [first]


async def test_of_twenty_simultaneous_rejects_exactly_one_is_accepted() -> None:
    async with mock() as client:
        thread = await client.thread()
        body = ask(SF, multitask_strategy="reject")
        answers = await asyncio.gather(*(client.post(f"{thread}/runs", json=body) for _ in range(20)))
        listed = await client.read(f"{thread}/runs", limit=100)

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert len(listed) == 1


async def test_enqueue_is_the_default_and_keeps_the_order() -> None:
    async with mock() as client:
        thread = await client.thread()
        first, second = await client.run(thread, SF), await client.run(thread, NYC)
        waiting = await client.read(second)
        values = await client.read(f"{second}/join")
        history = await client.read(f"{thread}/history", limit=20)
        statuses = [(await client.read(run))["status"] for run in (first, second)]

    assert (waiting["status"], waiting["multitask_strategy"]) == ("pending", "enqueue")
    assert [m["content"] for m in values["messages"] if m["type"] == "human"] == [SF, NYC]
    assert len(values["messages"]) == 8
    assert [state["metadata"]["step"] for state in history] == [8, 7, 6, 5, 4, 3, 2, 1, 0, -1]
    assert statuses == ["success", "success"]


async def test_interrupt_keeps_the_work_of_the_first_run() -> None:
    async with mock() as client:
        thread = await client.thread()
        first = await client.run(thread, SF)
        second = await client.run(thread, NYC, multitask_strategy="interrupt")
        between = await client.read(thread)
        values = await client.read(f"{second}/join")
        after = await client.read(thread)
        history = await client.read(f"{thread}/history", limit=20)

        assert (await client.read(first))["status"] == "interrupted"
    assert between["status"] == "busy"
    assert between["error"] == {
        "error": "UserInterrupt",
        "message": f"superseded by run {second.rpartition('/')[2]} (multitask_strategy=interrupt)",
    }
    assert [m["type"] for m in values["messages"]] == ["human", "ai", "tool", "human", "ai", "tool", "ai"]
    assert (after["status"], after["error"]) == ("idle", None)
    assert [(s["metadata"]["source"], s["metadata"]["step"]) for s in history] == [
        ("loop", 7), ("loop", 6), ("loop", 5), ("loop", 4), ("input", 3),
        ("loop", 2), ("loop", 1), ("loop", 0), ("input", -1),
    ]  # fmt: skip


async def test_rollback_leaves_no_trace_of_the_first_run() -> None:
    async with mock() as client:
        thread = await client.thread()
        first = await client.run(thread, SF)
        second = await client.run(thread, NYC, multitask_strategy="rollback")
        values = await client.read(f"{second}/join")
        history = await client.read(f"{thread}/history", limit=20)
        gone = await client.get(first)
        joined = await client.read(f"{first}/join")

    assert (gone.status_code, gone.json()) == (404, {"detail": "Not Found"})
    assert joined == NO_RUN
    assert [m["content"] for m in values["messages"] if m["type"] == "human"] == [NYC]
    assert {state["metadata"]["run_id"] for state in history} == {second.rpartition("/")[2]}
    assert [state["metadata"]["step"] for state in history] == [3, 2, 1, 0, -1]


async def test_rollback_leaves_earlier_runs_alone() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.read(f"{await client.run(thread, SF)}/join")
        await client.run(thread, "what's the weather in Oslo?")
        third = await client.run(thread, NYC, multitask_strategy="rollback")
        values = await client.read(f"{third}/join")
        history = await client.read(f"{thread}/history", limit=20)

    assert [m["content"] for m in values["messages"] if m["type"] == "human"] == [SF, NYC]
    assert [state["metadata"]["step"] for state in history] == [8, 7, 6, 5, 4, 3, 2, 1, 0, -1]


async def test_runs_are_listed_newest_first_and_filtered() -> None:
    async with mock() as client:
        thread = await client.thread()
        runs = [(await client.run(thread)).rpartition("/")[2] for _ in range(3)]
        listed = [run["run_id"] for run in await client.read(f"{thread}/runs")]
        second = [run["run_id"] for run in await client.read(f"{thread}/runs", limit=1, offset=1)]
        running = await client.read(f"{thread}/runs", status="running", select="run_id")
        none = await client.read(f"{thread}/runs", status="bogus")
        bad = await client.get(f"{thread}/runs?limit=abc")

    assert listed == runs[::-1]
    assert second == [runs[1]]
    assert running == [{"run_id": runs[0]}]
    assert none == []
    assert bad.status_code == 400
    assert bad.json() == {"detail": "invalid literal for int() with base 10: 'abc'"}


@pytest.mark.parametrize("wait", ["0", "1"])
async def test_cancel_interrupts_a_run(wait: str) -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        cancelled = await client.post(f"{run}/cancel?wait={wait}")
        shown, state = await client.read(thread), await client.read(f"{thread}/state")
        again = await client.post(f"{run}/cancel")

    assert (cancelled.status_code, cancelled.text) == ((202, "") if wait == "0" else (200, "{}"))
    assert shown["status"] == "interrupted"
    assert shown["error"] == {
        "error": "UserInterrupt",
        "message": "interrupt requested via POST /threads/{thread_id}/runs/{run_id}/cancel",
    }
    assert state["next"] == ["agent"]
    assert again.status_code == 404
    assert again.json()["detail"].startswith("No matching runs to cancel.")


async def test_cancel_with_rollback_removes_the_run() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        await client.post(f"{run}/cancel?wait=1&action=rollback")
        gone, shown = await client.get(run), await client.read(thread)
        history = await client.read(f"{thread}/history", limit=10)

    assert gone.status_code == 404
    assert (shown["status"], shown["values"], history) == ("idle", None, [])
    assert shown["error"]["error"] == "UserRollback"


async def test_cancel_of_an_unknown_run_is_not_found() -> None:
    async with mock() as client:
        answer = await client.post(f"{await client.thread()}/runs/{UNKNOWN}/cancel")

    assert (answer.status_code, answer.json()) == (404, {"detail": "No runs found to cancel."})


async def test_a_deleted_run_is_gone_and_lets_a_reject_pass() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        deleted = await client.delete(run)
        again = await client.delete(run)
        second = await client.run(thread, NYC, multitask_strategy="reject")
        values = await client.read(f"{second}/join")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (again.status_code, again.json()) == (404, {"detail": "Run not found"})
    assert len(values["messages"]) == 8


async def test_a_delayed_run_lets_others_pass() -> None:
    async with mock() as client:
        thread = await client.thread()
        delayed = await client.run(thread, SF, after_seconds=3600)
        prompt = await client.run(thread, NYC)
        await client.read(f"{prompt}/join")

        assert (await client.read(delayed))["status"] == "pending"
        assert (await client.read(f"{thread}/runs"))[0]["run_id"] == delayed.rpartition("/")[2]


async def test_deleting_a_finished_run_takes_its_checkpoints() -> None:
    async with mock() as client:
        thread = await client.thread()
        first = await client.run(thread)
        await client.get(f"{first}/join")
        second = await client.run(thread, NYC)
        await client.get(f"{second}/join")
        await client.delete(second)
        state, shown = await client.read(f"{thread}/state"), await client.read(thread)

    assert len(state["values"]["messages"]) == 4
    assert len(shown["values"]["messages"]) == 8

"""Runs on a thread, over HTTP in this process. Background runs are held until joined."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests import graphs
from tests.mock import AGENT, BUSY, NYC, SF, UNKNOWN, ask, kinds, mock

pytestmark = pytest.mark.anyio

NO_RUN = {"__error__": {"error": "HTTPException", "message": "404: Run not found"}}


async def test_a_run_is_answered_pending_and_in_full() -> None:
    async with mock() as client:
        thread = await client.thread()
        started = await client.post(f"{thread}/runs", json=ask(SF), headers={"x-request-id": "my-request"})

    run = started.json()
    thread_id, run_id = thread.removeprefix("/threads/"), run["run_id"]
    served = {"created_by": "system", "graph_id": "agent", "assistant_id": AGENT}
    assert started.status_code == 200
    assert started.headers["content-location"] == f"{thread}/runs/{run_id}"
    assert "location" not in started.headers
    assert run == {
        "run_id": run_id,
        "thread_id": thread_id,
        "assistant_id": AGENT,
        "metadata": served,
        "status": "pending",
        "kwargs": {
            "input": {"messages": [{"role": "user", "content": SF}]},
            "command": None,
            "config": {
                "configurable": {
                    "langgraph_auth_user": None,
                    "langgraph_auth_user_id": "",
                    "langgraph_auth_permissions": [],
                    "langgraph_request_id": "my-request",
                    "__request_start_time_ms__": 1767225600006,
                    "__after_seconds__": 0,
                    "run_id": run_id,
                    "thread_id": thread_id,
                    "graph_id": "agent",
                    "assistant_id": AGENT,
                    "user_id": "",
                },
                "metadata": served,
            },
            "context": {},
            "stream_mode": ["values"],
            "interrupt_before": None,
            "interrupt_after": None,
            "webhook": None,
            "feedback_keys": None,
            "temporary": False,
            "subgraphs": False,
            "resumable": False,
            "checkpoint_during": True,
            "durability": "async",
        },
        "multitask_strategy": "enqueue",
        "created_at": "2026-01-01T00:00:00.006000+00:00",
        "updated_at": "2026-01-01T00:00:00.006000+00:00",
        "langsmith_session_name": None,
    }


async def test_metadata_and_config_are_merged_into_the_echo() -> None:
    async with mock() as client:
        thread = await client.thread()
        body = ask(
            SF,
            metadata={"m": 1},
            config={
                "tags": ["t"],
                "recursion_limit": 7,
                "configurable": {"model": "x"},
                "metadata": {"cm": 2},
            },
            stream_mode="updates",
        )
        run = (await client.post(f"{thread}/runs", json=body)).json()
        shown = await client.read(thread)

    assert run["metadata"] == {
        "created_by": "system", "graph_id": "agent", "assistant_id": AGENT, "cm": 2, "m": 1,
    }  # fmt: skip
    assert run["kwargs"]["context"] == {"model": "x"}
    assert run["kwargs"]["config"]["configurable"]["model"] == "x"
    assert run["kwargs"]["stream_mode"] == ["updates"]
    assert shown["config"] == {
        "tags": ["t"], "recursion_limit": 7, "configurable": {}, "metadata": {"cm": 2},
    }  # fmt: skip


async def test_configurable_and_context_together_are_refused() -> None:
    async with mock() as client:
        thread = await client.thread()
        body = ask(SF, context={"a": 1}, config={"configurable": {"b": 1}})
        refused = await client.post(f"{thread}/runs", json=body)

    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("Cannot specify both configurable and context.")


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


async def test_a_bad_input_is_the_runs_error_and_not_a_refusal() -> None:
    async with mock() as client:
        thread = await client.thread()
        body = {"assistant_id": "agent", "input": "hello"}
        waited = (await client.post(f"{thread}/runs/wait", json=body)).json()
        shown = await client.read(thread)
        runs = await client.read(f"{thread}/runs")
        joined = await client.read(f"{thread}/runs/{runs[0]['run_id']}/join")

    assert waited["__error__"]["error"] == "InvalidUpdateError"
    assert waited["__error__"]["message"].startswith("Expected dict, got hello")
    assert (shown["status"], shown["error"], runs[0]["status"]) == ("error", waited["__error__"], "error")
    assert joined == waited


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


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        (f"/threads/{UNKNOWN}/runs", ask(SF), 404, "Thread or assistant not found."),
        (f"/threads/{UNKNOWN}/runs/wait", ask(SF), 404, "Thread or assistant not found."),
        ("/threads/nope/runs", ask(SF), 422, "Invalid thread ID"),
        ("{thread}/runs", {"assistant_id": UNKNOWN}, 404, "Thread or assistant not found."),
        (
            "{thread}/runs",
            {"assistant_id": "nope"},
            422,
            (
                "Invalid assistant: 'nope'. Must be either:\n"
                "- A valid assistant UUID, or\n- One of the registered graphs: agent"
            ),
        ),
    ],
)
async def test_a_run_of_nothing_is_refused(path: str, body: object, status: int, detail: str) -> None:
    async with mock() as client:
        thread = await client.thread()
        answer = await client.post(path.format(thread=thread), json=body)

    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_a_refused_run_creates_no_thread() -> None:
    async with mock() as client:
        body = ask(SF, if_not_exists="create", webhook="http://127.0.0.1/hook")
        refused = await client.post(f"/threads/{UNKNOWN}/runs", json=body)
        thread = await client.get(f"/threads/{UNKNOWN}")

    assert (refused.status_code, thread.status_code) == (422, 404)
    assert refused.json() == {"detail": "Webhook host blocked: loopback IP range"}


async def test_if_not_exists_creates_the_thread() -> None:
    async with mock() as client:
        run = await client.run(f"/threads/{UNKNOWN}", if_not_exists="create")

        assert (await client.read(f"{run}/join"))["messages"][0]["content"] == SF


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


async def test_a_run_without_input_finishes_what_a_cancelled_one_began() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        await client.post(f"{run}/cancel?wait=1")
        body = {"assistant_id": "agent", "input": None}
        values = (await client.post(f"{thread}/runs/wait", json=body)).json()

    assert [m["type"] for m in values["messages"]] == ["human", "ai", "tool", "ai"]


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


async def test_an_absurd_delay_is_accepted_as_on_the_real_server() -> None:
    async with mock() as client:
        thread = await client.thread()

        assert (await client.post(f"{thread}/runs", json=ask(SF, after_seconds=1e300))).status_code == 200
        assert (await client.post(f"{thread}/runs", json=ask(SF, after_seconds=-1))).status_code == 200


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


async def test_a_question_is_answered_with_a_command() -> None:
    async with mock(graphs={"asks": graphs.asks}) as client:
        thread = await client.thread()
        await client.post(f"{thread}/runs/wait", json={"assistant_id": "asks", "input": {"trail": "a"}})
        asked = await client.read(thread)
        body = {"assistant_id": "asks", "command": {"resume": "home"}}
        values = (await client.post(f"{thread}/runs/wait", json=body)).json()

    assert asked["status"] == "interrupted"
    assert [[one["value"] for one in many] for many in asked["interrupts"].values()] == [
        [{"question": "where to?"}]
    ]
    assert values == {"trail": "a home"}


@pytest.mark.parametrize(
    ("option", "messages", "waiting"),
    [
        ({"interrupt_before": ["tools"]}, 2, ["tools"]),
        ({"interrupt_after": ["tools"]}, 3, ["agent"]),
        ({"interrupt_before": "*"}, 1, ["agent"]),
    ],
)
async def test_a_run_pauses_before_or_after_a_node_and_goes_on(
    option: dict[str, Any], messages: int, waiting: list[str]
) -> None:
    async with mock() as client:
        thread = await client.thread()
        paused = (await client.post(f"{thread}/runs/wait", json=ask(SF, **option))).json()
        state, shown = await client.read(f"{thread}/state"), await client.read(thread)
        done = (await client.post(f"{thread}/runs/wait", json={"assistant_id": "agent"})).json()

    assert (len(paused["messages"]), state["next"], shown["status"]) == (messages, waiting, "interrupted")
    assert shown["interrupts"] == {}
    assert len(done["messages"]) == 4


async def test_a_command_updates_the_state_and_goes_to_a_node() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.post(f"{thread}/runs/wait", json=ask(SF))
        command = {"update": {"messages": [{"role": "user", "content": NYC}]}, "goto": "agent"}
        values = (
            await client.post(f"{thread}/runs/wait", json={"assistant_id": "agent", "command": command})
        ).json()

    assert [m["type"] for m in values["messages"]] == [
        "human",
        "ai",
        "tool",
        "ai",
        "human",
        "ai",
        "tool",
        "ai",
    ]


async def test_a_run_goes_back_to_an_old_checkpoint() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.post(f"{thread}/runs/wait", json=ask(SF))
        history = await client.read(f"{thread}/history", limit=10)
        old = history[2]["checkpoint_id"]
        body = {"assistant_id": "agent", "input": None, "checkpoint_id": old}
        values = (await client.post(f"{thread}/runs/wait", json=body)).json()
        newest = (await client.read(f"{thread}/history", limit=10))[0]

    assert len(values["messages"]) == 4
    assert newest["metadata"]["checkpoint_id"] == old


async def test_a_thread_keeps_the_graph_of_the_run_in_flight_and_takes_that_of_a_later_one() -> None:
    async with mock(graphs={"agent": "mockserver.weather:graph", "walks": graphs.walks}) as client:
        thread = await client.thread(metadata={"proj": "p"})
        first = await client.run(thread)
        body = {"assistant_id": "walks", "input": {"trail": "a"}}
        queued = (await client.post(f"{thread}/runs", json=body)).json()
        during = await client.read(thread)
        await client.get(f"{first}/join")
        await client.get(f"{thread}/runs/{queued['run_id']}/join")
        await client.post(f"{thread}/runs/wait", json=body)
        after = await client.read(thread)

    assert (queued["metadata"]["graph_id"], queued["metadata"]["proj"]) == ("agent", "p")
    assert (during["metadata"]["graph_id"], after["metadata"]["graph_id"]) == ("agent", "walks")


async def test_a_run_that_makes_its_thread_gives_it_its_metadata() -> None:
    async with mock() as client:
        body = ask(SF, if_not_exists="create", metadata={"m": 1})
        run = (await client.post(f"/threads/{UNKNOWN}/runs", json=body)).json()
        shown = await client.read(f"/threads/{UNKNOWN}")

    assert run["metadata"] == {"created_by": "system", "assistant_id": AGENT, "m": 1}
    assert shown["metadata"] == {"graph_id": "agent", "assistant_id": AGENT, "m": 1}


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


@pytest.mark.parametrize("way", ["wait", "stream"])
async def test_a_thread_id_that_is_none_is_refused_in_the_words_of_the_real_server(way: str) -> None:
    async with mock() as client:
        answer = await client.post(f"/threads/nope/runs/{way}", json=ask(SF))

    assert (answer.status_code, answer.json()) == (400, {"detail": "badly formed hexadecimal UUID string"})

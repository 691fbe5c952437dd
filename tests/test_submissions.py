"""What becomes of a request to start a run, over HTTP in this process."""

from __future__ import annotations

import pytest

from tests import graphs
from tests.mock import AGENT, SF, UNKNOWN, ask, mock

pytestmark = pytest.mark.anyio


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


async def test_an_absurd_delay_is_accepted_as_on_the_real_server() -> None:
    async with mock() as client:
        thread = await client.thread()

        assert (await client.post(f"{thread}/runs", json=ask(SF, after_seconds=1e300))).status_code == 200
        assert (await client.post(f"{thread}/runs", json=ask(SF, after_seconds=-1))).status_code == 200


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


@pytest.mark.parametrize("way", ["wait", "stream"])
async def test_a_thread_id_that_is_none_is_refused_in_the_words_of_the_real_server(way: str) -> None:
    async with mock() as client:
        answer = await client.post(f"/threads/nope/runs/{way}", json=ask(SF))

    assert (answer.status_code, answer.json()) == (400, {"detail": "badly formed hexadecimal UUID string"})

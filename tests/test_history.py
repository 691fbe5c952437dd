"""States and histories of threads as they are read, over HTTP in this process."""

from __future__ import annotations

import pytest

from tests.mock import AGENT, SF, UNKNOWN, Json, finished, kinds, mock, said

pytestmark = pytest.mark.anyio


async def test_a_thread_without_checkpoints_has_the_empty_state() -> None:
    async with mock() as client:
        thread = await client.thread()
        state = await client.read(f"{thread}/state")
        history = await client.read(f"{thread}/history", limit=10)

    assert state == {
        "values": {},
        "next": [],
        "tasks": [],
        "metadata": None,
        "created_at": None,
        "checkpoint": None,
        "parent_checkpoint": None,
        "interrupts": [],
        "checkpoint_id": None,
        "parent_checkpoint_id": None,
    }
    assert history == []


async def test_a_held_run_shows_its_plan_and_what_it_found() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        state = await client.read(f"{thread}/state")

    assert kinds(state) == ["human", "ai", "tool"]
    assert state["next"] == ["agent"]
    assert [task["name"] for task in state["tasks"]] == ["agent"]
    assert list(state) == [
        "values",
        "next",
        "tasks",
        "metadata",
        "created_at",
        "checkpoint",
        "parent_checkpoint",
        "interrupts",
        "checkpoint_id",
        "parent_checkpoint_id",
    ]
    request_id = state["metadata"].pop("langgraph_request_id")
    assert len(request_id) == 36
    assert state["metadata"] == {
        "graph_id": "agent",
        "assistant_id": AGENT,
        "user_id": "",
        "created_by": "system",
        "run_attempt": 1,
        "langgraph_version": "1.2.22",
        "langgraph_api_version": "0.16.7",
        "langgraph_plan": "enterprise",
        "langgraph_host": "self-hosted",
        "langgraph_api_url": "http://mock",
        "run_id": run.rpartition("/")[2],
        "thread_id": thread.rpartition("/")[2],
        "source": "loop",
        "step": 2,
        "parents": {},
        "langgraph_auth_user_id": "",
    }


async def test_history_has_five_checkpoints_newest_first() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.read(f"{await client.run(thread)}/join")
        history = (await client.post(f"{thread}/history", json={"limit": 20})).json()

    seen = [(s["metadata"]["source"], s["metadata"]["step"], s["next"], len(kinds(s))) for s in history]
    assert seen == [
        ("loop", 3, [], 4),
        ("loop", 2, ["agent"], 3),
        ("loop", 1, ["tools"], 2),
        ("loop", 0, ["agent"], 1),
        ("input", -1, ["__start__"], 0),
    ]
    assert history[-1]["tasks"][0]["result"] == {"messages": [{"role": "user", "content": SF}]}
    assert [s["parent_checkpoint_id"] for s in history[:-1]] == [s["checkpoint_id"] for s in history[1:]]


async def test_history_gives_one_state_unless_told() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.read(f"{await client.run(thread)}/join")

        assert len(await client.read(f"{thread}/history")) == 1
        assert len((await client.post(f"{thread}/history", json={})).json()) == 1
        assert await client.read(f"{thread}/history", limit=0) == []


async def test_history_before_a_checkpoint_leaves_that_one_out() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.read(f"{await client.run(thread)}/join")
        whole = await client.read(f"{thread}/history", limit=10)
        checkpoint = whole[1]["checkpoint_id"]
        by_get = await client.read(f"{thread}/history", limit=10, before=checkpoint)
        body = {"limit": 10, "before": {"configurable": {"checkpoint_id": checkpoint}}}
        by_post = (await client.post(f"{thread}/history", json=body)).json()
        of_input = await client.post(f"{thread}/history", json={"limit": 9, "metadata": {"source": "input"}})

    assert by_get == by_post == whole[2:]
    assert of_input.json() == whole[4:]


async def test_a_history_limit_that_is_no_number_is_refused() -> None:
    async with mock() as client:
        answer = await client.get(f"{await client.thread()}/history?limit=abc")

    assert (answer.status_code, answer.json()) == (422, {"detail": "Invalid limit abc"})


async def test_a_state_is_read_at_its_checkpoint() -> None:
    async with mock() as client:
        thread = await finished(client)
        whole = await client.read(f"{thread}/history", limit=10)
        by_id = await client.read(f"{thread}/state/{whole[2]['checkpoint_id']}")
        asked = await client.post(f"{thread}/state/checkpoint", json={"checkpoint": whole[2]["checkpoint"]})

    assert asked.json() == whole[2]
    assert by_id["checkpoint"] == {
        "checkpoint_id": whole[2]["checkpoint_id"],
        "thread_id": thread.removeprefix("/threads/"),
    }
    assert by_id | {"checkpoint": None} == whole[2] | {"checkpoint": None}


@pytest.mark.parametrize("checkpoint_id", [UNKNOWN, "zzz"])
async def test_a_checkpoint_that_is_not_there_has_an_empty_state(checkpoint_id: str) -> None:
    async with mock() as client:
        thread = await finished(client)
        by_id = await client.read(f"{thread}/state/{checkpoint_id}")
        body = {"checkpoint": {"checkpoint_id": checkpoint_id, "checkpoint_ns": "nowhere"}}
        asked = await client.post(f"{thread}/state/checkpoint", json=body)

    named = {"checkpoint_id": checkpoint_id, "thread_id": thread.removeprefix("/threads/")}
    assert (by_id["values"], by_id["metadata"], by_id["checkpoint"]) == ({}, None, named)
    assert asked.json()["checkpoint"] == {**named, "checkpoint_ns": "nowhere"}


async def test_an_update_left_by_a_command_is_added_to_messages_that_are_plain_json() -> None:
    async with mock() as client:
        thread = await finished(client)
        command = {"assistant_id": "agent", "command": {"update": said("human", "more")}}
        answer = await client.post(f"{thread}/runs/wait", json=command)
        state = await client.read(f"{thread}/state")
        whole = await client.read(f"{thread}/history", limit=2)

    assert kinds(state) == kinds(whole[0]) == ["human", "ai", "tool", "ai", "human"]
    extra: Json = {"invalid_tool_calls": [], "usage_metadata": None}
    assert [each["additional_kwargs"] for each in state["values"]["messages"]] == [{}, extra, {}, extra, {}]
    assert whole[0]["values"] == state["values"]
    assert answer.json()["messages"][1]["additional_kwargs"] == {}


async def test_history_looks_at_one_checkpoint_or_namespace() -> None:
    async with mock() as client:
        thread = await finished(client)
        whole = await client.read(f"{thread}/history", limit=10)
        one = await client.post(
            f"{thread}/history",
            json={"limit": 3, "checkpoint": {"checkpoint_id": whole[2]["checkpoint_id"]}},
        )
        none = await client.post(f"{thread}/history", json={"checkpoint": {"checkpoint_ns": "nowhere"}})
        by_dict = await client.post(f"{thread}/history", json={"limit": 9, "before": whole[2]["checkpoint"]})

    assert one.json() == [whole[2]]
    assert none.json() == []
    assert by_dict.json() == whole[3:]


async def test_a_state_that_cannot_be_read_is_told_in_the_words_of_its_error() -> None:
    async with mock() as client:
        thread = await client.thread()
        body = {"assistant_id": "agent", "input": {"messages": [{"role": "bogus", "content": "x"}]}}
        await client.post(f"{thread}/runs/wait", json=body)
        answer = await client.get(f"{thread}/state")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Unexpected message type: 'bogus'.")

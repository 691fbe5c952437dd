"""States of threads that are changed by hand, over HTTP in this process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.mock import NYC, SF, Client, Json, ask, finished, kinds, mock, said

pytestmark = pytest.mark.anyio


async def update(client: Client, thread: str, **body: Any) -> Json:
    """Change a thread's state and return the answer."""
    updated = await client.post(f"{thread}/state", json=body)
    assert updated.status_code == 200, updated.text
    answer: Json = updated.json()
    return answer


async def test_an_update_writes_a_checkpoint_as_the_last_node() -> None:
    async with mock() as client:
        thread = await finished(client)
        answer = await update(client, thread, values=said("human", "more"))
        state, shown = await client.read(f"{thread}/state"), await client.read(thread)

    named = {
        "thread_id": thread.removeprefix("/threads/"),
        "checkpoint_ns": "",
        "checkpoint_id": state["checkpoint_id"],
    }
    assert answer == {"checkpoint": named, "configurable": named, "checkpoint_id": state["checkpoint_id"]}
    assert kinds(state) == ["human", "ai", "tool", "ai", "human"]
    assert state["next"] == []
    assert state["metadata"] == {
        "graph_id": "agent",
        "thread_id": named["thread_id"],
        "source": "update",
        "step": 4,
        "parents": {},
    }
    assert (shown["status"], shown["values"]) == ("idle", state["values"])
    assert shown["state_updated_at"] == shown["updated_at"]


async def test_an_update_as_the_start_leaves_the_thread_with_work_to_do() -> None:
    async with mock() as client:
        thread = await finished(client)
        await update(client, thread, values=said("human", NYC), as_node="__start__")
        shown = await client.read(thread)
        waited = await client.post(f"{thread}/runs/wait", json={"assistant_id": "agent"})

    assert shown["status"] == "interrupted"
    assert [m["type"] for m in waited.json()["messages"]][4:] == ["human", "ai", "tool", "ai"]


@pytest.mark.parametrize("body", [{}, {"values": None}, {"values": {}, "checkpoint_id": None}])
async def test_an_update_without_values_writes_a_checkpoint_all_the_same(body: Json) -> None:
    async with mock() as client:
        thread = await finished(client)
        await update(client, thread, **body)
        state = await client.read(f"{thread}/state")

    assert (state["metadata"]["source"], state["metadata"]["step"]) == ("update", 4)


@pytest.mark.parametrize("how", ["checkpoint_id", "checkpoint"])
async def test_an_update_at_a_checkpoint_forks_from_there(how: str) -> None:
    async with mock() as client:
        thread = await finished(client)
        old = (await client.read(f"{thread}/history", limit=10))[2]
        at = {"checkpoint_id": old["checkpoint_id"], "checkpoint": old["checkpoint"]}[how]
        await update(client, thread, values=said("human", "fork"), **{how: at})
        state, shown = await client.read(f"{thread}/state"), await client.read(thread)

    assert kinds(state) == ["human", "ai", "human"]
    assert state["parent_checkpoint_id"] == old["checkpoint_id"]
    assert (state["metadata"]["step"], state["metadata"]["checkpoint_id"]) == (2, old["checkpoint_id"])
    assert kinds(shown) == ["human", "ai"]  # the real server shows the checkpoint it forked from, too


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"values": {}, "as_node": "nope"}, 400, "Node nope does not exist"),
        ({"values": {"messages": [{"a": 1}]}}, 400, "Message dict must contain 'role' and 'content' keys"),
        ({"values": {}, "checkpoint": {"checkpoint_ns": "x"}}, 400, "Subgraph x not found"),
        ({"values": {"messages": 5}}, 400, "Unsupported message type: <class 'int'>"),
        ({"values": "x"}, 422, '"x" is not valid under any of the schemas'),
        ({"as_node": 5}, 422, '5 is not of type "string"'),
    ],
)
async def test_an_update_the_graph_refuses_changes_nothing(body: Json, status: int, detail: str) -> None:
    async with mock() as client:
        thread = await finished(client)
        before = [await client.read(thread), await client.read(f"{thread}/history", limit=50)]
        refused = await client.post(f"{thread}/state", json=body)
        after = [await client.read(thread), await client.read(f"{thread}/history", limit=50)]

    assert (refused.status_code, refused.json()["detail"][: len(detail)]) == (status, detail)
    assert after == before


async def test_an_update_needs_to_know_the_graph() -> None:
    async with mock() as client:
        nameless, named = await client.thread(), await client.thread(metadata={"graph_id": "agent"})
        unknown = await client.thread(metadata={"graph_id": "nope"})
        refused = await client.post(f"{nameless}/state", json={"values": {}})
        missing = [await client.post(f"{unknown}/state", json={}), await client.get(f"{unknown}/state")]
        await update(client, named, values=said("human", SF))
        state = await client.read(f"{named}/state")

    thread_id = nameless.removeprefix("/threads/")
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith(f"Thread '{thread_id}' has no assigned graph ID. This usually")
    assert [answer.status_code for answer in missing] == [404, 404]
    assert missing[0].json() == {"detail": "Graph 'nope' not found. Expected one of: ['agent']"}
    assert kinds(state) == ["human"]


@pytest.mark.parametrize("graph_id", [5, ["agent"], {"a": 1}])
async def test_a_graph_id_that_is_no_text_names_no_graph(graph_id: Any) -> None:
    async with mock() as client:
        thread = await client.thread(metadata={"graph_id": graph_id})
        answers = [await client.get(f"{thread}/state"), await client.post(f"{thread}/history", json={})]

    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize("delay_s", [0, 600])
async def test_a_state_cannot_change_while_a_run_is_in_flight(delay_s: int) -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread, after_seconds=delay_s)
        refused = await client.post(f"{thread}/state", json={"values": {}})

    thread_id, run_id = thread.removeprefix("/threads/"), run.rpartition("/")[2]
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith(
        f"Thread {thread_id} has in-flight runs: [{{'run_id': UUID('{run_id}'), 'thread_id': UUID('{thread_id}')"
    )
    assert "datetime.datetime(2026, 1, 1, 0, " in refused.json()["detail"]


async def test_a_run_that_comes_during_an_update_waits_for_its_end() -> None:
    async with mock() as client:
        thread = await finished(client)
        record = client.deployment.records.threads[thread.removeprefix("/threads/")]
        async with record.writing:
            run = await client.run(thread, NYC)
            waiting = (await client.read(run))["status"]
            updating = asyncio.create_task(client.post(f"{thread}/state", json={"values": {}}))
            await client.get("/ok")
        refused = await updating
        joined = await client.read(f"{run}/join")

    assert (waiting, refused.status_code) == ("pending", 409)
    assert [m["type"] for m in joined["messages"]][4:] == ["human", "ai", "tool", "ai"]


async def test_a_thread_is_made_with_a_past() -> None:
    steps = [
        {"updates": [{"values": said("human", SF), "as_node": "__start__"}]},
        {"updates": [{"values": said("ai", "Fine."), "as_node": "agent"}]},
    ]
    async with mock() as client:
        half = await client.post(
            "/threads", json={"metadata": {"graph_id": "agent"}, "supersteps": steps[:1]}
        )
        whole = await client.post("/threads", json={"metadata": {"graph_id": "agent"}, "supersteps": steps})
        history = await client.read(f"/threads/{whole.json()['thread_id']}/history", limit=10)
        waited = await client.post(f"/threads/{whole.json()['thread_id']}/runs/wait", json=ask(NYC))

    assert (half.status_code, half.json()["status"], kinds(half.json())) == (200, "interrupted", ["human"])
    assert (whole.json()["status"], kinds(whole.json())) == ("idle", ["human", "ai"])
    assert [state["metadata"]["step"] for state in history] == [1, 0]
    assert len(waited.json()["messages"]) == 6


async def test_a_past_that_names_no_graph_is_told_of_with_201() -> None:
    steps = [{"updates": [{"values": {}, "as_node": "__start__"}]}]
    async with mock() as client:
        made = await client.post("/threads", json={"supersteps": steps})
        count = await client.post("/threads/count", json={})

    assert made.status_code == 201
    assert "was created, but there were problems updating the state: Thread '" in made.json()["detail"]
    assert count.json() == 1


async def test_a_past_the_graph_refuses_leaves_the_thread_with_what_came_before() -> None:
    steps = [
        {"updates": [{"values": said("human", SF), "as_node": "__start__"}]},
        {"updates": [{"values": {}, "as_node": "nope"}]},
    ]
    async with mock() as client:
        refused = await client.post("/threads", json={"metadata": {"graph_id": "agent"}, "supersteps": steps})
        made = (await client.post("/threads/search", json={})).json()
        state = await client.read(f"/threads/{made[0]['thread_id']}/state")

    assert (refused.status_code, refused.json()) == (400, {"detail": "Node nope does not exist"})
    assert [(each["status"], each["values"]) for each in made] == [("idle", None)]
    assert kinds(state) == ["human"]

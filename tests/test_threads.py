"""Threads, their states and histories, over HTTP in this process."""

from __future__ import annotations

import pytest

from tests.mock import AGENT, SF, UNKNOWN, kinds, mock

pytestmark = pytest.mark.anyio

GIVEN = "4533c894-baec-452c-8785-89fc4c5f6b1f"


async def test_a_new_thread_is_idle_and_has_no_values() -> None:
    async with mock() as client:
        made = await client.post("/threads", json={})

    assert made.status_code == 200
    assert made.json() == {
        "thread_id": "019b76da-a802-7209-a29f-6fbed82c07cd",
        "created_at": "2026-01-01T00:00:00.003000+00:00",
        "updated_at": "2026-01-01T00:00:00.003000+00:00",
        "state_updated_at": "2026-01-01T00:00:00.003000+00:00",
        "metadata": {},
        "status": "idle",
        "config": {},
        "values": None,
    }


async def test_a_thread_may_bring_its_id_and_metadata() -> None:
    async with mock() as client:
        made = await client.post("/threads", json={"thread_id": GIVEN.upper(), "metadata": {"k": 1}})

    assert made.json()["thread_id"] == GIVEN
    assert made.json()["metadata"] == {"k": 1}


async def test_a_thread_that_exists_is_a_conflict() -> None:
    async with mock() as client:
        await client.post("/threads", json={"thread_id": GIVEN})
        again = await client.post("/threads", json={"thread_id": GIVEN})

    assert again.status_code == 409
    assert again.json() == {"detail": f"Thread with ID {GIVEN} already exists"}


async def test_do_nothing_answers_the_thread_that_exists() -> None:
    async with mock() as client:
        await client.post("/threads", json={"thread_id": GIVEN, "metadata": {"old": 1}})
        again = await client.post(
            "/threads", json={"thread_id": GIVEN, "metadata": {"new": 1}, "if_exists": "do_nothing"}
        )

    assert again.status_code == 200
    assert again.json()["metadata"] == {"old": 1}


@pytest.mark.parametrize("path", ["", "/state", "/history", "/runs", f"/runs/{UNKNOWN}"])
async def test_an_unknown_thread_is_not_found(path: str) -> None:
    async with mock() as client:
        answer = await client.get(f"/threads/{UNKNOWN}{path}")

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Thread with ID {UNKNOWN} not found"}


@pytest.mark.parametrize("path", ["", "/state", "/history"])
async def test_a_malformed_thread_id_is_refused(path: str) -> None:
    async with mock() as client:
        answer = await client.get(f"/threads/abc{path}")

    assert answer.status_code == 422
    assert answer.json() == {"detail": "Invalid thread ID: must be a UUID"}


async def test_patch_merges_metadata() -> None:
    async with mock() as client:
        thread = await client.thread(metadata={"a": 1})
        patched = await client.patch(thread, json={"metadata": {"b": 2}})
        minimal = await client.patch(thread, json={}, headers={"prefer": "return=minimal"})
        unknown = await client.patch(f"/threads/{UNKNOWN}", json={})

    assert patched.json()["metadata"] == {"a": 1, "b": 2}
    assert patched.json()["updated_at"] > patched.json()["state_updated_at"]
    assert (minimal.status_code, minimal.content) == (204, b"")
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Not Found"})


async def test_a_deleted_thread_is_gone() -> None:
    async with mock() as client:
        thread = await client.thread()
        deleted = await client.delete(thread)
        again = await client.delete(thread)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert again.status_code == 404


async def test_deleting_a_thread_with_a_run_at_work_removes_everything() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        deleted = await client.delete(thread)
        gone = await client.get(f"{thread}/state")
        joined = await client.read(f"{run}/join")
        await client.thread(thread_id=thread.removeprefix("/threads/"))
        anew = await client.read(f"{thread}/history", limit=10)

    assert deleted.status_code == 204
    assert gone.status_code == 404
    assert joined == {"__error__": {"error": "HTTPException", "message": "404: Run not found"}}
    assert anew == []


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


async def test_search_pages_newest_first() -> None:
    async with mock() as client:
        threads = [await client.thread(metadata={"tag": "x"}) for _ in range(4)]
        await client.thread()
        first = await client.post("/threads/search", json={"metadata": {"tag": "x"}, "limit": 2})
        second = await client.post(
            "/threads/search", json={"metadata": {"tag": "x"}, "limit": 2, "offset": 2}
        )
        none = await client.post("/threads/search", json={"metadata": {"tag": "y"}})

    assert [f"/threads/{t['thread_id']}" for t in first.json() + second.json()] == threads[::-1]
    assert (first.headers["x-pagination-total"], first.headers["x-pagination-next"]) == ("3", "2")
    assert second.headers["x-pagination-total"] == "4"
    assert "x-pagination-next" not in second.headers
    assert (none.json(), none.headers["x-pagination-total"]) == ([], "0")


async def test_search_filters_sorts_and_selects() -> None:
    async with mock() as client:
        idle, busy = await client.thread(), await client.thread()
        await client.run(busy)
        by_status = await client.post("/threads/search", json={"status": "busy", "select": ["status"]})
        by_id = await client.post("/threads/search", json={"ids": [idle.removeprefix("/threads/")]})
        oldest = await client.post("/threads/search", json={"sort_order": "asc", "limit": 1})
        counted = await client.post("/threads/count", json={"status": "idle"})

    assert by_status.json() == [{"status": "busy"}]
    assert [thread["thread_id"] for thread in by_id.json()] == [idle.removeprefix("/threads/")]
    assert [thread["thread_id"] for thread in oldest.json()] == [idle.removeprefix("/threads/")]
    assert counted.text == "1"


async def test_a_search_of_absurd_bounds_is_answered() -> None:
    async with mock() as client:
        far = await client.post("/threads/search", content='{"limit":10.0,"offset":1e300}')

    assert (far.status_code, far.json()) == (200, [])

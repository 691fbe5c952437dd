"""Threads, over HTTP in this process."""

from __future__ import annotations

import asyncio

import pytest

from tests.mock import NYC, UNKNOWN, kinds, mock

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


async def test_a_copy_has_the_checkpoints_and_goes_its_own_way() -> None:
    async with mock() as client:
        thread = await client.thread(metadata={"k": 1})
        await client.read(f"{await client.run(thread)}/join")
        for _ in range(20):  # the thread's time runs ahead of the deployment's
            await client.post(f"{thread}/state", json={})
        copied = await client.post(f"{thread}/copy")
        copy = f"/threads/{copied.json()['thread_id']}"
        histories = [await client.read(f"{path}/history", limit=50) for path in (thread, copy)]
        again = await client.read(copy)
        await client.read(f"{await client.run(copy, NYC)}/join")
        changed = await client.read(f"{copy}/state")
        untouched = await client.read(f"{thread}/history", limit=50)
        runs = await client.read(f"{copy}/runs")

    assert list(copied.json()) == list(again) == [
        "thread_id", "created_at", "updated_at", "state_updated_at", "metadata", "status", "config",
    ]  # fmt: skip
    assert copied.json()["metadata"]["k"] == 1
    assert [s["checkpoint_id"] for s in histories[1]] == [s["checkpoint_id"] for s in histories[0]]
    assert {s["metadata"]["thread_id"] for s in histories[1]} == {copied.json()["thread_id"]}
    assert kinds(changed) == ["human", "ai", "tool", "ai"] * 2
    assert untouched == histories[0]
    assert len(runs) == 1


async def test_a_busy_thread_is_copied_as_it_stands() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.run(thread)
        copied = (await client.post(f"{thread}/copy", json={})).json()
        state = await client.read(f"/threads/{copied['thread_id']}/state")

    assert copied["status"] == "idle"
    assert (kinds(state), state["next"]) == (["human", "ai", "tool"], ["agent"])


async def test_a_copy_of_no_thread_is_a_conflict() -> None:
    async with mock() as client:
        unknown, malformed = [await client.post(f"/threads/{name}/copy") for name in (UNKNOWN, "nope")]

    assert (unknown.status_code, unknown.json()) == (409, {"detail": "Conflict"})
    assert (malformed.status_code, malformed.json()) == (
        400,
        {"detail": "badly formed hexadecimal UUID string"},
    )


async def test_threads_are_pruned() -> None:
    async with mock() as client:
        first, second = await client.thread(), await client.thread()
        await client.run(second)
        ids = [thread.removeprefix("/threads/") for thread in (first, second, second)]
        malformed = await client.post("/threads/prune", json={"thread_ids": [ids[0], "nope"]})
        latest = await client.post("/threads/prune", json={"thread_ids": ids, "strategy": "keep_latest"})
        kept = (await client.post("/threads/count", json={})).json()
        pruned = await client.post("/threads/prune", json={"thread_ids": [*ids, UNKNOWN]})
        left = (await client.post("/threads/count", json={})).json()

    assert (malformed.status_code, latest.status_code, kept) == (422, 422, 2)
    assert latest.json() == {"detail": "keep_latest strategy is not supported in in-memory runtime"}
    assert (pruned.json(), left) == ({"pruned_count": 2}, 0)


async def test_storage_counts_what_a_thread_has_written() -> None:
    async with mock() as client:
        empty, thread = await client.thread(), await client.thread()
        await client.read(f"{await client.run(thread)}/join")
        nothing, something = await client.read(f"{empty}/storage"), await client.read(f"{thread}/storage")

    assert nothing == {
        "thread_id": empty.removeprefix("/threads/"),
        "total_bytes": 0,
        "checkpoints": {"count": 0, "bytes": 0},
        "channel_values": {"count": 0, "bytes": 0, "by_channel": {}},
        "pending_writes": {"count": 0, "bytes": 0},
    }
    assert [something[part]["count"] for part in ("checkpoints", "channel_values", "pending_writes")] == [
        5,
        12,
        7,
    ]
    assert {name: each["versions"] for name, each in something["channel_values"]["by_channel"].items()} == {
        "__start__": 2,
        "messages": 4,
        "branch:to:agent": 4,
        "branch:to:tools": 2,
    }
    sizes = [something[part]["bytes"] for part in ("checkpoints", "channel_values", "pending_writes")]
    assert something["total_bytes"] == sum(sizes)


async def test_two_deletes_at_once_find_the_thread_once() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.run(thread)
        answers = await asyncio.gather(client.delete(thread), client.delete(thread))

    assert sorted(answer.status_code for answer in answers) == [204, 404]


async def test_a_thread_made_anew_is_not_touched_by_the_end_of_the_old_one() -> None:
    async with mock() as client:
        thread = await client.thread()
        for _ in range(5):
            await client.run(thread)
            deleted, made = await asyncio.gather(
                client.delete(thread),
                client.post(
                    "/threads",
                    json={"thread_id": thread.removeprefix("/threads/"), "if_exists": "do_nothing"},
                ),
            )
            if (await client.get(thread)).status_code == 404:
                made = await client.post("/threads", json={"thread_id": thread.removeprefix("/threads/")})
            joined = await client.read(f"{await client.run(thread)}/join")

            assert (deleted.status_code, made.status_code) == (204, 200)
            assert len(joined["messages"]) == 4
            assert len(await client.read(f"{thread}/history", limit=50)) == 5

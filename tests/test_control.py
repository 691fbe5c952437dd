"""The mock's own API, over HTTP in this process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from tests.mock import NYC, UNKNOWN, Client, Json, ask, kinds, mock

pytestmark = pytest.mark.anyio


def told(entries: list[Json], *keys: str) -> list[tuple[Any, ...]]:
    """Return of each entry its kind and these fields."""
    return [(entry["kind"], *(entry[key] for key in keys if key in entry)) for entry in entries]


async def two_runs(client: Client, strategy: str) -> tuple[str, str, str]:
    """Double-text a thread; return the ids of the thread and of both runs once they are over."""
    thread = await client.thread()
    first = await client.run(thread)
    second = await client.run(thread, NYC, multitask_strategy=strategy)
    await client.read(f"{second}/join")
    return thread.removeprefix("/threads/"), first.rpartition("/")[2], second.rpartition("/")[2]


async def test_the_index_lists_routes_and_settings() -> None:
    async with mock(think_s=0.5, seed=3) as client:
        index = await client.read("/mock")

    assert index["settings"] == {"hold": 60.0, "think": 0.5, "seed": 3}
    assert [(route["method"], route["path"]) for route in index["routes"]] == [
        ("GET", "/mock"),
        ("POST", "/mock/reset"),
        ("PATCH", "/mock/settings"),
        ("GET", "/mock/journal"),
    ]
    assert all(route["does"].endswith(".") for route in index["routes"])


async def test_reset_of_one_thread_leaves_the_others_alone() -> None:
    async with mock() as client:
        kept, reset = await client.thread(metadata={"k": 1}), await client.thread(metadata={"k": 2})
        runs = [await client.run(thread) for thread in (kept, reset)]
        joining = asyncio.create_task(client.read(f"{runs[1]}/join"))
        await client.answered(f"{runs[1]}/join")
        answer = await client.post("/mock/reset", json={"thread_id": reset.removeprefix("/threads/")})
        joined = await joining
        anew = await client.read(reset)
        left = [await client.read(f"{reset}/{what}", limit=10) for what in ("history", "runs")]
        state = await client.read(f"{kept}/state")
        journal = await client.read("/mock/journal", thread_id=reset.removeprefix("/threads/"))
        again = await client.read(f"{await client.run(reset, NYC)}/join")

    assert (answer.status_code, answer.json()["thread_id"]) == (200, reset.removeprefix("/threads/"))
    assert joined == {"__error__": {"error": "HTTPException", "message": "404: Run not found"}}
    assert (anew["status"], anew["values"], anew["metadata"]["k"], "error" in anew) == (
        "idle",
        None,
        2,
        False,
    )
    assert (left, journal) == ([[], []], [])
    assert kinds(state) == ["human", "ai", "tool"]
    assert len(again["messages"]) == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"thread_id": UNKNOWN}, 404),
        ({"thread_id": "nope"}, 422),
        ({"thread_id": UNKNOWN, "seed": 1}, 400),
        ({"sead": 1}, 422),
    ],
)
async def test_a_reset_of_what_is_not_there_is_refused(body: Json, status: int) -> None:
    async with mock() as client:
        thread = await client.thread()
        answer = await client.post("/mock/reset", json=body)

        assert (answer.status_code, (await client.get(thread)).status_code) == (status, 200)


async def test_two_resets_of_a_thread_at_once_make_it_once() -> None:
    async with mock() as client:
        thread = await client.thread()
        await client.run(thread)
        body = {"thread_id": thread.removeprefix("/threads/")}
        answers = await asyncio.gather(*(client.post("/mock/reset", json=body) for _ in range(3)))
        count = await client.post("/threads/count", json={})

    assert {answer.status_code for answer in answers} <= {200, 404}
    assert count.json() == 1


async def test_a_new_hold_holds_for_runs_from_then_on() -> None:
    async with mock() as client:
        tuned = await client.patch("/mock/settings", json={"hold": 0, "think": 2.5})
        index = await client.read("/mock")
        thread = await client.thread()
        run = await client.run(thread)
        while (await client.read(run))["status"] != "success":  # nobody joins it
            await checkpoint()

    assert tuned.json() == index["settings"] == {"hold": 0, "think": 2.5, "seed": 0}


@pytest.mark.parametrize("body", [{"hold": -1}, {"think": "x"}, {"hold": 1e7}, {"holt": 1}, []])
async def test_settings_that_cannot_be_are_refused(body: Any) -> None:
    async with mock() as client:
        refused = await client.patch("/mock/settings", json=body)
        index = await client.read("/mock")

    assert refused.status_code == 422
    assert index["settings"] == {"hold": 60.0, "think": 0.0, "seed": 0}


async def test_the_journal_tells_a_queued_run_from_start_to_end() -> None:
    async with mock() as client:
        thread, first, second = await two_runs(client, "enqueue")
        journal = await client.read("/mock/journal")

    assert told(journal, "run_id", "decision", "status", "step") == [
        ("request", first, "accepted"),
        ("thread", "busy"),
        ("run", first, "pending"),
        ("run", first, "running"),
        *[("checkpoint", first, step) for step in (-1, 0, 1, 2)],
        ("request", second, "queued"),
        ("run", second, "pending"),
        ("checkpoint", first, 3),
        ("run", first, "success"),
        ("run", second, "running"),
        *[("checkpoint", second, step) for step in (4, 5, 6, 7, 8)],
        ("run", second, "success"),
        ("thread", "idle"),
    ]
    assert [entry["number"] for entry in journal] == list(range(1, len(journal) + 1))
    assert sorted(entry["elapsed_s"] for entry in journal) == [entry["elapsed_s"] for entry in journal]
    assert {entry["thread_id"] for entry in journal} == {thread}
    assert journal[8] == {
        "number": 9,
        "elapsed_s": journal[8]["elapsed_s"],
        "kind": "request",
        "thread_id": thread,
        "run_id": second,
        "strategy": "enqueue",
        "waited_for": False,
        "delay_s": 0.0,
        "decision": "queued",
        "in_flight": [first],
        "superseded": [],
    }


async def test_the_journal_names_the_run_at_work_that_was_rejected_for() -> None:
    async with mock() as client:
        thread = await client.thread()
        first = await client.run(thread)
        await client.post(f"{thread}/runs/wait", json=ask(NYC, multitask_strategy="reject"))
        rejected = (await client.read("/mock/journal"))[-1]

    assert (rejected["decision"], rejected["run_id"], rejected["waited_for"]) == ("rejected", None, True)
    assert rejected["in_flight"] == [first.rpartition("/")[2]]


@pytest.mark.parametrize(("strategy", "status"), [("interrupt", "interrupted"), ("rollback", "rolled back")])
async def test_the_journal_names_the_runs_a_run_supersedes(strategy: str, status: str) -> None:
    async with mock() as client:
        thread, first, second = await two_runs(client, strategy)
        journal = await client.read("/mock/journal", thread_id=thread)

    request = next(entry for entry in journal if entry["kind"] == "request" and entry["run_id"] == second)
    ended = next(entry for entry in journal if entry.get("status") == status)
    assert (request["decision"], request["superseded"]) == ("accepted", [first])
    assert ended["run_id"] == first
    assert ended["reason"] == f"superseded by run {second} (multitask_strategy={strategy})"


async def test_the_journal_tells_of_states_changed_by_hand_and_deleted_threads() -> None:
    async with mock() as client:
        thread = await client.thread(metadata={"graph_id": "agent"})
        await client.post(f"{thread}/state", json={"values": {"messages": []}, "as_node": "__start__"})
        await client.delete(thread)
        journal = await client.read("/mock/journal")

    assert told(journal, "run_id", "step", "source", "status") == [
        ("checkpoint", None, 0, "update"),
        ("thread", "interrupted"),
        ("thread", "deleted"),
    ]


async def test_the_journal_is_empty_after_a_reset() -> None:
    async with mock() as client:
        await two_runs(client, "enqueue")
        await client.post("/mock/reset")

        assert await client.read("/mock/journal") == []


async def test_the_journal_streams_what_was_and_what_comes_until_a_reset() -> None:
    async with mock() as client:
        thread, first, _ = await two_runs(client, "enqueue")
        other = await client.thread()
        streaming = asyncio.create_task(
            client.get(
                "/mock/journal",
                params={"thread_id": thread},
                headers={"accept": "text/event-stream", "last-event-id": "2"},
            )
        )
        await client.answered("/mock/journal")
        await client.run(other)
        await client.delete(f"/threads/{thread}")
        await client.post("/mock/reset")
        streamed = await streaming

    events = streamed.content.split(b"\r\n\r\n")
    assert streamed.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert events[0].startswith(b'event: run\r\ndata: {"number":3,"elapsed_s":')
    assert events[0].endswith(
        b'"run_id":"' + first.encode() + b'","status":"pending","reason":null}\r\nid: 3'
    )
    assert b'"status":"deleted"}\r\nid: ' in events[-2]
    assert not any(other.removeprefix("/threads/").encode() in event for event in events)


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "-1"}, {"after": "9" * 19}, {"thread_id": "nope"}]
)
async def test_a_journal_that_cannot_be_is_refused(query: dict[str, str]) -> None:
    async with mock() as client:
        assert (await client.get("/mock/journal", params=query)).status_code == 422

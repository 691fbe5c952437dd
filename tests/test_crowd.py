"""Two hundred clients that double-text one thread at once; blockbuster watches the event loop meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import httpx
import pytest

from tests.mock import BUSY, FOREVER_S, Client, ask, mock
from tests.model import check_journal

pytestmark = pytest.mark.anyio

CROWD = 200

SMALL_TALK = "hello"
"""What the agent answers without calling its tool: the state of 200 runs stays small."""


async def rush(client: Client, thread: str, strategies: list[str]) -> list[httpx.Response]:
    """Send all requests at once, and ask in between whether the server still answers."""
    sent = [
        asyncio.create_task(client.post(f"{thread}/runs", json=ask(SMALL_TALK, multitask_strategy=strategy)))
        for strategy in strategies
    ]
    for path in ("/ok", thread, f"{thread}/state", f"{thread}/runs"):
        assert (await asyncio.wait_for(client.get(path), 10)).status_code == 200
    return await asyncio.gather(*sent)


async def statuses(client: Client, thread: str) -> Counter[str]:
    """Return how many runs of a thread have which status."""
    return Counter(run["status"] for run in await client.read(f"{thread}/runs", limit=1000))


async def finish(client: Client, thread: str) -> None:
    """Join whatever is in flight, the newest last, and hold what was noted against the rules."""
    for status in ("running", "pending"):
        for run in reversed(await client.read(f"{thread}/runs", limit=1000, status=status)):
            joined = await client.read(f"{thread}/runs/{run['run_id']}/join")
            assert joined["messages"][-1]["type"] == "ai"
    assert (await client.read(thread))["status"] == "idle"
    check_journal(await client.read("/mock/journal"))


async def said(client: Client, thread: str) -> int:
    """Return how often a human has spoken in the state of a thread."""
    state = await client.read(f"{thread}/state")
    return sum(message["type"] == "human" for message in state["values"]["messages"])


async def test_of_a_crowd_of_rejects_one_is_accepted() -> None:
    async with mock(hold_s=FOREVER_S) as client:
        thread = await client.thread()
        answers = await rush(client, thread, ["reject"] * CROWD)
        left = await statuses(client, thread)
        await finish(client, thread)

        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CROWD - 1}
        assert {answer.json()["detail"] for answer in answers if answer.status_code == 409} == {BUSY}
        assert left == {"running": 1}
        assert await said(client, thread) == 1


async def test_a_crowd_that_enqueues_is_served_in_order() -> None:
    async with mock(hold_s=FOREVER_S) as client:
        thread = await client.thread()
        answers = await rush(client, thread, ["enqueue"] * CROWD)
        left = await statuses(client, thread)
        await client.read(f"{answers[-1].headers['content-location']}/join")
        done = await statuses(client, thread)
        await finish(client, thread)

        assert {answer.status_code for answer in answers} == {200}
        assert left == {"running": 1, "pending": CROWD - 1}
        assert done == {"success": CROWD}
        assert await said(client, thread) == CROWD


async def test_of_a_crowd_that_interrupts_the_last_goes_on() -> None:
    async with mock(hold_s=FOREVER_S) as client:
        thread = await client.thread()
        answers = await rush(client, thread, ["interrupt"] * CROWD)
        left = await statuses(client, thread)
        await finish(client, thread)

        assert {answer.status_code for answer in answers} == {200}
        assert left == {"interrupted": CROWD - 1, "running": 1}
        assert (await client.read(answers[-1].headers["content-location"]))["status"] == "success"


async def test_of_a_crowd_that_rolls_back_only_the_last_leaves_a_trace() -> None:
    async with mock(hold_s=FOREVER_S) as client:
        thread = await client.thread()
        answers = await rush(client, thread, ["rollback"] * CROWD)
        left = await statuses(client, thread)
        await finish(client, thread)
        history = await client.read(f"{thread}/history", limit=1000)

        assert {answer.status_code for answer in answers} == {200}
        assert left == {"running": 1}
        assert await said(client, thread) == 1
        last = answers[-1].headers["content-location"].rpartition("/")[2]
        assert {state["metadata"]["run_id"] for state in history} == {last}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_mixed_crowd_keeps_the_rules(seed: int) -> None:
    choice = random.Random(seed)
    strategies = choice.choices(["reject", "enqueue", "interrupt", "rollback"], [6, 6, 1, 1], k=CROWD)
    async with mock(hold_s=FOREVER_S) as client:
        thread = await client.thread()
        answers = await rush(client, thread, strategies)
        await finish(client, thread)
        done = await statuses(client, thread)
        journal = await client.read("/mock/journal")

    accepted = [answer for answer in answers if answer.status_code == 200]
    rolled_back = sum(entry.get("status") == "rolled back" for entry in journal)
    assert len(accepted) + sum(answer.status_code == 409 for answer in answers) == CROWD
    assert done.total() + rolled_back == len(accepted)
    assert set(done) <= {"success", "interrupted"}


async def test_a_crowd_of_readers_is_served_while_a_crowd_writes() -> None:
    async with mock(hold_s=0.0) as client:
        threads = [await client.thread() for _ in range(20)]
        writing = [client.post(f"{path}/runs", json=ask(SMALL_TALK)) for path in threads for _ in range(5)]
        reading = [client.get(f"{path}/history?limit=50") for path in threads for _ in range(5)]
        answers = await asyncio.gather(*writing, *reading)

    assert {answer.status_code for answer in answers} == {200}

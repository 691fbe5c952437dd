"""What runs make of inputs, commands, pauses and old checkpoints, over HTTP in this process."""

from __future__ import annotations

from typing import Any

import pytest

from tests import graphs
from tests.mock import NYC, SF, ask, mock

pytestmark = pytest.mark.anyio


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


async def test_a_run_without_input_finishes_what_a_cancelled_one_began() -> None:
    async with mock() as client:
        thread = await client.thread()
        run = await client.run(thread)
        await client.post(f"{run}/cancel?wait=1")
        body = {"assistant_id": "agent", "input": None}
        values = (await client.post(f"{thread}/runs/wait", json=body)).json()

    assert [m["type"] for m in values["messages"]] == ["human", "ai", "tool", "ai"]


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

"""The official clients and curl against a mock deployment on a socket."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deno
import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.errors import ConflictError, NotFoundError, UnprocessableEntityError

from mockserver import MockDeployment
from tests.mock import BUSY, NYC, SF, UNKNOWN

pytestmark = pytest.mark.anyio

NO_INPUT: Any = 5
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"

JAVASCRIPT = """
import { Client } from "@langchain/langgraph-sdk";

const client = new Client({ apiUrl: Deno.args[0] });
const ask = (content) => ({ messages: [{ role: "user", content }] });
const { thread_id } = await client.threads.create();
const run = await client.runs.create(thread_id, "agent", { input: ask("what's the weather in sf?") });
const said = [run.status];
try {
  await client.runs.create(thread_id, "agent", {
    input: ask("what's the weather in nyc?"),
    multitaskStrategy: "reject",
  });
  said.push("accepted");
} catch (error) {
  said.push(error.status, error.message);
}
const values = await client.runs.join(thread_id, run.run_id);
said.push(values.messages.length, (await client.runs.get(thread_id, run.run_id)).status);
said.push((await client.threads.getState(thread_id)).values.messages.map((m) => m.type).join());
said.push((await client.threads.getHistory(thread_id)).length);
said.push((await client.runs.wait(thread_id, "agent", { input: ask("hello") })).messages.length);
said.push((await client.assistants.search()).length);
console.log(JSON.stringify(said));
"""

JAVASCRIPT_STREAM = """
import { Client } from "@langchain/langgraph-sdk";

const client = new Client({ apiUrl: Deno.args[0] });
const input = { messages: [{ role: "user", content: "what's the weather in sf?" }] };
const { thread_id } = await client.threads.create();
const collect = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
};
const streamMode = ["values", "updates"];
const whole = await collect(client.runs.stream(thread_id, "agent", { input, streamMode, streamResumable: true }));
const [{ run_id }] = await client.runs.list(thread_id);
const lastEventId = whole[3].id;
const rest = await collect(client.runs.joinStream(thread_id, run_id, { lastEventId, streamMode: "updates" }));
const failed = await collect(client.runs.stream(thread_id, "agent", { input: "hello" }));
const names = (parts) => parts.map((part) => part.event);
console.log(JSON.stringify([names(whole), names(rest), names(failed), failed[1].data.error]));
"""

SHELL = r"""
set -euo pipefail
post() { curl --fail-with-body --silent --show-error --request POST "$@" --header 'content-type: application/json'; }
thread_id=$(post "$1/threads" --data '{}' | jq -r .thread_id)
run_id=$(post "$1/threads/$thread_id/runs" --data '{"assistant_id": "agent", "input": {"messages":
    [{"role": "human", "content": "weather in sf?"}]}}' | jq -r .run_id)
post "$1/threads/$thread_id/runs" --write-out ' %{http_code}\n' --data '{"assistant_id": "agent",
    "input": {}, "multitask_strategy": "reject"}' 2>/dev/null || echo "curl: $?"
curl --fail-with-body --silent "$1/threads/$thread_id/runs/$run_id/join" | jq '.messages | length'
curl --fail-with-body --silent "$1/threads/$thread_id/runs/$run_id" | jq -r .status
"""


@pytest.fixture
def url() -> Iterator[str]:
    with MockDeployment(hold_s=60, think_s=0) as deployment:
        yield deployment.url


def run_javascript(source: str, url: str, folder: Path) -> Any:
    """Return the JSON that a module prints."""
    script = folder / "client.mjs"
    script.write_text(source, encoding="utf-8")
    config = NOTEBOOKS / "deno.json"
    command = [deno.find_deno_bin(), "run", "--quiet", "--allow-all", f"--config={config}", str(script), url]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def ask(question: str) -> Any:
    return {"messages": [{"role": "user", "content": question}]}


async def test_the_python_sdk_walks_through_reject(url: str) -> None:
    async with get_client(url=url) as client:
        thread_id = (await client.threads.create())["thread_id"]
        run = await client.runs.create(thread_id, "agent", input=ask(SF))
        with pytest.raises(ConflictError, match=BUSY) as refusal:
            await client.runs.create(thread_id, "agent", input=ask(NYC), multitask_strategy="reject")
        values = await client.runs.join(thread_id, run["run_id"])
        done = await client.runs.get(thread_id, run["run_id"])
        state = await client.threads.get_state(thread_id)

    assert isinstance(refusal.value, httpx.HTTPStatusError)
    assert refusal.value.status_code == 409
    assert done["status"] == "success"
    assert isinstance(values, dict) and state["values"] == values
    assert [message["type"] for message in values["messages"]] == ["human", "ai", "tool", "ai"]


async def test_the_python_sdk_gets_its_exceptions_and_defaults(url: str) -> None:
    async with get_client(url=url) as client:
        with pytest.raises(NotFoundError):
            await client.threads.get(UNKNOWN)
        with pytest.raises(UnprocessableEntityError):
            await client.assistants.get("agent")
        thread_id = (await client.threads.create(metadata={"k": "v"}))["thread_id"]
        values = await client.runs.wait(thread_id, "agent", input=ask(SF))
        history = await client.threads.get_history(thread_id)
        older = await client.threads.get_history(thread_id, before=history[0]["checkpoint"])
        found = await client.threads.search(metadata={"k": "v"})
        counted = await client.threads.count()
        await client.threads.delete(thread_id)

    assert isinstance(values, dict) and len(values["messages"]) == 4
    assert (len(history), len(older), len(found), counted) == (5, 4, 1, 1)


async def test_the_python_sdk_raises_for_a_run_that_failed(url: str) -> None:
    async with get_client(url=url) as client:
        thread_id = (await client.threads.create())["thread_id"]

        with pytest.raises(Exception, match="InvalidUpdateError: Expected dict, got 5"):
            await client.runs.wait(thread_id, "agent", input=NO_INPUT)


async def test_the_python_sdk_learns_the_run_from_the_headers(url: str) -> None:
    seen: list[object] = []
    async with get_client(url=url) as client:
        thread_id = (await client.threads.create())["thread_id"]
        run = await client.runs.create(thread_id, "agent", input=ask(SF), on_run_created=seen.append)

    assert seen == [{"run_id": run["run_id"], "thread_id": thread_id}]


async def test_of_twenty_simultaneous_rejects_on_a_socket_exactly_one_is_accepted(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        thread_id = (await client.post("/threads", json={})).json()["thread_id"]
        body = {"assistant_id": "agent", "input": ask(SF), "multitask_strategy": "reject"}
        requests = [client.post(f"/threads/{thread_id}/runs", json=body) for _ in range(20)]
        answers = await asyncio.gather(*requests)

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


def test_the_javascript_sdk_walks_through_reject(url: str, tmp_path: Path) -> None:
    said = run_javascript(JAVASCRIPT, url, tmp_path)

    assert said[:2] == ["pending", 409]
    assert BUSY in said[2]
    assert said[3:] == [4, "success", "human,ai,tool,ai", 5, 6, 1]


def test_curl_walks_through_reject(url: str) -> None:
    finished = subprocess.run(
        ["bash", "-c", SHELL, "bash", url], capture_output=True, text=True, timeout=60, check=True
    )

    assert finished.stdout.splitlines() == [f'{{"detail":"{BUSY}"}} 409', "curl: 22", "4", "success"]


async def test_the_python_sdk_streams_a_run_in_several_modes(url: str) -> None:
    async with get_client(url=url) as client:
        thread_id = (await client.threads.create())["thread_id"]
        parts = [
            part
            async for part in client.runs.stream(
                thread_id, "agent", input=ask(SF), stream_mode=["values", "updates", "messages-tuple"]
            )
        ]
        done = (await client.runs.list(thread_id))[0]

    events = [part.event for part in parts]
    said = [part.data[0]["content"] for part in parts if part.event == "messages"]
    assert (events[0], events[-1], done["status"]) == ("metadata", "values", "success")
    assert [events.count(name) for name in ("values", "updates", "error")] == [4, 3, 0]
    assert "".join(each for each in said[3:]).startswith("According to the search results from Tavily")
    assert parts[-1].data["messages"][-1]["content"] == "".join(said[3:])


async def test_the_python_sdk_joins_a_stream_and_takes_it_up_again(url: str) -> None:
    async with get_client(url=url) as client:
        thread_id = (await client.threads.create())["thread_id"]
        run = await client.runs.create(
            thread_id, "agent", input=ask(SF), stream_mode="updates", stream_resumable=True
        )
        await client.runs.join(thread_id, run["run_id"])
        whole = [part async for part in client.runs.join_stream(thread_id, run["run_id"], last_event_id="-1")]
        rest = [
            part
            async for part in client.runs.join_stream(thread_id, run["run_id"], last_event_id=whole[1].id)
        ]

    assert [part.event for part in whole] == ["metadata", "updates", "updates", "updates"]
    assert rest == whole[2:]


async def test_the_python_sdk_runs_without_a_thread_and_cancels_many(url: str) -> None:
    async with get_client(url=url) as client:
        values = await client.runs.wait(None, "agent", input=ask(SF))
        parts = [part.event async for part in client.runs.stream(None, "agent", input=ask(SF))]
        payload: Any = {"assistant_id": "agent", "input": ask(SF)}
        batch = await client.runs.create_batch([payload])
        thread_id = batch[0]["thread_id"]
        await client.runs.cancel_many(thread_id=thread_id, run_ids=[batch[0]["run_id"]])

    assert isinstance(values, dict) and len(values["messages"]) == 4
    assert parts == ["metadata", "values", "values", "values", "values"]


@pytest.mark.parametrize("way", ["stream", "wait"])
@pytest.mark.parametrize("on_disconnect", ["cancel", "continue"])
async def test_a_client_that_hangs_up_ends_its_run_only_if_it_said_so(way: str, on_disconnect: str) -> None:
    with MockDeployment(hold_s=60, think_s=60) as deployment:
        async with httpx.AsyncClient(base_url=deployment.url, timeout=60) as client:
            thread = f"/threads/{(await client.post('/threads', json={})).json()['thread_id']}"
            body = {"assistant_id": "agent", "input": ask(SF), "on_disconnect": on_disconnect}
            async with client.stream("POST", f"{thread}/runs/{way}", json=body) as answer:
                run = answer.headers["content-location"]
                await client.get(run)
            joined = await client.get(f"{run}/join")
            status = (await client.get(run)).json()["status"]
            error = (await client.get(thread)).json()["error"]

    assert status == {"cancel": "interrupted", "continue": "success"}[on_disconnect]
    assert [message["type"] for message in joined.json()["messages"]][:3] == ["human", "ai", "tool"]
    assert (error and error["message"]) == {
        "cancel": "client disconnected from the run stream (on_disconnect=cancel)",
        "continue": None,
    }[on_disconnect]


async def test_a_reader_that_never_reads_stalls_no_run(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        thread = f"/threads/{(await client.post('/threads', json={})).json()['thread_id']}"
        question = "what's the weather in sf? " + "x" * 1_000_000
        body = {"assistant_id": "agent", "input": ask(question), "stream_mode": ["debug", "events"]}
        async with client.stream("POST", f"{thread}/runs/stream", json=body) as unread:
            joined = await client.get(f"{unread.headers['content-location']}/join")

    assert len(joined.json()["messages"]) == 4


def test_the_javascript_sdk_streams(url: str, tmp_path: Path) -> None:
    assert run_javascript(JAVASCRIPT_STREAM, url, tmp_path) == [
        ["metadata", "values", "updates", "values", "updates", "values", "updates", "values"],
        ["updates", "updates"],
        ["metadata", "error"],
        "InvalidUpdateError",
    ]

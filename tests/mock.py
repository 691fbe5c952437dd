"""What the tests of the mock deployment share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from anyio.lowlevel import checkpoint
from blockbuster import blockbuster_ctx
from starlette.applications import Starlette

from mockserver import create_app
from mockserver.deployment import Deployment

Json = dict[str, Any]

AGENT = "fe096781-5601-53d2-b2f6-0d3403f7e9ca"
UNKNOWN = "00000000-0000-4000-8000-000000000001"
BUSY = "Thread is already running a task. Wait for it to finish or choose a different multitask strategy."


def ask(question: str, **options: Any) -> Json:
    """Return a body that starts a run."""
    return {
        "assistant_id": "agent",
        "input": {"messages": [{"role": "user", "content": question}]},
        **options,
    }


SF = "what's the weather in sf?"
NYC = "what's the weather in nyc?"

FOREVER_S = 100_000.0
"""How long runs think that are to think until somebody joins them."""


class Client(httpx.AsyncClient):
    """A client of an application in this process; answers come when they are complete."""

    app: Starlette
    deployment: Deployment

    async def answered(self, path: str) -> None:
        """Wait until the answer to a request for this path has begun."""
        while not any(f" {path} " in line for line in self.deployment.log.tail(1000)):
            await checkpoint()

    async def thread(self, **body: Any) -> str:
        """Make a thread and return its path."""
        made = await self.post("/threads", json=body)
        return f"/threads/{made.json()['thread_id']}"

    async def run(self, thread: str, question: str = SF, **options: Any) -> str:
        """Start a run in the background and return its path."""
        started = await self.post(f"{thread}/runs", json=ask(question, **options))
        assert started.status_code == 200, started.text
        return started.headers["content-location"]

    async def read(self, path: str, **query: Any) -> Any:
        """Return the JSON found at a path."""
        return (await self.get(path, params=query)).json()


@asynccontextmanager
async def mock(**options: Any) -> AsyncIterator[Client]:
    """Serve a mock deployment in this event loop; background runs are held until joined."""
    app = create_app(**{"hold_s": 60.0, "think_s": 0.0, **options})
    transport = httpx.ASGITransport(app)
    with blockbuster_ctx("mockserver"):  # whatever blocks the event loop in a handler raises
        async with Client(transport=transport, base_url="http://mock", timeout=60) as client:
            client.app, client.deployment = app, app.state.deployment
            yield client
        await asyncio.wait_for(app.state.deployment.reset(), 10)


def kinds(state: Json) -> list[str]:
    """Return the types of the messages in a state."""
    return [message["type"] for message in state["values"]["messages"]]


def said(role: str, text: str) -> Json:
    """Return an update that adds one message."""
    return {"messages": [{"role": role, "content": text, "id": f"said-{text}"}]}


async def finished(client: Client) -> str:
    """Return a thread with one finished run."""
    thread = await client.thread()
    await client.read(f"{await client.run(thread)}/join")
    return thread

"""A client below HTTP libraries: it can hang up."""

from __future__ import annotations

import asyncio
import json

from starlette.types import Message, Receive

from tests.mock import Client, Json

ANSWER_LIMIT_S = 10.0
"""Longer than any answer takes that comes at all."""


class Call:
    """A request whose client can hang up before the answer is complete, as a socket can."""

    def __init__(self, client: Client, method: str, path: str, body: Json | bytes | None = None) -> None:
        self._sent = (
            body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        )
        self._hung_up = asyncio.Event()
        self._asked = False
        self.start(client, method, path, self._receive)

    def start(self, client: Client, method: str, path: str, receive: Receive) -> None:
        """Send a request whose body comes from `receive`."""
        self.received, self.status = b"", 0
        self.headers: dict[str, str] = {}
        self._begun = asyncio.Event()
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "headers": [(b"host", b"mock")], "server": ("mock", 80), "client": ("test", 1),
        }  # fmt: skip
        self.task = asyncio.create_task(client.app(scope, receive, self._send))

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._sent, "more_body": False}
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._begun.set()
        else:
            self.received += message.get("body", b"")

    async def begun(self) -> Call:
        """Wait for the status and headers."""
        await asyncio.wait_for(self._begun.wait(), ANSWER_LIMIT_S)
        return self

    async def over(self) -> bytes:
        """Wait for the whole answer."""
        await asyncio.wait_for(self.task, ANSWER_LIMIT_S)
        return self.received

    async def hang_up(self) -> None:
        """Go before the answer is complete."""
        self._hung_up.set()
        await self.over()

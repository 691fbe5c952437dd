"""Telling a webhook that a run has ended; knows no thread and no graph."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx
import orjson

from mockserver.errors import Unprocessable
from mockserver.records import Json

ATTEMPTS = 3
PAUSE_S = 1.0
"""Seconds before the second attempt; twice that before the third."""

TIMEOUT_S = 10.0

logger = logging.getLogger(__name__)


def check_webhook(url: str, *, loopback: bool) -> None:
    """Refuse what no webhook can be.

    Args:
        url: where a run's end is to be told.
        loopback: whether this machine may be told.

    Raises:
        Unprocessable: the URL names no host, or this machine although that is not allowed (422).
    Source: observed on langgraph-api 0.16.7 with literal addresses.
    Assumed: `localhost` counts as loopback for webhooks.
    """
    host = _host_of(url)
    if not host:
        raise Unprocessable(f"Invalid webhook hostname '{host}'")
    if not loopback and _is_loopback(host):
        raise Unprocessable("Webhook host blocked: loopback IP range")


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Webhooks:
    """Deliveries under way.

    Args:
        note: is told of every delivery, in words.
        pause: waits between attempts; takes seconds.
        transport: how requests are sent; None sends them over the network.
    """

    def __init__(
        self,
        note: Callable[[str], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._note = note
        self._pause = pause
        self._transport = transport
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        """How many deliveries have not come to an end."""
        return len(self._tasks)

    def send(self, url: str, body: Json) -> None:
        """Deliver soon, and again up to ATTEMPTS times in all while nobody answers or a server fails.

        Source: one POST of JSON as observed on langgraph-api 0.16.7.
        Assumed: a webhook that failed is sent again after a second, and once more after two.
        """
        task = asyncio.create_task(self._deliver(url, orjson.dumps(body)), name=f"webhook {url}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up all deliveries."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, url: str, body: bytes) -> None:
        headers = {"content-type": "application/json"}
        async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_S, trust_env=False) as client:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    async with client.stream("POST", url, content=body, headers=headers) as answer:
                        said = str(answer.status_code)
                        final = answer.status_code < 500
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    said, final = type(error).__name__, False
                self._note(f"webhook {url} attempt {attempt}: {said}")
                if final or attempt == ATTEMPTS:
                    return
                await self._pause(PAUSE_S * attempt)

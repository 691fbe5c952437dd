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
        Unprocessable: the URL names no host, this machine although that is not allowed, or what is nobody's
            address (422).
    Source: observed on langgraph-api 0.16.7, which also refuses names that DNS does not know.
    Assumed: names under `.localhost` count as loopback for webhooks.
    """
    host = _host_of(url)
    if not host:
        raise Unprocessable(f"Invalid webhook hostname '{host}'")
    if (why := _why_blocked(host, loopback=loopback)) is not None:
        raise Unprocessable(f"Webhook host blocked: {why}")


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _why_blocked(host: str, *, loopback: bool) -> str | None:
    if host == "localhost":
        return None if loopback else "localhost address"
    if host.endswith(".localhost"):
        return None if loopback else "loopback IP range"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_loopback:
        return None if loopback else "loopback IP range" if address.version == 4 else "blocked IP range"
    nobodys = address.is_unspecified or address.is_link_local or address.is_multicast or address.is_reserved
    return "blocked IP range" if nobodys else None


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

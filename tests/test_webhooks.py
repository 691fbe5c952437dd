"""Webhooks: which are refused, what is delivered, and how often again."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from anyio.lowlevel import checkpoint

from mockserver.errors import Unprocessable
from mockserver.webhooks import Webhooks, check_webhook
from tests import graphs
from tests.mock import SF, Client, ask, mock

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/hook", "loopback IP range"),
        ("https://[::1]/", "blocked IP range"),
        ("http://localhost", "localhost address"),
        ("http://a.localhost:80", "loopback IP range"),
    ],
)
def test_this_machine_is_refused_unless_allowed(url: str, why: str) -> None:
    with pytest.raises(Unprocessable, match=f"^Webhook host blocked: {why}$"):
        check_webhook(url, loopback=False)

    check_webhook(url, loopback=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "169.254.1.1", "224.0.0.1", "[fe80::1]", "255.255.255.255"])
def test_what_is_nobodys_address_is_refused(host: str) -> None:
    with pytest.raises(Unprocessable, match=r"^Webhook host blocked: blocked IP range$"):
        check_webhook(f"http://{host}/", loopback=True)


@pytest.mark.parametrize("url", ["notaurl", "/relative", "http://", "http://[bad"])
def test_what_names_no_host_is_refused(url: str) -> None:
    with pytest.raises(Unprocessable, match=r"^Invalid webhook hostname ''$"):
        check_webhook(url, loopback=True)


class Receiver:
    """Somebody who is told, and answers one thing after the other."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.received: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.notes: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def told(self, body: Any) -> None:
        webhooks = Webhooks(self.notes.append, self.pause, httpx.MockTransport(self))
        webhooks.send("http://example.com/hook?x=1", body)
        while self.answers or webhooks.under_way:
            await checkpoint()


async def test_a_webhook_gets_one_post_of_json() -> None:
    receiver = Receiver(204)
    await receiver.told({"a": 1})

    (request,) = receiver.received
    assert (request.method, str(request.url)) == ("POST", "http://example.com/hook?x=1")
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {"a": 1}
    assert receiver.notes == ["webhook http://example.com/hook?x=1 attempt 1: 204"]


@pytest.mark.parametrize(
    ("answers", "pauses"),
    [
        ([503, httpx.ConnectError("gone"), 200], [1.0, 2.0]),
        ([500, 500, 500], [1.0, 2.0]),
        ([404], []),
    ],
)
async def test_a_webhook_is_tried_again_within_a_bound(
    answers: list[int | Exception], pauses: list[float]
) -> None:
    receiver = Receiver(*answers)
    await receiver.told({})

    assert len(receiver.received) == len(answers)
    assert receiver.pauses == pauses


async def delivered(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(Webhooks, "send", lambda self, url, body: sent.append((url, body)))
    return sent


async def test_a_webhook_is_told_the_run_and_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    async with mock(loopback_webhooks=True) as client:
        sent = await delivered(client, monkeypatch)
        thread = await client.thread()
        run = await client.run(thread, SF, webhook="http://127.0.0.1/hook")
        await client.get(f"{run}/join")
        shown, state = await client.read(run), await client.read(f"{thread}/state")

    ((url, body),) = sent
    times = [body.pop(key) for key in ("run_started_at", "run_ended_at", "webhook_sent_at")]
    assert url == "http://127.0.0.1/hook"
    assert all(time.endswith("+00:00") for time in times)
    assert body == {**shown, "values": state["values"]}


async def test_a_webhook_is_told_the_error_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    async with mock(graphs={"stumbles": graphs.stumbles, "agent": "mockserver.weather:graph"}) as client:
        sent = await delivered(client, monkeypatch)
        hook = {"webhook": "http://example.com/hook"}
        body = {"assistant_id": "stumbles", "input": {"trail": "a"}, **hook}
        await client.post("/runs/wait", json=body)
        thread = await client.thread()
        run = await client.run(thread, SF, **hook)
        await client.post(f"{run}/cancel?wait=1")

    assert [(body["status"], body["error"]["error"]) for _, body in sent] == [
        ("error", "ValueError"),
        ("interrupted", "UserInterrupt"),
    ]


@pytest.mark.parametrize("way", ["/runs", "/runs/wait", "/runs/stream"])
async def test_a_refused_webhook_starts_no_run(way: str) -> None:
    async with mock() as client:
        answer = await client.post(way, json=ask(SF, webhook="http://127.0.0.1/hook"))

        assert (answer.status_code, answer.json()) == (
            422,
            {"detail": "Webhook host blocked: loopback IP range"},
        )
        assert client.deployment.records.threads == {}

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from mockserver import MockDeployment
from walkthrough.display import API_KEYS, show_timeline
from walkthrough.errors import DeploymentError, ThreadError
from walkthrough.svg import draw
from walkthrough.timeline import description

NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def mock() -> Iterator[MockDeployment]:
    with MockDeployment() as deployment:
        yield deployment


def thread_with_a_run(deployment_url: str, headers: dict[str, str] | None = None) -> str:
    question = {"messages": [{"role": "user", "content": "hi"}]}
    with httpx.Client(base_url=deployment_url, headers=headers) as client:
        thread_id = str(client.post("/threads", json={}).json()["thread_id"])
        body = {"assistant_id": "agent", "input": question}
        client.post(f"/threads/{thread_id}/runs/wait", json=body).raise_for_status()
    return thread_id


def test_a_thread_is_shown_as_its_picture_and_in_words(mock: MockDeployment) -> None:
    thread_id = thread_with_a_run(mock.url)
    thread_with_a_run(mock.url)
    entries = httpx.get(f"{mock.url}/mock/journal", params={"thread_id": thread_id}).json()

    shown = show_timeline(f"{mock.url}/", thread_id, "A title")

    assert shown._repr_svg_() == draw(entries, "A title")
    assert repr(shown) == description(entries)
    assert "The first run ends with success after 3 checkpoints." in repr(shown)


def test_a_deployment_without_a_journal_is_named_and_draws_nothing(mock: MockDeployment) -> None:
    url = f"{mock.url}/elsewhere"

    shown = show_timeline(url, NOBODYS)

    assert shown._repr_svg_() is None
    assert repr(shown) == (
        f"No timeline: the deployment at {url} keeps no journal. Only the mock does; start one with: uv run mockserver"
    )


@pytest.mark.parametrize("thread_id", [NOBODYS, "no-id"])
def test_a_thread_without_a_run_is_named_with_the_next_step(mock: MockDeployment, thread_id: str) -> None:
    with pytest.raises(
        ThreadError, match=f"no run on the thread '{thread_id}'; show a thread on which a run"
    ):
        show_timeline(mock.url, thread_id)


def test_a_thread_on_which_nothing_was_started_is_named(mock: MockDeployment) -> None:
    thread_id = httpx.post(f"{mock.url}/threads", json={}).json()["thread_id"]

    with pytest.raises(ThreadError, match=thread_id):
        show_timeline(mock.url, thread_id)


def test_a_deployment_that_does_not_answer_is_named_with_the_next_step() -> None:
    with MockDeployment() as gone:
        url = gone.url

    with pytest.raises(DeploymentError, match=rf"no deployment answers at {url} .*uv run mockserver"):
        show_timeline(url, NOBODYS)


def test_the_key_that_the_sdk_would_send_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with MockDeployment(api_key="secret") as locked:
        thread_id = thread_with_a_run(locked.url, {"x-api-key": "secret"})
        for name in API_KEYS:
            monkeypatch.delenv(name, raising=False)

        with pytest.raises(DeploymentError, match=r"401 .*set LANGGRAPH_API_KEY"):
            show_timeline(locked.url, thread_id)
        monkeypatch.setenv("LANGSMITH_API_KEY", "secret")
        assert show_timeline(locked.url, thread_id).svg


def test_a_readers_notebook_does_not_load_what_runs_pages() -> None:
    heavy = {"jupyter_client", "langgraph", "markdown_it", "mockserver", "nbformat", "typer"}
    code = "import sys, walkthrough.display; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert heavy.isdisjoint(done.stdout.split())

"""Asks a mock deployment for its journal, and shows in a notebook what happened on a thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from walkthrough.errors import DeploymentError, ThreadError
from walkthrough.svg import draw
from walkthrough.timeline import Entry, description, read

TIMEOUT_S = 30
API_KEYS = ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
"""Where the SDK finds the key of a deployment that asks for one."""


@dataclass(frozen=True, repr=False)
class TimelinePicture:
    """What happened on a thread, for a notebook to display: drawn if it can, and else in words.

    Args:
        words: what the picture shows, or why there is none.
        svg: the picture; None if the deployment keeps no journal.
    """

    words: str
    svg: str | None = None

    def __repr__(self) -> str:
        return self.words

    def _repr_svg_(self) -> str | None:
        return self.svg


def show_timeline(deployment_url: str, thread_id: str, title: str = "Timeline") -> TimelinePicture:
    """Draws what happened on a thread until now; a notebook shows it if the cell ends with this call.

    Args:
        deployment_url: where the deployment is. Only the mock keeps a journal to draw from. One that asks for a key gets
            the one in LANGGRAPH_API_KEY, as from the SDK.
        thread_id: a thread on which a run was started.
        title: what the picture is called.

    Returns:
        The picture and the same in words; of a deployment without a journal, words that say so.

    Raises:
        DeploymentError: no deployment answers there, or it refuses.
        ThreadError: the journal tells of no run on this thread.

    Source: `GET /mock/journal`, which the real server does not have: it answers 404.
    """
    entries = read_journal(deployment_url, thread_id)
    if entries is None:
        return TimelinePicture(
            f"No timeline: the deployment at {deployment_url} keeps no journal. Only the mock does; "
            "start one with: uv run mockserver"
        )
    if not read(entries).lanes:
        raise ThreadError(
            f"the journal of {deployment_url} tells of no run on the thread {thread_id!r}; "
            "show a thread on which a run was started there, since it was last reset"
        )
    return TimelinePicture(description(entries), draw(entries, title))


def read_journal(deployment_url: str, thread_id: str | None = None) -> Sequence[Entry] | None:
    """Reads the journal of a deployment, oldest entry first.

    Args:
        deployment_url: where the deployment is.
        thread_id: only this thread's entries; None is all.

    Returns:
        The entries; None if the deployment keeps no journal, as all but the mock.

    Raises:
        DeploymentError: no deployment answers there, or it refuses.
    """
    key = next(filter(None, map(os.environ.get, API_KEYS)), None)
    try:
        answer = httpx.get(
            f"{deployment_url.rstrip('/')}/mock/journal",
            params={"thread_id": thread_id} if thread_id is not None else None,
            headers={"x-api-key": key.strip()} if key else None,
            timeout=TIMEOUT_S,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeploymentError(
            f"no deployment answers at {deployment_url} ({error}); start one, for example: uv run mockserver"
        ) from None
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        return []  # no thread has such an id
    if answer.is_error:
        raise DeploymentError(
            f"{deployment_url} does not show its journal: {answer.status_code} {answer.text}; "
            f"if it asks for a key, set {API_KEYS[0]}"
        )
    entries: Sequence[Entry] = answer.json()
    return entries

"""Answers that take as long as a run: its values at the end, or its events as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mockserver.exchange import deployment_of
from mockserver.records import Fate, Json, Run, RunStatus, Stop, Strategy, Thread
from mockserver.streams import HEADERS, HEARTBEAT_S, MEDIA_TYPE, Reader, error_event

NO_SUCH_RUN = {"error": "HTTPException", "message": "404: Run not found"}
"""What a join of no run is told, with status 200. Source: observed on langgraph-api 0.16.7."""

Leaving = Callable[[], None]
"""What to do once an answer is over, or its client has gone."""


class Answer(StreamingResponse):
    """An answer that is sent bit by bit; `leaving` is called when it is over, however it ends."""

    leaving: Leaving | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.leaving is not None:
                self.leaving()


def when_ended(run: Run, last_word: Callable[[], Json], leaving: Leaving | None = None) -> Response:
    """Answer at once that an answer will come, and the answer when the run has ended."""

    async def body() -> AsyncIterator[bytes]:
        while not run.ended.is_set():
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await run.ended.wait()
            except TimeoutError:
                yield b"\n"
        yield orjson.dumps(last_word())

    headers = {"location": f"{run.path}/join", "content-location": run.path}
    answer = Answer(body(), headers=headers, media_type="application/json")
    answer.leaving = leaving
    return answer


def streamed(
    reader: Reader,
    path: str | None,
    *,
    with_ids: bool,
    modes: Collection[str] = (),
    leaving: Leaving | None = None,
) -> Response:
    """Answer with the events a reader reads.

    Args:
        reader: what is sent.
        path: of the run; None for a stream of a whole thread, which has no location.
        with_ids: whether events carry their ids.
        modes: only events of these stream modes; none means all.
        leaving: called when the stream is over.
    """
    body = reader.frames(with_ids=with_ids, modes=modes)
    answer = Answer(body, headers=_stream_headers(path), media_type=MEDIA_TYPE)
    answer.leaving = leaving
    return answer


def no_stream(path: str) -> Response:
    """Answer that there is no such run, as a stream of one event.

    Source: observed on langgraph-api 0.16.7.
    """
    body = error_event(NO_SUCH_RUN["error"], NO_SUCH_RUN["message"]).to_bytes(with_id=False)
    return Response(body, headers=_stream_headers(path), media_type=MEDIA_TYPE)


def _stream_headers(path: str | None) -> dict[str, str]:
    return HEADERS if path is None else {**HEADERS, "location": f"{path}/stream", "content-location": path}


async def leaving_of(request: Request, thread: Thread, run: Run, cancels: bool) -> Leaving | None:
    """Return what to do when the client goes: stop the run, if that was asked for."""
    if not cancels:
        return None
    scheduler = (await deployment_of(request).execution()).scheduler

    def cancel_unless_ended() -> None:
        if not run.ended.is_set() and run.run_id in thread.in_flight:
            reason = "client disconnected from the run stream (on_disconnect=cancel)"
            scheduler.stop(thread, run, Stop(Strategy.INTERRUPT, reason))

    return cancel_unless_ended


def values_seen(run: Run) -> Json:
    """Return what a wait answers: the last values the run has streamed, nothing if it streams other modes.

    Source: observed on langgraph-api 0.16.7.
    """
    if run.status is RunStatus.ERROR and run.outcome is not None and run.outcome.error is not None:
        return {"__error__": run.outcome.error}
    return run.last_values if "values" in run.kwargs["stream_mode"] else {}


def values_joined(thread: Thread, run: Run) -> Json:
    """Return what a join answers: the values of the thread. Source: observed on langgraph-api 0.16.7."""
    if run.fate is Fate.ROLLED_BACK:
        return {}
    if run.fate is Fate.DELETED:
        return {"__error__": NO_SUCH_RUN}
    if run.status is RunStatus.ERROR and run.outcome is not None:
        return {"__error__": run.outcome.error}
    if run.outcome is not None and run.outcome.interrupts:
        return {"__interrupt__": [one for many in run.outcome.interrupts.values() for one in many]}
    return thread.values or {}

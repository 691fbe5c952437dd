"""Answers that take as long as a run: its values at the end, or its events as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mockserver.records import NO_SUCH_RUN, Json, Run, Stop, Thread
from mockserver.scheduler import Scheduler
from mockserver.statuses import Fate, RunStatus, Strategy
from mockserver.streams import HEADERS, HEARTBEAT_S, MEDIA_TYPE, error_event

Leaving = Callable[[], None]
"""What to do once an answer is over, or its client has gone."""


class Answer(StreamingResponse):
    """An answer that is sent bit by bit and watches a run, if there is one.

    `leaving` is called when it is over, however it ends.
    """

    run: Run | None = None
    leaving: Leaving | None = None

    def watch(self, run: Run | None, leaving: Leaving | None) -> Answer:
        """Begin to watch a run."""
        self.run, self.leaving = run, leaving
        if run is not None:
            run.watchers += 1
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.run is not None:
                self.run.watchers -= 1
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
    return Answer(body(), headers=headers, media_type="application/json").watch(run, leaving)


def streamed(
    run: Run,
    *,
    after: str | None = None,
    modes: Collection[str] = (),
    path: str | None = None,
    leaving: Leaving | None = None,
) -> Response:
    """Answer with the events of a run.

    Args:
        run: whose events.
        after: id of the last event the client has; those after it come again if the run keeps them.
        modes: only events of these stream modes; none means all.
        path: what the headers call the run; None means its own path.
        leaving: called when the stream is over.
    """
    body = run.events.reader(after).frames(with_ids=run.events.keep, modes=modes)
    answer = Answer(body, headers=_stream_headers(path or run.path), media_type=MEDIA_TYPE)
    return answer.watch(run, leaving)


def thread_streamed(thread: Thread) -> Response:
    """Answer with the events of all runs of a thread. Source: observed on langgraph-api 0.16.7."""
    body = thread.events.reader().frames(with_ids=True)
    return Answer(body, headers=HEADERS, media_type=MEDIA_TYPE)


def no_stream(path: str) -> Response:
    """Answer that there is no such run, as a stream of one event.

    Source: observed on langgraph-api 0.16.7.
    """
    body = error_event(NO_SUCH_RUN["error"], NO_SUCH_RUN["message"]).to_bytes(with_id=False)
    return Response(body, headers=_stream_headers(path), media_type=MEDIA_TYPE)


def _stream_headers(path: str) -> dict[str, str]:
    return {**HEADERS, "location": f"{path}/stream", "content-location": path}


def leaving_of(scheduler: Scheduler, thread: Thread, run: Run) -> Leaving:
    """Return what to do when a client goes that wants its run to end then."""

    def cancel_unless_ended() -> None:
        if not run.ended.is_set() and run.run_id in thread.in_flight:
            reason = "client disconnected from the run stream (on_disconnect=cancel)"
            scheduler.cancel(thread, run, Stop(Strategy.INTERRUPT, reason))

    return cancel_unless_ended


def values_seen(run: Run) -> Json:
    """Return what a wait answers: the last values the run has streamed, nothing if it streams other modes.

    Source: observed on langgraph-api 0.16.7. A run that streams updates tells of interrupts alone, and tells
    of them twice if it streams values too.
    """
    if run.fate is Fate.DELETED:
        return {"__error__": NO_SUCH_RUN}
    if run.status is RunStatus.ERROR and run.outcome is not None and run.outcome.error is not None:
        return {"__error__": run.outcome.error}
    modes = run.kwargs["stream_mode"]
    interrupts = run.last_values.get("__interrupt__")
    if interrupts and "updates" in modes:
        return {"__interrupt__": interrupts * (2 if "values" in modes else 1)}
    return run.last_values if "values" in modes else {}


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

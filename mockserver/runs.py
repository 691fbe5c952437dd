"""Endpoints of runs on a thread: start, read, wait for, cancel and delete them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import BadRequest, NotFound, Unprocessable
from mockserver.exchange import (
    answer,
    deployment_of,
    integer_of,
    no_content,
    run_id_of,
    run_of,
    thread_id_of,
    thread_of,
)
from mockserver.records import NO_SUCH_RUN, Run, Stop, Thread
from mockserver.starting import start
from mockserver.statuses import FINAL, Strategy
from mockserver.waiting import (
    leaving_of,
    no_stream,
    streamed,
    thread_streamed,
    values_joined,
    values_seen,
    when_ended,
)

MODE_OF_EVENTS = {"messages-tuple": "messages"}
"""Stream modes whose events have another's name."""

THREAD_STREAM_MODES = ("run_modes", "lifecycle", "state_update")
"""What the stream of a thread may be asked for. Source: API reference; only `run_modes` is imitated."""

COLUMNS = (
    "run_id", "thread_id", "assistant_id", "created_at", "updated_at", "metadata", "status", "kwargs",
    "multitask_strategy", "langsmith_session_name",
)  # fmt: skip
"""What a list of runs can be narrowed to. Source: observed on langgraph-api 0.16.7."""

NOTHING_TO_CANCEL = (
    "No matching runs to cancel. Please verify the thread ID and run IDs are correct, "
    "and the runs haven't been deleted or completed."
)


async def create(request: Request) -> Response:
    """Start a run in the background and answer it as it is then: pending.

    Source: observed on langgraph-api 0.16.7.
    """
    run = (await start(request, schemas.run_create, waited_for=False)).run
    return answer(run.to_json(), headers={"content-location": run.path})


async def wait(request: Request) -> Response:
    """Start a run and answer its last values when it has ended. Source: observed on langgraph-api 0.16.7."""
    started = await start(request, schemas.run_create_waiting, waited_for=True)
    return when_ended(started.run, lambda: values_seen(started.run), started.leaving())


async def stream(request: Request) -> Response:
    """Start a run and answer what it streams. Source: observed on langgraph-api 0.16.7."""
    started = await start(request, schemas.run_create_waiting, waited_for=True)
    return streamed(started.run, leaving=started.leaving())


async def join_stream(request: Request) -> Response:
    """Answer what a run streams from now on, or, of a resumable one, from `last-event-id` on.

    Source: observed on langgraph-api 0.16.7.
    """
    if (found := _found(request)) is None:
        return no_stream(_path(request))
    thread, run = found
    execution = await deployment_of(request).execution()
    await execution.settle(thread)
    cancels = _cancels_on_disconnect(request)
    asked = filter(None, request.query_params.getlist("stream_mode"))  # the Python SDK sends an empty one
    return streamed(
        run,
        after=request.headers.get("last-event-id"),
        modes=[MODE_OF_EVENTS.get(mode, mode) for mode in asked],
        leaving=leaving_of(execution.scheduler, thread, run) if cancels else None,
    )


async def stream_thread(request: Request) -> Response:
    """Answer what all runs of a thread stream from now on. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    for mode in request.query_params.getlist("stream_modes"):
        if mode not in THREAD_STREAM_MODES:
            raise Unprocessable(f"Invalid stream mode: {mode}")
    return thread_streamed(thread)


async def list_runs(request: Request) -> Response:
    """Answer a thread's runs, newest first. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    try:
        limit, offset = int(request.query_params.get("limit", 10)), integer_of(request, "offset", 0)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    status, select = request.query_params.get("status"), request.query_params.getlist("select")
    runs = [run for run in thread.runs.values() if status is None or run.status == status]
    runs.sort(key=lambda run: run.created_at, reverse=True)
    shown = [run.to_json() for run in runs[offset : offset + limit]]
    if unknown := [column for column in select if column not in COLUMNS]:
        raise Unprocessable(f"Invalid select columns: {unknown}. Expected: {{{str(COLUMNS)[1:-1]}}}")
    return answer([{key: run[key] for key in select if key in run} for run in shown] if select else shown)


async def get(request: Request) -> Response:
    """Answer one run. Source: observed on langgraph-api 0.16.7."""
    _, run = await run_of(request)
    return answer(run.to_json())


async def delete(request: Request) -> Response:
    """Forget a run. Source: observed on langgraph-api 0.16.7."""
    thread, run = await run_of(request, missing="Run not found")
    (await deployment_of(request).execution()).scheduler.delete_run(thread, run)
    return no_content()


async def join(request: Request) -> Response:
    """Answer the thread's values once a run has ended; a run that is not there is told of with status 200.

    Source: observed on langgraph-api 0.16.7.
    """
    found = _found(request)
    if found is None:
        path = _path(request)
        headers = {"location": f"{path}/join", "content-location": path}
        return answer({"__error__": NO_SUCH_RUN}, headers=headers)
    thread, run = found
    scheduler = (await deployment_of(request).execution()).scheduler
    scheduler.join(thread, run)
    leaving = leaving_of(scheduler, thread, run) if _cancels_on_disconnect(request) else None
    return when_ended(run, lambda: values_joined(thread, run), leaving)


async def cancel(request: Request) -> Response:
    """End a run before its time. Source: observed on langgraph-api 0.16.7."""
    thread, run = await run_of(request, missing="No runs found to cancel.")
    if run.status in FINAL:
        raise NotFound(NOTHING_TO_CANCEL)
    action = request.query_params.get("action", "interrupt")
    if action not in ("interrupt", "rollback"):
        raise Unprocessable(f"Invalid action: '{action}'. Must be 'interrupt' or 'rollback'")
    reason = f"{action} requested via POST /threads/{{thread_id}}/runs/{{run_id}}/cancel"
    scheduler = (await deployment_of(request).execution()).scheduler
    waits = request.query_params.get("wait") in ("1", "true")
    cancelled = when_ended(run, dict) if waits else no_content(202)
    scheduler.cancel(thread, run, Stop(Strategy(action), reason))
    return cancelled


def _path(request: Request) -> str:
    return f"/threads/{thread_id_of(request)}/runs/{run_id_of(request)}"


def _found(request: Request) -> tuple[Thread, Run] | None:
    thread = deployment_of(request).records.threads.get(thread_id_of(request))
    run = None if thread is None else thread.runs.get(run_id_of(request))
    return None if thread is None or run is None else (thread, run)


def _cancels_on_disconnect(request: Request) -> bool:
    return request.query_params.get("cancel_on_disconnect") in ("1", "true")

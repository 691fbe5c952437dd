"""Endpoints of runs on a thread: start, read, wait for, cancel and delete them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mockserver import schemas
from mockserver.errors import BadRequest, NotFound, NotImitated, Unprocessable
from mockserver.exchange import (
    answer,
    deployment_of,
    integer_of,
    no_content,
    read_body,
    run_id_of,
    run_of,
    thread_id_of,
    thread_of,
    uuid_of,
)
from mockserver.records import Fate, Json, Run, RunStatus, Stop, Strategy, Thread
from mockserver.scheduler import FINAL, Scheduler
from mockserver.schemas import Schema
from mockserver.submissions import adopt, check_options, find_assistant, new_run

HEARTBEAT_S = 5.0
"""Seconds of silence after which a waiting answer gets a line feed. Source: observed on langgraph-api 0.16.7."""

NOT_FOUND = {"__error__": {"error": "HTTPException", "message": "404: Run not found"}}
"""What a join of no run answers, with status 200. Source: observed on langgraph-api 0.16.7."""

NOTHING_TO_CANCEL = (
    "No matching runs to cancel. Please verify the thread ID and run IDs are correct, "
    "and the runs haven't been deleted or completed."
)


async def create(request: Request) -> Response:
    """Start a run in the background and answer it as it is then: pending.

    Source: observed on langgraph-api 0.16.7.
    """
    _, run, _ = await _submit(request, schemas.run_create, waited_for=False)
    return answer(run.to_json(), headers={"content-location": run.path})


async def wait(request: Request) -> Response:
    """Start a run and answer its last values when it has ended. Source: observed on langgraph-api 0.16.7."""
    thread, run, body = await _submit(request, schemas.run_create_waiting, waited_for=True)
    scheduler = (await deployment_of(request).execution()).scheduler
    leaving = None
    if body.get("on_disconnect") == "cancel":
        leaving = _leaving(scheduler, thread, run)
    return _when_ended(run, lambda: _values_seen(run), leaving)


async def stream(request: Request) -> Response:
    """Refuse to stream: not imitated yet."""
    raise NotImitated("This mock deployment does not stream runs yet; start them with /runs or /runs/wait")


async def list_runs(request: Request) -> Response:
    """Answer a thread's runs, newest first. Source: observed on langgraph-api 0.16.7."""
    thread = await thread_of(request)
    try:
        limit, offset = integer_of(request, "limit", 10), integer_of(request, "offset", 0)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    status, select = request.query_params.get("status"), request.query_params.getlist("select")
    runs = [run for run in thread.runs.values() if status is None or run.status == status]
    runs.sort(key=lambda run: run.created_at, reverse=True)
    shown = [run.to_json() for run in runs[offset : offset + limit]]
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
    deployment, thread_id, run_id = deployment_of(request), thread_id_of(request), run_id_of(request)
    thread = deployment.records.threads.get(thread_id)
    run = thread.runs.get(run_id) if thread is not None else None
    if thread is None or run is None:
        path = f"/threads/{thread_id}/runs/{run_id}"
        return answer(NOT_FOUND, headers={"location": f"{path}/join", "content-location": path})
    joined, known = thread, run
    scheduler = (await deployment.execution()).scheduler
    scheduler.join(thread, run)
    leaving = None
    if request.query_params.get("cancel_on_disconnect") in ("1", "true"):
        leaving = _leaving(scheduler, thread, run)
    return _when_ended(run, lambda: _values_joined(joined, known), leaving)


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
    scheduler.stop(thread, run, Stop(Strategy(action), reason))
    if request.query_params.get("wait") in ("1", "true"):
        return _when_ended(run, dict, None)
    return no_content(202)


async def _submit(request: Request, schema: Schema, *, waited_for: bool) -> tuple[Thread, Run, Json]:
    deployment = deployment_of(request)
    body = await read_body(request, schema)
    check_options(body)
    thread_id = uuid_of(request, "thread_id", "Invalid thread ID")
    assistant = find_assistant(deployment, body["assistant_id"])
    execution = await deployment.execution()
    thread = deployment.records.threads.get(thread_id)
    if thread is not None:
        await execution.settle(thread)
    elif body.get("if_not_exists") == "create":
        thread = deployment.new_thread({}, thread_id)
    else:
        raise NotFound("Thread or assistant not found.")
    run = new_run(
        deployment,
        thread,
        assistant,
        body,
        request_id=request.headers.get("x-request-id"),
        api_url=str(request.base_url).rstrip("/"),
        waited_for=waited_for,
    )
    execution.scheduler.submit(thread, run)
    adopt(thread, assistant, body)
    return thread, run, body


def _when_ended(run: Run, last_word: Callable[[], Json], leaving: Callable[[], None] | None) -> Response:
    """Answer at once that an answer will come, and the answer when the run has ended."""

    async def body() -> AsyncIterator[bytes]:
        try:
            while not run.ended.is_set():
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await run.ended.wait()
                except TimeoutError:
                    yield b"\n"
        finally:
            if leaving is not None:
                leaving()
        yield orjson.dumps(last_word())

    headers = {"location": f"{run.path}/join", "content-location": run.path}
    return StreamingResponse(body(), headers=headers, media_type="application/json")


def _leaving(scheduler: Scheduler, thread: Thread, run: Run) -> Callable[[], None]:
    """Return what to do when a client that wanted its run cancelled then has gone."""

    def cancel_unless_ended() -> None:
        if not run.ended.is_set() and run.run_id in thread.in_flight:
            reason = "client disconnected from the run stream (on_disconnect=cancel)"
            scheduler.stop(thread, run, Stop(Strategy.INTERRUPT, reason))

    return cancel_unless_ended


def _values_seen(run: Run) -> Json:
    if run.status is RunStatus.ERROR and run.outcome is not None and run.outcome.error is not None:
        return {"__error__": run.outcome.error}
    return run.last_values


def _values_joined(thread: Thread, run: Run) -> Json:
    if run.fate is Fate.ROLLED_BACK:
        return {}
    if run.fate is Fate.DELETED:
        return NOT_FOUND
    if run.status is RunStatus.ERROR and run.outcome is not None:
        return {"__error__": run.outcome.error}
    if run.outcome is not None and run.outcome.interrupts:
        return {"__interrupt__": [one for many in run.outcome.interrupts.values() for one in many]}
    return thread.values or {}

"""Endpoints of runs that name no thread: each gets one of its own, which goes when it has ended."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.errors import NotFound, Unprocessable
from mockserver.exchange import answer, deployment_of, no_content, read_body
from mockserver.ids import canonical_uuid
from mockserver.records import Run, Stop, Thread
from mockserver.schemas import Schema
from mockserver.starting import Started, start_stateless
from mockserver.statuses import FINAL, RunStatus, Strategy
from mockserver.submissions import check_options, find_assistant
from mockserver.waiting import streamed, values_seen, when_ended


async def create(request: Request) -> Response:
    """Start a run in the background. Source: observed on langgraph-api 0.16.7."""
    run = (await _start(request, schemas.stateless_run_create, waited_for=False)).run
    return answer(run.to_json(), headers={"content-location": f"/runs/{run.run_id}"})


async def wait(request: Request) -> Response:
    """Start a run and answer its last values when it has ended. Source: observed on langgraph-api 0.16.7."""
    started = await _start(request, schemas.stateless_run_create_waiting, waited_for=True)
    return when_ended(started.run, lambda: values_seen(started.run), started.leaving())


async def stream(request: Request) -> Response:
    """Start a run and answer what it streams.

    Source: observed on langgraph-api 0.16.7, which names a location that answers 404, as here.
    """
    started = await _start(request, schemas.stateless_run_create_waiting, waited_for=True)
    return streamed(started.run, path=f"/runs/{started.run.run_id}", leaving=started.leaving())


async def batch(request: Request) -> Response:
    """Start many runs in the background, or none of them. Source: observed on langgraph-api 0.16.7."""
    deployment = deployment_of(request)
    bodies: Any = await read_body(request, schemas.run_batch)
    for body in bodies:
        check_options(deployment, body)
        find_assistant(deployment, body["assistant_id"])
    runs = [(await start_stateless(request, body, waited_for=False)).run for body in bodies]
    return answer([run.to_json() for run in runs])


async def cancel(request: Request) -> Response:
    """End many runs: those of a thread that are named, or all of a status.

    Source: observed on langgraph-api 0.16.7. Threads are not told of runs cancelled by status.
    """
    body = await read_body(request, schemas.runs_cancel)
    by_status = "status" in body
    found = _with_status(request, body["status"]) if by_status else _named(request, body)
    if not found:
        raise NotFound("No runs found to cancel.")
    action = request.query_params.get("action", "interrupt")
    if action not in ("interrupt", "rollback"):
        raise Unprocessable(f"Invalid action: '{action}'. Must be 'interrupt' or 'rollback'")
    scheduler = (await deployment_of(request).execution()).scheduler
    for thread, run in found:
        if run.run_id in thread.in_flight:
            reason = f"{action} requested via POST /runs/cancel"
            scheduler.cancel(thread, run, Stop(Strategy(action), reason, silent=by_status))
    return no_content()


async def _start(request: Request, schema: Schema, *, waited_for: bool) -> Started:
    body = await read_body(request, schema)
    check_options(deployment_of(request), body)
    return await start_stateless(request, body, waited_for=waited_for)


def _with_status(request: Request, status: str) -> list[tuple[Thread, Run]]:
    wanted = [RunStatus.PENDING, RunStatus.RUNNING] if status == "all" else [RunStatus(status)]
    threads = deployment_of(request).records.threads.values()
    return [(thread, run) for thread in threads for run in thread.in_flight.values() if run.status in wanted]


def _named(request: Request, body: dict[str, object]) -> list[tuple[Thread, Run]]:
    if (thread_id := canonical_uuid(str(body["thread_id"]))) is None:
        raise Unprocessable("Invalid thread ID: must be a UUID")
    named = body["run_ids"]
    assert isinstance(named, list)
    run_ids = [canonical_uuid(run_id) for run_id in named]
    if None in run_ids:
        raise Unprocessable("Invalid run ID: must be a UUID")
    thread = deployment_of(request).records.threads.get(thread_id)
    if thread is None:
        return []
    runs = [thread.runs[run_id] for run_id in run_ids if run_id is not None and run_id in thread.runs]
    return [(thread, run) for run in runs if run.status not in FINAL]

"""From a request to a run the scheduler has accepted; what all endpoints that start runs share."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from mockserver.errors import BadRequest, NotFound, Unprocessable
from mockserver.exchange import deployment_of, read_body
from mockserver.ids import canonical_uuid
from mockserver.records import Assistant, Json, Run, Thread
from mockserver.scheduler import Scheduler
from mockserver.schemas import Schema
from mockserver.submissions import adopt, check_options, find_assistant, metadata_for, new_run
from mockserver.waiting import Leaving, leaving_of


@dataclass(frozen=True)
class Started:
    """A run that was accepted."""

    scheduler: Scheduler
    thread: Thread
    run: Run
    body: Json

    def leaving(self) -> Leaving | None:
        """Return what to do when the client that started the run has gone."""
        cancels = self.body.get("on_disconnect") == "cancel"
        return leaving_of(self.scheduler, self.thread, self.run) if cancels else None


async def start(request: Request, schema: Schema, *, waited_for: bool) -> Started:
    """Start a run on the thread in the path.

    Raises:
        Unprocessable: a body, assistant or thread id that is none (422).
        BadRequest: a thread id that is none, if the run is waited for (400).
        NotFound: no such thread or assistant (404).
        ThreadBusy: the strategy is `reject` and a run is in flight (409).
    Source: observed on langgraph-api 0.16.7.
    """
    deployment = deployment_of(request)
    body = await read_body(request, schema)
    check_options(deployment, body)
    if (thread_id := canonical_uuid(request.path_params["thread_id"])) is None:
        if waited_for:
            raise BadRequest("badly formed hexadecimal UUID string")
        raise Unprocessable("Invalid thread ID")
    assistant = find_assistant(deployment, body["assistant_id"])
    execution = await deployment.execution()
    thread = deployment.records.threads.get(thread_id)
    if thread is None and body.get("if_not_exists") != "create":
        raise NotFound("Thread or assistant not found.")
    if thread is not None:
        await execution.settle(thread)
    return await _start(request, body, assistant, thread_id, waited_for=waited_for)


async def start_stateless(request: Request, body: Json, *, waited_for: bool) -> Started:
    """Start a run on a thread of its own.

    Args:
        request: what asks for it.
        body: a body that passed its schema and `check_options`.
        waited_for: whether the request waits for the end of the run.

    Raises:
        Unprocessable: an assistant that is none (422).
        NotFound: no such assistant (404).
    Source: observed on langgraph-api 0.16.7.
    """
    assistant = find_assistant(deployment_of(request), body["assistant_id"])
    return await _start(request, body, assistant, None, waited_for=waited_for)


async def _start(
    request: Request, body: Json, assistant: Assistant, thread_id: str | None, *, waited_for: bool
) -> Started:
    deployment = deployment_of(request)
    execution = await deployment.execution()
    thread = deployment.records.threads.get(thread_id) if thread_id else None
    made_thread = thread is None
    if thread is None:
        thread = deployment.new_thread(dict(body.get("metadata", {})), thread_id)
    metadata = metadata_for(thread, assistant)
    run = new_run(
        deployment,
        thread,
        assistant,
        body,
        inherited={} if made_thread else metadata,
        temporary=thread_id is None and body.get("on_completion") != "keep",
        request_id=_request_id(request),
        api_url=str(request.base_url).rstrip("/"),
        waited_for=waited_for,
    )
    execution.scheduler.submit(thread, run)
    adopt(thread, assistant, body, metadata)
    return Started(execution.scheduler, thread, run, body)


def _request_id(request: Request) -> str:
    """Return the request's id, the same for all the runs it starts."""
    if not hasattr(request.state, "id"):
        request.state.id = request.headers.get("x-request-id") or deployment_of(request).ids.uuid4()
    found: str = request.state.id
    return found

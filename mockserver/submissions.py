"""A request to start a run becomes a Run; knows no HTTP."""

from __future__ import annotations

from datetime import timedelta

from mockserver.deployment import IMITATED_API_VERSION, LANGGRAPH_VERSION, Deployment
from mockserver.errors import BadRequest, NotFound, Unprocessable
from mockserver.ids import canonical_uuid, system_assistant_id, unix_ms
from mockserver.records import Assistant, Json, Run, Thread
from mockserver.statuses import Strategy
from mockserver.webhooks import check_webhook

MAX_DELAY_S = 1e8
"""About three years; a longer delay would leave the calendar."""

AMBIGUOUS_CONTEXT = (
    "Cannot specify both configurable and context. Prefer setting context alone. "
    "Context was introduced in LangGraph 0.6.0 and is the long term planned replacement for configurable."
)


def find_assistant(deployment: Deployment, assistant_id: str) -> Assistant:
    """Return the assistant that a run names by graph id or UUID.

    Raises:
        Unprocessable: neither a graph id nor a UUID (422).
        NotFound: a UUID of no assistant (404).
    Source: observed on langgraph-api 0.16.7.
    """
    is_graph = assistant_id in deployment.graphs
    named = system_assistant_id(assistant_id) if is_graph else canonical_uuid(assistant_id)
    if named is None:
        graphs = ", ".join(deployment.graphs)
        raise Unprocessable(
            f"Invalid assistant: '{assistant_id}'. Must be either:\n"
            f"- A valid assistant UUID, or\n- One of the registered graphs: {graphs}"
        )
    if (assistant := deployment.records.assistants.get(named)) is None:
        raise NotFound("Thread or assistant not found.")
    return assistant


def check_options(deployment: Deployment, body: Json) -> None:
    """Refuse what a body's schema lets through and no run can have.

    Raises:
        BadRequest: both `context` and `config.configurable` are given (400).
        Unprocessable: the webhook names no host, or one that may not be called (422).
    Source: observed on langgraph-api 0.16.7.
    """
    if body.get("context") and body.get("config", {}).get("configurable"):
        raise BadRequest(AMBIGUOUS_CONTEXT)
    if "webhook" in body:
        check_webhook(body["webhook"], loopback=deployment.loopback_webhooks)


def new_run(
    deployment: Deployment,
    thread: Thread,
    assistant: Assistant,
    body: Json,
    *,
    request_id: str,
    api_url: str,
    inherited: Json,
    temporary: bool = False,
    waited_for: bool = False,
) -> Run:
    """Return the run that a request body asks for; nothing is changed yet.

    Args:
        deployment: gives ids, time and hold.
        thread: the run's thread.
        assistant: the run's assistant.
        body: a body that passed its schema and `check_options`.
        request_id: the request's x-request-id, or one of our own.
        api_url: what the run's metadata says it was served by.
        inherited: metadata the run has from its thread.
        temporary: whether run and thread go when the run has ended.
        waited_for: whether the request waits for the end of the run.

    Source: observed on langgraph-api 0.16.7.
    """
    ids = deployment.ids
    run_id = ids.uuid7()
    now = ids.now()
    delay_s = min(max(0.0, float(body.get("after_seconds", 0))), MAX_DELAY_S)
    configurable, context = _settings(assistant, body)
    own = {"graph_id": assistant.graph_id, "assistant_id": assistant.assistant_id}
    config: Json = {**assistant.config, **body.get("config", {})}
    metadata = {
        **assistant.metadata,
        **inherited,
        "assistant_id": assistant.assistant_id,
        **config.get("metadata", {}),
        **body.get("metadata", {}),
    }
    config["configurable"] = {
        **configurable,
        **_checkpoint(body),
        "langgraph_auth_user": None,
        "langgraph_auth_user_id": "",
        "langgraph_auth_permissions": [],
        "langgraph_request_id": request_id,
        "__request_start_time_ms__": unix_ms(now),
        "__after_seconds__": body.get("after_seconds", 0),
        "run_id": run_id,
        "thread_id": thread.thread_id,
        **own,
        "user_id": "",
    }
    config["metadata"] = dict(metadata)
    return Run(
        run_id=run_id,
        thread_id=thread.thread_id,
        assistant_id=assistant.assistant_id,
        graph_id=assistant.graph_id,
        metadata=metadata,
        kwargs=_kwargs(body, config, context, temporary=temporary),
        strategy=_strategy(body),
        asked_strategy=body.get("multitask_strategy"),
        created_at=now + timedelta(seconds=delay_s),
        updated_at=now,
        hold=deployment.new_hold(waited_for=waited_for),
        served_by=_served_by(api_url),
        waited_for=waited_for,
        delay_s=delay_s,
    )


def metadata_for(thread: Thread, assistant: Assistant) -> Json:
    """Return a thread's metadata as a new run changes it: what is there stays while a run is in flight.

    Source: observed on langgraph-api 0.16.7.
    """
    own = {"graph_id": assistant.graph_id, "assistant_id": assistant.assistant_id}
    return {**own, **thread.metadata} if thread.in_flight else {**thread.metadata, **own}


def adopt(thread: Thread, assistant: Assistant, body: Json, metadata: Json) -> None:
    """Put on a thread what a run accepted there leaves on it.

    Args:
        thread: the run's thread.
        assistant: the run's assistant.
        body: what asked for the run.
        metadata: of the thread from now on.

    Source: observed on langgraph-api 0.16.7.
    """
    thread.metadata = metadata
    thread.config = {
        **assistant.config,
        **body.get("config", {}),
        "configurable": dict(assistant.config.get("configurable", {})),
    }


def _settings(assistant: Assistant, body: Json) -> tuple[Json, Json]:
    """Return `configurable` and `context`, each mirrored in the other."""
    sent_configurable = body.get("config", {}).get("configurable") or {}
    sent_context = body.get("context") or {}
    configurable = {**assistant.config.get("configurable", {}), **sent_configurable}
    if sent_context:
        context = {**assistant.context, **sent_context}
        return {**configurable, **sent_context, "__context_provided__": True}, context
    return configurable, {**assistant.context, **configurable}


def _checkpoint(body: Json) -> Json:
    named = {key: value for key, value in (body.get("checkpoint") or {}).items() if value is not None}
    if body.get("checkpoint_id"):
        named["checkpoint_id"] = body["checkpoint_id"]
    return named


def _strategy(body: Json) -> Strategy:
    """Return the strategy asked for; a stateless run may ask for nonsense."""
    asked = body.get("multitask_strategy")
    return Strategy(asked) if asked in list(Strategy) else Strategy.ENQUEUE


def _kwargs(body: Json, config: Json, context: Json, *, temporary: bool) -> Json:
    modes = body.get("stream_mode") or ["values"]
    during = body.get("checkpoint_during")
    return {
        "input": body.get("input"),
        "command": body.get("command"),
        "config": config,
        "context": context,
        "stream_mode": [modes] if isinstance(modes, str) else modes,
        "interrupt_before": body.get("interrupt_before"),
        "interrupt_after": body.get("interrupt_after"),
        "webhook": body.get("webhook"),
        "feedback_keys": body.get("feedback_keys"),
        "temporary": temporary,
        "subgraphs": body.get("stream_subgraphs", False),
        "resumable": body.get("stream_resumable", False),
        "checkpoint_during": True if during is None else during,
        "durability": body.get("durability") or ("exit" if during is False else "async"),
    }


def _served_by(api_url: str) -> Json:
    return {
        "run_attempt": 1,
        "langgraph_version": LANGGRAPH_VERSION,
        "langgraph_api_version": IMITATED_API_VERSION,
        "langgraph_plan": "enterprise",
        "langgraph_host": "self-hosted",
        "langgraph_api_url": api_url,
    }

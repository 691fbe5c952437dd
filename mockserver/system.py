"""Endpoints about the deployment itself: is it there, and what is it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mockserver.deployment import IMITATED_API_VERSION, LANGGRAPH_VERSION
from mockserver.exchange import answer


async def ok(request: Request) -> Response:
    """Answer that the deployment is ready. Source: observed on langgraph-api 0.16.7."""
    return answer({"ok": True, "services": {}})


async def info(request: Request) -> Response:
    """Answer what is imitated, and by which LangGraph. Source: observed on langgraph-api 0.16.7."""
    return answer(
        {
            "version": IMITATED_API_VERSION,
            "langgraph_py_version": LANGGRAPH_VERSION,
            "flags": {
                "assistants": True,
                "crons": False,
                "langsmith": False,
                "langsmith_tracing_replicas": True,
                "langsmith_tracing_session_on_runs": True,
            },
            "host": {
                "kind": "self-hosted",
                "project_id": None,
                "host_revision_id": None,
                "revision_id": None,
                "tenant_id": None,
            },
        }
    )

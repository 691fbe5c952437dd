"""The application: routes, CORS, what becomes of errors, what is logged; imports no LangGraph."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Unpack

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver import assistants, control, runs, stateless, system, thread_search, thread_states, threads
from mockserver.deployment import Deployment
from mockserver.errors import STATUS_OF, ApiError, Forbidden, Unauthorized
from mockserver.exchange import answer
from mockserver.graphs import DEFAULT
from mockserver.settings import Options, Settings

logger = logging.getLogger(__name__)

EXPOSED_HEADERS = ("x-pagination-total", "x-pagination-next", "content-location")

MAX_REASON = 300
"""Characters of a refusal that the log keeps; a refusal may quote the whole body."""

META = ("/", "/ok", "/info")
"""Where a wrong method is not found rather than not allowed. Source: observed on langgraph-api 0.16.7."""

ROUTES = [
    Route("/", system.ok),
    Route("/ok", system.ok),
    Route("/info", system.info),
    Route("/assistants/search", assistants.search, methods=["POST"]),
    Route("/assistants/count", assistants.count, methods=["POST"]),
    Route("/assistants/{assistant_id}", assistants.get),
    Route("/threads", threads.create, methods=["POST"]),
    Route("/threads/search", thread_search.search, methods=["POST"]),
    Route("/threads/count", thread_search.count, methods=["POST"]),
    Route("/threads/prune", threads.prune, methods=["POST"]),
    Route("/threads/{thread_id}", threads.get),
    Route("/threads/{thread_id}", threads.patch, methods=["PATCH"]),
    Route("/threads/{thread_id}", threads.delete, methods=["DELETE"]),
    Route("/threads/{thread_id}/copy", threads.copy, methods=["POST"]),
    Route("/threads/{thread_id}/storage", threads.storage),
    Route("/threads/{thread_id}/state", thread_states.newest),
    Route("/threads/{thread_id}/state", thread_states.update, methods=["POST"]),
    Route("/threads/{thread_id}/state/{checkpoint_id}", thread_states.at_id),
    Route("/threads/{thread_id}/state/checkpoint", thread_states.at_checkpoint, methods=["POST"]),
    Route("/threads/{thread_id}/history", thread_states.history),
    Route("/threads/{thread_id}/history", thread_states.search_history, methods=["POST"]),
    Route("/runs", stateless.create, methods=["POST"]),
    Route("/runs/wait", stateless.wait, methods=["POST"]),
    Route("/runs/stream", stateless.stream, methods=["POST"]),
    Route("/runs/batch", stateless.batch, methods=["POST"]),
    Route("/runs/cancel", stateless.cancel, methods=["POST"]),
    Route("/threads/{thread_id}/runs", runs.list_runs),
    Route("/threads/{thread_id}/runs", runs.create, methods=["POST"]),
    Route("/threads/{thread_id}/runs/wait", runs.wait, methods=["POST"]),
    Route("/threads/{thread_id}/runs/stream", runs.stream, methods=["POST"]),
    Route("/threads/{thread_id}/runs/{run_id}", runs.get),
    Route("/threads/{thread_id}/runs/{run_id}", runs.delete, methods=["DELETE"]),
    Route("/threads/{thread_id}/runs/{run_id}/join", runs.join),
    Route("/threads/{thread_id}/runs/{run_id}/stream", runs.join_stream),
    Route("/threads/{thread_id}/stream", runs.stream_thread),
    Route("/threads/{thread_id}/runs/{run_id}/cancel", runs.cancel, methods=["POST"]),
    *control.ROUTES,
]


def create_app(**options: Unpack[Options]) -> Starlette:
    """Return a mock deployment as an ASGI application.

    Args:
        options: the fields of `Settings`.

    Raises:
        BadGraph: one of its graphs cannot be served. They are imported here and now; the weather agent is
            while the first requests are already answered.
    """
    settings = Settings(**options)
    deployment = Deployment(settings)
    if deployment.graphs != DEFAULT:
        deployment.load()
    middleware = [
        Middleware(PrivateNetwork),
        Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        ),
        Middleware(RequestLog, deployment=deployment),
    ]
    if settings.api_key is not None:
        middleware.append(Middleware(ApiKey, api_key=settings.api_key))
    handlers: dict[Any, Any] = {
        ApiError: _refuse,
        HTTPException: _refuse_http,
        ClientDisconnect: _give_up,
        Exception: _fail,
    }
    app = Starlette(routes=ROUTES, middleware=middleware, exception_handlers=handlers, lifespan=_lifespan)
    app.state.deployment = deployment
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Load the graphs while the first requests are already answered; end all work at the end."""
    deployment: Deployment = app.state.deployment
    loading = asyncio.create_task(deployment.execution(), name="load the graphs")
    yield
    loading.cancel()
    await deployment.reset()


class PrivateNetwork:
    """Says to every OPTIONS that private networks may be called.

    Source: observed on langgraph-api 0.16.7, which nevertheless refuses a preflight that asks for it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "OPTIONS":
            await self._app(scope, receive, send)
            return

        async def allow_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["access-control-allow-private-network"] = "true"
            await send(message)

        await self._app(scope, receive, allow_and_send)


class RequestLog:
    """Adds each request to the deployment's log, with its status and the reason for a refusal."""

    def __init__(self, app: ASGIApp, deployment: Deployment) -> None:
        self._app = app
        self._log = deployment.log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = f"{scope['method']} {scope['path']}"

        async def log_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                reason = " ".join(scope.get("mockserver.reason", "").split())
                self._log.add(f"{request} {message['status']} {reason[:MAX_REASON]}".rstrip())
            await send(message)

        try:
            await self._app(scope, receive, log_and_send)
        except Exception as error:
            self._log.add(f"{request} 500 {type(error).__name__}: {error}")
            logger.error("%s failed: %s: %s", request, type(error).__name__, error)
            raise


class ApiKey:
    """Refuses requests without the key; /ok and preflights need none."""

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._api_key = api_key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] != "/ok":
            sent = dict(scope["headers"]).get(b"x-api-key")
            if sent is None or not hmac.compare_digest(sent, self._api_key):
                error: ApiError = Unauthorized("Send the API key as the x-api-key header")
                if sent is not None:
                    error = Forbidden("The API key in the x-api-key header is wrong")
                await _refuse(Request(scope), error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _refuse(request: Request, error: ApiError) -> Response:
    request.scope["mockserver.reason"] = error.detail
    return answer({"detail": error.detail}, status=STATUS_OF[type(error)])


def _refuse_http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405 and request.url.path in META:
        error = HTTPException(404)
    request.scope["mockserver.reason"] = error.detail
    headers = dict(error.headers or {})
    if "Allow" in headers:  # Starlette writes the methods in the order of a set
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    return answer({"detail": error.detail}, status=error.status_code, headers=headers)


def _give_up(request: Request, error: ClientDisconnect) -> Response:
    request.scope["mockserver.reason"] = "the client has gone before its request was complete"
    return Response(status_code=400)


def _fail(request: Request, error: Exception) -> Response:
    return PlainTextResponse("Internal Server Error", 500)

"""What can go wrong, and which status and body a client gets for it; knows no endpoint.

MockServerError
├── PortInUse                   raised to whoever starts the mock; never sent to a client
├── UnsafeHost                  likewise
├── BadGraph                    likewise
└── ApiError                    sent to the client as {"detail": str(error)}
    ├── BadRequest              400
    │   └── GraphUnassigned     400, a thread's state is to be changed and no run says by which graph
    ├── Unauthorized            401
    ├── Forbidden               403
    ├── NotFound                404
    ├── Conflict                409
    │   └── ThreadBusy          409, a run was refused because its strategy is `reject`
    ├── BodyTooLarge            413
    ├── Unprocessable           422
    └── NotImitated             501, the real server has it and the mock does not
"""

from __future__ import annotations


class MockServerError(Exception):
    """Root of everything this package raises on purpose."""


class PortInUse(MockServerError):
    """Another program listens on the port that was asked for."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is already in use. Stop the program that listens there, "
            f"or choose another port: mockserver --port {port + 1}"
        )
        self.host = host
        self.port = port


class UnsafeHost(MockServerError):
    """The mock was told to listen beyond this machine without an API key."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} can be reached from other machines, so an API key is needed: "
            "mockserver --host HOST --api-key KEY (clients send it as the x-api-key header)"
        )


class BadGraph(MockServerError):
    """A graph that was asked for cannot be served; the text names it and the next step."""


class ApiError(MockServerError):
    """A request that cannot be served; its text becomes the `detail` of the answer."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BadRequest(ApiError):
    """Well-formed, but its parts contradict each other (400)."""


class GraphUnassigned(BadRequest):
    """A thread's state cannot be changed before it is known which graph it belongs to (400).

    Source: observed on langgraph-api 0.16.7.
    """

    def __init__(self, thread_id: str) -> None:
        super().__init__(
            f"Thread '{thread_id}' has no assigned graph ID. This usually occurs when no runs have been made on "
            "this particular thread. This operation requires a graph ID. Please ensure a run has been made for "
            "the thread or manually update the thread metadata (by setting the 'graph_id' field) before running "
            "this operation."
        )


class Unauthorized(ApiError):
    """No API key was sent to a mock that wants one (401)."""


class Forbidden(ApiError):
    """A wrong API key was sent (403)."""


class NotFound(ApiError):
    """The thing named in the path or body does not exist (404)."""


class Conflict(ApiError):
    """The thing exists already, or is in a state that forbids the request (409)."""


class ThreadBusy(Conflict):
    """A run with the strategy `reject` met a run in flight (409).

    Source: observed on langgraph-api 0.16.7, the same body for create, wait and stream.
    """

    def __init__(self) -> None:
        super().__init__(
            "Thread is already running a task. "
            "Wait for it to finish or choose a different multitask strategy."
        )


class BodyTooLarge(ApiError):
    """The request body passes the mock's bound (413)."""


class Unprocessable(ApiError):
    """An id or a body of the wrong shape (422)."""


class NotImitated(ApiError):
    """The real server would do it; the mock says that it does not (501)."""


STATUS_OF: dict[type[ApiError], int] = {
    BadRequest: 400,
    GraphUnassigned: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    ThreadBusy: 409,
    BodyTooLarge: 413,
    Unprocessable: 422,
    NotImitated: 501,
}
"""The one place where an error gets its HTTP status."""

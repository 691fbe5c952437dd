"""A mock deployment in a thread of this process, on a port of its own."""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
from types import TracebackType
from typing import Self, Unpack

import uvicorn

from mockserver.app import create_app
from mockserver.deployment import Deployment
from mockserver.errors import MockServerError, PortInUse, UnsafeHost
from mockserver.settings import Options


class MockDeployment:
    """A mock deployment that runs beside the program that uses it.

    Use it as a context manager, or call `start` and `stop`.

    Args:
        host: the address to listen on.
        port: 0 takes any free one.
        options: the fields of `Settings`; a host that others can reach needs an `api_key`.

    Raises:
        BadGraph: one of these graphs cannot be served.
        UnsafeHost: the host can be reached from other machines and there is no API key.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, **options: Unpack[Options]) -> None:
        if not options.get("api_key") and not _is_loopback(host):
            raise UnsafeHost(host)
        self._host = host
        self._port = port
        app = create_app(**options)
        self._deployment: Deployment = app.state.deployment
        settings = uvicorn.Config(
            app,
            access_log=False,
            lifespan="on",
            log_config=None,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        self._server = _Server(settings, self._deployment)
        self._thread = threading.Thread(target=self._serve, name="mock deployment", daemon=True)
        self._socket: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where the deployment answers."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> Self:
        """Listen, and return once requests are answered.

        Raises:
            PortInUse: another program listens there.
            MockServerError: the server could not start for another reason.
        """
        self._socket = _listen(self._host, self._port)
        self._port = self._socket.getsockname()[1]
        self._thread.start()
        self._server.ready.wait()
        if not self._server.started:
            self.stop()
            raise MockServerError(f"The mock deployment at {self.url} did not start; its log says why")
        return self

    def stop(self) -> None:
        """End all runs, close all connections, and return once the port is free."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        if self._socket is not None:
            self._socket.close()

    def log_tail(self, lines: int = 20) -> list[str]:
        """Return the newest lines of the log: requests with status and reason, and what became of runs.

        Args:
            lines: how many at most, >= 0.
        """
        return self._deployment.log.tail(lines)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket] if self._socket is not None else None)
        finally:
            self._server.ready.set()


class _Server(uvicorn.Server):
    """uvicorn, which says when it is ready, and which ends held runs before it waits for their clients."""

    def __init__(self, config: uvicorn.Config, deployment: Deployment) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._deployment = deployment

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._deployment.reset()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from None
        raise
    return listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

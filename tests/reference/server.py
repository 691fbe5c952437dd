"""Starts the two servers the referee compares, each in a process group of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

HERE = Path(__file__).parent
TEST_GRAPHS = {name: HERE / name for name in ("graphs.py", "langgraph.json")}
AGENT = {name: HERE.parents[1] / name for name in ("langgraph.json", "mockserver/weather.py")}
"""The agent of the guides, as anybody would deploy it."""

START_LIMIT_S = 60.0


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, where its gates lie and where its log is."""

    url: str
    gates: Path
    log: Path


@contextlib.contextmanager
def real_server(folder: Path, files: Mapping[str, Path] = TEST_GRAPHS) -> Iterator[Server]:
    """Run `langgraph dev` in a folder.

    Args:
        folder: takes the server's files and its log.
        files: what it serves, by place in the folder: a langgraph.json and the graphs that it names.
    """
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--config", "langgraph.json"]
    options = ["--no-browser", "--no-reload", "--n-jobs-per-worker", "100", "--server-log-level", "WARNING"]
    with _server(folder, [*command, *options], files) as server:
        yield server


@contextlib.contextmanager
def mock_server(folder: Path) -> Iterator[Server]:
    """Run `mockserver` with the same graphs."""
    with _server(
        folder, [sys.executable, "-m", "mockserver", "--config", "langgraph.json"], TEST_GRAPHS
    ) as server:
        yield server


@contextlib.contextmanager
def _server(folder: Path, command: list[str], files: Mapping[str, Path]) -> Iterator[Server]:
    for name, source in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(source, folder / name)
    port = _free_port()
    server = Server(f"http://127.0.0.1:{port}", folder / "gates", folder / "log")
    server.gates.mkdir()
    environment = {
        **os.environ,
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGSMITH_TRACING": "false",
        "NO_COLOR": "1",
        "REFEREE_GATES": str(server.gates),
    }
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, server)
            yield server
        finally:
            _stop(process)


def _free_port() -> int:
    """Return a free loopback port; the range systems hand out does not hold 2024."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], server: Server) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(
                f"{process.args!r} ended with status {process.returncode}:\n{tail(server.log)}"
            )
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/ok").is_success:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} was not ready after {START_LIMIT_S:g} s:\n{tail(server.log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
            return


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a server's log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

"""Programs that run cells: their processes, and how a cell fails; knows no kernel."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from walkthrough.kernels import install_command

Publish = Callable[[str, dict[str, Any]], None]  # called with the type and content of an output message


class CellError(Exception):
    """A cell failed.

    Args:
        name: the kind of failure, one word.
        message: what failed and how, one line.
        traceback: what to show; by default the two above.
    """

    def __init__(self, name: str, message: str, traceback: list[str] | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.traceback = traceback or [f"{name}: {message}"]


class ProcessGroup:
    """A process group that does not outlive this process, however that ends."""

    def __init__(self) -> None:
        # Nothing is ever written to the leader's input; it closes when this process ends, even by SIGKILL.
        self._leader = subprocess.Popen(
            ["sh", "-c", "trap '' INT TERM; read -r _; kill -KILL 0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    @property
    def id(self) -> int:
        """The group to start processes in."""
        return self._leader.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of the group."""
        # macOS answers EPERM where Linux answers ESRCH when only zombies are left in the group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.id, number)

    def close(self) -> None:
        """End all of the group at once."""
        if self._leader.poll() is None:
            self.signal(signal.SIGKILL)
            self._leader.wait()
        assert self._leader.stdin
        self._leader.stdin.close()


def not_installed(name: str, tool: str) -> str:
    """The message of a cell that has no program to run it.

    Args:
        name: the program as a sentence calls it.
        tool: what installs it.
    """
    return f"{name} is not installed; install it with `{install_command(tool)}` and run the cell again"


def ended(name: str, status: int) -> str:
    """The message of a cell whose program is no more.

    Args:
        name: the program as a sentence calls it.
        status: as `Popen.wait` returns it.
    """
    how = f"ended with status {status}" if status >= 0 else f"was killed by {signal.Signals(-status).name}"
    return f"{name} {how}; the next cell gets a new one"

"""JupyterLab beside a mock deployment: starts both, and stops both together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mockserver import MockDeployment, PortInUse
from walkthrough.errors import DeploymentError


def serve(folder: Path, *, port: int, jupyter_arguments: Sequence[str]) -> int:
    """Runs JupyterLab on a folder, with a mock deployment that its notebooks find by DEPLOYMENT_URL.

    Args:
        folder: what JupyterLab shows.
        port: the mock's port; the pages' default is 8123.
        jupyter_arguments: more arguments for `jupyter lab`.

    Returns:
        JupyterLab's exit status.

    Raises:
        DeploymentError: something else listens on the port.
    """
    with _mock(port) as mock:
        print(f"Mock deployment: {mock.url}", flush=True)
        command = [sys.executable, "-m", "jupyterlab", str(folder), *jupyter_arguments]
        # A session of its own: Ctrl-C reaches Jupyter once, from here, and as the signal it does not ask about.
        lab = subprocess.Popen(command, env=os.environ | {"DEPLOYMENT_URL": mock.url}, start_new_session=True)
        try:
            return lab.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            if lab.poll() is None:
                lab.send_signal(signal.SIGTERM)
                lab.wait()


@contextmanager
def _mock(port: int) -> Iterator[MockDeployment]:
    try:
        with MockDeployment(port=port) as mock:
            yield mock
    except PortInUse:
        raise DeploymentError(
            f"port {port} is in use; stop the program that listens there, or choose another port: "
            f"walkthrough lab --port {port + 1}"
        ) from None

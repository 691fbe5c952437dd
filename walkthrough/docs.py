"""The documentation site: hands over to MkDocs, which reads mkdocs.yml and the pages as they are."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from walkthrough.errors import WalkthroughError

CONFIG = Path("mkdocs.yml")
"""The site's configuration, below the working directory."""


def build() -> NoReturn:
    """Writes the site to site/ and ends the process with MkDocs' exit status.

    Raises:
        WalkthroughError: there is no mkdocs.yml here, or no MkDocs.
    """
    _become_mkdocs("build", "--strict")


def serve(port: int) -> NoReturn:
    """Serves the site on this machine, building it anew when a page changes; Ctrl-C ends it.

    Args:
        port: 0 takes a free one.

    Raises:
        WalkthroughError: there is no mkdocs.yml here, or no MkDocs.
    """
    address = f"127.0.0.1:{port or _free_port()}"
    # Without the option MkDocs 1.6 watches nothing under newer versions of Click.
    _become_mkdocs("serve", "--no-strict", "--livereload", "--dev-addr", address)


def _become_mkdocs(*arguments: str) -> NoReturn:
    if not CONFIG.is_file():
        raise WalkthroughError(f"no {CONFIG.absolute()}; run this in a clone of the repository")
    if importlib.util.find_spec("material") is None:
        raise WalkthroughError("Material for MkDocs is not installed; install it with: uv sync --group docs")
    sys.stdout.flush()
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}  # mkdocs.yml builds with its successor too
    os.execve(sys.executable, [sys.executable, "-m", "mkdocs", *arguments], environment)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

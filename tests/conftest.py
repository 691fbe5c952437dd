"""Fixtures that every test may use, and what suites have to say at the end."""

from __future__ import annotations

from typing import Any

import pytest

FIGURES = pytest.StashKey[dict[str, list[str]]]()
"""Lines under a title, for the end of the tests' output, from whichever worker."""


def pytest_configure(config: pytest.Config) -> None:
    """Begin without figures."""
    config.stash[FIGURES] = {}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run named tests without workers: each takes seconds to start."""
    return 0 if config.option.file_or_dir else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send a worker's figures to the process that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = session.config.stash[FIGURES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a worker's figures; one that crashed has none."""
    node.config.stash[FIGURES].update(getattr(node, "workeroutput", {}).get("figures", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell the figures."""
    for title, lines in config.stash[FIGURES].items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, as uvicorn runs the mock deployment."""
    return "asyncio"

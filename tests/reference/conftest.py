"""When the referee plays, and how much it compared."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import FIGURES

from .compare import Comparison
from .differences import Listed, read_listed
from .recording import Recording
from .scenario import record_all
from .scenarios import SCENARIOS
from .server import mock_server, real_server, tail

COMMAND = "uv run --group reference pytest -m reference"


@dataclass
class Referee:
    """What was recorded on each server, and how much of it was compared."""

    real: dict[str, Recording]
    again: dict[str, Recording]
    """The same scenarios on the real server a second time."""
    mock: dict[str, Recording]
    listed: list[Listed]
    logs: str
    seconds: float
    compared: list[Comparison] = field(default_factory=list)

    def figures(self) -> list[str]:
        """Tell how much was compared."""
        better = sum(entry.category == "better" for entry in self.listed)
        exchanges = sum(each.exchanges for each in self.compared)
        values = sum(each.values for each in self.compared)
        differences = sum(len(each.differences) for each in self.compared)
        compared = f"{len(self.compared)} scenarios, {exchanges} exchanges, {values} values compared"
        listed = f"{better} better than the real server, {len(self.listed) - better} open"
        return [
            f"{compared} with the real server; recorded in {self.seconds:.0f} s",
            f"{differences} differences; listed: {listed}",
        ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the referee's tests unless they are asked for and the real server is installed."""
    reason = ""
    if "reference" not in config.getoption("-m"):
        reason = f"compares with the real server: {COMMAND}"
    elif importlib.util.find_spec("langgraph_api") is None:
        reason = f"needs the real server: {COMMAND}"
    if reason:
        for item in items:
            if item.get_closest_marker("reference"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def referee(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Referee]:
    """Record the scenarios of the tests that were chosen, on both servers."""
    names = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    chosen = [each for name, each in SCENARIOS.items() if name in names]
    started = time.monotonic()
    recordings, logs = [], ""
    for start in (
        real_server,
        real_server,
        mock_server,
    ):  # each anew: what one recording left may still be at work
        with start(tmp_path_factory.mktemp(start.__name__)) as server:
            recordings.append(asyncio.run(record_all(server, chosen)))
        logs += f"{server.log.parent.name}:\n{tail(server.log)}\n"
    first, again, mocked = recordings
    listed = read_listed(Path(__file__).with_name("differences.toml"))
    result = Referee(first, again, mocked, listed, logs, time.monotonic() - started)
    yield result
    request.config.stash[FIGURES]["referee"] = result.figures()

"""Each scenario must look the same on the mock as on the real server."""

from __future__ import annotations

import pytest

from .compare import compare
from .conftest import Referee
from .differences import stale, unlisted
from .scenarios import SCENARIOS

# The first test waits for all recordings.
pytestmark = [pytest.mark.reference, pytest.mark.timeout(600)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_mock_answers_as_the_real_server(referee: Referee, name: str) -> None:
    comparison = compare(name, referee.real[name], referee.mock[name])
    referee.compared.append(comparison)
    listed = [entry for entry in referee.listed if entry.scenario == name]

    findings = [str(each) for each in unlisted(comparison.differences, listed)]
    findings += [f"listed, but no longer there: {each}" for each in stale(comparison.differences, listed)]

    if findings:
        pytest.fail("\n".join([name, *findings]), pytrace=False)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_repeats_itself_on_the_real_server(referee: Referee, name: str) -> None:
    first, again = referee.real[name], referee.again[name]

    findings = [str(each) for each in compare(name, first, again).differences]
    if first.stopped:
        findings.append(f"the scenario cannot be played: {first.stopped}\n{referee.logs}")

    if findings:
        pytest.fail("\n".join([name, *findings]), pytrace=False)


def test_listed_differences_name_scenarios_that_exist(referee: Referee) -> None:
    assert [str(each) for each in referee.listed if each.scenario not in SCENARIOS] == []

"""Every page, run in every language against the real server: it prints what the page says."""

from __future__ import annotations

import asyncio

import pytest

from tests.test_pages import NOTEBOOKS, Results, by_step
from walkthrough.languages import Language
from walkthrough.pages import Page, Step
from walkthrough.report import failures
from walkthrough.run import run_notebooks

from .server import AGENT, real_server, tail

pytestmark = [pytest.mark.reference, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """One run of everything on one server, which all languages share."""
    with real_server(tmp_path_factory.mktemp("pages"), AGENT) as server:
        run = asyncio.run(run_notebooks(NOTEBOOKS, deployment_url=server.url, jobs=len(Language)))
        for result in run:
            result.log = tail(server.log).splitlines()
    return {(result.page.name, result.language): result for result in run}


@by_step
def test_step_prints_what_the_page_says(results: Results, page: Page, language: Language, step: Step) -> None:
    result = results[page.name, language]

    if not any(ran.passed for ran in result.steps if ran.step.id == step.id):
        pytest.fail("\n".join(failures(result)), pytrace=False)

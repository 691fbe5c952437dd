"""Every page of the repository, run in every language against the mock: each step is a test."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from walkthrough import notebooks
from walkthrough.languages import Language
from walkthrough.markdown import is_page, read_page
from walkthrough.pages import Page, Step
from walkthrough.pictures import shown_on
from walkthrough.report import failures
from walkthrough.run import NotebookResult, run_notebooks

pytestmark = pytest.mark.timeout(300)  # the first test runs every page

FOLDER = Path(__file__).parent.parent / "notebooks"
PAGES = [read_page(path) for path in sorted(FOLDER.glob("*.md")) if is_page(path)]
NOTEBOOKS = [(page, language) for page in PAGES for language in page.languages]
STEPS = [(page, language, step) for page, language in NOTEBOOKS for step in page.steps(language)]

by_notebook = pytest.mark.parametrize(
    ("page", "language"), NOTEBOOKS, ids=[f"{p.name}[{lang}]" for p, lang in NOTEBOOKS]
)
by_step = pytest.mark.parametrize(
    ("page", "language", "step"), STEPS, ids=[f"{p.name}[{lang}]::{step.id}" for p, lang, step in STEPS]
)

Results = dict[tuple[str, Language], NotebookResult]


@pytest.fixture(scope="session")
def results() -> Results:
    """One run of everything, shared by all tests of this file."""
    run = asyncio.run(run_notebooks(NOTEBOOKS))
    return {(result.page.name, result.language): result for result in run}


@by_step
def test_step_prints_what_the_page_says(results: Results, page: Page, language: Language, step: Step) -> None:
    result = results[page.name, language]

    ran = next((ran for ran in result.steps if ran.step.id == step.id), None)

    if ran is None or not ran.passed:
        pytest.fail("\n".join(failures(result)), pytrace=False)


@by_notebook
def test_pictures_and_their_words_are_of_this_run(results: Results, page: Page, language: Language) -> None:
    pictures = results[page.name, language].pictures

    assert [picture.difference for picture in pictures] == [""] * len(shown_on(page))


@by_notebook
def test_running_again_leaves_the_notebook_as_it_is(results: Results, page: Page, language: Language) -> None:
    stored = notebooks.notebook_path(page, language).read_text(encoding="utf-8")

    assert notebooks.serialized(results[page.name, language].notebook) == stored


@by_notebook
def test_the_notebook_is_what_the_page_says(page: Page, language: Language) -> None:
    stored = notebooks.read(notebooks.notebook_path(page, language))

    assert notebooks.differences(stored, notebooks.build(page, language)) == []


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_page_begins_by_pointing_at_a_deployment(page: Page) -> None:
    for language in page.languages:
        first = next(page.steps(language))
        assert first.heading == "Point at a deployment"
        assert "DEPLOYMENT_URL" in first.snippets[language].code.text
        assert "http://localhost:8123" in first.snippets[language].code.text

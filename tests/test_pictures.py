from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mockserver import MockDeployment
from tests.pages import make_page
from tests.test_pages import PAGES
from walkthrough import notebooks
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.pages import Page
from walkthrough.pictures import shown_on
from walkthrough.report import failures
from walkthrough.run import NotebookResult, run_notebooks
from walkthrough.update import update_page

ONE_RUN = """\
curl --silent --fail --output /dev/null "$DEPLOYMENT_URL/runs/wait" --json '{
  "assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hi"}]}
}'"""
WORDS = "The first request starts the first run. The first run ends with success after 3 checkpoints."


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return with_picture(make_page(tmp_path, {Language.CURL: (ONE_RUN, "")}))


def with_picture(page: Page, thread: int = 1) -> Page:
    text = page.path.read_text(encoding="utf-8")
    page.path.write_text(
        f"{text}\nSee:\n\n![Old\nwords](assets/page.thread-{thread}.svg)\n", encoding="utf-8"
    )
    return read_page(page.path)


def run(page: Page, deployment_url: str | None = None) -> NotebookResult:
    (result,) = asyncio.run(run_notebooks([(page, Language.CURL)], deployment_url=deployment_url))
    return result


GUIDES = [page for page in PAGES if page.name != "errata"]


@pytest.mark.parametrize("page", GUIDES, ids=[page.name for page in GUIDES])
def test_every_guide_displays_what_happened_in_python(page: Page) -> None:
    displayed = [step for step in page.steps(Language.PYTHON) if step.picture]

    assert shown_on(page) and len(displayed) == len(shown_on(page))


def test_a_picture_is_found_with_its_line_and_words(page: Page) -> None:
    (shown,) = shown_on(page)

    assert (shown.thread, shown.alt, shown.line) == (1, "Old words", 15)
    assert shown.path == page.path.parent / "assets" / "page.thread-1.svg"


def test_another_pages_picture_is_left_alone(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("true", "")}, name="other")

    assert shown_on(with_picture(page)) == []


def test_a_run_fails_on_a_picture_that_is_not_there(page: Page) -> None:
    result = run(page)

    assert result.complete and not result.passed
    (picture,) = [text for text in failures(result) if "picture" in text]
    assert picture.startswith(f"{page.path}:15: picture  page[curl]\n")
    assert "page.thread-1.svg is not what this run draws; write it with --update" in picture


def test_a_run_fails_on_words_that_are_not_the_pictures(page: Page) -> None:
    update_page(page, [run(page)])
    page.path.write_text(page.path.read_text().replace("with success", "well"), encoding="utf-8")

    result = run(read_page(page.path))

    assert "the alternative text is not what the picture shows" in failures(result)[0]


def test_update_writes_picture_words_and_notebook_and_then_the_run_passes(page: Page) -> None:
    result = run(page)
    said = update_page(page, [result])

    assert result.passed
    notebook = notebooks.notebook_path(page, Language.CURL)
    assert said == [
        f"{page.path.parent}/assets/page.thread-1.svg: picture",
        f"{page.path}:15: words for a picture",
        f"{notebook}: notebook",
    ]
    written = read_page(page.path)
    assert [shown.alt for shown in shown_on(written)] == [WORDS]
    assert notebooks.differences(notebooks.read(notebook), notebooks.build(written, Language.CURL)) == []
    assert run(written).passed


def test_a_picture_of_a_thread_that_the_run_had_not_fails_even_an_update(tmp_path: Path) -> None:
    page = with_picture(make_page(tmp_path, {Language.CURL: (ONE_RUN, "")}), thread=2)
    result = run(page)

    update_page(page, [result])

    assert "is of thread 2, and the run had fewer" in failures(result)[0]


def test_against_a_deployment_that_is_not_ours_pictures_are_left_as_they_are(page: Page) -> None:
    with MockDeployment() as mock:
        assert run(page, mock.url).passed

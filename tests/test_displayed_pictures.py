"""Steps that display a picture: two of them run in a Python kernel, the others' outputs are written by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from nbformat.v4 import new_output

from mockserver import MockDeployment
from tests.pages import make_page
from walkthrough import notebooks
from walkthrough.display import show_timeline
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.pages import Page
from walkthrough.pictures import SVG, take_pictures
from walkthrough.run import NotebookResult, run_notebooks
from walkthrough.update import update_page

ONE_RUN = """\
import os
import httpx

deployment_url = os.environ["DEPLOYMENT_URL"]
with httpx.Client(base_url=deployment_url) as client:
    thread_id = client.post("/threads", json={}).json()["thread_id"]
    question = {"messages": [{"role": "user", "content": "hi"}]}
    run = {"assistant_id": "agent", "input": question}
    client.post(f"/threads/{thread_id}/runs/wait", json=run).raise_for_status()
"""
SHOW = """\
import os
from walkthrough.display import show_timeline
print("Here:")
show_timeline(os.environ["DEPLOYMENT_URL"], thread_id, "Page")"""
WORDS = "The first request starts the first run. The first run ends with success after 3 checkpoints."
TARGET = "assets/page.thread-1.svg"


def with_picture(folder: Path, code: str, words: str = "") -> Page:
    page = make_page(folder, {Language.PYTHON: (code, "Here:")})
    text = page.path.read_text(encoding="utf-8")
    page.path.write_text(f"{text}\n![{words}]({TARGET})\n", encoding="utf-8")
    return read_page(page.path)


def run(page: Page, deployment_url: str | None = None) -> NotebookResult:
    (result,) = asyncio.run(run_notebooks([(page, Language.PYTHON)], deployment_url=deployment_url))
    return result


@pytest.fixture
def without_journal() -> Iterator[str]:
    """The address of a server that knows no route."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    """The address of a mock that has run once."""
    with MockDeployment() as mock, httpx.Client(base_url=mock.url) as client:
        thread_id = client.post("/threads", json={}).json()["thread_id"]
        body = {"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hi"}]}}
        client.post(f"/threads/{thread_id}/runs/wait", json=body).raise_for_status()
        yield mock.url


@pytest.fixture
def page(tmp_path: Path, mock_url: str) -> Page:
    """A page with the picture of that run."""
    page = with_picture(tmp_path, SHOW, WORDS)
    store(timeline(mock_url, "Page"), page)
    return page


def store(svg: str, page: Page) -> None:
    path = page.path.parent / TARGET
    path.parent.mkdir(exist_ok=True)
    path.write_text(svg, encoding="utf-8")


def timeline(mock_url: str, title: str) -> str:
    thread_id = httpx.get(f"{mock_url}/mock/journal").json()[0]["thread_id"]
    return show_timeline(mock_url, thread_id, title).svg or ""


def differences(page: Page, displayed: str, mock_url: str, *, alone: bool) -> list[str]:
    """What is wrong when the page's step displays an SVG; empty means that it displays nothing."""
    notebook = notebooks.build(page, Language.PYTHON)
    if displayed:
        data = {SVG: displayed, "text/plain": WORDS}
        notebook.cells[-1].outputs = [new_output("execute_result", data=data, execution_count=1)]
    pictures = asyncio.run(take_pictures(page, Language.PYTHON, notebook, mock_url, alone=alone))
    return [picture.difference for picture in pictures]


alone = pytest.mark.parametrize("alone", [True, False], ids=["alone", "among others"])


@alone
def test_the_pages_picture_is_accepted(page: Page, mock_url: str, alone: bool) -> None:
    assert differences(page, timeline(mock_url, "Page"), mock_url, alone=alone) == [""]


@alone
def test_another_file_is_a_difference(page: Page, mock_url: str, alone: bool) -> None:
    store("<svg/>", page)

    (difference,) = differences(page, timeline(mock_url, "Page"), mock_url, alone=alone)

    assert difference == f"{page.path.parent / TARGET} is not what this run draws; write it with --update"


@alone
def test_other_words_are_a_difference(page: Page, mock_url: str, alone: bool) -> None:
    page.path.write_text(page.path.read_text("utf-8").replace("with success", "well"), encoding="utf-8")

    (difference,) = differences(read_page(page.path), timeline(mock_url, "Page"), mock_url, alone=alone)

    assert difference.startswith(
        "the alternative text is not what the picture shows; write it with --update:"
    )


@alone
def test_a_step_that_displays_no_picture_is_told_how(page: Page, mock_url: str, alone: bool) -> None:
    (difference,) = differences(page, "", mock_url, alone=alone)

    assert difference.startswith("the step above displays no picture; end its code with show_timeline(")


def test_a_step_that_displays_another_picture_than_the_run_draws_is_told_which(
    page: Page, mock_url: str
) -> None:
    other = timeline(mock_url, "Guide")
    store(other, page)

    (difference,) = differences(page, other, mock_url, alone=True)

    assert "does not display what the run draws of thread 1" in difference
    assert "titled 'Page'" in difference


def test_update_writes_what_a_step_displays_and_then_the_run_passes(tmp_path: Path) -> None:
    page = with_picture(tmp_path, ONE_RUN + SHOW)
    first = run(page)
    said = update_page(page, [first])
    path = notebooks.notebook_path(page, Language.PYTHON)

    again = run(read_page(page.path))

    svg = (tmp_path / TARGET).read_text(encoding="utf-8")
    assert said == [
        f"{tmp_path}/{TARGET}: picture",
        f"{page.path}:26: words for a picture",
        f"{path}: notebook",
    ]
    assert first.passed and again.passed
    assert again.notebook.cells[-1].outputs[-1].data == {SVG: svg, "text/plain": WORDS}
    assert WORDS in " ".join(page.path.read_text(encoding="utf-8").split())
    assert notebooks.serialized(again.notebook) == path.read_text(encoding="utf-8")


def test_without_a_journal_a_step_passes_and_its_notebook_keeps_the_pages_picture(
    tmp_path: Path, without_journal: str
) -> None:
    page = with_picture(tmp_path, f"thread_id = 'any'\n{SHOW}", "Words.")
    store("<svg/>", page)

    result = run(page, without_journal)

    assert result.passed
    assert result.notebook.cells[-1].outputs[-1].data == {SVG: "<svg/>", "text/plain": "Words."}

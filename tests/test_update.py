from __future__ import annotations

import asyncio
from pathlib import Path

from tests.pages import make_page
from walkthrough import notebooks
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.pages import Page
from walkthrough.run import run_notebooks
from walkthrough.update import build_notebooks, update_page


def run_and_update(page: Page) -> list[str]:
    results = asyncio.run(run_notebooks([(page, language) for language in page.languages]))
    return update_page(page, results)


def test_update_writes_the_output_into_page_and_notebook_and_says_so(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "old")})

    said = run_and_update(page)

    path = notebooks.notebook_path(page, Language.CURL)
    assert said == [f"{page.path}:7: output of step [curl]", f"{path}: notebook"]
    assert next(read_page(page.path).steps(Language.CURL)).snippets[Language.CURL].expected == "new"
    assert notebooks.read(path).cells[-1].outputs[0].text == "new\n"


def test_update_a_second_time_changes_nothing(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "old"), Language.PYTHON: ("print('new')", "")})
    run_and_update(page)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    said = run_and_update(read_page(page.path))

    assert said == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_update_keeps_what_differs_only_behind_a_mask(tmp_path: Path) -> None:
    code = 'import uuid\nprint("id", uuid.uuid4())'
    page = make_page(tmp_path, {Language.PYTHON: (code, "id 01a203ae-fd25-76fc-8b7f-fa22883fe086")})
    before = page.path.read_bytes()

    run_and_update(page)

    cell = notebooks.read(notebooks.notebook_path(page, Language.PYTHON)).cells[-1]
    assert page.path.read_bytes() == before
    assert cell.outputs[0].text == "id 01a203ae-fd25-76fc-8b7f-fa22883fe086\n"


def test_update_writes_the_default_address_for_the_deployments_own(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ('echo "$DEPLOYMENT_URL/threads"', "")})

    run_and_update(page)

    (step,) = read_page(page.path).steps(Language.CURL)
    assert step.snippets[Language.CURL].expected == "http://localhost:8123/threads"


def test_update_does_not_write_a_language_that_failed(tmp_path: Path) -> None:
    page = make_page(
        tmp_path, {Language.CURL: ("echo new; false", "old"), Language.PYTHON: ("print('new')", "old")}
    )

    run_and_update(page)

    (step,) = read_page(page.path).steps(Language.CURL)
    assert step.snippets[Language.CURL].expected == "old"
    assert step.snippets[Language.PYTHON].expected == "new"
    assert not notebooks.notebook_path(page, Language.CURL).exists()


def test_build_notebooks_writes_each_language_and_keeps_outputs(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "new"), Language.PYTHON: ("print('new')", "new")})
    run_and_update(page)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert build_notebooks(page) == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_build_notebooks_drops_the_output_of_changed_code(tmp_path: Path) -> None:
    run_and_update(make_page(tmp_path, {Language.PYTHON: ("print('new')", "new")}))
    page = make_page(tmp_path, {Language.PYTHON: ("print('newer')", "newer")})

    (path,) = build_notebooks(page)

    assert notebooks.read(path).cells[-1].outputs == []

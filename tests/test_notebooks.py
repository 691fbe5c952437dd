from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from walkthrough import notebooks
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.outputs import as_stored
from walkthrough.pages import Page

PAGE = """\
# A page
## Helper
Only for some.
/// tab | JavaScript
```javascript
const a = 1;
```
///
## Say it
Before.
/// tab | Python
```python
print(1)
```
```text title="Output"
1
```
///
/// tab | JavaScript
```javascript
console.log(a);
```
```text title="Output"
1
```
///
After.
"""


@pytest.fixture
def page(tmp_path: Path) -> Page:
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return read_page(path)


def test_build_gives_code_and_prose_in_order(page: Page) -> None:
    notebook = notebooks.build(page, Language.JAVASCRIPT)

    assert [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("a-page-text", "markdown", "# A page"),
        ("helper-text", "markdown", "## Helper\nOnly for some."),
        ("helper", "code", "const a = 1;"),
        ("say-it-text", "markdown", "## Say it\nBefore."),
        ("say-it", "code", "console.log(a);"),
        ("say-it-text-2", "markdown", "After."),
    ]


def test_build_leaves_out_sections_that_are_not_for_the_language(page: Page) -> None:
    assert "helper-text" not in [cell.id for cell in notebooks.build(page, Language.PYTHON).cells]


def test_build_leaves_a_picture_to_the_step_that_displays_it(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    picture = "![Words.](assets/page.thread-1.svg)"
    path.write_text(f"# T\n/// tab | Python\n```python\nshow()\n```\n///\n{picture}\n")
    page = read_page(path)

    cells = {each: notebooks.build(page, each).cells for each in (Language.PYTHON, Language.CURL)}

    assert [cell.source for cell in cells[Language.PYTHON]] == ["# T", "show()"]
    assert [(cell.id, cell.source) for cell in cells[Language.CURL]] == [
        ("t-text", "# T"),
        ("t-text-2", picture),
    ]


@pytest.mark.parametrize("language", Language)
def test_build_makes_valid_notebooks_with_a_kernel_and_no_version_of_it(
    page: Page, language: Language
) -> None:
    notebook = notebooks.build(page, language)

    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert (
        notebook.metadata.kernelspec.name
        == {"python": "python3", "javascript": "deno", "curl": "shell"}[language]
    )
    assert "version" not in notebook.metadata.language_info


def test_notebook_path_names_page_and_language(page: Page) -> None:
    assert notebooks.notebook_path(page, Language.CURL) == page.path.parent / "page.curl.ipynb"


def test_differences_ignore_outputs(page: Page) -> None:
    stored = notebooks.build(page, Language.PYTHON)
    stored.cells[-2].outputs = as_stored("2")

    assert notebooks.differences(stored, notebooks.build(page, Language.PYTHON)) == []


def test_differences_name_changed_missing_and_extra_cells(page: Page) -> None:
    stored = notebooks.build(page, Language.JAVASCRIPT)
    stored.cells[2].source = "const a = 2;"
    stored.cells[4].id = "other"

    found = notebooks.differences(stored, notebooks.build(page, Language.JAVASCRIPT))

    assert [(d.cell_id, d.stored, d.page) for d in found] == [
        ("helper", "const a = 2;", "const a = 1;"),
        ("say-it", None, "console.log(a);"),
        ("other", "console.log(a);", None),
    ]


def test_differences_see_the_order_of_cells(page: Page) -> None:
    stored = notebooks.build(page, Language.PYTHON)
    stored.cells.reverse()

    assert [d.cell_id for d in notebooks.differences(stored, notebooks.build(page, Language.PYTHON))] == [
        "order of cells"
    ]


def test_differences_see_another_kernel(page: Page) -> None:
    stored = notebooks.build(page, Language.PYTHON)
    stored.metadata.kernelspec.name = "other"

    assert [d.cell_id for d in notebooks.differences(stored, notebooks.build(page, Language.PYTHON))] == [
        "metadata"
    ]


def test_stored_outputs_are_kept_only_for_the_same_code(page: Page) -> None:
    stored = notebooks.build(page, Language.JAVASCRIPT)
    for cell in stored.cells:
        if cell.cell_type == "code":
            cell.outputs = as_stored("kept")
    stored.cells[2].source = "const a = 2;"

    notebook = notebooks.with_stored_outputs(notebooks.build(page, Language.JAVASCRIPT), stored)

    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    assert outputs == {"helper": [], "say-it": as_stored("kept")}


def test_serialized_is_what_a_later_read_gives_back(page: Page, tmp_path: Path) -> None:
    notebook = notebooks.build(page, Language.PYTHON)
    path = tmp_path / "n.ipynb"
    path.write_text(notebooks.serialized(notebook))

    assert notebooks.serialized(notebooks.read(path)) == notebooks.serialized(notebook)

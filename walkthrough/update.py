"""Writes what a run printed into its page and its notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from walkthrough import notebooks
from walkthrough.edits import with_outputs, with_words
from walkthrough.outputs import masked
from walkthrough.pages import Page
from walkthrough.run import NotebookResult


def update_page(page: Page, results: Sequence[NotebookResult]) -> list[str]:
    """Rewrites a page's outputs and pictures, and the notebooks of the languages that ran to their end.

    Outputs that equal the page's after the masks stay as they are, so nothing changes without a reason. A language in
    which a step failed keeps its page and notebook: an error is not an output. The other results no longer differ.

    Args:
        page: the page as it was read for the run.
        results: what the run saw, of this page only.

    Returns:
        A line for each output, picture and notebook that changed.
    """
    complete = [result for result in results if result.complete]
    changed = [(result.language, step) for result in complete for step in result.steps if step.difference]
    said = []
    if changed:
        text = page.path.read_bytes().decode("utf-8")
        snippets = [(step.step.snippets[language], step.actual) for language, step in changed]
        _write(page.path, with_outputs(text, [(snippet, masked(printed)) for snippet, printed in snippets]))
        said = [
            f"{page.path}:{step.step.snippets[language].code.line}: output of {step.step.id} [{language}]"
            for language, step in changed
        ]
    said += _update_pictures(page, complete)
    for result in complete:
        path = notebooks.notebook_path(page, result.language)
        if _write(path, notebooks.serialized(result.notebook)):
            said.append(f"{path}: notebook")
        result.steps = [replace(step, difference=()) for step in result.steps]
    return said


def _update_pictures(page: Page, complete: Sequence[NotebookResult]) -> list[str]:
    """Writes pictures that changed, and what they show in words into the page and the executed notebooks."""
    said = []
    for picture in [picture for result in complete for picture in result.pictures]:
        if picture.error or not picture.difference:
            continue
        picture.shown.path.parent.mkdir(exist_ok=True)
        if _write(picture.shown.path, picture.svg):
            said.append(f"{picture.shown.path}: picture")
        page_text = page.path.read_bytes().decode("utf-8")
        if _write(page.path, with_words(page_text, picture.shown.target, picture.alt)):
            said.append(f"{page.path}:{picture.shown.line}: words for a picture")
        for cell in [cell for result in complete for cell in result.notebook.cells]:
            if cell.cell_type == "markdown":
                cell.source = with_words(cell.source, picture.shown.target, picture.alt)
    for result in complete:
        result.pictures = [picture for picture in result.pictures if picture.error]
    return said


def build_notebooks(page: Page) -> list[Path]:
    """Writes a page's notebooks without running them; cells whose code is unchanged keep their outputs.

    Returns:
        The notebooks that changed.
    """
    changed = []
    for language in page.languages:
        path = notebooks.notebook_path(page, language)
        built = notebooks.build(page, language)
        if path.exists():
            built = notebooks.with_stored_outputs(built, notebooks.read(path))
        if _write(path, notebooks.serialized(built)):
            changed.append(path)
    return changed


def _write(path: Path, text: str) -> bool:
    """Writes a file if that changes it, and says whether it did."""
    content = text.encode("utf-8")
    if path.exists() and path.read_bytes() == content:
        return False
    path.write_bytes(content)
    return True

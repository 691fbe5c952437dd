"""Writes what a run printed into its page and its notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from walkthrough import notebooks
from walkthrough.markdown import read_page, with_outputs
from walkthrough.outputs import masked
from walkthrough.pages import Page
from walkthrough.run import NotebookResult


def update_page(page: Page, results: Sequence[NotebookResult]) -> list[str]:
    """Rewrites a page's outputs, and the notebooks of the languages that ran to their end.

    Outputs that equal the page's after the masks stay as they are, so nothing changes without a reason. A language in
    which a step failed keeps its page and notebook: an error is not an output.

    Args:
        page: the page as it was read for the run.
        results: what the run saw, of this page only.

    Returns:
        A line for each output and notebook that changed.
    """
    whole = [
        r for r in results if not r.error and len(r.steps) == r.total and not any(s.error for s in r.steps)
    ]
    changed = [(r, s) for r in whole for s in r.steps if s.difference]
    said = []
    if changed:
        text = page.path.read_bytes().decode("utf-8")
        outputs = [(s.step.snippets[r.language], masked(s.actual)) for r, s in changed]
        _write(page.path, with_outputs(text, outputs))
        said = [
            f"{page.path}:{s.step.snippets[r.language].code.line}: output of {s.step.id} [{r.language}]"
            for r, s in changed
        ]
        page = read_page(page.path)
    for result in whole:
        path = notebooks.notebook_path(page, result.language)
        if _write(path, notebooks.serialized(result.notebook)):
            said.append(f"{path}: notebook")
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

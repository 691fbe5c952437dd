"""Native notebooks, one per page and language: builds, stores and compares them; runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from walkthrough.languages import Language
from walkthrough.pages import Page, Step


@dataclass(frozen=True)
class Difference:
    """A cell of a stored notebook that is not what its page says.

    Args:
        cell_id: the cell, or "metadata" for the notebook's own.
        stored: the source in the notebook; None where the cell is missing.
        page: the source the page gives; None where the page has no such cell.
    """

    cell_id: str
    stored: str | None
    page: str | None


def notebook_path(page: Page, language: Language) -> Path:
    """Where a page's notebook stands: beside the page, named by page and language."""
    return page.path.with_name(f"{page.name}.{language}.ipynb")


def build(page: Page, language: Language) -> NotebookNode:
    """Makes a page's notebook for one language, without outputs.

    Args:
        page: the page.
        language: one of `page.languages`.

    Returns:
        A notebook of nbformat 4.5 whose cell ids come from the page's headings.
    """
    cells = []
    for section in page.sections:
        prose = 0
        for part in section.parts_in(language):
            if isinstance(part, Step):
                cells.append(new_code_cell(part.snippets[language].code.text, id=part.id))
            else:
                prose += 1
                cell_id = f"{section.id}-text" + (f"-{prose}" if prose > 1 else "")
                cells.append(new_markdown_cell(part.text, id=cell_id))
    notebook: NotebookNode = new_notebook(cells=cells, metadata=language.notebook_metadata)
    notebook.nbformat_minor = 5
    return notebook


def read(path: Path) -> NotebookNode:
    """Reads a stored notebook.

    Raises:
        nbformat.reader.NotJSONError: the file is not a notebook.
    """
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def serialized(notebook: NotebookNode) -> str:
    """The notebook's file content; the same notebook always gives the same bytes."""
    return str(nbformat.writes(notebook)) + "\n"


def differences(stored: NotebookNode, built: NotebookNode) -> list[Difference]:
    """Compares a stored notebook's code and prose with what its page gives; outputs do not count."""
    found = []
    if stored.metadata != built.metadata:
        found.append(Difference("metadata", str(stored.metadata), str(built.metadata)))
    ours = {cell.get("id", f"cell {index}"): cell for index, cell in enumerate(stored.cells)}
    for cell in built.cells:
        old = ours.pop(cell.id, None)
        if old is None or (old.cell_type, old.source) != (cell.cell_type, cell.source):
            found.append(Difference(cell.id, old.source if old else None, cell.source))
    found += [Difference(cell_id, cell.source, None) for cell_id, cell in ours.items()]
    if not found and [cell.id for cell in stored.cells] != [cell.id for cell in built.cells]:
        found.append(
            Difference(
                "order of cells", ", ".join(c.id for c in stored.cells), ", ".join(c.id for c in built.cells)
            )
        )
    return found


def with_stored_outputs(built: NotebookNode, stored: NotebookNode) -> NotebookNode:
    """Gives a built notebook the outputs of the stored cells whose code is still the same."""
    old = {cell.get("id"): cell for cell in stored.cells if cell.cell_type == "code"}
    for cell in built.cells:
        if cell.cell_type == "code" and cell.id in old and old[cell.id].source == cell.source:
            cell.outputs = old[cell.id].outputs
            cell.execution_count = old[cell.id].execution_count
    return built

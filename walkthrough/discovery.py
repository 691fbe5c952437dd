"""Finds pages by name and by folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from walkthrough.errors import PageNotFoundError
from walkthrough.markdown import is_page, read_page
from walkthrough.pages import Page

PAGES = Path("notebooks")
"""The folder whose pages run when none is named, below the working directory."""


def find_pages(names: Sequence[str]) -> list[Page]:
    """Reads the named pages.

    Args:
        names: paths of Markdown files, or names of pages in `notebooks/`; none means every page there.

    Raises:
        PageNotFoundError: a name stands for no file, or there is no page at all.
        PageError: a page cannot be read.
    """
    return [read_page(_find(name)) for name in names] if names else [read_page(path) for path in _all_pages()]


def _find(name: str) -> Path:
    for path in (Path(name), PAGES / f"{name}.md"):
        if path.is_file():
            return path
    known = ", ".join(path.stem for path in PAGES.glob("*.md") if is_page(path)) or "none"
    raise PageNotFoundError(f"no page {name!r}: it is neither a file nor a page in {PAGES}/ (there: {known})")


def _all_pages() -> list[Path]:
    found = sorted(path for path in PAGES.glob("*.md") if is_page(path))
    if not found:
        raise PageNotFoundError(
            f"no pages in {PAGES.absolute()}; run this in a clone of the repository, or name a page: "
            "walkthrough run PATH/TO/PAGE.md"
        )
    return found

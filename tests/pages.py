"""Small pages for tests: one heading, one step a language."""

from __future__ import annotations

from pathlib import Path

from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.pages import Page


def make_page(folder: Path, snippets: dict[Language, tuple[str, str]], name: str = "page") -> Page:
    """Writes and reads a page with a single step, "Step"; an empty output means none is stated."""
    text = "# Page\n\n## Step\n\n"
    for language, (code, output) in snippets.items():
        text += f"/// tab | {language.label}\n```{language.fence}\n{code}\n```\n"
        text += f'```text title="Output"\n{output}\n```\n' if output else ""
        text += "///\n"
    path = folder / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    return read_page(path)

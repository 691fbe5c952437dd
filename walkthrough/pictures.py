"""The pictures that pages show of their own runs: finds them, draws them anew, and compares; writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from walkthrough.display import read_journal
from walkthrough.languages import Language
from walkthrough.markdown import image_of_run
from walkthrough.outputs import display_of
from walkthrough.pages import Page, Text
from walkthrough.svg import draw
from walkthrough.timeline import Entry, by_thread, description

SVG = "image/svg+xml"


@dataclass(frozen=True)
class Shown:
    """A picture that a page shows: `![alternative text](assets/PAGE.thread-1.svg)`.

    Args:
        path: its file.
        target: its file as the page names it.
        thread: which thread of the run it is of, counted from 1.
        alt: its alternative text on the page, in one line.
        line: the page's line on which it begins.
    """

    path: Path
    target: str
    thread: int
    alt: str
    line: int


@dataclass(frozen=True)
class Drawn:
    """A picture as a run draws it, or a step displays it.

    Args:
        shown: where the page shows it.
        svg: the picture.
        alt: the same in words.
        error: why there is nothing to put into the page; empty when there is.
    """

    shown: Shown
    svg: str = ""
    alt: str = ""
    error: str = ""

    @property
    def difference(self) -> str:
        """What is not as the page has it, and what to do; empty if all is."""
        if self.error:
            return self.error
        if not self.shown.path.is_file() or self.shown.path.read_bytes() != self.svg.encode("utf-8"):
            return f"{self.shown.path} is not what this run draws; write it with --update"
        if self.shown.alt != self.alt:
            return f"the alternative text is not what the picture shows; write it with --update: {self.alt}"
        return ""


def shown_on(page: Page) -> list[Shown]:
    """Finds the pictures that a page shows of its own runs, displayed by steps or not."""
    parts = [part for section in page.sections for part in section.parts]
    texts = [part if isinstance(part, Text) else part.picture for part in parts]
    return [shown for text in texts if text for shown in _shown_in(text, page)]


def _shown_in(text: Text, page: Page) -> list[Shown]:
    found = []
    for each in image_of_run(page.name).finditer(text.text):
        line = text.line + text.text.count("\n", 0, each.start())
        alt = " ".join(each["alt"].split())
        path = page.path.parent / each["target"]
        found.append(Shown(path, each["target"], int(each["thread"]), alt, line))
    return found


async def take_pictures(
    page: Page, language: Language, notebook: NotebookNode, deployment_url: str, *, alone: bool
) -> list[Drawn]:
    """Takes a page's pictures from what its steps displayed, and from the journal of the deployment it ran against.

    Args:
        page: the page.
        language: the language it ran in.
        notebook: its executed notebook; where there was no journal to draw from, it gets the pictures of the page.
        deployment_url: the deployment.
        alone: whether nothing else has used that deployment, so that the journal's first thread is the page's first.

    Returns:
        All the page's pictures; of a deployment that others use only those that steps displayed; none without a journal.
    """
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    displays = [
        (_shown_in(step.picture, page)[0], display_of(outputs[step.id]))
        for step in page.steps(language)
        if step.picture
    ]
    displayed = {shown: _displayed(shown, display) for shown, display in displays}
    if alone:
        drawn = await _draw(page, deployment_url)
        return [_compared(picture, displayed.get(picture.shown, picture), page) for picture in drawn]
    if all(picture.svg for picture in displayed.values()) or await _journal(deployment_url) is not None:
        return list(displayed.values())
    for shown, display in displays:
        if display and shown.path.is_file():
            display.data = {SVG: shown.path.read_text(encoding="utf-8"), "text/plain": shown.alt}
    return []


async def _journal(deployment_url: str) -> Sequence[Entry] | None:
    return await asyncio.to_thread(read_journal, deployment_url)


async def _draw(page: Page, deployment_url: str) -> list[Drawn]:
    if not (pictures := shown_on(page)):
        return []
    threads = by_thread(await _journal(deployment_url) or [])
    drawn = []
    for shown in pictures:
        if shown.thread > len(threads):
            error = f"{shown.target} is of thread {shown.thread}, and the run had fewer; name another"
            drawn.append(Drawn(shown, error=error))
            continue
        entries = threads[shown.thread - 1]
        drawn.append(Drawn(shown, draw(entries, _title(page)), description(entries)))
    return drawn


def _displayed(shown: Shown, display: NotebookNode | None) -> Drawn:
    if display and SVG in display.data:
        return Drawn(shown, display.data[SVG], display.data.get("text/plain", ""))
    call = "show_timeline(deployment_url, thread_id, title)"
    return Drawn(shown, error=f"the step above displays no picture; end its code with {call}")


def _title(page: Page) -> str:
    return page.sections[0].heading


def _compared(drawn: Drawn, displayed: Drawn, page: Page) -> Drawn:
    """A picture that a step displays has to be the one that every other language draws at the end."""
    if drawn.error or displayed == drawn:
        return drawn
    other = (
        f"the step above does not display what the run draws of thread {drawn.shown.thread}; "
        f"let it show that thread, after all that happens there, titled {_title(page)!r}"
    )
    return Drawn(drawn.shown, error=displayed.error or other)

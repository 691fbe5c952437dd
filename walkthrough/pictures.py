"""The pictures that pages show of their own runs: finds them, draws them anew, and compares; writes nothing."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import httpx

from walkthrough.pages import Page, Text
from walkthrough.svg import draw
from walkthrough.timeline import by_thread, description

_LINE_LENGTH = 120


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
    """A picture as a run draws it; `svg` and `alt` are None if the run had no such thread."""

    shown: Shown
    svg: str | None
    alt: str | None

    @property
    def difference(self) -> str:
        """What is not as the page has it, and what to do; empty if all is."""
        if self.svg is None:
            return (
                f"{self.shown.target} is of thread {self.shown.thread}, and the run had fewer; name another"
            )
        if not self.shown.path.is_file() or self.shown.path.read_bytes() != self.svg.encode("utf-8"):
            return f"{self.shown.path} is not what this run draws; write it with --update"
        if self.shown.alt != self.alt:
            return f"the alternative text is not what the picture shows; write it with --update: {self.alt}"
        return ""

    def replaced_in(self, text: str) -> str:
        """Gives Markdown this picture's alternative text, wherever it shows the picture."""
        image = f"![{self.alt or self.shown.alt}]({self.shown.target})"
        wrapped = textwrap.fill(image, _LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
        return _image(re.escape(self.shown.target)).sub(lambda found: wrapped, text)


def shown_on(page: Page) -> list[Shown]:
    """Finds the pictures that a page shows of its own runs."""
    found = []
    image = _image(rf"assets/{re.escape(page.name)}\.thread-(?P<thread>[1-9]\d*)\.svg")
    for section in page.sections:
        for part in [part for part in section.parts if isinstance(part, Text)]:
            for each in image.finditer(part.text):
                line = part.line + part.text.count("\n", 0, each.start())
                alt = " ".join(each["alt"].split())
                path = page.path.parent / each["target"]
                found.append(Shown(path, each["target"], int(each["thread"]), alt, line))
    return found


async def draw_pictures(page: Page, deployment_url: str) -> list[Drawn]:
    """Draws a page's pictures from the journal of the deployment it has just run against.

    Args:
        page: the page.
        deployment_url: a mock deployment that nothing else has used; any other gives no pictures.
    """
    if not (pictures := shown_on(page)):
        return []
    async with httpx.AsyncClient() as client:
        journal = await client.get(f"{deployment_url}/mock/journal")
    if journal.status_code == httpx.codes.NOT_FOUND:
        return []
    threads = by_thread(journal.raise_for_status().json())
    drawn = []
    for shown in pictures:
        if shown.thread > len(threads):
            drawn.append(Drawn(shown, None, None))
            continue
        entries = threads[shown.thread - 1]
        drawn.append(Drawn(shown, draw(entries, page.sections[0].heading), description(entries)))
    return drawn


def _image(target: str) -> re.Pattern[str]:
    return re.compile(rf"!\[(?P<alt>[^\]]*)\]\((?P<target>{target})\)")

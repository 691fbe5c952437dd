"""Reads pages written in Markdown with `pymdownx.blocks.tab`; writes and runs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from walkthrough.errors import PageError
from walkthrough.languages import Language
from walkthrough.pages import Page, Section, Snippet, Step, Text

_TAB = re.compile(r"/// tab \| (?P<label>.+?)\s*")
_OUTPUT = re.compile(r'text title="Output"(?: hl_lines="(?P<highlights>\d+(?:-\d+)?(?: \d+(?:-\d+)?)*)")?')
_SITE_ONLY = re.compile(r"\s*(!!!|\?\?\?|===|:::|--8<--)(\s|$|\+|!)")
_LABELS = {language.label: language for language in Language}
_ID_LENGTH = 48  # nbformat allows 64 characters in a cell id; the rest is for "-text-12"


@dataclass(frozen=True)
class _Fence:
    """A fenced block: lines[start] and lines[end - 1] are its markers."""

    start: int
    end: int
    info: str
    nested: bool


def read_page(path: Path) -> Page:
    """Reads a page.

    Args:
        path: a Markdown file in UTF-8.

    Returns:
        The page with its prose, code and expected outputs.

    Raises:
        PageError: something on the page is not part of the page format; names file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PageError(path, line, "not UTF-8; save the page in that encoding") from None
    return _Reader(path, text.replace("\r\n", "\n")).page()


def image(target: str) -> re.Pattern[str]:
    """Finds pictures, with their alternative text as `alt`, whose `target` matches a pattern."""
    return re.compile(rf"!\[(?P<alt>[^\]]*)\]\((?P<target>{target})\)")


def image_of_run(page_name: str) -> re.Pattern[str]:
    """Finds a page's pictures of its own runs, with the number of the `thread`: `![words](assets/PAGE.thread-1.svg)`."""
    return image(rf"assets/{re.escape(page_name)}\.thread-(?P<thread>[1-9]\d*)\.svg")


def is_page(path: Path) -> bool:
    """Whether a Markdown file holds steps to run, and so is a page and not only text."""
    return any(line.startswith("/// tab") for line in path.read_text(encoding="utf-8").splitlines())


class _Reader:
    """Reads one page from top to bottom; `at` is the next line, counted from 0."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.at = 0
        self.fences: dict[int, _Fence] = {}
        self.headings: dict[int, str] = {}
        self.ids: set[str] = set()
        tokens = MarkdownIt("commonmark").parse(text)
        for index, token in enumerate(tokens):
            if token.type == "fence" and token.map:
                start, end = token.map
                fence = _Fence(start, end, token.info.strip(), token.level > 0)
                self.fences[fence.start] = fence
                self._check_closed(fence, token.markup)
            elif token.type == "heading_open" and token.map and token.level == 0:
                if not token.markup.startswith("#"):
                    raise self.error("underlined heading; write it with #", token.map[0])
                self.headings[token.map[0]] = tokens[index + 1].content

    def error(self, message: str, at: int | None = None) -> PageError:
        return PageError(self.path, (self.at if at is None else at) + 1, message)

    def _check_closed(self, fence: _Fence, markup: str) -> None:
        last = self.lines[fence.end - 1].strip()
        if fence.end - fence.start < 2 or last.strip(markup[0]) or len(last) < len(markup):
            raise self.error(f"this fence is never closed; end it with a line {markup}", fence.start)

    def page(self) -> Page:
        self._skip_blank()
        if not self._line().startswith("# "):
            raise self.error("a page begins with its title: # Title")
        sections = []
        while self.at < len(self.lines):
            sections.append(self._section())
        if not any(isinstance(part, Step) for section in sections for part in section.parts):
            raise self.error("no step on this page; a step is code in a tab: /// tab | Python", 0)
        return Page(self.path, tuple(sections))

    def _line(self) -> str:
        return self.lines[self.at] if self.at < len(self.lines) else ""

    def _skip_blank(self) -> None:
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1

    def _new_id(self, wanted: str, line: int) -> str:
        if wanted in self.ids:
            raise self.error(
                f"a second part with the id {wanted!r}; ids come from headings: rename one", line
            )
        self.ids.add(wanted)
        return wanted

    def _section(self) -> Section:
        start, heading = self.at, self.headings[self.at]
        slug = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")[:_ID_LENGTH].strip("-")
        if not slug:
            raise self.error("a heading needs a letter or a digit: ids come from headings")
        section_id = self._new_id(slug, start)
        parts: list[Text | Step] = [self._prose(section_id)]
        steps = 0
        while self.at < len(self.lines) and self.at not in self.headings:
            if self._line().startswith("///"):
                steps += 1
                step_id = section_id if steps == 1 else self._new_id(f"{section_id}-{steps}", self.at)
                parts.append(Step(step_id, heading, self._snippets(), self._picture()))
                self._skip_blank()
            else:
                parts.append(self._prose(section_id))
        return Section(section_id, heading, tuple(parts))

    def _prose(self, section_id: str) -> Text:
        """Reads up to the next heading, step or end; a heading on the first line is part of it."""
        start = self.at
        while self.at < len(self.lines):
            if self.at > start and self.at in self.headings:
                break
            if fence := self.fences.get(self.at):
                self._check_prose_fence(fence)
                self.at = fence.end
                continue
            if self._line().startswith("///"):
                break
            if _SITE_ONLY.match(self._line()):
                raise self.error("only sites render this, notebooks do not; use plain Markdown, such as >")
            self.at += 1
        return Text("\n".join(self.lines[start : self.at]).strip("\n"), start + 1)

    def _check_prose_fence(self, fence: _Fence) -> None:
        if (fence.info.split() or [""])[0] in {language.fence for language in Language}:
            raise self.error(
                "code outside a tab would never run; put it in a tab, or mark it ```text", fence.start
            )

    def _snippets(self) -> dict[Language, Snippet]:
        """Reads the tabs of one step, which follow each other with nothing between."""
        snippets: dict[Language, Snippet] = {}
        while self._line().startswith("///"):
            tab = _TAB.fullmatch(self._line())
            if not tab or tab["label"] not in _LABELS:
                raise self.error(
                    f"{self._line()!r} is not a tab; write /// tab | and one of: {', '.join(_LABELS)}"
                )
            language = _LABELS[tab["label"]]
            if language in snippets:
                raise self.error(
                    f"a second {language.label} tab in one step; put a sentence or a heading between steps"
                )
            snippets[language] = self._snippet(language)
            self._skip_blank()
        return snippets

    def _picture(self) -> Text | None:
        """Reads the paragraph after a step if it is a picture of the run and nothing else."""
        end = self.at
        while end < len(self.lines) and self.lines[end].strip():
            end += 1
        text = Text("\n".join(self.lines[self.at : end]), self.at + 1)
        if not image_of_run(self.path.stem).fullmatch(text.text):
            return None
        self.at = end
        return text

    def _snippet(self, language: Language) -> Snippet:
        opening = self.at
        self.at += 1
        code = self._fence(f"a {language.label} tab holds one ```{language.fence} fence")
        if code.info != language.fence:
            raise self.error(
                f"a {language.label} tab's code fence is ```{language.fence}, not ```{code.info}", code.start
            )
        text = self._inside(code)
        if not text.text.strip():
            raise self.error("no code in this fence", code.start)
        self._skip_blank()
        output: Text | None = None
        highlights: tuple[int, ...] = ()
        if self.at in self.fences:
            output, highlights = self._output(self.fences[self.at])
            self._skip_blank()
        if self.at == len(self.lines):
            raise self.error("this tab is never closed; end it with a line ///", opening)
        if self._line().rstrip() != "///":
            raise self.error(
                "a tab holds its code and at most one output, then ends with ///; prose goes between steps"
            )
        self.at += 1
        return Snippet(text, output, highlights)

    def _fence(self, otherwise: str) -> _Fence:
        self._skip_blank()
        fence = self.fences.get(self.at)
        if not fence or fence.nested:
            raise self.error(otherwise)
        self.at = fence.end
        return fence

    def _inside(self, fence: _Fence) -> Text:
        return Text("\n".join(self.lines[fence.start + 1 : fence.end - 1]), fence.start + 2)

    def _output(self, fence: _Fence) -> tuple[Text, tuple[int, ...]]:
        match = _OUTPUT.fullmatch(fence.info)
        if not match:
            raise self.error(
                'the second fence of a tab is its output: ```text title="Output" [hl_lines="1 3"]',
                fence.start,
            )
        self.at = fence.end
        text = self._inside(fence)
        if not text.text:
            raise self.error("an empty output; leave the fence out when the code prints nothing", fence.start)
        highlights: list[int] = []
        for word in (match["highlights"] or "").split():
            first, _, last = word.partition("-")
            highlights += range(int(first), int(last or first) + 1)
        if highlights and (min(highlights) < 1 or max(highlights) > text.text.count("\n") + 1):
            raise self.error(
                f"hl_lines names a line this output does not have: {match['highlights']}", fence.start
            )
        return text, tuple(highlights)

"""What a page is: sections of prose and steps. Knows no Markdown, no notebook and no run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from walkthrough.languages import Language


@dataclass(frozen=True)
class Text:
    """A piece of a page and where it stands.

    Args:
        text: the piece, without its last line break.
        line: the page's line on which it begins, counted from 1.
    """

    text: str
    line: int


@dataclass(frozen=True)
class Snippet:
    """One step in one language.

    Args:
        code: what runs.
        output: what it must print; None when it must print nothing.
        highlights: the output's lines that prove the point of the page, counted from 1.
    """

    code: Text
    output: Text | None = None
    highlights: tuple[int, ...] = ()

    @property
    def expected(self) -> str:
        """What the code must print, without its last line break."""
        return self.output.text if self.output else ""


@dataclass(frozen=True)
class Step:
    """The same step in every language that shows it.

    Args:
        id: unique on the page, made from the heading; also the id of the notebook's cell.
        heading: the heading it stands under.
        snippets: code and output by language.
        picture: the picture of the run that it displays, as the page shows it; None for a step that only prints.
    """

    id: str
    heading: str
    snippets: Mapping[Language, Snippet]
    picture: Text | None = None


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next heading of any level.

    Args:
        id: unique on the page, made from the heading.
        heading: the heading's text.
        parts: prose and steps in order; the first is prose and begins with the heading itself.
    """

    id: str
    heading: str
    parts: tuple[Text | Step, ...]

    def parts_in(self, language: Language) -> tuple[Text | Step, ...]:
        """The parts one language's reader sees: none when all the section's steps leave the language out.

        Of a step that leaves the language out its picture is still seen, as prose.
        """
        steps = [part for part in self.parts if isinstance(part, Step)]
        if steps and not any(language in step.snippets or step.picture for step in steps):
            return ()
        seen = (
            part if isinstance(part, Text) or language in part.snippets else part.picture
            for part in self.parts
        )
        return tuple(part for part in seen if part)


@dataclass(frozen=True)
class Page:
    """A guide that states its code and its output."""

    path: Path
    sections: tuple[Section, ...]

    @property
    def name(self) -> str:
        """The page's file name without its suffix."""
        return self.path.stem

    def steps(self, language: Language) -> Iterator[Step]:
        """The steps that one language shows, in order."""
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Step) and language in part.snippets:
                    yield part

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages that show at least one step."""
        return tuple(language for language in Language if next(self.steps(language), None))

"""Writes outputs and the words of pictures into pages written in Markdown; reads and runs nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from walkthrough.markdown import image
from walkthrough.pages import Snippet

_LINE_LENGTH = 120


def with_outputs(text: str, outputs: Iterable[tuple[Snippet, str]]) -> str:
    """Writes new outputs into a page.

    Args:
        text: the page as `read_page` read it.
        outputs: snippets of that page and what each printed, without the last line break.

    Returns:
        The page with those outputs; an empty one has no fence.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    for snippet, printed in sorted(outputs, key=lambda item: -item[0].code.line):
        after_code = snippet.code.line + snippet.code.text.count("\n") + 1
        start, end = after_code, after_code
        opening = 'text title="Output"'
        if snippet.output:
            start = snippet.output.line - 2
            end = snippet.output.line + snippet.output.text.count("\n") + 1
            opening = lines[start].lstrip("`~")
        longest = max((len(run) for run in re.findall("^`+", printed, re.MULTILINE)), default=0)
        marker = "`" * max(3, longest + 1)
        lines[start:end] = [marker + opening, *printed.split("\n"), marker] if printed else []
    return "\n".join(lines)


def with_words(text: str, target: str, words: str) -> str:
    """Gives a picture its alternative text, wherever Markdown shows it.

    Args:
        text: a page, or a part of one.
        target: the picture's file, as the page names it.
        words: what the picture shows.
    """
    shown = f"![{words}]({target})"
    wrapped = textwrap.fill(shown, _LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
    return image(re.escape(target)).sub(lambda found: wrapped, text)

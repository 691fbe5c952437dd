from __future__ import annotations

from pathlib import Path

from tests.test_markdown import PAGE, steps
from walkthrough.edits import with_outputs, with_words
from walkthrough.languages import Language
from walkthrough.markdown import read_page


def written(folder: Path) -> Path:
    path = folder / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_with_outputs_replaces_adds_and_removes(tmp_path: Path) -> None:
    path = written(tmp_path)
    first, second = steps(read_page(path))

    text = with_outputs(
        PAGE,
        [
            (first.snippets[Language.PYTHON], "one\ntwo\nthree"),
            (first.snippets[Language.JAVASCRIPT], "loud"),
            (second.snippets[Language.CURL], ""),
        ],
    )

    path.write_text(text)
    first, second = steps(read_page(path))
    assert first.snippets[Language.PYTHON].expected == "one\ntwo\nthree"
    assert first.snippets[Language.PYTHON].highlights == (2,)
    assert first.snippets[Language.JAVASCRIPT].expected == "loud"
    assert second.snippets[Language.CURL].output is None


def test_with_outputs_changes_nothing_else(tmp_path: Path) -> None:
    first, second = steps(read_page(written(tmp_path)))
    same = [(s, s.expected) for step in (first, second) for s in step.snippets.values()]

    assert with_outputs(PAGE, same) == PAGE


def test_with_outputs_fences_an_output_that_holds_a_fence(tmp_path: Path) -> None:
    path = written(tmp_path)
    snippet = steps(read_page(path))[0].snippets[Language.JAVASCRIPT]

    path.write_text(with_outputs(PAGE, [(snippet, "```\ninside\n```")]))

    assert steps(read_page(path))[0].snippets[Language.JAVASCRIPT].expected == "```\ninside\n```"


def test_with_words_replaces_the_words_of_every_place_that_shows_the_picture() -> None:
    text = "![](assets/a.svg)\n\n![Old\nwords](assets/a.svg) ![Other](assets/b.svg)"

    assert with_words(text, "assets/a.svg", "New words") == (
        "![New words](assets/a.svg)\n\n![New words](assets/a.svg) ![Other](assets/b.svg)"
    )


def test_with_words_breaks_long_lines() -> None:
    text = with_words("![](assets/a.svg)", "assets/a.svg", "word " * 40)

    assert max(map(len, text.split("\n"))) <= 120

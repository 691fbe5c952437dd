from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from walkthrough.errors import PageError
from walkthrough.languages import Language
from walkthrough.markdown import is_page, read_page
from walkthrough.pages import Page, Step, Text

Write = Callable[[str], Path]

PAGE = """\
# A greeting

Says hello.

## Say it

In every language.

/// tab | Python
```python
print("hello")
print("world")
```
```text title="Output" hl_lines="2"
hello
world
```
///
/// tab | JavaScript

```javascript
const quiet = true;
```

///

And in the shell only:

/// tab | cURL
```bash
printf 'a\\tb\\n'
```
```text title="Output"
a	b
```
///

## Part

The end, with a listing that is no step:

```text
# not a heading
/// not a tab
```
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "page.md"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def steps(page: Page) -> list[Step]:
    return [part for section in page.sections for part in section.parts if isinstance(part, Step)]


def test_read_page_finds_sections_prose_and_steps(write: Write) -> None:
    page = read_page(write(PAGE))

    assert [section.id for section in page.sections] == ["a-greeting", "say-it", "part"]
    assert page.name == "page"
    assert page.sections[0].parts == (Text("# A greeting\n\nSays hello.", 1),)
    assert [type(part) for part in page.sections[1].parts] == [Text, Step, Text, Step]
    assert "/// not a tab" in page.sections[2].parts[0].text  # type: ignore[union-attr]


def test_read_page_keeps_code_output_and_their_lines(write: Write) -> None:
    first, second = steps(read_page(write(PAGE)))

    python = first.snippets[Language.PYTHON]
    assert python.code == Text('print("hello")\nprint("world")', 11)
    assert python.output == Text("hello\nworld", 15)
    assert python.highlights == (2,)
    assert first.snippets[Language.JAVASCRIPT].output is None
    assert first.snippets[Language.JAVASCRIPT].expected == ""
    assert second.snippets[Language.CURL].expected == "a\tb"


def test_step_ids_come_from_the_heading(write: Write) -> None:
    assert [step.id for step in steps(read_page(write(PAGE)))] == ["say-it", "say-it-2"]


def test_languages_are_those_with_a_step(write: Write) -> None:
    page = read_page(write("# T\n/// tab | cURL\n```bash\ntrue\n```\n///\n"))

    assert page.languages == (Language.CURL,)


def test_a_section_is_left_out_for_a_language_none_of_its_steps_shows(write: Write) -> None:
    page = read_page(write("# T\n## Only shell\nprose\n/// tab | cURL\n```bash\ntrue\n```\n///\n"))

    assert page.sections[1].parts_in(Language.PYTHON) == ()
    assert len(page.sections[1].parts_in(Language.CURL)) == 2


PICTURE = "![What\nhappened.](assets/page.thread-2.svg)"
DISPLAYED = f"# T\n## See it\n/// tab | Python\n```python\nshow()\n```\n///\n\n{PICTURE}\n\nThat was it.\n"


def test_a_picture_of_the_run_right_after_a_step_is_what_it_displays(write: Write) -> None:
    step, prose = read_page(write(DISPLAYED)).sections[1].parts[1:]

    assert isinstance(step, Step) and step.picture == Text(PICTURE, 9)
    assert prose == Text("That was it.", 12)


@pytest.mark.parametrize(
    "other",
    [f"So:\n\n{PICTURE}", f"{PICTURE} Look.", PICTURE.replace("page", "guide"), "![](assets/site.png)"],
)
def test_any_other_picture_is_prose(write: Write, other: str) -> None:
    step, prose = read_page(write(DISPLAYED.replace(PICTURE, other))).sections[1].parts[1:]

    assert isinstance(step, Step) and step.picture is None
    assert isinstance(prose, Text) and prose.text.startswith(other)


def test_readers_of_another_language_see_a_steps_picture_as_prose(write: Write) -> None:
    section = read_page(write(DISPLAYED)).sections[1]

    heading, step, end = section.parts
    assert isinstance(step, Step)
    assert section.parts_in(Language.CURL) == (heading, step.picture, end)
    assert section.parts_in(Language.PYTHON) == section.parts


def test_crlf_pages_read_like_others(write: Write) -> None:
    path = write("")
    path.write_bytes(PAGE.replace("\n", "\r\n").encode())

    assert steps(read_page(path))[0].snippets[Language.PYTHON].expected == "hello\nworld"


def test_is_page_needs_a_tab(write: Write) -> None:
    assert is_page(write(PAGE))
    assert not is_page(write("# Only prose\n"))


CODE = "/// tab | Python\n```python\n1\n```\n"
MALFORMED = {
    "no title": ("Hello\n" + CODE + "///\n", 1, "begins with its title"),
    "no step": ("# T\n\nprose\n", 1, "no step"),
    "unknown label": (
        "# T\n\n/// tab | Javascript\n```javascript\n1\n```\n///\n",
        3,
        "Python, JavaScript, cURL",
    ),
    "unknown block": ("# T\n" + CODE + "///\n\n/// admonition | Note\nx\n///\n", 8, "not a tab"),
    "tab never closed": ("# T\n" + CODE, 2, "never closed"),
    "prose in a tab": (
        "# T\n/// tab | Python\nhello\n```python\n1\n```\n///\n",
        3,
        "holds one ```python fence",
    ),
    "prose after the code": ("# T\n" + CODE + "hello\n///\n", 6, "prose goes between steps"),
    "no code": ("# T\n/// tab | Python\n///\n", 3, "holds one ```python fence"),
    "empty code": ("# T\n/// tab | Python\n```python\n\n```\n///\n", 3, "no code"),
    "wrong language": ("# T\n/// tab | cURL\n```python\n1\n```\n///\n", 3, "is ```bash, not ```python"),
    "two code fences": (
        "# T\n" + CODE + "```python\n2\n```\n///\n",
        6,
        "the second fence of a tab is its output",
    ),
    "two outputs": (
        "# T\n" + CODE + '```text title="Output"\n1\n```\n```text title="Output"\n1\n```\n///\n',
        9,
        "at most one output",
    ),
    "output with another title": (
        "# T\n" + CODE + '```text title="Result"\n1\n```\n///\n',
        6,
        'title="Output"',
    ),
    "empty output": ("# T\n" + CODE + '```text title="Output"\n```\n///\n', 6, "empty output"),
    "highlight outside": (
        "# T\n" + CODE + '```text title="Output" hl_lines="2"\n1\n```\n///\n',
        6,
        "hl_lines",
    ),
    "highlight that is no line": (
        "# T\n" + CODE + '```text title="Output" hl_lines="-"\n1\n```\n///\n',
        6,
        "hl_lines",
    ),
    "fence never closed": ("# T\n/// tab | Python\n```python\n1\n///\n", 3, "never closed"),
    "fence closed by a shorter one": ("# T\n/// tab | Python\n````python\n1\n```\n///\n", 3, "never closed"),
    "language twice": ("# T\n" + CODE + "///\n" + CODE + "///\n", 7, "a second Python tab"),
    "heading twice": ("# T\n## A\n## A\n" + CODE + "///\n", 3, "rename one"),
    "heading like a second step": (
        "# T\n## A\n" + CODE + "///\nx\n" + CODE + "///\n## A 2\n",
        14,
        "rename one",
    ),
    "heading without letters": ("# T\n## !\n" + CODE + "///\n", 2, "letter or a digit"),
    "underlined heading": ("# T\n\nA\n---\n" + CODE + "///\n", 3, "underlined"),
    "code outside a tab": ("# T\n```python\n1\n```\n" + CODE + "///\n", 2, "outside a tab"),
    "code in a list outside a tab": (
        "# T\n- a\n\n  ```bash\n  ls\n  ```\n" + CODE + "///\n",
        4,
        "outside a tab",
    ),
    "admonition": ("# T\n\n!!! note\n    x\n" + CODE + "///\n", 3, "plain Markdown"),
    "snippet": ('# T\n--8<-- "x"\n' + CODE + "///\n", 2, "plain Markdown"),
}


@pytest.mark.parametrize(("text", "line", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_page_names_file_and_line(write: Write, text: str, line: int, message: str) -> None:
    path = write(text)

    with pytest.raises(PageError) as caught:
        read_page(path)

    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


def test_a_page_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"# T\n\xff\n")

    with pytest.raises(PageError, match=r":2: not UTF-8"):
        read_page(path)

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.pages import make_page
from tests.test_pages import PAGES
from walkthrough.languages import Language
from walkthrough.pages import Page

from .checked import COMMAND, LINE, REAL_SERVER, digest, pinned_versions, with_line

by_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


@by_page
def test_a_page_says_when_and_with_what_its_steps_were_checked(page: Page) -> None:
    lines = list(LINE.finditer(page.path.read_text(encoding="utf-8")))

    assert len(lines) == 1, f"{page.path.name} has no line, or several; write it: {COMMAND}"
    seen = " ".join(lines[0]["seen"].split())
    assert lines[0]["digest"] == digest(page), (
        f"{page.path.name} has changed since; check it again: {COMMAND}"
    )
    assert date.fromisoformat(lines[0]["day"]) <= date.today()
    for name, number in pinned_versions().items():
        assert f"{name} {number}" in seen, f"{name} {number} has not seen {page.path.name}; check: {COMMAND}"
    for language in page.languages:
        assert language.label in seen


@pytest.mark.reference
@by_page
def test_the_real_server_of_the_line_is_the_one_that_judges(page: Page) -> None:
    assert f"({REAL_SERVER} {version(REAL_SERVER)})" in page.path.read_text(encoding="utf-8"), COMMAND


def test_a_line_is_written_once_at_the_end_of_the_introduction() -> None:
    text = "# Title\n\nProse.\n\n## One\n\nText.\n\n## Two\n"
    old, new = (f"*Checked on 2026-01-0{day}: seen.* <!-- steps abc -->\n\n" for day in (1, 2))

    once = with_line(text, old)
    twice = with_line(once, new)

    assert (
        once
        == "# Title\n\nProse.\n\n*Checked on 2026-01-01: seen.* <!-- steps abc -->\n\n## One\n\nText.\n\n## Two\n"
    )
    assert twice == once.replace("01-01", "01-02")


def test_a_digest_changes_with_code_and_output(tmp_path: Path) -> None:
    steps = [("echo 1", "1"), ("echo 2", "1"), ("echo 1", "2"), ("echo 1", "1")]

    digests = [digest(make_page(tmp_path, {Language.CURL: step})) for step in steps]

    assert digests[0] == digests[3]
    assert len(set(digests)) == 3

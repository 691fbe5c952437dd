"""The languages of the site in a real browser: tabs, links, the clipboard."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import MockDeployment
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.outputs import masked

from .reader import CODE, ENQUEUE, ERRATA, REJECT, Reader, addresses, chosen, page_html, tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).parent.parent.parent
LABEL = """(element) => {
  const input = element.closest(".tabbed-set").querySelector("input:checked");
  return document.querySelector(`label[for="${input.id}"]`).textContent.trim(); }"""
SHIFT = """() => new Promise((done) => new PerformanceObserver((list) =>
  done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => done(0), 500))"""
TOP_LEVEL_AWAIT = """
import ast, asyncio, inspect, sys
code = compile(sys.stdin.read(), "copied", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
result = eval(code, {})
asyncio.run(result) if inspect.iscoroutine(result) else None
"""


def test_tabs_switch_together_and_are_remembered(reader: Reader) -> None:
    page = reader.open(REJECT)
    assert chosen(page) == {"Python"}

    tab(page, "cURL").click()
    switched = chosen(page)
    page.reload()
    reloaded = chosen(page)
    other = chosen(reader.open(ENQUEUE))

    assert (switched, reloaded, other) == ({"cURL"}, {"cURL"}, {"cURL"})


@pytest.mark.parametrize("language", Language)
def test_an_address_opens_a_heading_in_its_language(reader: Reader, language: Language) -> None:
    page = reader.open(f"{REJECT}?lang={language}#create-runs")

    assert chosen(page) == {language.label}
    top: float = page.evaluate("() => document.getElementById('create-runs').getBoundingClientRect().top")
    assert 0 <= top < 300
    assert chosen(reader.open(ENQUEUE)) == {language.label}


def test_a_reader_sees_no_other_language(reader: Reader, built: Path) -> None:
    guides = [address for address in addresses(built) if 'class="tabbed-set' in page_html(built, address)]
    guides.remove("errata")

    for address in guides:
        with reader.open(address) as page:
            for language in Language:
                page.locator(".tabbed-labels > label").get_by_text(language.label, exact=True).first.click()
                assert chosen(page) == {language.label}, address


def test_findings_on_one_language_are_shown_to_everyone(reader: Reader) -> None:
    page = reader.open(f"{ERRATA}?lang=curl")

    tab(page, "JavaScript", "point-at-a-deployment").click()

    assert chosen(page) == {language.label for language in Language}
    assert page.locator(".tabbed-set > input:checked").count() == page.locator(".tabbed-set").count()


def test_a_step_without_the_language_says_so_and_opens_in_another(reader: Reader) -> None:
    page = reader.open(f"{REJECT}?lang=python")
    step = page.locator("#print-messages ~ .tabbed-set").first
    said = step.evaluate("(step) => getComputedStyle(step, '::after').content")
    closed = step.locator(".tabbed-block:visible").count()

    tab(page, "JavaScript", "print-messages").click()

    assert 'Nothing to run here in " "Python" "."' in said or "Nothing to run here in Python." in said
    assert closed == 0
    assert "prettyPrint" in step.locator(".tabbed-block:visible").inner_text()
    assert chosen(page) == {"JavaScript"}


def test_a_timeline_is_shown_to_everyone_without_a_word_on_its_code(reader: Reader) -> None:
    page = reader.open(f"{REJECT}?lang=curl")

    assert page.locator("#see-the-timeline ~ .tabbed-set:visible").count() == 0
    assert page.locator("#see-the-timeline ~ p > img:visible").count() == 1


def test_another_choice_changes_the_address(reader: Reader) -> None:
    page = reader.open(f"{REJECT}?lang=curl")

    tab(page, "JavaScript").click()
    page.reload()

    assert "lang=javascript" in page.url
    assert chosen(page) == {"JavaScript"}


def test_the_home_page_offers_the_languages(reader: Reader) -> None:
    page = reader.open("")

    page.get_by_role("link", name="JavaScript").click()
    page.wait_for_url("**lang=javascript*")
    home = reader.open("")

    assert chosen(page) == {"JavaScript"}
    assert home.locator("[aria-current][data-language]").all_inner_texts() == ["JavaScript"]


def test_nothing_moves(reader: Reader) -> None:
    page = reader.open(f"{REJECT}?lang=curl")
    label = tab(page, "JavaScript", "wait-for-the-first-run")
    label.scroll_into_view_if_needed()
    before = label.bounding_box()

    shift: float = page.evaluate(SHIFT)
    label.click()
    page.wait_for_timeout(300)

    after = label.bounding_box()
    assert shift < 0.02
    assert before and after and abs(before["y"] - after["y"]) < 2


def test_the_keyboard_moves_tabs(reader: Reader) -> None:
    page = reader.open(REJECT)
    in_tabs = "() => document.activeElement.closest('.tabbed-set') !== null && document.activeElement.type === 'radio'"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(in_tabs):
            break

    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)

    assert chosen(page) == {"JavaScript"}


@pytest.mark.parametrize("language", [Language.PYTHON, Language.CURL])
def test_what_is_copied_runs_and_prints_the_output(
    readers: Callable[..., Reader], language: Language, tmp_path: Path
) -> None:
    reader = readers(permissions=["clipboard-read", "clipboard-write"])
    page = reader.open(f"{REJECT}?lang={language}")
    guide = read_page(ROOT / "notebooks" / "reject-concurrent.md")
    snippets = [step.snippets[language] for step in guide.steps(language)]
    copied = []

    for code in page.locator(f"{CODE}:visible").all():
        if code.evaluate(LABEL) != language.label:  # a step that leaves this language out
            continue
        code.scroll_into_view_if_needed()
        code.hover()
        code.get_by_title("Copy to clipboard").click()
        copied.append(str(page.evaluate("() => navigator.clipboard.readText()")))

    command = {Language.PYTHON: [sys.executable, "-c", TOP_LEVEL_AWAIT], Language.CURL: ["bash"]}[language]
    with MockDeployment(hold_s=60) as mock:
        done = subprocess.run(
            command,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"DEPLOYMENT_URL": mock.url},
            input="\n".join(copied),
            capture_output=True,
            text=True,
        )
    expected = "\n".join(snippet.expected for snippet in snippets if snippet.expected)
    assert copied == [snippet.code.text for snippet in snippets]
    assert done.returncode == 0, done.stderr
    assert masked(done.stdout.strip("\n"), mock.url) == masked(expected)

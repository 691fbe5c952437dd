"""The documentation site in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import MockDeployment
from tests import site
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.outputs import masked

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).parent.parent.parent
REJECT = "reject-concurrent/"
ENQUEUE = "enqueue-concurrent/"
ERRATA = "errata/"
CODE = ".tabbed-block > .highlight:not(.highlight + .highlight)"
OUTPUT = ".tabbed-block > .highlight + .highlight"

CHOSEN = """() => [...document.querySelectorAll(".tabbed-set > input:checked")].map((input) =>
  document.querySelector(`label[for="${input.id}"]`).textContent.trim())"""
LABEL = """(element) => {
  const input = element.closest(".tabbed-set").querySelector("input:checked");
  return document.querySelector(`label[for="${input.id}"]`).textContent.trim(); }"""
OVERFLOW = "() => document.scrollingElement.scrollWidth - window.innerWidth"
SHIFT = """() => new Promise((done) => new PerformanceObserver((list) =>
  done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => done(0), 500))"""
TOP_LEVEL_AWAIT = """
import ast, asyncio, inspect, sys
code = compile(sys.stdin.read(), "copied", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
result = eval(code, {})
asyncio.run(result) if inspect.iscoroutine(result) else None
"""


@dataclass
class Reader:
    """Somebody with a browser; notes what no page may do."""

    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        page = self.context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"{address}: {error}"))
        page.on("request", self._note_request)
        page.goto(self.url + address)
        return page

    def _note_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"another host: {request.url}")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site.build(folder)
    return folder


@pytest.fixture(scope="module")
def url(built: Path) -> Iterator[str]:
    with site.served(built) as address:
        yield address


@pytest.fixture
def readers(chromium: Browser, url: str) -> Iterator[Callable[..., Reader]]:
    """Makes readers that share nothing, and checks at the end what their browsers complained of."""
    made: list[Reader] = []

    def make(**options: Any) -> Reader:
        made.append(Reader(chromium.new_context(**options), url))
        return made[-1]

    yield make
    for reader in made:
        reader.context.close()
    assert [complaint for reader in made for complaint in reader.complaints] == []


@pytest.fixture
def reader(readers: Callable[..., Reader]) -> Reader:
    return readers(viewport={"width": 1280, "height": 900}, color_scheme="light")


def addresses(built: Path) -> list[str]:
    return sorted(
        path.parent.relative_to(built).as_posix().removeprefix(".") for path in built.rglob("index.html")
    )


def chosen(page: Page) -> set[str]:
    """The languages that the steps of a page show."""
    return set(page.evaluate(CHOSEN))


def page_html(built: Path, address: str) -> str:
    return (built / address / "index.html").read_text(encoding="utf-8")


def tab(page: Page, label: str, step: str = "create-runs") -> Locator:
    return (
        page.locator(f"#{step} ~ .tabbed-set").first.locator(".tabbed-labels").get_by_text(label, exact=True)
    )


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_output_looks_like_output(readers: Callable[..., Reader], scheme: str) -> None:
    page = readers(color_scheme=scheme).open(f"{REJECT}?lang=python#create-runs")

    def colour(selector: str) -> str:
        background = "element => getComputedStyle(element).backgroundColor"
        return str(page.locator(f"{selector}:visible").first.evaluate(background))

    assert page.locator(f"{OUTPUT} .filename:visible").first.inner_text().lower() == "output"
    assert page.locator(f"{OUTPUT} button:visible").count() == 0
    assert colour(f"{CODE} code") != colour(f"{OUTPUT} code") != colour(f"{OUTPUT} .hll")


def test_search_finds_a_status(reader: Reader) -> None:
    page = reader.open("")

    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("409")

    found = page.locator(".md-search-result__link").first
    found.wait_for()
    assert "409" in " ".join(page.locator(".md-search-result__link").all_inner_texts())


def test_the_palette_follows_the_system_and_can_be_switched(readers: Callable[..., Reader]) -> None:
    page = readers(color_scheme="dark").open(REJECT)
    scheme = "() => document.body.dataset.mdColorScheme"
    dark = page.evaluate(scheme)

    page.get_by_title("Switch to light colours").click()
    page.reload()

    assert (dark, page.evaluate(scheme)) == ("slate", "default")


def test_a_phone_scrolls_no_prose_sideways(readers: Callable[..., Reader], built: Path) -> None:
    reader = readers(viewport={"width": 360, "height": 780}, has_touch=True)

    overflow = {}
    for address in addresses(built):
        with reader.open(address) as page:
            overflow[address] = page.evaluate(OVERFLOW)

    assert overflow == dict.fromkeys(overflow, 0)


def test_a_phone_shows_all_that_opens(readers: Callable[..., Reader]) -> None:
    page = readers(viewport={"width": 360, "height": 780}).open(REJECT)

    page.get_by_text("Open as notebook").click()

    box = page.locator(".page-actions__notebooks").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360


def test_paper_holds_all_code(readers: Callable[..., Reader]) -> None:
    page = readers(viewport={"width": 700, "height": 990}).open(f"{REJECT}?lang=curl")

    page.emulate_media(media="print")

    cut = "blocks => blocks.filter((block) => block.scrollWidth > block.clientWidth + 1).length"
    assert page.locator("pre > code:visible").evaluate_all(cut) == 0
    assert page.locator(".page-actions:visible, .md-code__button:visible").count() == 0


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", ["color-contrast"])])
def test_everyone_can_read_it(
    readers: Callable[..., Reader], built: Path, scheme: str, rules: list[str] | None
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    reader = readers(color_scheme=scheme)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:  # dark differs in colours only
        options["runOnly"] = rules
    violations = []

    for address in addresses(built):
        with reader.open(address) as page:
            found_here = Axe().run(page, options=options).response["violations"]
        violations += [
            f"{address} {found['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
            for found in found_here
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"]
        ]

    assert violations == []


def test_zensical_builds_the_same_pages(readers: Callable[..., Reader], built: Path, tmp_path: Path) -> None:
    for name in ("mkdocs.yml", "theme", "notebooks"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("node_modules", ".*"))
        else:
            shutil.copy(source, tmp_path)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    with site.served(tmp_path / "site") as other_url:
        reader = readers(color_scheme="light")
        other = Reader(reader.context, other_url)
        seen, seen_there = (
            {address: content(each, address) for address in addresses(built)} for each in (reader, other)
        )
        tab(page := other.open(REJECT), "cURL").click()
        linked = chosen(page)

    assert seen_there == seen
    assert linked == {"cURL"}
    assert other.complaints == []


def content(reader: Reader, address: str) -> dict[str, list[str]]:
    """What a reader sees of a page's article."""
    with reader.open(address) as page:
        article = page.locator("article")
        return {
            "text": article.locator("h1, h2, h3, p, li, td, summary").all_inner_texts(),
            "code": article.locator("pre > code:visible").all_inner_texts(),
            "tabs": article.locator(".tabbed-labels > label").all_inner_texts(),
            "links": article.locator("a:visible").evaluate_all(
                "links => links.map(({pathname, search, hash}) => pathname + search + hash)"
            ),
        }

"""The documentation site in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import site

from .reader import CODE, OUTPUT, REJECT, Reader, addresses, chosen, tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).parent.parent.parent
OVERFLOW = "() => document.scrollingElement.scrollWidth - window.innerWidth"


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

"""Somebody who reads the site in a browser, and what they see."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

REJECT = "reject-concurrent/"
ENQUEUE = "enqueue-concurrent/"
ERRATA = "errata/"
CODE = ".tabbed-block > .highlight:not(.highlight + .highlight)"
OUTPUT = ".tabbed-block > .highlight + .highlight"
CHOSEN = """() => [...document.querySelectorAll(".tabbed-set > input:checked")].map((input) =>
  document.querySelector(`label[for="${input.id}"]`).textContent.trim())"""


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

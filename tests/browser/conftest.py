"""When the tests that need Chromium run, and what they share: the browser, the site and its readers."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import site
from walkthrough.kernels import install_command

from .reader import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMMAND = "uv run --group browser pytest -m browser"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the browser's tests unless they are asked for and the browser is there."""
    reason = ""
    if "browser" not in config.getoption("-m"):
        reason = f"looks at pages in Chromium: {COMMAND}"
    elif importlib.util.find_spec("playwright") is None:
        reason = f"needs Playwright: {COMMAND}"
    elif CHROMIUM is None:
        reason = f"needs Chromium: {install_command('chromium')}"
    if reason:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window and without calls of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site.build(folder)
    return folder


@pytest.fixture(scope="session")
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

"""When the tests that need Chromium run, and the browser they share."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from walkthrough.kernels import install_command

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

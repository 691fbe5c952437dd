"""`walkthrough lab` in a real browser: every notebook opens, runs from top to bottom and shows what its page says."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.test_pages import FOLDER, NOTEBOOKS, by_notebook
from walkthrough import notebooks
from walkthrough.languages import Language
from walkthrough.outputs import difference, printed
from walkthrough.pages import Page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEYWORDS = {Language.PYTHON: "await", Language.JAVASCRIPT: "const", Language.CURL: "if"}
READY_S = 120
READY_MS = READY_S * 1000


@dataclass
class Lab:
    """A JupyterLab on a copy of the notebooks, without outputs."""

    folder: Path
    jupyter_url: str
    mock_url: str
    process: subprocess.Popen[str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    root = tmp_path_factory.mktemp("lab")
    folder = root / "notebooks"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for page, language in NOTEBOOKS:
        path = folder / notebooks.notebook_path(page, language).name
        path.write_text(notebooks.serialized(notebooks.build(page, language)), encoding="utf-8")
    jupyter, mock = free_port(), free_port()
    options = ["--no-browser", f"--ServerApp.port={jupyter}", "--IdentityProvider.token=", "--allow-root"]
    command = [sys.executable, "-m", "walkthrough", "lab", "--port", str(mock), *options]
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(root / "config")}
    with (root / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log, text=True)
    running = Lab(folder, f"http://127.0.0.1:{jupyter}", f"http://127.0.0.1:{mock}", process)
    try:
        deadline = time.monotonic() + READY_S
        while not answers(f"{running.jupyter_url}/api"):
            assert process.poll() is None and time.monotonic() < deadline, (root / "log").read_text()
            time.sleep(0.2)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=READY_S)


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One reader, whose browser loads JupyterLab once."""
    with chromium.new_context(viewport={"width": 1200, "height": 1600}) as context:
        yield context


@by_notebook
def test_run_all_shows_what_the_page_says(
    lab: Lab, context: BrowserContext, tmp_path: Path, page: Page, language: Language
) -> None:
    from playwright.sync_api import expect

    path = lab.folder / notebooks.notebook_path(page, language).name
    tab = context.new_page()
    tab.goto(f"{lab.jupyter_url}/lab/tree/{path.name}?reset")  # without the tabs of the last test
    tab.get_by_text("| Idle").wait_for(timeout=READY_MS)  # the kernel is there

    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.get_by_text("Run All Cells", exact=True).click()

    steps = list(page.steps(language))
    try:
        expect(tab.locator(".jp-CodeCell .jp-InputPrompt").last).to_have_text(
            f"[{len(steps)}]:", timeout=READY_MS
        )
        with tab.expect_response(lambda answer: answer.request.method == "PUT" and path.name in answer.url):
            tab.keyboard.press("Control+s")
    finally:
        tab.screenshot(path=tmp_path / f"{path.stem}.png")
    keyword = tab.locator(".jp-CodeCell .cm-line span", has_text=KEYWORDS[language]).first
    colour, plain = (
        element.evaluate("element => getComputedStyle(element).color")
        for element in (keyword, tab.locator(".jp-CodeCell .cm-line").first)
    )
    pictures: list[int] = tab.locator(".jp-OutputArea-output img").evaluate_all(
        "pictures => pictures.map(({clientWidth, naturalHeight}) => clientWidth * naturalHeight)"
    )
    tab.close()
    for kernel in httpx.get(f"{lab.jupyter_url}/api/kernels").json():
        httpx.delete(f"{lab.jupyter_url}/api/kernels/{kernel['id']}", timeout=READY_S)
    cells = {cell.id: cell for cell in notebooks.read(path).cells}
    found = [
        difference(
            step.snippets[language].expected,
            printed(cells[step.id].outputs, picture=step.picture is not None),
            lab.mock_url,
        )
        for step in steps
    ]
    assert found == [[] for _ in found]
    assert [size > 0 for size in pictures] == [True for step in steps if step.picture]
    assert colour != plain


def test_ctrl_c_stops_jupyterlab_and_the_mock(lab: Lab) -> None:
    assert answers(f"{lab.mock_url}/ok")

    lab.process.send_signal(signal.SIGINT)
    lab.process.wait(timeout=READY_S)

    assert not answers(f"{lab.mock_url}/ok")
    assert not answers(f"{lab.jupyter_url}/api")

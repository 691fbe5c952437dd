"""Runs pages: one kernel per page and language, against a deployment; judges, and reports nothing itself."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import IO

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from mockserver import MockDeployment
from walkthrough import notebooks
from walkthrough.languages import Language
from walkthrough.outputs import (
    DEFAULT_DEPLOYMENT_URL,
    as_stored,
    difference,
    display_of,
    printed,
    traceback,
)
from walkthrough.pages import Page, Step
from walkthrough.pictures import Drawn, take_pictures

CELL_TIMEOUT_S = 120
"""Seconds a step may take before it counts as hung; a real server needs a few."""

MOCK_HOLD_S = 60
"""Seconds the mock holds a run that nobody joins: longer than any machine needs for the next request."""


@dataclass(frozen=True)
class StepResult:
    """What one step did in one language.

    Args:
        step: the step.
        actual: what it printed, with the default deployment URL.
        error: why it did not run to its end; None when it did.
        difference: the diff from the page's output to `actual`, by lines; empty when they are equal after the masks.
    """

    step: Step
    actual: str
    error: str | None
    difference: Sequence[str]

    @property
    def passed(self) -> bool:
        """Whether the step ran to its end and printed what the page says."""
        return self.error is None and not self.difference


@dataclass
class NotebookResult:
    """What one page did in one language.

    Args:
        page: the page.
        language: the language.
        notebook: the executed notebook.
        steps: the steps that ran; a step that stops with an error is the last.
        error: why the notebook could not run at all, or stopped between steps; None otherwise.
        pictures: the page's pictures as this run draws or displays them.
        log: the last lines of the deployment's log; empty for a deployment that is not ours.
        seconds: how long it took, with the kernel's start.
    """

    page: Page
    language: Language
    notebook: NotebookNode
    steps: list[StepResult] = field(default_factory=list)
    error: str | None = None
    pictures: Sequence[Drawn] = ()
    log: Sequence[str] = ()
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many steps the page has in this language."""
        return sum(1 for _ in self.page.steps(self.language))

    @property
    def complete(self) -> bool:
        """Whether every step ran to its end, whatever it printed."""
        return not self.error and len(self.steps) == self.total and not any(step.error for step in self.steps)

    @property
    def passed(self) -> bool:
        """Whether every step ran to its end and printed what the page says, and the pictures are of this run."""
        as_drawn = not any(picture.difference for picture in self.pictures)
        return self.complete and as_drawn and all(step.passed for step in self.steps)

    @property
    def proof(self) -> list[str]:
        """The lines that prove the page's point, as this run printed them: those its outputs highlight."""
        lines = []
        for result in self.steps:
            printed_lines = result.actual.split("\n")
            for number in result.step.snippets[self.language].highlights:
                lines += printed_lines[number - 1 : number]
        return lines


OnStep = Callable[[NotebookResult], None]


async def run_notebooks(
    wanted: Sequence[tuple[Page, Language]],
    *,
    deployment_url: str | None = None,
    jobs: int = 2,
    on_step: OnStep = lambda result: None,
) -> list[NotebookResult]:
    """Runs pages in languages, several at a time.

    Args:
        wanted: what to run.
        deployment_url: a running deployment; None starts a mock of its own for each notebook, so that what one prints
            never depends on another.
        jobs: how many notebooks run at once, >= 1.
        on_step: called after each step, and once more at the end of each notebook.

    Returns:
        The results in the order of `wanted`.
    """
    free = asyncio.Semaphore(jobs)

    async def run(page: Page, language: Language) -> NotebookResult:
        async with free:
            result = NotebookResult(page, language, notebooks.build(page, language))
            started = time.perf_counter()
            async with _deployment(deployment_url, result) as url:
                await _run_notebook(result, url, on_step)
                if result.complete:
                    alone = deployment_url is None
                    result.pictures = await take_pictures(page, language, result.notebook, url, alone=alone)
            result.seconds = time.perf_counter() - started
            on_step(result)
            return result

    return await asyncio.gather(*(run(page, language) for page, language in wanted))


@asynccontextmanager
async def _deployment(url: str | None, result: NotebookResult) -> AsyncIterator[str]:
    """Gives the URL to use; a mock that was started for it leaves the end of its log in the result."""
    if url is not None:
        yield url
        return
    mock = MockDeployment(hold_s=MOCK_HOLD_S)
    await asyncio.to_thread(mock.start)
    try:
        yield mock.url
    finally:
        result.log = mock.log_tail()
        await asyncio.to_thread(mock.stop)


async def _run_notebook(result: NotebookResult, deployment_url: str, on_step: OnStep) -> None:
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile("w+") as stderr:
        try:
            async with _client(result, deployment_url, scratch, stderr) as client:
                steps = {step.id: step for step in result.page.steps(result.language)}
                for index, cell in enumerate(result.notebook.cells):
                    if cell.cell_type == "code":
                        await _run_step(client, result, steps[cell.id], index, deployment_url)
                        on_step(result)
                        if result.steps[-1].error:
                            return
        except NoSuchKernel:
            install = "uv sync --reinstall-package double-texting"
            result.error = f"the {result.language.kernel} kernel is not installed; install it with: {install}"
        except (RuntimeError, OSError) as error:
            stderr.seek(0)
            result.error = (
                f"the {result.language.kernel} kernel did not start: {error}\n{stderr.read()}".strip()
            )


def _environment(deployment_url: str, ipython_dir: str) -> dict[str, str]:
    """Everything that would change an output is pinned here: colours, width, the user's own IPython set-up."""
    return os.environ | {
        "COLUMNS": "80",
        "DEPLOYMENT_URL": deployment_url,
        "FORCE_COLOR": "0",
        "IPYTHONDIR": ipython_dir,
        "LINES": "24",
        "NO_COLOR": "1",
    }


@asynccontextmanager
async def _client(
    result: NotebookResult, deployment_url: str, scratch: str, stderr: IO[str]
) -> AsyncIterator[NotebookClient]:
    """Starts a kernel, and ends it whatever happens; what the kernel itself has to say goes to `stderr`.

    nbclient's own `async_setup_kernel` takes over SIGINT for the last kernel it started; with several at once, Ctrl-C
    has to end them all. Over ipc, because TCP ports are chosen seconds before the kernel binds them, and on a busy
    machine another program may then have one.
    """
    manager = AsyncKernelManager(
        kernel_name=result.language.kernel, transport="ipc", connection_file=f"{scratch}/kernel.json"
    )
    client = NotebookClient(
        result.notebook, km=manager, timeout=CELL_TIMEOUT_S, record_timing=False, coalesce_streams=True
    )
    client.reset_execution_trackers()
    folder = str(result.page.path.resolve().parent)
    await manager.start_kernel(env=_environment(deployment_url, scratch), cwd=folder, stderr=stderr)
    try:
        client.kc = manager.client()
        client.kc.start_channels()
        try:
            await client.kc.wait_for_ready(timeout=CELL_TIMEOUT_S)
            yield client
        finally:
            client.kc.stop_channels()
    finally:
        await manager.shutdown_kernel(now=True)


async def _run_step(client: NotebookClient, result: NotebookResult, step: Step, index: int, url: str) -> None:
    cell = result.notebook.cells[index]
    error = None
    try:
        await client.async_execute_cell(cell, index)
    except CellTimeoutError:
        error = f"still running after {CELL_TIMEOUT_S} seconds"
    except DeadKernelError:
        error = f"the {result.language.kernel} kernel died while it ran this step"
    except CellExecutionError as failed:
        error = traceback(cell.outputs) or f"{failed.ename}: {failed.evalue}"
    picture = display_of(cell.outputs) if step.picture else None
    actual = printed(cell.outputs, picture=step.picture is not None)
    expected = step.snippets[result.language].expected
    lines = difference(expected, actual, url)
    if not error and not lines and actual != expected:
        cell.outputs = as_stored(expected) + ([picture] if picture else [])
    result.steps.append(StepResult(step, actual.replace(url, DEFAULT_DEPLOYMENT_URL), error, lines))

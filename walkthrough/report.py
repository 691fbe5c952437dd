"""What a person sees of a run: progress, a verdict per page and language, and how each failure came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from walkthrough.languages import Language
from walkthrough.pages import Page
from walkthrough.run import NotebookResult, OnStep, StepResult

_LOG_LINES = 15


@contextmanager
def progress(console: Console, wanted: Sequence[tuple[Page, Language]]) -> Iterator[OnStep]:
    """Shows a bar per notebook while the context lasts.

    Args:
        console: where; if it is no terminal, a line per finished notebook is printed instead.
        wanted: the notebooks that will run.

    Yields:
        A function to call after each step.
    """
    if not console.is_terminal:
        yield lambda result: _print_finished(console, result)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[tuple[Page | Path, Language], TaskID] = {}
        for page, language in wanted:
            total = sum(1 for _ in page.steps(language))
            tasks[page.path, language] = bars.add_task(f"{page.name}  {language.label}", total=total)

        def advance(result: NotebookResult) -> None:
            task = tasks[result.page.path, result.language]
            bars.update(task, completed=len(result.steps))
            if result.seconds:
                bars.stop_task(task)

        yield advance


def _print_finished(console: Console, result: NotebookResult) -> None:
    if result.seconds:
        passed = sum(step.passed for step in result.steps)
        console.print(
            f"{result.page.name}[{result.language}]: {passed} of {result.total} steps", markup=False
        )


def print_verdicts(console: Console, results: Sequence[NotebookResult]) -> None:
    """Prints the failures, the table of verdicts, and the lines that prove each page's point."""
    for result in results:
        for failure in failures(result):
            console.print(Text(f"{failure}\n"), soft_wrap=True)
    table = Table("page", "language", "steps", "seconds", "verdict")
    for result in results:
        passed = sum(step.passed for step in result.steps)
        verdict = "[green]passed[/]" if result.passed else "[bold red]failed[/]"
        table.add_row(
            result.page.name,
            result.language.label,
            f"{passed}/{result.total}",
            f"{result.seconds:.1f}",
            verdict,
        )
    console.print(table)
    for name, same_page in groupby(results, key=lambda result: result.page.name):
        proofs = [(result.language.label, line) for result in same_page for line in result.proof]
        if proofs:
            console.print(Text(name))
        for label, line in proofs:
            console.print(Text(f"{label:>10}  {line}"), soft_wrap=True)


def failures(result: NotebookResult) -> list[str]:
    """Explains what went wrong in a notebook.

    Args:
        result: a notebook's result.

    Returns:
        A text for each failed step, for each picture of something else, and one for a notebook that did not run: where,
        the code, what was expected and what came, and the end of the deployment's log.
    """
    texts = [step_failure(result, step) for step in result.steps if not step.passed]
    texts += [
        f"{result.page.path}:{picture.shown.line}: picture  {result.page.name}[{result.language}]\n  {reason}"
        for picture in result.pictures
        if (reason := picture.difference)
    ]
    if result.error:
        texts.append(f"{result.page.path}  {result.page.name}[{result.language}]\n  {result.error}")
    if texts and result.log:
        log = "\n".join(result.log[-_LOG_LINES:])
        texts[-1] += f"\n  the deployment's log, last lines:\n{_indented(log)}"
    return texts


def step_failure(result: NotebookResult, failed: StepResult) -> str:
    """Explains one failed step, without the log."""
    snippet = failed.step.snippets[result.language]
    where = f"{result.page.path}:{snippet.code.line}"
    parts = [f"{where}: {failed.step.heading}  {result.page.name}[{result.language}]::{failed.step.id}"]
    parts += ["  the code:", _indented(snippet.code.text)]
    if failed.error:
        parts += ["  it failed:", _indented(failed.error)]
    if failed.difference:
        parts += ["  its output is not the page's:", _indented("\n".join(failed.difference))]
    return "\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))

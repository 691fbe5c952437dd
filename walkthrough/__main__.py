"""The `walkthrough` command."""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
from rich.console import Console
from rich.text import Text

from walkthrough import docs as site
from walkthrough import lab as jupyter
from walkthrough import notebooks
from walkthrough.discovery import PAGES, find_pages
from walkthrough.errors import DeploymentError, WalkthroughError
from walkthrough.kernels import missing_tools, prefetch_javascript
from walkthrough.languages import Language
from walkthrough.pages import Page
from walkthrough.report import print_verdicts, progress
from walkthrough.run import NotebookResult, run_notebooks
from walkthrough.scripts import script
from walkthrough.update import build_notebooks, update_page

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False)

PageArguments = Annotated[
    list[str] | None, typer.Argument(metavar="[PAGE]...", help="Page names or paths; none: all.")
]


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Run documentation pages in Python, JavaScript and curl, and check that they print what they say.

    Without a command: walkthrough run.
    """
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    pages: PageArguments = None,
    language: Annotated[
        list[Language] | None, typer.Option(help="Only this language; can be repeated.")
    ] = None,
    deployment: Annotated[
        str | None,
        typer.Option(
            envvar="DEPLOYMENT_URL", help="Use this running deployment instead of starting the mock."
        ),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write what was printed into the pages and notebooks.")
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=1, show_default="one per processor", help="Notebooks to run at once.")
    ] = os.cpu_count() or 1,
) -> None:
    """Run pages and compare what they print with what they say."""
    found = find_pages(pages or [])
    wanted = [(page, each) for page in found for each in page.languages if not language or each in language]
    if not wanted:
        raise WalkthroughError(f"no page shows {' or '.join(language or [])}; nothing was run")
    _check_tools(wanted)
    if deployment:
        _check_deployment(deployment := deployment.rstrip("/"))
    try:
        with progress(console, wanted) as on_step:
            results = asyncio.run(
                run_notebooks(wanted, deployment_url=deployment, jobs=jobs, on_step=on_step)
            )
    except KeyboardInterrupt:  # caught here, because Typer would end without a word
        _fail("stopped, and with it every kernel and mock deployment this run started", 130)
    if update:
        _update(found, results)
    print_verdicts(console, results)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


@app.command()
def build(
    pages: PageArguments = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a notebook is not its page's.")
    ] = False,
) -> None:
    """Make the notebooks of pages without running them."""
    stale = False
    for page in find_pages(pages or []):
        if check:
            stale |= _report_differences(page)
        else:
            for path in build_notebooks(page):
                console.print(f"{path}: built", markup=False)
    if stale:
        raise typer.Exit(1)


class Form(StrEnum):
    """What a page can be exported as."""

    SCRIPT = "script"


@app.command()
def export(
    page: Annotated[str, typer.Argument(metavar="PAGE", help="A page's name or path.")],
    language: Annotated[Language, typer.Option(help="The language of the script.")],
    form: Annotated[
        Form, typer.Option("--as", help="A plain .py, .mjs or .sh file that runs without notebooks.")
    ] = Form.SCRIPT,
    output: Annotated[Path | None, typer.Option(help="Write it there instead of printing it.")] = None,
) -> None:
    """Write a page's steps in one language as a program for Python, Node or bash."""
    (found,) = find_pages([page])
    if language not in found.languages:
        raise WalkthroughError(f"{found.path} has no step in {language.label}; nothing was exported")
    text = script(found, language)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WalkthroughError(f"cannot write {output}: {error.strerror}; name another file") from None


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The mock's port; what the pages look for is 8123.")] = 8123,
) -> None:
    """Start the mock and JupyterLab on the notebooks; Ctrl-C stops both. More arguments go to Jupyter."""
    if not PAGES.is_dir():
        raise WalkthroughError(f"no folder {PAGES.absolute()}; run this in a clone of the repository")
    _check_tools([(page, language) for page in find_pages([]) for language in page.languages])
    raise typer.Exit(jupyter.serve(PAGES, port=port, jupyter_arguments=context.args))


@app.command()
def docs(
    build: Annotated[
        bool, typer.Option("--build", help="Write the site to site/ instead of serving it.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The site's port; 0 takes any free one.")] = 0,
) -> None:
    """Serve the documentation site and follow changes to its pages; Ctrl-C stops it."""
    if build:
        site.build()
    site.serve(port)


def _check_tools(wanted: list[tuple[Page, Language]]) -> None:
    """Names all that is missing before anything starts."""
    missing = missing_tools({language for _, language in wanted})
    if missing:
        lines = [f"{tool} is not installed; install it with: {command}" for tool, command in missing]
        raise WalkthroughError("\n".join(lines))
    for folder in {
        page.path.resolve().parent for page, language in wanted if language is Language.JAVASCRIPT
    }:
        prefetch_javascript(folder)


def _check_deployment(url: str) -> None:
    try:
        httpx.get(f"{url}/ok", timeout=10).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeploymentError(
            f"no deployment answers at {url} ({error}); start one, for example: mockserver --port 8123, "
            "or leave --deployment and DEPLOYMENT_URL out to use a mock that starts by itself"
        ) from None


def _update(pages: list[Page], results: list[NotebookResult]) -> None:
    for page in pages:
        for line in update_page(page, [result for result in results if result.page is page]):
            console.print(f"updated {line}", markup=False, soft_wrap=True)


def _report_differences(page: Page) -> bool:
    stale = False
    for language in page.languages:
        path = notebooks.notebook_path(page, language)
        if not path.exists():
            console.print(f"{path}: missing; write it with: walkthrough build", markup=False, soft_wrap=True)
            stale = True
            continue
        for difference in notebooks.differences(notebooks.read(path), notebooks.build(page, language)):
            text = (
                f"{path}: {difference.cell_id} is not what {page.path} says; write it with: walkthrough build"
            )
            console.print(text, markup=False, soft_wrap=True)
            stale = True
    return stale


def _fail(message: str, status: int) -> NoReturn:
    Console(stderr=True, highlight=False).print(Text(message), soft_wrap=True)
    raise SystemExit(status)


def main() -> None:
    """Runs the command; what the person can mend is one message and exit status 2."""
    try:
        app()
    except WalkthroughError as error:
        _fail(str(error), 2)


if __name__ == "__main__":
    main()

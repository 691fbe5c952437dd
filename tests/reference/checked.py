"""The line on each page that says when, and with what, all its steps were seen to print what it says.

uv run --group reference python -m tests.reference.checked    runs every page everywhere and writes the lines
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import textwrap
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.test_pages import FOLDER, NOTEBOOKS, PAGES
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.pages import Page
from walkthrough.report import failures
from walkthrough.run import run_notebooks
from walkthrough.update import build_notebooks

from .server import AGENT, real_server

COMMAND = "uv run --group reference python -m tests.reference.checked"
REAL_SERVER = "langgraph-api"
JAVASCRIPT_SDK = "@langchain/langgraph-sdk"
LINE = re.compile(r"\*Checked on (?P<day>[\d-]+): (?P<seen>[^*]+)\*\s<!-- steps (?P<digest>\w+) -->\n\n")


def digest(page: Page) -> str:
    """A short name of all the code and output on a page, which changes when any of it does."""
    steps = [
        (language, step.id, step.snippets[language].code.text, step.snippets[language].expected)
        for language in page.languages
        for step in page.steps(language)
    ]
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()[:12]


def pinned_versions() -> dict[str, str]:
    """The versions that are the same on every machine."""
    imports = json.loads((FOLDER / "deno.json").read_text(encoding="utf-8"))["imports"]
    return {
        "mock deployment": version("double-texting"),
        "langgraph-sdk": version("langgraph-sdk"),
        JAVASCRIPT_SDK: imports[JAVASCRIPT_SDK].rpartition("@")[2],
    }


def line(page: Page) -> str:
    """The line as it is true now, of this machine."""
    labels = [language.label for language in page.languages]
    languages = " and ".join([", ".join(labels[:-1]), labels[-1]] if labels[1:] else labels)
    pinned = pinned_versions()
    curl = subprocess.run(["curl", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    seen = (
        f"{languages} printed this on the mock deployment {pinned['mock deployment']} and on the real server "
        f"({REAL_SERVER} {version(REAL_SERVER)}), with langgraph-sdk {pinned['langgraph-sdk']}, "
        f"{JAVASCRIPT_SDK} {pinned[JAVASCRIPT_SDK]} and curl {curl}."
    )
    text = textwrap.fill(
        f"*Checked on {date.today()}: {seen}*", 120, break_long_words=False, break_on_hyphens=False
    )
    return f"{text}\n<!-- steps {digest(page)} -->\n\n"


def with_line(text: str, new: str) -> str:
    """A page with the line at the end of its introduction, in place of the one it had."""
    introduction, heading, rest = LINE.sub("", text).partition("\n## ")
    return f"{introduction}\n{new.rstrip()}\n{heading}{rest}"


def failures_everywhere() -> list[str]:
    """Run every page in every language on the mock and on the real server: what went wrong."""
    results = asyncio.run(run_notebooks(NOTEBOOKS))
    with tempfile.TemporaryDirectory() as folder, real_server(Path(folder), AGENT) as server:
        results += asyncio.run(run_notebooks(NOTEBOOKS, deployment_url=server.url, jobs=len(Language)))
    return [said for result in results if not result.passed for said in failures(result)]


def main() -> None:
    """Check every page, and write the lines if nothing failed."""
    if found := failures_everywhere():
        sys.exit("\n".join(found))
    for page in PAGES:
        text = page.path.read_text(encoding="utf-8")
        page.path.write_text(with_line(text, line(page)), encoding="utf-8")
        build_notebooks(read_page(page.path))
        print(f"{page.path.name}: checked")


if __name__ == "__main__":
    main()

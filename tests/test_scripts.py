"""Every page as a plain script, run by the program that people run such a script with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import MockDeployment
from tests.pages import make_page
from tests.test_pages import FOLDER, by_notebook
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.outputs import masked
from walkthrough.pages import Page
from walkthrough.scripts import script, script_path

NPM = "apt-get install nodejs npm"


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Gives a folder where Node finds the JavaScript SDK of the notebooks, installed by npm once."""
    folder = tmp_path_factory.mktemp("node")

    def installed() -> Path:
        if not (shutil.which("node") and shutil.which("npm")):
            pytest.skip(f"node or npm is not installed; install them with: {NPM}")
        if not (folder / "node_modules").is_dir():
            imports = json.loads((FOLDER / "deno.json").read_text(encoding="utf-8"))["imports"]
            packages = [specifier.removeprefix("npm:") for specifier in imports.values()]
            command = ["npm", "install", "--silent", "--no-audit", "--no-fund", *packages]
            subprocess.run(command, cwd=folder, check=True, timeout=100)
        return folder

    return installed


@by_notebook
def test_the_script_prints_what_the_page_says(
    page: Page, language: Language, tmp_path: Path, node_folder: Callable[[], Path]
) -> None:
    folder = node_folder() if language is Language.JAVASCRIPT else tmp_path
    program = {Language.PYTHON: sys.executable, Language.JAVASCRIPT: "node", Language.CURL: "bash"}[language]
    path = folder / script_path(page, language)
    path.write_text(script(page, language), encoding="utf-8")
    outputs = [step.snippets[language].expected for step in page.steps(language)]

    with MockDeployment(hold_s=60) as mock:
        done = subprocess.run(
            [program, path.name],
            check=False,
            cwd=folder,
            env=os.environ | {"DEPLOYMENT_URL": mock.url, "NO_COLOR": "1", "COLUMNS": "80"},
            capture_output=True,
            text=True,
            timeout=100,
        )

    expected = "".join(f"{output}\n" for output in outputs if output)
    assert masked(done.stdout, mock.url) == masked(expected), done.stderr
    assert done.returncode == 0, done.stderr


def test_a_python_script_has_its_imports_on_top_and_keeps_long_strings(tmp_path: Path) -> None:
    code = 'import os\nimport asyncio\nfrom rich import box\n\ntext = """one\n  two"""\nprint(text)'
    page = make_page(tmp_path, {Language.PYTHON: (code, "")})

    assert script(page, Language.PYTHON) == (
        '"""Page; made of page.md by `walkthrough export`."""\n\n'
        "import asyncio\nimport os\n\nfrom rich import box\n\n\n"
        'async def main():\n    # Step\n    text = """one\n  two"""\n    print(text)\n\n\nasyncio.run(main())\n'
    )


def test_a_module_has_its_imports_on_top(tmp_path: Path) -> None:
    code = 'const one = 1;\nimport { two } from "./two.js";\nconsole.log(one, two);'
    page = make_page(tmp_path, {Language.JAVASCRIPT: (code, "")})

    assert script(page, Language.JAVASCRIPT) == (
        "// Page; made of page.md by `walkthrough export`.\n"
        'import { two } from "./two.js";\n\n// Step\nconst one = 1;\nconsole.log(one, two);\n'
    )


def test_a_shell_script_stops_at_the_first_failure(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("false\necho on", "")})
    path = tmp_path / "page.sh"
    path.write_text(script(page, Language.CURL), encoding="utf-8")

    done = subprocess.run(["bash", path], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (1, "")


def test_a_step_that_displays_a_picture_is_left_out(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.PYTHON: ("print(1)", "1")})
    shown = "/// tab | Python\n```python\nimport shown\n\nshown.timeline()\n```\n///\n![](assets/page.thread-1.svg)\n"
    page.path.write_text(f"{page.path.read_text(encoding='utf-8')}\n## See\n{shown}", encoding="utf-8")

    program = script(read_page(page.path), Language.PYTHON)

    assert "print(1)" in program and "shown" not in program and "# See" not in program

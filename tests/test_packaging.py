"""The wheel, installed in an empty environment, away from the repository."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.pages import make_page
from walkthrough.languages import Language

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

JAVASCRIPT = """\
import { Client } from "@langchain/langgraph-sdk";
const client = new Client({ apiUrl: process.env.DEPLOYMENT_URL });
console.log((await client.threads.create()).status);"""


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and nothing else; packages come from uv's cache or the registry."""
    folder = tmp_path_factory.mktemp("installed")
    uv("build", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT))
    uv("venv", str(folder / "venv"))
    (wheel,) = (folder / "dist").glob("*.whl")
    day = PYPROJECT["tool"]["uv"]["exclude-newer"]
    python = str(folder / "venv" / "bin" / "python")
    uv("pip", "install", "--python", python, "--exclude-newer", day, str(wheel))
    return folder / "venv" / "bin"


def uv(*arguments: str) -> None:
    done = subprocess.run(["uv", "--quiet", *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"uv {' '.join(arguments)}\n{done.stderr}"


def test_the_wheel_runs_a_page_outside_the_repository(bin_folder: Path, tmp_path: Path) -> None:
    page = make_page(
        tmp_path,
        {
            Language.PYTHON: ("print('hello')", "hello"),
            Language.JAVASCRIPT: (JAVASCRIPT, "idle"),
            Language.CURL: ('curl --silent "$DEPLOYMENT_URL/ok"', '{"ok":true,"services":{}}'),
        },
    )
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DEPLOYMENT_URL", "VIRTUAL_ENV")
    }

    done = subprocess.run(
        [bin_folder / "walkthrough", "run", page.path.name],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == 3


def test_the_wheel_runs_the_mock_server(bin_folder: Path, tmp_path: Path) -> None:
    command = [str(bin_folder / "mockserver"), "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = server.stdout.readline()
        finally:
            server.terminate()

    assert "http://127.0.0.1:" in address


def test_the_wheel_says_that_it_is_typed(bin_folder: Path) -> None:
    code = "import mockserver, walkthrough, pathlib, json; print(json.dumps([*map(str, (p.__path__[0] for p in (mockserver, walkthrough)))]))"

    done = subprocess.run([bin_folder / "python", "-c", code], check=True, capture_output=True, text=True)

    assert [Path(folder, "py.typed").exists() for folder in json.loads(done.stdout)] == [True, True]

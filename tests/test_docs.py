"""The documentation says what the program does, and all of it is on the site."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.statuses import Strategy
from tests import docs_tables, site
from walkthrough.discovery import find_pages
from walkthrough.notebooks import notebook_path

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
REFERENCE = sorted((NOTEBOOKS / "reference").glob("*.md"))
PAGES = sorted([*NOTEBOOKS.glob("*.md"), *REFERENCE])

by_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(NOTEBOOKS)))


def named(path: Path) -> str:
    return path.relative_to(NOTEBOOKS).as_posix()


def text_of(*names: str) -> str:
    return (NOTEBOOKS.joinpath(*names)).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site.build(folder)
    return folder


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_tables_are_what_the_program_has(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text == docs_tables.with_tables(text), "write them with: uv run python -m tests.docs_tables"


def test_every_command_route_and_mask_has_its_entry() -> None:
    found = [
        name for path in REFERENCE for name in docs_tables.names_of_tables(path.read_text(encoding="utf-8"))
    ]

    assert sorted(found) == sorted(docs_tables.TABLES)


def test_every_strategy_has_its_entry() -> None:
    text = text_of("reference", "mock-api.md")

    assert [strategy for strategy in Strategy if f"| `{strategy}` |" not in text] == []


def test_every_environment_variable_has_its_entry() -> None:
    code = "".join(
        path.read_text("utf-8")
        for name in ("mockserver", "walkthrough")
        for path in (ROOT / name).glob("*.py")
    )
    variables = set(re.findall(r'(?:environ\.get\(|envvar=)"([A-Z_]+)"', code))
    text = text_of("reference", "commands.md")

    assert variables and [name for name in variables if f"| `{name}` |" not in text] == []


def test_every_message_in_troubleshooting_is_one() -> None:
    sources = [*ROOT.glob("mockserver/*.py"), *ROOT.glob("walkthrough/*.py"), *NOTEBOOKS.glob("*.md")]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    messages = re.findall(r"^## (.+)$", text_of("reference", "troubleshooting.md"), re.MULTILINE)

    assert messages and [message for message in messages if message not in code] == []


def test_the_sample_test_passes(tmp_path: Path) -> None:
    sample, *_ = re.findall(r"```python\n(.*?)```", text_of("reference", "testing.md"), re.DOTALL)
    (tmp_path / "test_sample.py").write_text(sample, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-W", "error", "test_sample.py"]

    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)

    assert "1 passed" in done.stdout, done.stdout


@by_page
def test_every_page_is_in_the_navigation(path: Path) -> None:
    assert re.search(
        rf"^ +- (\w+: )?{re.escape(named(path))}$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE
    ), f"add it to nav in mkdocs.yml: - {named(path)}"


@by_page
def test_every_page_is_in_llms_txt(path: Path) -> None:
    assert f"](source/{named(path)}.txt)" in text_of("llms.txt"), (
        f"add a line to notebooks/llms.txt: - [TITLE](source/{named(path)}.txt): WHAT IT SAYS"
    )


@by_page
def test_every_page_has_its_source_on_the_site(path: Path) -> None:
    source = NOTEBOOKS / "source" / f"{named(path)}.txt"
    up = "../" * (named(path).count("/") + 1)

    assert source.is_file() and source.resolve() == path, (
        f"ln -s {up}{named(path)} notebooks/source/{named(path)}.txt"
    )


def test_every_guide_has_a_card_on_the_home_page() -> None:
    home = text_of("index.md")

    assert [
        path for path in NOTEBOOKS.glob("*.md") if path.stem != "index" and f"]({path.name})" not in home
    ] == []


def test_every_source_is_a_page() -> None:
    assert [path for path in NOTEBOOKS.glob("source/**/*.txt") if not path.is_file()] == []


def test_links_and_anchors_resolve(built: Path) -> None:
    assert site.broken_links(built) == []


def test_notebooks_are_offered_for_download(built: Path) -> None:
    for page in find_pages([str(path) for path in NOTEBOOKS.glob("*.md") if (built / path.stem).is_dir()]):
        html = (built / page.name / "index.html").read_text(encoding="utf-8")
        for language in page.languages:
            name = notebook_path(page, language).name
            assert f'href="../{name}" download' in html
            assert json.loads((built / name).read_text(encoding="utf-8"))["cells"]


def test_nothing_is_loaded_from_another_host(built: Path) -> None:
    loads = re.compile(
        r'<(?:script|img|iframe)[^>]+src="(https?:)?//|<link[^>]+rel="stylesheet"[^>]+href="(https?:)?//'
    )

    assert [path for path in built.rglob("*.html") if loads.search(path.read_text(encoding="utf-8"))] == []


def test_docs_outside_a_clone_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "walkthrough", "docs", "--build"]

    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr == f"no {tmp_path / 'mkdocs.yml'}; run this in a clone of the repository\n"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A small site that `walkthrough docs` serves: its home page, and where it is."""
    home = tmp_path / "docs" / "index.md"
    home.parent.mkdir()
    home.write_text("# Before\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: Small\n", encoding="utf-8")
    command = [sys.executable, "-m", "walkthrough", "docs"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            address = next(line for line in process.stderr if "Serving on" in line)
            yield home, address.split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def test_docs_serves_and_follows_changes(served: tuple[Path, str]) -> None:
    home, url = served
    assert "Before" in httpx.get(url).text

    version = re.search(r"livereload\((\d+), (\d+)\)", httpx.get(url).text)
    assert version
    home.write_text("# After\n", encoding="utf-8")
    httpx.get(f"{url}livereload/{version[1]}/{version[2]}", timeout=60)  # answers when the site is built anew

    assert "After" in httpx.get(url).text


def test_the_workflow_builds_as_a_reader_of_the_readme_would() -> None:
    workflow = (ROOT / ".github" / "workflows" / "docs.yml").read_text(encoding="utf-8")

    assert "- run: uv run mkdocs build --strict\n" in workflow

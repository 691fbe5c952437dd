"""The `walkthrough` command, run as a person runs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver import MockDeployment
from tests.pages import make_page
from tests.test_pages import NOTEBOOKS
from walkthrough.languages import Language

ROOT = Path(__file__).parent.parent


def walkthrough(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "DEPLOYMENT_URL"} | environment
    command = [sys.executable, "-m", "walkthrough", *arguments]
    return subprocess.run(command, check=False, cwd=cwd, env=env, capture_output=True, text=True, timeout=290)


@pytest.mark.timeout(300)
def test_without_arguments_all_pages_run_and_the_proof_is_shown() -> None:
    done = walkthrough()

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == len(NOTEBOOKS)
    for label in ("Python", "JavaScript", "cURL"):
        assert (
            f"{label}  Failed to start concurrent run: 409 Thread is already running a task." in done.stdout
        )


def test_a_failing_page_exits_with_1_and_explains(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "old")})

    done = walkthrough("run", str(page.path))

    assert done.returncode == 1
    assert f"{page.path}:7: Step  page[curl]::step" in done.stdout
    assert "failed" in done.stdout


def test_update_says_what_changed(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "old")})

    done = walkthrough("run", str(page.path), "--update")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"updated {page.path}:7: output of step [curl]" in done.stdout
    assert walkthrough("run", str(page.path)).returncode == 0


def test_only_the_named_language_runs() -> None:
    done = walkthrough("run", "reject-concurrent", "--language", "curl")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cURL" in done.stdout
    assert "JavaScript" not in done.stdout


def test_a_language_no_page_shows_is_an_error(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "old")})

    done = walkthrough("run", str(page.path), "--language", "python")

    assert done.returncode == 2
    assert "no page shows python" in done.stderr


def test_a_running_deployment_is_used_when_named(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ('curl --silent --fail "$DEPLOYMENT_URL/ok" > /dev/null', "")})
    with MockDeployment() as mock:
        done = walkthrough("run", str(page.path), "--deployment", mock.url)

        assert done.returncode == 0, done.stdout + done.stderr
        assert any("GET /ok" in line for line in mock.log_tail())


def test_a_deployment_that_does_not_answer_is_named_with_the_next_step() -> None:
    with MockDeployment() as gone:
        url = gone.url

    done = walkthrough("run", DEPLOYMENT_URL=url)

    assert done.returncode == 2
    assert f"no deployment answers at {url}" in done.stderr
    assert "start one" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_page_is_named_with_those_there_are() -> None:
    done = walkthrough("run", "nonsense")

    assert done.returncode == 2
    assert "no page 'nonsense'" in done.stderr
    assert "reject-concurrent" in done.stderr


def test_no_pages_says_where_it_looked(tmp_path: Path) -> None:
    done = walkthrough(cwd=tmp_path)

    assert done.returncode == 2
    assert f"no pages in {tmp_path}/notebooks" in done.stderr


def test_a_malformed_page_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# T\n/// tab | Javascript\n///\n")

    done = walkthrough("run", str(path))

    assert done.returncode == 2
    assert done.stderr.startswith(f"{path}:2: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("tool", ["curl", "jq", "bash"])
def test_a_missing_tool_is_named_with_the_command_that_installs_it(tmp_path: Path, tool: str) -> None:
    for other in {"curl", "jq", "bash"} - {tool}:
        (tmp_path / other).symlink_to(shutil.which(other) or other)

    done = walkthrough("run", "--language", "curl", PATH=str(tmp_path))

    assert done.returncode == 2
    assert tool in done.stderr
    assert "install" in done.stderr
    assert "Traceback" not in done.stderr


def test_npm_modules_that_cannot_be_downloaded_are_named_with_the_next_step(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"

    done = walkthrough("run", "--language", "javascript", DENO_DIR=str(tmp_path), NPM_CONFIG_REGISTRY=nowhere)

    assert done.returncode == 2
    assert "npm:@langchain/langgraph-sdk@" in done.stderr
    assert "Then run the command again" in done.stderr
    assert "Traceback" not in done.stderr


def test_build_check_passes_on_what_is_committed() -> None:
    done = walkthrough("build", "--check")

    assert done.returncode == 0, done.stdout


def test_build_check_names_what_is_stale(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo old", "old")})
    missing = walkthrough("build", "--check", str(page.path))
    assert walkthrough("build", str(page.path)).returncode == 0
    make_page(tmp_path, {Language.CURL: ("echo new", "old")})

    stale = walkthrough("build", "--check", str(page.path))

    assert (missing.returncode, stale.returncode) == (1, 1)
    assert "missing" in missing.stdout
    assert "page.curl.ipynb: step is not what" in stale.stdout


def test_lab_names_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = walkthrough("lab", "--port", port)

    assert done.returncode == 2
    assert done.stderr.startswith(f"port {port} is in use; stop the program")


def test_ctrl_c_stops_kernels_and_server(tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = f"import os, time, pathlib\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))\ntime.sleep(100)"
    page = make_page(tmp_path, {Language.PYTHON: (code, "")})
    os.mkfifo(started)
    command = [sys.executable, "-m", "walkthrough", "run", str(page.path)]
    running = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    kernel = int(started.read_text())

    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=30)

    assert running.returncode == 130
    assert stderr.startswith("stopped")
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


def test_export_prints_or_writes_a_script(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "new")})
    script = tmp_path / "page.sh"

    printed = walkthrough("export", str(page.path), "--language", "curl", "--as", "script")
    written = walkthrough("export", str(page.path), "--language", "curl", "--output", str(script))

    assert (printed.returncode, written.returncode, written.stdout) == (0, 0, "")
    assert printed.stdout == script.read_text(encoding="utf-8")
    assert "echo new" in printed.stdout


def test_export_names_what_cannot_be_had(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo new", "new")})

    no_language = walkthrough("export", str(page.path), "--language", "python")
    no_folder = walkthrough(
        "export", str(page.path), "--language", "curl", "--output", str(tmp_path / "no" / "page.sh")
    )

    assert (no_language.returncode, no_folder.returncode) == (2, 2)
    assert "has no step in Python" in no_language.stderr
    assert "No such file or directory" in no_folder.stderr

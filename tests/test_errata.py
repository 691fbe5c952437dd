"""What notebooks/errata.md says of what its steps cannot run: other shells than bash, and other versions of the SDKs.

Each SDK version is installed by itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from deno import find_deno_bin

from mockserver import MockDeployment
from walkthrough.kernels import install_command

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "notebooks" / "errata.md").read_text(encoding="utf-8")
DAY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["exclude-newer"]
DETAIL = "Thread is already running a task. Wait for it to finish or choose a different multitask strategy."
PUBLISHED = """\
Client error '409 Conflict' for url 'URL/threads/THREAD/runs'
For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/409
"""

REJECT_IN_PYTHON = """\
import asyncio, os
import httpx
from langgraph_sdk import get_client

async def main():
    client = get_client(url=os.environ["DEPLOYMENT_URL"])
    thread_id = (await client.threads.create())["thread_id"]
    question = {"messages": [{"role": "user", "content": "what's the weather in sf?"}]}
    await client.runs.create(thread_id, "agent", input=question)
    try:
        await client.runs.create(thread_id, "agent", input=question, multitask_strategy="reject")
    except httpx.HTTPStatusError as error:
        print(type(error).__name__)
        print(error.response.status_code, error.response.json()["detail"])
        print(str(error).replace(thread_id, "THREAD"))

asyncio.run(main())
"""

REJECT_IN_JAVASCRIPT = """\
import { Client } from "npm:@langchain/langgraph-sdk@VERSION";

const client = new Client({ apiUrl: Deno.env.get("DEPLOYMENT_URL") });
const { thread_id } = await client.threads.create();
const input = { messages: [{ role: "user", content: "what's the weather in sf?" }] };
await client.runs.create(thread_id, "agent", { input });
try {
  const { detail } = await client.runs.create(thread_id, "agent", { input, multitaskStrategy: "reject" });
  console.log(detail ? `returned: ${detail}` : "accepted");
} catch (error) {
  console.log(`thrown: ${error.status}`);
}
"""

SHELLS = {
    "bash": ["bash"],
    "bash --posix": ["bash", "--posix"],
    "zsh": ["zsh", "-f"],
    "dash": ["dash"],
}
COLUMNS = {
    "source": "source pretty_print.sh",
    "dot": ". ./pretty_print.sh",
    "arithmetic": "if (( (80 - 7) % 2 )); then echo odd; fi",
    "echo": """element='{"content": "two\\nlines"}'; echo "$element" | jq --raw-output .content""",
}
PRINTED = {
    "reads the file": "read\n",
    "finds no file": "file not found",
    "no such command": "source: not found",
    "works": "odd\n",
    "syntax error": "Syntax error",
    "prints the message": "two\nlines\n",
    "parse error": "parse error",
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_published_printer_does_depends_on_the_shell(
    shell: str, column: str, tmp_path: Path
) -> None:
    if not shutil.which(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed; install it with: {install_command(shell)}")
    (row,) = (line.strip("| ") for line in PAGE.splitlines() if line.startswith(f"| {shell} |"))
    said = dict(zip(COLUMNS, row.split(" | ")[1:], strict=True))
    (tmp_path / "pretty_print.sh").write_text("echo read\n", encoding="utf-8")

    done = subprocess.run(
        [*SHELLS[shell], "-c", COLUMNS[column]],
        check=False,
        cwd=tmp_path,
        env=os.environ | {"LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=20,
    )

    assert PRINTED[said[column]] in done.stdout


@pytest.mark.parametrize(
    ("version", "kind", "text"),
    [
        (
            "0.2.9",
            "HTTPStatusError",
            PUBLISHED,
        ),
        ("0.2.10", "ConflictError", "\n"),
        ("0.3.2", "ConflictError", "\n"),
        ("0.3.3", "ConflictError", f"{DETAIL}\n"),
    ],
)
def test_what_a_rejection_says_depends_on_the_python_sdk(version: str, kind: str, text: str) -> None:
    command = ["uv", "run", "--no-project", "--isolated", "--exclude-newer", DAY, "--python", sys.executable]
    sdk = f"langgraph-sdk=={version}"
    printed, _ = output_of([*command, "--with", sdk, "python", "-c", REJECT_IN_PYTHON], hold_s=60)

    assert printed == f"{kind}\n409 {DETAIL}\n{text}"
    assert f"| {version} | `{kind}` |" in PAGE


@pytest.mark.parametrize(
    ("version", "said", "statuses"),
    [
        ("0.0.36", f"returned: {DETAIL}", {"409"}),
        ("0.0.65", "accepted", {"409", "200"}),
        ("0.0.66", "thrown: 409", {"409"}),
    ],
)
def test_what_a_rejection_does_depends_on_the_javascript_sdk(
    version: str, said: str, statuses: set[str], tmp_path: Path
) -> None:
    script = tmp_path / "reject.mjs"
    script.write_text(REJECT_IN_JAVASCRIPT.replace("VERSION", version), encoding="utf-8")
    command = [find_deno_bin(), "run", "--quiet", "--no-config", "--no-lock", "--allow-all", str(script)]
    printed, log = output_of(command, hold_s=1)

    answers = [line.split()[2] for line in log if line.startswith("POST") and "/runs " in line]
    assert printed == f"{said}\n"
    assert set(answers[1:]) == statuses
    assert answers[1] == "409"
    assert version in PAGE


def output_of(command: list[str], hold_s: float) -> tuple[str, list[str]]:
    """Run a program against a mock: what it printed, with URL for the mock's, and the mock's log."""
    with MockDeployment(hold_s=hold_s) as mock:
        done = subprocess.run(
            command,
            check=False,
            env=os.environ | {"DEPLOYMENT_URL": mock.url, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=110,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.replace(mock.url, "URL"), list(mock.log_tail())

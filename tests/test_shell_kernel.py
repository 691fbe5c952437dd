from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


@pytest.fixture
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="shell")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def notebook(*cells: str) -> NotebookClient:
    cells_ = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return NotebookClient(
        nbformat.v4.new_notebook(cells=cells_),
        kernel_name="shell",
        coalesce_streams=True,
    )


def test_a_notebook_records_output_and_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYMENT_URL", "http://localhost:8123")
    client = notebook("id=t1", "echo -e $id'\\t'$DEPLOYMENT_URL")

    done = client.execute()

    assert done.cells[1].outputs == [
        {"output_type": "stream", "name": "stdout", "text": "t1\thttp://localhost:8123\n"}
    ]
    assert done.metadata.language_info == {
        "codemirror_mode": "shell",
        "file_extension": ".sh",
        "mimetype": "text/x-sh",
        "name": "bash",
        "pygments_lexer": "bash",
    }


def test_a_notebook_stops_at_a_failing_cell() -> None:
    client = notebook("echo a\nfalse\necho b", "echo c")

    with pytest.raises(CellExecutionError, match="line 2: `false` ended with status 1"):
        client.execute()
    assert client.nb.cells[0].outputs[0].text == "a\n"
    assert client.nb.cells[0].outputs[1] == {
        "output_type": "error",
        "ename": "CommandFailed",
        "evalue": "line 2: `false` ended with status 1",
        "traceback": ["CommandFailed: line 2: `false` ended with status 1"],
    }
    assert client.nb.cells[1].outputs == []


def test_the_cell_after_an_exit_says_that_its_shell_is_new() -> None:
    client = notebook("id=t1; exit 3", "echo id=$id")
    client.allow_errors = True

    done = client.execute()

    assert done.cells[0].outputs[0].evalue == "the shell ended with status 3; the next cell gets a new one"
    assert {output.name: output.text for output in done.cells[1].outputs} == {
        "stderr": "This cell runs in a new shell; variables, functions and directory of the last are gone.\n",
        "stdout": "id=\n",
    }


def test_names_and_files_are_completed(client: BlockingKernelClient, tmp_path: Path) -> None:
    client.execute_interactive(f"thread_id=t1; cd {tmp_path}; touch 'page.md'", timeout=60)

    variable = client.complete("echo $thread_", reply=True, timeout=60)["content"]
    file = client.complete("cat pag", reply=True, timeout=60)["content"]

    assert (variable["matches"], variable["cursor_start"]) == (["$thread_id"], 5)
    assert "page.md" in file["matches"]

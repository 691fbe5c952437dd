from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from walkthrough import deno_kernel
from walkthrough.kernels import default_deno_folder, prefetch_javascript
from walkthrough.program import CellError

IMPORT = 'import { Client } from "@langchain/langgraph-sdk"\nconsole.log(typeof Client)'


def notebook(folder: Path, *cells: str) -> NotebookClient:
    return NotebookClient(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]),
        kernel_name="deno",
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )


def printed(folder: Path, cell: str) -> str:
    return str(notebook(folder, cell).execute().cells[0].outputs[0].text)


def test_console_log_prints_without_colour_codes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert printed(tmp_path, 'console.log({ a: 1, b: "x" }, [true])') == '{ a: 1, b: "x" } [ true ]\n'


def test_variables_live_on(tmp_path: Path) -> None:
    done = notebook(tmp_path, "const thread = { id: 1 }", "console.log(thread.id)").execute()

    assert done.cells[1].outputs[0].text == "1\n"


def test_a_thrown_error_fails_the_cell(tmp_path: Path) -> None:
    client = notebook(tmp_path, 'throw new TypeError("no")', "console.log(1)")

    with pytest.raises(CellExecutionError, match="TypeError: no"):
        client.execute()
    assert client.nb.cells[1].outputs == []


def test_types_are_not_checked(tmp_path: Path) -> None:
    assert printed(tmp_path, 'const n: number = "text"\nconsole.log(n)') == "text\n"


def test_the_sdk_is_found_beside_the_packages_own_configuration() -> None:
    prefetch_javascript(default_deno_folder())

    assert printed(default_deno_folder(), IMPORT) == "function\n"


def test_the_sdk_is_found_without_a_configuration(tmp_path: Path) -> None:
    prefetch_javascript(tmp_path)

    assert printed(tmp_path, f"{IMPORT}\nconsole.log(Deno.cwd())") == f"function\n{tmp_path}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_scratch_import_leaves_the_packages_lock_file_alone(tmp_path: Path) -> None:
    lock = (default_deno_folder() / "deno.lock").read_bytes()

    assert printed(tmp_path, 'import { v4 } from "npm:uuid@13.0.2"\nconsole.log(typeof v4)') == "function\n"
    assert (default_deno_folder() / "deno.lock").read_bytes() == lock


def test_an_import_that_cannot_be_found_fails_the_cell(tmp_path: Path) -> None:
    client = notebook(tmp_path, 'import "no-such-module"')

    with pytest.raises(CellExecutionError, match="no-such-module"):
        client.execute()


def test_the_nearest_configuration_is_used(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (tmp_path / "deno.json").write_text('{ "imports": { "answer": "./answer.js" } }')
    (tmp_path / "answer.js").write_text("export default 42")

    assert printed(pages, 'import answer from "answer"\nconsole.log(answer, Deno.cwd())') == f"42 {pages}\n"


def test_all_that_a_cell_printed_is_in_its_output(tmp_path: Path) -> None:
    done = notebook(
        tmp_path, *(f"console.log({n}); console.error({n}); console.log({n})" for n in range(50))
    ).execute()

    assert [{output.name: output.text for output in cell.outputs} for cell in done.cells] == [
        {"stdout": f"{n}\n{n}\n", "stderr": f"{n}\n"} for n in range(50)
    ]


def test_a_last_value_is_the_result(tmp_path: Path) -> None:
    done = notebook(tmp_path, "({ a: 1 })").execute()

    assert done.cells[0].outputs[0].data == {"text/plain": "{ a: 1 }"}


def test_what_was_printed_before_an_error_comes_before_it(tmp_path: Path) -> None:
    client = notebook(tmp_path, 'console.log("a"); throw new Error("no")')
    client.allow_errors = True

    done = client.execute()

    assert [output.output_type for output in done.cells[0].outputs] == ["stream", "error"]


def test_a_cell_that_ends_deno_fails_and_the_next_says_so(tmp_path: Path) -> None:
    client = notebook(tmp_path, "const a = 1; Deno.exit(3)", "console.log(typeof a)")
    client.allow_errors = True

    done = client.execute()

    assert done.cells[0].outputs[0].evalue == "Deno ended with status 3; the next cell gets a new one"
    assert {output.name: output.text for output in done.cells[1].outputs} == {
        "stderr": "This cell runs in a new Deno; variables and imports of the last are gone.\n",
        "stdout": "undefined\n",
    }


def test_a_deno_that_does_not_answer_or_ends_at_once_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    class Silent:
        def __init__(self) -> None:
            started.append("started")

        async def start(self) -> None:
            if len(started) == 1:
                raise TimeoutError
            if len(started) == 3:
                raise CellError("DenoEnded", "a port was taken")

        def close(self) -> None:
            started.append("closed")

    monkeypatch.setattr(deno_kernel, "Deno", Silent)
    kernel = deno_kernel.DenoKernel()

    asyncio.run(kernel._answering())

    assert started == ["started", "closed", "started", "started"]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="deno", cwd=str(tmp_path))
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_names_are_completed(client: BlockingKernelClient) -> None:
    client.execute_interactive("const thread_id = 1", timeout=60)

    reply = client.complete("thread_", reply=True, timeout=60)

    assert "thread_id" in reply["content"]["matches"]


def test_the_language_is_recorded(tmp_path: Path) -> None:
    assert notebook(tmp_path, "1").execute().metadata.language_info == {
        "codemirror_mode": "typescript",
        "file_extension": ".ts",
        "mimetype": "text/x.typescript",
        "name": "typescript",
        "nbconvert_exporter": "script",
        "pygments_lexer": "typescript",
    }

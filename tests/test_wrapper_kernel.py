"""What the shell and the Deno kernel have in common, in Jupyter's words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel


class Cells(NamedTuple):
    """Cells that do the same in each language."""

    endless: str
    """Prints something, and does not end."""

    after_it: str
    """Runs in the program that the kernel has after an interrupt."""

    holds_pipe: str
    """Writes a line to the file `pipe` and has it open until the program ends."""


CELLS = {
    "shell": Cells(
        "a=1; echo started; sleep 1000",
        "[ $a = 1 ]",
        "exec 7> pipe; trap '' TERM; (sleep 1000 &); echo >&7; sleep 1000",
    ),
    "deno": Cells(
        'console.log("started"); while (true) {}',
        "1",
        'const pipe = Deno.openSync("pipe", { write: true }); pipe.writeSync(new Uint8Array([10]))',
    ),
}

Kernel = tuple[KernelManager, BlockingKernelClient, Cells]


@pytest.fixture(params=CELLS)
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name=request.param, cwd=str(tmp_path))
    yield manager, client, CELLS[request.param]
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_an_interrupt_ends_the_cell(kernel: Kernel) -> None:
    manager, client, cells = kernel

    # Not stop_on_error: for a moment after an error, Jupyter refuses what was sent behind it.
    client.execute(cells.endless, stop_on_error=False)
    while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    manager.interrupt_kernel()
    while (reply := client.get_shell_msg(timeout=60))["msg_type"] != "execute_reply":
        pass

    assert reply["content"]["ename"] == "Interrupted"
    assert client.execute_interactive(cells.after_it, timeout=60)["content"]["status"] == "ok"


@pytest.mark.parametrize("now", [False, True], ids=["asked", "killed"])
def test_a_shutdown_ends_the_program_and_its_children(now: bool, kernel: Kernel, tmp_path: Path) -> None:
    manager, client, cells = kernel
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    client.execute(cells.holds_pipe)
    with pipe.open() as reader:
        assert reader.readline() == "\n"
        manager.shutdown_kernel(now=now)

        assert reader.read() == ""  # returns when nobody has the pipe open any more

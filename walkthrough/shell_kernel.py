"""The shell kernel: one bash per notebook; knows no pages."""

from __future__ import annotations

import contextlib
import re
import shlex
from typing import Any

from walkthrough.languages import Language
from walkthrough.program import CellError, Publish
from walkthrough.shell_program import Shell, Write
from walkthrough.wrapper_kernel import WrapperKernel


class ShellKernel(WrapperKernel):
    """Jupyter's side of the shell."""

    banner = "One bash, which lives on from cell to cell."
    language_info = Language.CURL.notebook_metadata["language_info"]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._shell: Shell | None = None

    async def run(self, code: str, publish: Publish) -> None:
        """Run a cell in the shell; this blocks, and the kernel with it."""

        def write(name: str, text: str) -> None:
            publish("stream", {"name": name, "text": text})

        self._living_shell(write).run(code, write)

    def interrupt(self) -> None:
        """Stop the command that is running."""
        if self._shell:
            self._shell.interrupt()

    def close(self) -> None:
        """End the shell."""
        if self._shell:
            self._shell.close()

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        """Complete a variable, a command or a file, as the living shell knows them."""
        words = re.search(r"""[^\s;|&()<>'"=]*$""", code[:cursor_pos])
        word = words[0] if words else ""
        kind = "-A variable -P '$'" if word.startswith("$") else "-A command -A file"
        found: list[str] = []
        with contextlib.suppress(CellError):  # compgen fails when it finds nothing
            self._living_shell(lambda name, text: None).run(
                f"compgen {kind} -- {shlex.quote(word.removeprefix('$'))}",
                lambda name, text: found.append(text) if name == "stdout" else None,
            )
        return {
            "status": "ok",
            "matches": sorted(set("".join(found).splitlines())),
            "cursor_start": cursor_pos - len(word),
            "cursor_end": cursor_pos,
            "metadata": {},
        }

    def _living_shell(self, write: Write) -> Shell:
        # Started by the first cell, not with the kernel: only while a message is handled is SIGINT not ignored, and
        # a signal that is ignored when bash starts can never be trapped by it.
        if self._shell is None:
            self._shell = Shell()
        elif not self._shell.alive:
            self._shell = Shell()
            write(
                "stderr",
                "This cell runs in a new shell; variables, functions and directory of the last are gone.\n",
            )
        return self._shell


if __name__ == "__main__":
    ShellKernel.launch()

"""A bash that runs cells and lives on from one to the next; knows no Jupyter.

A cell fails when a command in it fails that would end a script under `set -e -o pipefail`; guarded commands
(`if`, `while`, `||`, `&&`, `!`) do not count. The rest of the cell is then not run. The page itself needs no
`set -e`, which would close the terminal of a reader who pastes the step there. Stricter than `set -e` in one thing:
a failing command ends a command substitution too, as under `shopt -s inherit_errexit`.

How: bash runs a loop that reads NUL-terminated cells from one pipe, evaluates each at top level (so that `declare`
makes no local variables) and reports on another. When the report is there, all that the cell's commands wrote is
already in the pipes of stdout and stderr. An ERR trap records the failing command; `return` in the trap leaves a
function, `continue` leaves the cell.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import textwrap
import threading
from collections.abc import Callable

from walkthrough.program import CellError, ProcessGroup, ended, not_installed

# Joined to one line, because bash then numbers a cell's lines from 1, in its own messages too. `set +x`: a cell that
# traces itself must not trace the loop. INT is ignored between cells, so an interrupt never hits the loop itself.
DRIVER = r"""
set -E -o pipefail;
__leave='if [ -n "${FUNCNAME[0]-}" ]; then return "$__status"; else continue 1000; fi';
__on_error='__status=$? __frame="$?|$LINENO|${PIPESTATUS[*]}|${FUNCNAME[0]-}|$BASH_COMMAND";
    if [ "$BASH_SUBSHELL" -gt 0 ]; then exit "$__status"; fi; __frames+=("$__frame");'" $__leave";
__on_interrupt='__state=interrupted; __status=130;'" $__leave";
__state=ready;
while { set +x; } 2>/dev/null; trap '' INT;
    printf '%s\0' "$__state" ${__frames[@]+"${__frames[@]}"} '' >&REPORT;
    __frames=(); __state=partial; IFS= read -r -d '' -u CELLS __cell;
do
    trap "$__on_error" ERR; trap "$__on_interrupt" INT;
    eval "$__cell"$'\n\n:' </dev/null CELLS<&- REPORT>&-;
    { set +x; } 2>/dev/null; [ "$__state" = interrupted ] || __state=complete;
done
""".replace("\n", " ")

# A command that bash is just starting when the signal comes may never see it, so an interrupt is repeated.
INTERRUPT_AGAIN_S = 0.5

Write = Callable[[str, str], None]  # called with "stdout" or "stderr" and the text that just came


class Shell:
    """A bash that runs cells, in a process group of its own.

    Raises:
        CellError: there is no bash.
    """

    def __init__(self) -> None:
        if shutil.which("bash") is None:
            raise CellError("ShellMissing", not_installed("bash", "bash"))
        cells, cells_in = os.pipe()
        self._report, report_in = os.pipe()
        self._end, end_in = os.pipe()
        driver = DRIVER.replace("CELLS", f"{cells}").replace("REPORT", f"{report_in}")
        self._group = ProcessGroup()
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", driver],
            # BASH_ENV names a file that bash -c would read first; no notebook should depend on it.
            env={name: value for name, value in os.environ.items() if name != "BASH_ENV"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(cells, report_in),
            process_group=self._group.id,
        )
        os.close(cells)
        os.close(report_in)
        self._cells = os.fdopen(cells_in, "wb")
        assert self._bash.stdout and self._bash.stderr
        pipes = (os.fdopen(fd, "rb", buffering=0) for fd in (self._report, self._end))
        self._files = (self._cells, self._bash.stdout, self._bash.stderr, *pipes)
        self._outputs = {self._bash.stdout.fileno(): "stdout", self._bash.stderr.fileno(): "stderr"}
        for output in self._outputs:
            os.set_blocking(output, False)
        # The end of bash is not seen in its pipes: a background command that outlives it keeps them open.
        threading.Thread(target=self._watch, args=(end_in,), daemon=True).start()
        self._busy = self._interrupted = False
        self._await_report(lambda name, text: None)

    def run(self, cell: str, write: Write) -> None:
        """Run one cell to its end.

        Args:
            cell: the source.
            write: called with the output while the cell runs.

        Raises:
            CellError: a command failed, the cell is not valid shell, it was interrupted or it ended the shell.
        """
        self._busy = True
        try:
            with contextlib.suppress(BrokenPipeError):  # bash ended between the cells; the report will say so
                self._cells.write(cell.replace("\0", "").encode() + b"\0")
                self._cells.flush()
            state, *frames = self._await_report(write)
        finally:
            self._busy = self._interrupted = False
        if state == "ended":
            self.close()
            raise CellError("ShellEnded", ended("the shell", self._bash.wait()))
        if state == "interrupted":
            raise CellError("Interrupted", "the cell was interrupted; the shell and its variables live on")
        if frames:
            raise _command_failed(frames)
        if state == "partial":
            raise CellError("CellIncomplete", "a `continue` outside of a loop ended the cell")

    @property
    def alive(self) -> bool:
        """Whether bash is still there."""
        return self._bash.poll() is None

    def interrupt(self) -> None:
        """Stop the command that is running, if one is."""
        if self._busy:
            self._interrupted = True
            self._group.signal(signal.SIGINT)

    def close(self) -> None:
        """End bash and all that it started."""
        self._group.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._bash.wait(timeout=1)
        self._group.close()
        if not self._busy:  # a shutdown comes from another thread; then the cell's own `run` does the rest
            for file in self._files:
                with contextlib.suppress(BrokenPipeError):
                    file.close()

    def _watch(self, end_in: int) -> None:
        self._bash.wait()
        os.close(end_in)

    def _await_report(self, write: Write) -> list[str]:
        """Forward output until bash reports on the cell; the fields of the report, or "ended"."""
        decoders = {fd: codecs.getincrementaldecoder("utf-8")("replace") for fd in self._outputs}
        report = b""
        with selectors.DefaultSelector() as selector:
            for fd in (*self._outputs, self._report, self._end):
                selector.register(fd, selectors.EVENT_READ)

            def forward(fd: int) -> bool:
                """Pass on one chunk; false when there is none now."""
                try:
                    chunk = os.read(fd, 1 << 16)
                except BlockingIOError:
                    return False
                if not chunk:
                    selector.unregister(fd)
                if text := decoders[fd].decode(chunk):
                    write(self._outputs[fd], text)
                return bool(chunk)

            while not report.endswith(b"\0\0"):
                ready = {
                    key.fd
                    for key, events in selector.select(INTERRUPT_AGAIN_S if self._interrupted else None)
                }
                if not ready:
                    self.interrupt()
                for fd in ready & self._outputs.keys():
                    forward(fd)
                if self._report in ready and (chunk := os.read(self._report, 1 << 16)):
                    report += chunk
                elif ready & {self._report, self._end}:
                    report = b"ended\0\0"
            for fd in self._outputs:
                while fd in selector.get_map() and forward(fd):
                    pass
        for fd, decoder in decoders.items():
            if rest := decoder.decode(b"", final=True):
                write(self._outputs[fd], rest)
        return report.decode(errors="replace").split("\0")[:-2]


def _command_failed(frames: list[str]) -> CellError:
    """The error of a cell whose trap recorded these frames, innermost first."""
    status, _, pipeline, _, command = frames[0].split("|", 4)
    if command.startswith('eval "$__cell"'):
        return CellError("SyntaxError", "bash could not read the cell to its end; its message is above")
    places = [frame.split("|", 4) for frame in reversed(frames)]
    where = ", ".join(
        f"in {function} line {line}" if function else f"line {line}" for _, line, _, function, _ in places
    )
    what, how = f"`{textwrap.shorten(command, 100)}`", f"ended with status {status}"
    if " " in pipeline:
        what, how = f"the pipeline to {what}", f"{how} (its commands with {pipeline.replace(' ', ', ')})"
    return CellError("CommandFailed", f"{where}: {what} {how}")

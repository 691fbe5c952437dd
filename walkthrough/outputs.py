"""What a cell printed, and whether that is what the page says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_output

DEFAULT_DEPLOYMENT_URL = "http://localhost:8123"
"""Where the pages look for a deployment when DEPLOYMENT_URL is not set."""

MASKS = {
    "uuid": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    "time": re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"),
}
"""Everything that may differ between a page and a run: each match stands for `<name>` on both sides."""

_DISPLAYS = ("execute_result", "display_data")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def display_of(outputs: Sequence[NotebookNode]) -> NotebookNode | None:
    """The last value that a cell displayed: its picture, if it has one."""
    return next((output for output in reversed(outputs) if output.output_type in _DISPLAYS), None)


def printed(outputs: Sequence[NotebookNode], *, picture: bool = False) -> str:
    """What a reader sees under a cell.

    Args:
        outputs: the cell's outputs as nbformat has them.
        picture: whether the last displayed value is a picture, which is not read here.

    Returns:
        stdout and the text of displayed values in order, then stderr, whose place among them is only timing, with each
        line marked; without colours and without the last line break.
    """
    shown, stderr = "", ""
    left_out = display_of(outputs) if picture else None
    for output in [output for output in outputs if output is not left_out]:
        if output.output_type == "stream" and output.name == "stderr":
            stderr += output.text
        elif output.output_type == "stream":
            shown += output.text
        elif output.output_type in _DISPLAYS:
            shown += f"{output.data.get('text/plain', '')}\n"
    marked = "".join(f"[stderr] {line}\n" for line in stderr.splitlines())
    if shown and marked and not shown.endswith("\n"):
        shown += "\n"
    return _ESCAPES.sub("", shown + marked).removesuffix("\n")


def traceback(outputs: Sequence[NotebookNode]) -> str:
    """How the kernel reports the error that ended a cell, without colours; empty when none did."""
    lines = [line for output in outputs if output.output_type == "error" for line in output.traceback]
    return _ESCAPES.sub("", "\n".join(lines)).strip("\n")


def masked(text: str, deployment_url: str = DEFAULT_DEPLOYMENT_URL) -> str:
    """Replaces what may differ between two runs by the names of `MASKS`, and the deployment's URL by the default one."""
    text = text.replace(deployment_url, DEFAULT_DEPLOYMENT_URL)
    for name, pattern in MASKS.items():
        text = pattern.sub(f"<{name}>", text)
    return text


def difference(expected: str, actual: str, deployment_url: str = DEFAULT_DEPLOYMENT_URL) -> list[str]:
    """The lines that differ, from the page (-) to the run (+), with two lines of context; empty when none do.

    Args:
        expected: what the page says.
        actual: what the run printed.
        deployment_url: where the deployment of the run was.
    """
    before, after = (text.split("\n") if text else [] for text in (expected, actual))
    same = difflib.SequenceMatcher(
        None,
        [masked(line) for line in before],
        [masked(line, deployment_url) for line in after],
        autojunk=False,
    )
    lines = ["--- the page says", "+++ the run printed"]
    for group in same.get_grouped_opcodes(2):
        lines.append("@@")
        for tag, start, end, after_start, after_end in group:
            if tag == "equal":
                lines += [f" {line}" for line in before[start:end]]
            else:
                lines += [f"-{line}" for line in before[start:end]]
                lines += [f"+{line}" for line in after[after_start:after_end]]
    return lines if len(lines) > 2 else []


def as_stored(text: str) -> list[NotebookNode]:
    """A checked output as a notebook keeps it: the page's own text, so that every run stores the same bytes."""
    return [new_output("stream", name="stdout", text=f"{text}\n")] if text else []

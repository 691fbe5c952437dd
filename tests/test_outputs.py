from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_output

from walkthrough.outputs import difference, masked, printed, traceback


def stream(text: str, name: str = "stdout") -> NotebookNode:
    output: NotebookNode = new_output("stream", name=name, text=text)
    return output


def test_printed_joins_stdout_and_displayed_values() -> None:
    value = new_output("execute_result", data={"text/plain": "42"})

    assert printed([stream("one\n"), value]) == "one\n42"


def test_printed_leaves_a_picture_out_and_nothing_else() -> None:
    value, picture = (new_output("display_data", data={"text/plain": text}) for text in ("42", "A picture."))

    assert printed([stream("one\n"), value, picture], picture=True) == "one\n42"


def test_printed_puts_stderr_last_and_marks_it() -> None:
    assert printed([stream("bad\n", "stderr"), stream("good")]) == "good\n[stderr] bad"


def test_printed_takes_colours_out() -> None:
    assert printed([stream("\x1b[33mtext\x1b[39m\n")]) == "text"


def test_printed_drops_one_line_break_only() -> None:
    assert printed([stream("a\n\n")]) == "a\n"


def test_printed_of_nothing_is_empty() -> None:
    assert printed([]) == ""


def test_traceback_is_the_kernels_without_colours() -> None:
    error = new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: v", "line 1"])

    assert traceback([stream("x"), error]) == "E: v\nline 1"


def test_masked_names_what_it_replaced() -> None:
    text = "run 01a203ae-fd25-76fc-8b7f-fa22883fe086 at 2026-11-22T14:35:29.445973+00:00 on http://127.0.0.1:4711/x"

    assert masked(text, "http://127.0.0.1:4711") == "run <uuid> at <time> on http://localhost:8123/x"


def test_difference_is_empty_for_equal_text() -> None:
    assert difference("a\nb", "a\nb") == []


def test_difference_passes_over_masked_values() -> None:
    assert difference("<uuid> done", "01a203ae-fd25-76fc-8b7f-fa22883fe086 done") == []


def test_difference_shows_page_and_run() -> None:
    assert difference("a\nb", "a\nc") == ["--- the page says", "+++ the run printed", "@@", " a", "-b", "+c"]


def test_difference_shows_the_deployment_as_it_was() -> None:
    found = difference("at http://localhost:8123", "not at http://127.0.0.1:4711", "http://127.0.0.1:4711")

    assert found[-1] == "+not at http://127.0.0.1:4711"


def test_difference_sees_blanks() -> None:
    assert difference("a", "a ") != []

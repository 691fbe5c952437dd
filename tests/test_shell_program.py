from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from walkthrough.program import CellError
from walkthrough.shell_program import Shell


@pytest.fixture
def shell() -> Iterator[Shell]:
    with closing(Shell()) as shell:
        yield shell


def run(shell: Shell, cell: str) -> str:
    """The cell's output, stderr marked; a failure is raised after it."""
    output: list[str] = []
    shell.run(cell, lambda name, text: output.append(text if name == "stdout" else f"[{text}]"))
    return "".join(output)


def fail(shell: Shell, cell: str) -> tuple[str, str, str]:
    """The name and message of a failing cell's error, and what it printed to stdout until then."""
    output: list[str] = []
    with pytest.raises(CellError) as failure:
        shell.run(cell, lambda name, text: output.append(text) if name == "stdout" else None)
    return failure.value.name, str(failure.value), "".join(output)


def test_variables_functions_and_directory_live_on(shell: Shell, tmp_path: Path) -> None:
    run(shell, f"declare thread=t1\nexport run=r1\nshow() {{ echo $thread $run; }}\ncd {tmp_path}")

    assert run(shell, "show; pwd; sh -c 'echo $run'") == f"t1 r1\n{tmp_path}\nr1\n"


def test_declared_arrays_live_on(shell: Shell) -> None:
    run(shell, "declare -A city=([sf]='San Francisco')")

    assert run(shell, "echo ${city[sf]}") == "San Francisco\n"


def test_tabs_and_bytes_come_through(shell: Shell) -> None:
    assert run(shell, r"printf 'a\tb\r\n\xff é 🌁\n'") == "a\tb\r\n\ufffd é 🌁\n"


def test_a_character_split_between_writes_comes_through(shell: Shell) -> None:
    assert run(shell, r"printf '\xc3'; sh -c 'printf \\251'") == "é"


def test_stdout_and_stderr_are_apart(shell: Shell) -> None:
    assert run(shell, "echo out; echo err >&2").replace("[err\n]", "") == "out\n"


def test_a_megabyte_of_output_comes_through(shell: Shell) -> None:
    assert run(shell, "head -c 1000000 /dev/zero | tr '\\0' x") == "x" * 1_000_000


def test_a_cell_of_a_megabyte_runs(shell: Shell) -> None:
    assert run(shell, f"long={'x' * 1_000_000}\necho ${{#long}}") == "1000000\n"


def test_a_background_command_does_not_hold_the_cell(shell: Shell) -> None:
    assert run(shell, "sleep 1000 &\necho on") == "on\n"


def test_standard_input_is_empty(shell: Shell) -> None:
    assert run(shell, "cat; echo end") == "end\n"


def test_a_failure_in_the_middle_fails_the_cell_and_ends_it(shell: Shell) -> None:
    assert fail(shell, "echo a\nls /nonexistent/file\necho b") == (
        "CommandFailed",
        "line 2: `ls /nonexistent/file` ended with status 2",
        "a\n",
    )


def test_an_unknown_command_fails_the_cell(shell: Shell) -> None:
    assert fail(shell, "no-such-command")[1] == "line 1: `no-such-command` ended with status 127"


def test_a_failure_leaves_the_shell_as_it_was(shell: Shell) -> None:
    fail(shell, "a=1\nfalse\na=2")

    assert run(shell, "echo $a") == "1\n"


def test_a_failure_in_a_pipeline_fails_the_cell(shell: Shell) -> None:
    assert fail(shell, "(exit 22) | cat\necho b") == (
        "CommandFailed",
        "line 1: the pipeline to `cat` ended with status 22 (its commands with 22, 0)",
        "",
    )


def test_a_failure_in_a_function_names_the_way_there(shell: Shell) -> None:
    run(shell, "inner() {\n  echo in\n  false\n  echo after\n}\nouter() { inner; echo after; }")

    assert fail(shell, "\nouter\necho after") == (
        "CommandFailed",
        "line 2, in outer line 6, in inner line 3: `false` ended with status 1",
        "in\n",
    )


@pytest.mark.parametrize(
    "cell",
    [
        "for i in 1 2; do for j in 1 2; do echo once; false; done; done\necho b",
        "while read -r line; do echo $line; false; done <<< once\necho b",
        "x=$(echo once >&3; false; echo b)\necho b",
        "(echo once; false; echo b)\necho b",
        "{ echo once; false; echo b; } | cat\necho b",
        "case x in x) echo once; false ;; esac\necho b",
        "eval 'echo once; false; echo b'\necho b",
        "echo once; [[ a == b ]]; echo b",
        "echo once; (( 0 )); echo b",
    ],
)
def test_a_failure_is_seen_inside(cell: str, shell: Shell) -> None:
    run(shell, "exec 3>&1")

    name, _, printed = fail(shell, cell)

    assert (name, printed) == ("CommandFailed", "once\n")


@pytest.mark.parametrize(
    "cell",
    [
        "false || true",
        "false && true",
        "! true",
        "if false; then :; fi",
        "while false; do :; done",
        "fails() { false; echo on; }\nfails || true",
        "if (false; true); then :; fi",
        "[ a = b ] && echo never",
        "# only a comment",
        "",
    ],
)
def test_a_guarded_failure_is_none(cell: str, shell: Shell) -> None:
    run(shell, cell)

    assert run(shell, "echo on") == "on\n"


def test_a_syntax_error_fails_the_cell(shell: Shell) -> None:
    name, message, printed = fail(shell, "echo a\nif true; then")

    assert (name, message) == ("SyntaxError", "bash could not read the cell to its end; its message is above")
    assert printed == "a\n"
    assert run(shell, "echo on") == "on\n"


@pytest.mark.parametrize(
    ("cell", "ending"),
    [
        ("exit 3", "ended with status 3"),
        ("exit", "ended with status 0"),
        ("kill -KILL $$", "was killed by SIGKILL"),
        ("${nosuch:?is not set}", "ended with status 127"),
        ("set -e; false", "ended with status 1"),
        ("sleep 1000 & exit 3", "ended with status 3"),
    ],
)
def test_a_cell_that_ends_the_shell_fails(cell: str, ending: str, shell: Shell) -> None:
    assert fail(shell, cell)[:2] == ("ShellEnded", f"the shell {ending}; the next cell gets a new one")
    assert not shell.alive


def test_an_interrupt_ends_the_cell_and_not_the_shell(shell: Shell) -> None:
    with pytest.raises(CellError, match="interrupted"):
        shell.run("a=1\necho started\nsleep 1000\na=2", lambda name, text: shell.interrupt())

    assert run(shell, "echo $a") == "1\n"


def test_an_interrupt_ends_a_loop_of_builtins(shell: Shell) -> None:
    with pytest.raises(CellError, match="interrupted"):
        shell.run("echo started; while :; do :; done", lambda name, text: shell.interrupt())

    assert run(shell, "echo on") == "on\n"


def test_an_interrupt_between_cells_is_ignored(shell: Shell) -> None:
    shell.interrupt()

    assert run(shell, "echo on") == "on\n"


def test_tracing_shows_the_cell_alone(shell: Shell) -> None:
    assert run(shell, "set -x\n: a").replace("][", "") == "[++ : a\n++ :\n]"
    assert run(shell, "echo b") == "b\n"


def test_startup_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "startup").write_text("echo startup; exit 1")
    monkeypatch.setenv("BASH_ENV", str(tmp_path / "startup"))

    with closing(Shell()) as shell:
        assert run(shell, "echo on") == "on\n"


def test_a_missing_bash_is_named_with_its_install_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CellError, match=r"bash is not installed; install it with `[^`]+ bash`"):
        Shell()

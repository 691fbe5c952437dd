"""The tables of the reference pages, as the program itself has them; `python -m tests.docs_tables` writes them there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer.main
from starlette.routing import Route

import mockserver.__main__
import mockserver.app
import mockserver.control
import walkthrough.__main__
from walkthrough.outputs import MASKS

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "notebooks" / "reference"

_TABLE = re.compile(
    r"<!-- (?P<name>[a-z -]+): written by tests/docs_tables.py -->\n.*?<!-- end -->", re.DOTALL
)


def commands() -> dict[str, Any]:
    """Each command as it is typed."""
    found = {"mockserver": typer.main.get_command(mockserver.__main__.command)}
    for name, command in vars(typer.main.get_command(walkthrough.__main__.app))["commands"].items():
        found[f"walkthrough {name}"] = command
    return found


def with_tables(text: str) -> str:
    """A reference page with its tables written anew.

    Args:
        text: the page; a table stands between `<!-- NAME: written by tests/docs_tables.py -->` and `<!-- end -->`.
    """

    def rewritten(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- {name}: written by tests/docs_tables.py -->\n\n{TABLES[name]()}\n\n<!-- end -->"

    return _TABLE.sub(rewritten, text)


def names_of_tables(text: str) -> list[str]:
    """The tables that a page has."""
    return [match["name"] for match in _TABLE.finditer(text)]


def _table(*rows: tuple[str, ...]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "| --- " * len(rows[0]) + "|", *lines[1:]])


def _options(command: Any) -> str:
    rows = [("Option", "Default", "Meaning")]
    for parameter in command.params:
        if "Argument" in type(parameter).__name__:
            rows.append((f"`{parameter.metavar}`", "", parameter.help))
            continue
        meaning = parameter.help
        if parameter.envvar:
            meaning += f" Also read from the environment variable `{parameter.envvar}`."
        rows.append((f"`{parameter.opts[0]}`", _default(parameter), meaning))
    return _table(*rows)


def _default(parameter: Any) -> str:
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    if parameter.default is None or parameter.default is False:
        return ""
    text = f"{parameter.default:g}" if isinstance(parameter.default, float) else str(parameter.default)
    return f"`{text}`"


def routes(table: list[Route]) -> Iterator[tuple[str, str]]:
    """Method and path of each route, and what it does in one sentence."""
    for route in table:
        does = (route.endpoint.__doc__ or "").splitlines()[0].partition(" Source:")[0]
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield f"{method} {route.path}", does


def _routes(table: list[Route]) -> str:
    return _table(("Route", "What it does"), *((f"`{route}`", does) for route, does in routes(table)))


def _imitated() -> str:
    return _routes([route for route in mockserver.app.ROUTES if route not in mockserver.control.ROUTES])


def _differences() -> str:
    path = ROOT / "tests" / "reference" / "differences.toml"
    listed = tomllib.loads(path.read_text(encoding="utf-8")).get("difference", [])
    listed = [each for each in listed if each["category"] == "better"]
    reasons = dict.fromkeys(each["reason"] for each in listed)
    return "\n".join(f"- {reason}" for reason in reasons) or "None."


def _masks() -> str:
    shown = (f"``{pattern.pattern}``" for pattern in MASKS.values())
    return _table(
        ("Mask", "Stands for what matches"), *zip((f"`<{name}>`" for name in MASKS), shown, strict=True)
    )


TABLES: dict[str, Callable[[], str]] = {
    **{name: lambda command=command: _options(command) for name, command in commands().items()},  # type: ignore[misc]
    "imitated routes": _imitated,
    "control routes": lambda: _routes(mockserver.control.ROUTES),
    "differences": _differences,
    "masks": _masks,
}

if __name__ == "__main__":
    for path in sorted(REFERENCE.glob("*.md")):
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")

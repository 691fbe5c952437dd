"""Pages as plain scripts, one file per language, as people keep them; runs nothing."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from walkthrough.languages import Language
from walkthrough.pages import Page

_SUFFIXES = {Language.PYTHON: ".py", Language.JAVASCRIPT: ".mjs", Language.CURL: ".sh"}
_JAVASCRIPT_IMPORT = re.compile(r"^import .+;\n?", re.MULTILINE)
_MULTILINE_TOKENS = {"STRING", "FSTRING_MIDDLE"}


def script_path(page: Page, language: Language) -> Path:
    """The file name a page's script usually has."""
    return Path(f"{page.name}{_SUFFIXES[language]}")


def script(page: Page, language: Language) -> str:
    """Writes the steps of a page as one program.

    Args:
        page: the page.
        language: one of `page.languages`.

    Returns:
        Python for `python FILE`, with the steps in a function of its own because a file cannot await at its top level;
        an ES module for Node >= 20; or bash that stops at the first failing command. Steps that display a picture are
        left out: a program has no place for one.
    """
    return {Language.PYTHON: _python, Language.JAVASCRIPT: _javascript, Language.CURL: _shell}[language](page)


def _title(page: Page) -> str:
    return f"{page.sections[0].heading}; made of {page.path.name} by `walkthrough export`."


def _steps(page: Page, language: Language) -> Iterator[tuple[str, str]]:
    """Each step's heading, once for several steps under it, and code."""
    before = ""
    for step in page.steps(language):
        if step.picture:
            continue
        yield ("" if step.heading == before else step.heading), step.snippets[language].code.text.strip("\n")
        before = step.heading


def _shell(page: Page) -> str:
    parts = [f"#!/usr/bin/env bash\n# {_title(page)}\nset -euo pipefail\n"]
    parts += [_commented("#", heading, code) for heading, code in _steps(page, Language.CURL)]
    return "\n".join(parts)


def _javascript(page: Page) -> str:
    imports, parts = [], []
    for heading, code in _steps(page, Language.JAVASCRIPT):
        imports += [line.strip() for line in _JAVASCRIPT_IMPORT.findall(code)]
        if rest := _JAVASCRIPT_IMPORT.sub("", code).strip("\n"):
            parts.append(_commented("//", heading, rest))
    head = "\n".join(dict.fromkeys(imports))
    return "\n".join([f"// {_title(page)}\n{head}\n", *parts])


def _python(page: Page) -> str:
    imports, parts = {"import asyncio"}, []
    for heading, code in _steps(page, Language.PYTHON):
        found, rest = _without_imports(code)
        imports |= found
        if rest:
            parts.append(_commented("#", heading, rest))
    standard = {line for line in imports if re.split(r"[ .]", line)[1] in sys.stdlib_module_names}
    head = "\n\n".join("\n".join(sorted(group)) for group in (standard, imports - standard) if group)
    body = "\n".join(_indented(part) for part in parts)
    return f'"""{_title(page)}"""\n\n{head}\n\n\nasync def main():\n{body}\n\nasyncio.run(main())\n'


def _without_imports(code: str) -> tuple[set[str], str]:
    """Takes the imports out of a step, because a program has them at its top."""
    tree = compile(code, "step", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    lines = code.split("\n")
    found = set()
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.add(ast.unparse(node))
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return found, re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")


def _indented(code: str) -> str:
    """Indents code, but not the inside of strings that go over several lines."""
    inside: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if tokenize.tok_name[token.type] in _MULTILINE_TOKENS:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    lines = code.split("\n")
    return "\n".join(
        f"    {line}" if line and number not in inside else line for number, line in enumerate(lines, 1)
    )


def _commented(marker: str, heading: str, code: str) -> str:
    return f"{marker} {heading}\n{code}\n" if heading else f"{code}\n"

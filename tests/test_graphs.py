"""Finding graphs: langgraph.json, references, and what is said when there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mockserver import BadGraph, create_app, weather
from mockserver.graphs import load, references

HERE = Path(__file__).parent


def write(folder: Path, **content: Any) -> Path:
    config = folder / "langgraph.json"
    config.write_text(json.dumps(content), encoding="utf-8")
    return config


def test_without_anything_the_weather_agent_is_served() -> None:
    assert references(None, None) == {"agent": "mockserver.weather:graph"}


def test_paths_in_a_config_are_relative_to_its_folder(tmp_path: Path) -> None:
    graphs = {"a": "./a.py:graph", "b": {"path": "sub/b.py:make", "description": "B"}, "c": "package.c:graph"}
    config = write(tmp_path, graphs=graphs)

    assert references(config, None) == {
        "a": f"{tmp_path}/a.py:graph",
        "b": f"{tmp_path}/sub/b.py:make",
        "c": "package.c:graph",
    }


def test_graphs_by_name_win_over_those_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write(tmp_path, graphs={"a": "./a.py:graph", "b": "./b.py:graph"})
    monkeypatch.chdir(tmp_path)

    found = references(config, {"b": "other.py:graph", "c": weather.graph})

    assert found == {"a": f"{tmp_path}/a.py:graph", "b": f"{tmp_path}/other.py:graph", "c": weather.graph}


def test_the_projects_own_config_serves_the_very_weather_agent() -> None:
    (where,) = references(HERE.parent / "langgraph.json", None).values()

    assert load("agent", where) is weather.graph


def test_a_file_is_imported_once_and_finds_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_own.py").write_text("value = object()\n")
    (tmp_path / "own_agent.py").write_text("from neighbour_of_own import value\n")
    where = f"{tmp_path}/own_agent.py:value"

    assert load("a", where) is load("b", where)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nope", r"langgraph\.json is no JSON: .*\. Mend it, then start again"),
        ("[]", r'langgraph\.json names no graphs\. Add: "graphs": '),
        ('{"graphs": {}}', r"langgraph\.json names no graphs\."),
        ('{"graphs": {"a": "no_colon.py"}}', r"'no_colon\.py' names no graph\. Write module:attribute or"),
        ('{"graphs": {"a": 5}}', r"5 names no graph\."),
    ],
)
def test_a_config_that_is_none_is_refused_with_the_next_step(tmp_path: Path, text: str, message: str) -> None:
    config = tmp_path / "langgraph.json"
    config.write_text(text)

    with pytest.raises(BadGraph, match=message):
        create_app(config=config)


def test_a_config_that_is_not_there_is_refused_with_the_next_step(tmp_path: Path) -> None:
    message = f"{re.escape(str(tmp_path))}/none.json cannot be read: No such file or directory. Name a"

    with pytest.raises(BadGraph, match=message):
        create_app(config=tmp_path / "none.json")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("./none.py:graph", r"^Graph 'own': there is no file .*/none\.py\. Name it as path/to/file\.py:attr"),
        (
            "no_such_module:graph",
            r"importing no_such_module failed: ModuleNotFoundError: .*\. Install it, or name the file",
        ),
        (
            "tests.graphs:none",
            r"tests\.graphs has no attribute 'none'\. It has: walks, stumbles, asks, speaks, says, nests$",
        ),
        ("tests.graphs:nothing", r"Graph 'own' is a NoneType, not a graph\. Name a compiled LangGraph graph"),
        ("{broken}:graph", r"importing .*broken\.py failed: ZeroDivisionError: division by zero\. Mend it"),
        ("{needy}:graph", r"failed: ModuleNotFoundError: No module named 'not_installed'\. Mend it"),
        ("{syntax}:graph", r"failed: SyntaxError: .*\. Mend it"),
    ],
)
def test_a_graph_that_cannot_be_served_is_named_with_the_next_step(
    tmp_path: Path, where: str, message: str
) -> None:
    files = {"broken": "1 / 0\n", "needy": "import not_installed\n", "syntax": "def\n"}
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    where = where.format(**{name: f"{tmp_path}/{name}.py" for name in files})

    with pytest.raises(BadGraph, match=message):
        create_app(graphs={"own": where})

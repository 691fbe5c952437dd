"""Finding the graphs to serve: langgraph.json, `module_or_file:attribute`, factories; knows no run."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from mockserver.errors import BadGraph

DEFAULT = {"agent": "mockserver.weather:graph"}


def references(config: Path | None, graphs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return graph id to graph, or to where it is, with an absolute path if it is in a file.

    Args:
        config: a langgraph.json; paths in it are relative to its folder. Its `graphs` and `dependencies`
            are read, the rest is for other servers.
        graphs: graph id to `module_or_file:attribute`, relative to the working directory, or to a graph
            or factory as such; they win over the config's.

    Raises:
        BadGraph: the config cannot be read, or names no graphs.
    """
    if config is None and not graphs:
        return dict(DEFAULT)
    found = {} if config is None else _read(config)
    for graph_id, graph in (graphs or {}).items():
        found[graph_id] = _absolute(graph, Path.cwd()) if isinstance(graph, str) else graph
    return found


def load(graph_id: str, graph: Any) -> Any:
    """Return a graph, or the factory of one, from where it is.

    Args:
        graph_id: for the error message.
        graph: what `references` gives.

    Raises:
        BadGraph: there is no such file, module or attribute, it or it cannot be imported.
    """
    if not isinstance(graph, str):
        return graph
    place, _, attribute = graph.rpartition(":")
    module = _imported(graph_id, place)
    if not hasattr(module, attribute):
        raise BadGraph(f"Graph {graph_id!r}: {place} has no attribute {attribute!r}. {_advice(module)}")
    return getattr(module, attribute)


def _read(config: Path) -> dict[str, Any]:
    try:
        read = json.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadGraph(
            f"{config} cannot be read: {error.strerror}. Name a langgraph.json: mockserver --config PATH"
        ) from None
    except ValueError as error:
        raise BadGraph(f"{config} is no JSON: {error}. Mend it, then start again") from None
    graphs = read.get("graphs") if isinstance(read, dict) else None
    if not isinstance(graphs, dict) or not graphs:
        raise BadGraph(f'{config} names no graphs. Add: "graphs": {{"agent": "./agent.py:graph"}}')
    folder = config.resolve().parent
    dependencies = read.get("dependencies")
    for dependency in dependencies if isinstance(dependencies, list) else []:
        if (folder / str(dependency)).is_dir():
            _import_from((folder / str(dependency)).resolve())
    named = {key: each.get("path") if isinstance(each, dict) else each for key, each in graphs.items()}
    return {graph_id: _absolute(where, folder) for graph_id, where in named.items()}


def _absolute(where: Any, folder: Path) -> str:
    place, _, attribute = where.rpartition(":") if isinstance(where, str) else ("", "", "")
    if not place or not attribute:
        raise BadGraph(f"{where!r} names no graph. Write module:attribute or path/to/file.py:attribute")
    return f"{(folder / place).resolve()}:{attribute}" if place.endswith(".py") else where


def _imported(graph_id: str, place: str) -> ModuleType:
    is_file = place.endswith(".py")
    if is_file and not Path(place).is_file():
        raise BadGraph(f"Graph {graph_id!r}: there is no file {place}. Name it as path/to/file.py:attribute")
    try:
        return _from_file(Path(place)) if is_file else importlib.import_module(place)
    except Exception as error:  # whatever somebody's module raises when it is imported
        missing = isinstance(error, ModuleNotFoundError) and f"{place}.".startswith(f"{error.name}.")
        advice = "Install it, or name the file: path/to/file.py:attribute" if missing else "Mend it"
        raise BadGraph(
            f"Graph {graph_id!r}: importing {place} failed: {type(error).__name__}: {error}. "
            f"{advice}, then start again"
        ) from error


def _from_file(path: Path) -> ModuleType:
    """Import a file; one that is imported already, under whatever name, is not imported twice."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path):
            return module
    _import_from(path.parent)
    name = f"mockserver_graph_{path.stem}_{abs(hash(path)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _import_from(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _advice(module: ModuleType) -> str:
    graphs = [name for name, each in vars(module).items() if hasattr(each, "aget_state") and name[0] != "_"]
    return f"It has: {', '.join(graphs)}" if graphs else "Compile a graph there, then start again"

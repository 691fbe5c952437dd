"""One's own graphs, served over HTTP in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import graphs
from tests.mock import mock

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent


def ask(graph: str, trail: str = "start", **options: Any) -> Any:
    return {"assistant_id": graph, "input": {"trail": trail}, **options}


async def test_each_graph_has_an_assistant_with_the_real_servers_id() -> None:
    async with mock(graphs={"asks": graphs.asks, "agent": "mockserver.weather:graph"}) as client:
        found = (await client.post("/assistants/search", json={})).json()

    assert {each["graph_id"]: each["assistant_id"] for each in found} == {
        "agent": "fe096781-5601-53d2-b2f6-0d3403f7e9ca",
        "asks": "8b75336c-4d58-5155-9d72-eaa5c8a54b82",
    }


@pytest.mark.parametrize(
    ("graph", "trail"),
    [
        ("walks", "start here"),
        ("uncompiled", "start here"),
        ("nests", "start here"),
        ("made", "start here"),
        ("made_later", "start Ada"),
        ("made_with_care", "start here"),
    ],
)
async def test_graphs_and_factories_of_graphs_run_and_keep_their_states(graph: str, trail: str) -> None:
    async with mock(graphs={graph: f"{HERE}/graphs.py:{graph}"}) as client:
        thread = await client.thread()
        body = ask(graph, config={"configurable": {"name": "Ada"}})
        values = (await client.post(f"{thread}/runs/wait", json=body)).json()
        state = await client.read(f"{thread}/state")
        history = await client.read(f"{thread}/history", limit=10)

    assert values == state["values"] == {"trail": trail}
    assert len(history) == 3


async def test_a_factory_that_makes_no_graph_is_the_runs_error() -> None:
    async with mock(graphs={"made_badly": graphs.made_badly}) as client:
        thread = await client.thread()
        values = (await client.post(f"{thread}/runs/wait", json=ask("made_badly"))).json()
        run = (await client.read(f"{thread}/runs"))[0]

    assert values["__error__"]["error"] == "BadGraph"
    assert values["__error__"]["message"].startswith("Graph 'made_badly' is a str, not a graph.")
    assert run["status"] == "error"


async def test_an_error_of_a_node_is_shown_or_hidden_by_its_class() -> None:
    async with mock(graphs={"stumbles": graphs.stumbles}) as client:
        shown, hidden = [
            (await client.post(f"{await client.thread()}/runs/wait", json=ask("stumbles", trail))).json()
            for trail in ("show", "hide")
        ]

    assert shown == {"__error__": {"error": "ValueError", "message": "boom from node"}}
    assert hidden == {"__error__": {"error": "IndexError", "message": "An internal error occurred"}}

"""Graphs both servers serve; where they take their time, a scenario and not the clock says how long.

A node that calls `gate` waits as long as a file named like its thread lies in the folder REFEREE_GATES.
"""

from __future__ import annotations

import asyncio
import builtins
import os
import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path
from typing import Any, NamedTuple, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langgraph.config import get_config, get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel

from mockserver import weather

GATES = Path(os.environ["REFEREE_GATES"])


async def gate() -> None:
    """Wait until the scenario releases this thread."""
    closed = GATES / str(get_config()["configurable"]["thread_id"])
    while await asyncio.to_thread(closed.exists):  # noqa: ASYNC110 the event is in another process
        await asyncio.sleep(0.01)


async def think_at_gate(state: MessagesState) -> dict[str, list[BaseMessage]]:
    weather.thinking.set(gate)
    return await weather.agent(state)


agent = (
    StateGraph(MessagesState)
    .add_node("agent", think_at_gate)
    .add_node("tools", weather.tools)
    .add_edge(START, "agent")
    .add_conditional_edges("agent", weather._after_agent)
    .add_edge("tools", "agent")
    .compile()
)


async def boom(state: MessagesState) -> dict[str, Any]:
    """Fail with an error of the class that the message names, else with a ValueError."""
    await gate()
    text = state["messages"][-1].text
    if text.endswith("Error"):
        raise vars(builtins)[text]("as asked")
    raise ValueError("boom from node")


fails = StateGraph(MessagesState).add_node("boom", boom).add_edge(START, "boom").compile()


async def ask(state: MessagesState) -> dict[str, Any]:
    answer = interrupt({"question": "approve?"})
    return {"messages": [AIMessage(f"You said {answer}.", id=f"said-{len(state['messages'])}")]}


asks = StateGraph(MessagesState).add_node("ask", ask).add_edge(START, "ask").compile()

model = FakeListChatModel(responses=["Sun."])


async def speak(state: MessagesState) -> dict[str, Any]:
    """Write to the custom stream, wait, then stream a message letter by letter."""
    write = get_stream_writer()
    write({"progress": "before"})
    await gate()
    message = await model.ainvoke(state["messages"])
    write({"progress": "after"})
    return {"messages": [message]}


streams = StateGraph(MessagesState).add_node("speak", speak).add_edge(START, "speak").compile()


class Trail(TypedDict):
    trail: str


async def outer(state: Trail) -> Trail:
    return {"trail": state["trail"] + " outer"}


async def inner(state: Trail) -> Trail:
    await gate()
    return {"trail": state["trail"] + " inner"}


child = StateGraph(Trail).add_node("inner", inner).add_edge(START, "inner").compile()

parent = (
    StateGraph(Trail)
    .add_node("outer", outer)
    .add_node("child", child)
    .add_edge(START, "outer")
    .add_edge("outer", "child")
    .compile()
)


@dataclass
class Point:
    x: int
    y: int


class Pair(NamedTuple):
    left: int
    right: int


class Place(BaseModel):
    name: str
    point: Point


class Size(Enum):
    SMALL = "s"


class Things(TypedDict):
    things: dict[str, Any]


async def gather(state: Things) -> Things:
    """Return what is no JSON."""
    return {
        "things": {
            "bytes": b"abc",
            "dataclass": Point(1, 2),
            "date": date(2026, 1, 2),
            "datetime": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
            "decimal": [Decimal("1.50"), Decimal("1.0"), Decimal(2), Decimal("3E2")],
            "deque": deque([1, 2]),
            "enum": Size.SMALL,
            "error": [ValueError("said"), ZeroDivisionError("masked")],
            "frozenset": frozenset([1]),
            "message": AIMessage("Fine.", id="fine"),
            "model": Place(name="here", point=Point(3, 4)),
            "namedtuple": Pair(5, 6),
            "ip": [IPv4Address("127.0.0.1"), IPv6Network("::/64")],
            "path": Path("a") / "b",
            "pattern": re.compile("a+"),
            "set": {1},
            "time": [time(1, 2, 3), timedelta(seconds=90), ZoneInfo("Europe/Paris")],
            "tuple": (1, "two"),
            "uuid": UUID("00000000-0000-4000-8000-000000000001"),
        }
    }


things = StateGraph(Things).add_node("gather", gather).add_edge(START, "gather").compile()

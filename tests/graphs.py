"""Graphs that fail, ask, stream and nest, for tests of serving one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt

nothing = None


class Trail(TypedDict):
    trail: str


def walk(state: Trail) -> Trail:
    return {"trail": f"{state['trail']} here"}


def stumble(state: Trail) -> Trail:
    if state["trail"] == "hide":
        raise IndexError("not for the client")
    raise ValueError("boom from node")


def ask(state: Trail) -> Trail:
    return {"trail": f"{state['trail']} {interrupt({'question': 'where to?'})}"}


async def speak(state: MessagesState) -> dict[str, Any]:
    get_stream_writer()({"progress": "half"})
    return {"messages": [await FakeListChatModel(responses=["Sun."]).ainvoke(state["messages"])]}


def say(state: MessagesState) -> dict[str, Any]:
    return {"messages": [AIMessage("Whole.")]}


walks = StateGraph(Trail).add_node("walk", walk).add_edge(START, "walk").compile()
stumbles = StateGraph(Trail).add_node("stumble", stumble).add_edge(START, "stumble").compile()
asks = StateGraph(Trail).add_node("ask", ask).add_edge(START, "ask").compile()
speaks = StateGraph(MessagesState).add_node("speak", speak).add_edge(START, "speak").compile()
says = StateGraph(MessagesState).add_node("say", say).add_edge(START, "say").compile()
nests = StateGraph(Trail).add_node("child", walks).add_edge(START, "child").compile()
uncompiled = StateGraph(Trail).add_node("walk", walk).add_edge(START, "walk")


def made() -> Any:
    return walks


async def made_later(config: RunnableConfig) -> Any:
    name = config.get("configurable", {}).get("name", "nobody")

    def greet(state: Trail) -> Trail:
        return {"trail": f"{state['trail']} {name}"}

    return StateGraph(Trail).add_node("greet", greet).add_edge(START, "greet").compile()


@asynccontextmanager
async def made_with_care(config: RunnableConfig) -> AsyncIterator[Any]:
    yield uncompiled


def made_badly() -> Any:
    return "no graph"

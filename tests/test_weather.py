"""The weather agent alone, as any LangGraph graph is used."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from langgraph.checkpoint.memory import InMemorySaver

from mockserver import weather

pytestmark = pytest.mark.anyio

NOTHING: Any = {"messages": []}
PUBLISHED = Path(__file__).parent / "data" / "published-output.txt"


async def _no_time() -> None:
    pass


@pytest.fixture(autouse=True)
def think_in_no_time() -> None:
    weather.thinking.set(_no_time)


def human(question: str) -> Any:
    return {"messages": [{"role": "user", "content": question}]}


async def answer_to(question: str) -> list[BaseMessage]:
    messages: list[BaseMessage] = (await weather.graph.ainvoke(human(question)))["messages"]
    return messages


async def test_san_francisco_reads_as_published() -> None:
    printed = io.StringIO()

    with redirect_stdout(printed):
        for message in await answer_to("what's the weather in sf?"):
            message.pretty_print()

    published = PUBLISHED.read_text(encoding="utf-8")
    assert [line.lstrip() for line in printed.getvalue().splitlines()] == published.splitlines()


@pytest.mark.parametrize("city", ["sf", "SF", "San Francisco", "san francisco today"])
async def test_every_name_of_san_francisco_is_known(city: str) -> None:
    messages = await answer_to(f"What's the weather in {city}?")

    assert messages[-1].content == weather.SAN_FRANCISCO.answer


@pytest.mark.parametrize("city", ["nyc", "new york", "New York City"])
async def test_every_name_of_new_york_is_known(city: str) -> None:
    messages = await answer_to(f"what's the weather like in {city}?")

    assert messages[-1].content == weather.NEW_YORK.answer


async def test_another_city_gets_an_answer_of_its_own() -> None:
    messages = await answer_to("what's the weather in Lisbon?")

    assert messages[-1].content == (
        "According to the search results, the weather in Lisbon is overcast, high 70°F, low 59°F."
    )


async def test_another_question_gets_a_polite_reply_without_a_tool_call() -> None:
    messages = await answer_to("tell me a joke")

    assert [message.type for message in messages] == ["human", "ai"]
    assert messages[-1].content == (
        "I can tell you about the weather in a city. Which city would you like to know about?"
    )


async def test_no_message_at_all_gets_the_polite_reply() -> None:
    messages = (await weather.graph.ainvoke(NOTHING))["messages"]

    assert [message.type for message in messages] == ["ai"]


async def test_a_question_asked_twice_gets_a_second_tool_call_id() -> None:
    graph = weather.builder.compile(checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "1"}}

    for _ in range(3):
        state = await graph.ainvoke(human("what's the weather in sf?"), thread)

    messages = state["messages"]
    calls = [call["id"] for m in messages if isinstance(m, AIMessage) for call in m.tool_calls]
    assert calls[0] == "toolu_01CyewEifV2Kmi7EFKHbMDr1"
    assert len(set(calls)) == 3
    assert len(messages) == 12
    assert len({message.id for message in messages}) == 12


@pytest.mark.parametrize("question", ["what's the weather in sf?", "tell me a joke"])
async def test_streaming_tokens_leaves_the_messages_as_they_are(question: str) -> None:
    asked: Any = {"messages": [{"role": "user", "content": question, "id": "h"}]}
    plain = (await weather.graph.ainvoke(asked))["messages"]

    tokens: list[Any] = []
    streamed: Any = None
    stream: Any = weather.graph.astream(asked, stream_mode=["messages", "values"])
    async for mode, part in stream:
        if mode == "messages":
            tokens.append(part[0].content)
        else:
            streamed = part

    assert [m.model_dump(exclude={"id"}) for m in streamed["messages"]] == [
        m.model_dump(exclude={"id"}) for m in plain
    ]
    assert len(tokens) > 10


async def test_a_very_long_question_is_read_quickly() -> None:
    assert weather.report_for("weather " * 1_000_000) is None

"""The weather agent: a LangGraph graph with a fake chat model; imports nothing of mockserver.

The same graph runs in the mock deployment and, through langgraph.json, on a real server, so it is one file.
It plans and searches at once, then thinks before its final answer.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.graph import END, START, MessagesState, StateGraph

TOOL = "tavily_search_results_json"
MESSAGE_IDS = UUID("3f0f6d3c-55b9-5c5f-8a34-0c7f1a0f8f6e")
"""Namespace of the model's message ids; any fixed UUID would do."""

MAX_QUESTION = 500
"""Characters of a question that are read; the rest cannot change the answer."""

ASK_FOR_A_CITY = "I can tell you about the weather in a city. Which city would you like to know about?"


@dataclass(frozen=True)
class Report:
    """What the agent says about one city."""

    city: str
    query: str
    tool_call_id: str
    search_result: str
    answer: str


def _result(url: str, content: str) -> str:
    return json.dumps([{"url": url, "content": content}], ensure_ascii=False)


SAN_FRANCISCO = Report(
    city="San Francisco",
    query="weather in san francisco",
    tool_call_id="toolu_01CyewEifV2Kmi7EFKHbMDr1",
    search_result=_result(
        "https://www.accuweather.com/en/us/san-francisco/94103/june-weather/347629",
        "Get the monthly weather forecast for San Francisco, CA, including daily high/low, "
        "historical averages, to help you plan ahead.",
    ),
    answer="""\
According to the search results from Tavily, the current weather in San Francisco is:

The average high temperature in San Francisco in June is around 65°F (18°C), with average lows around 54°F (12°C). \
June tends to be one of the cooler and foggier months in San Francisco due to the marine layer of fog that often \
blankets the city during the summer months.

Some key points about the typical June weather in San Francisco:

* Mild temperatures with highs in the 60s F and lows in the 50s F
* Foggy mornings that often burn off to sunny afternoons
* Little to no rainfall, as June falls in the dry season
* Breezy conditions, with winds off the Pacific Ocean
* Layers are recommended for changing weather conditions

In summary, you can expect mild, foggy mornings giving way to sunny but cool afternoons in San Francisco this time \
of year. The marine layer keeps temperatures moderate compared to other parts of California in June.""",
)
"""Source: the published guide, "Reject concurrent", expected output; byte for byte."""

NEW_YORK = Report(
    city="New York City",
    query="weather in new york city",
    tool_call_id="toolu_01NewYorkCityWeather0000",
    search_result=_result(
        "https://weather.example/new-york-city",
        "New York City in June: highs near 80°F (27°C), lows near 64°F (18°C), a shower every few days.",
    ),
    answer="""\
According to the search results, June in New York City is warm:

* Highs near 80°F (27°C) and lows near 64°F (18°C)
* A short shower every few days, often in the late afternoon
* Long, humid evenings

Light clothes and a small umbrella will do.""",
)

KNOWN_CITIES = {
    "sf": SAN_FRANCISCO,
    "san francisco": SAN_FRANCISCO,
    "nyc": NEW_YORK,
    "new york": NEW_YORK,
    "new york city": NEW_YORK,
}

SKIES = ("clear", "partly cloudy", "overcast", "foggy", "breezy", "showery")


async def _sleep() -> None:
    """Think as on a real server: by the clock, for WEATHER_THINKING_SECONDS (default 2)."""
    await asyncio.sleep(float(os.environ.get("WEATHER_THINKING_SECONDS", "2")))


thinking: ContextVar[Callable[[], Awaitable[None]]] = ContextVar("thinking", default=_sleep)
"""How the agent passes the time before its final answer; the mock deployment sets it for each run."""


def report_for(question: str) -> Report | None:
    """Return what the agent knows about the city in a question, or None if it is not about a city's weather.

    Args:
        question: what the human wrote; "weather in <city>" is looked for, in any case.
    """
    pattern = r"\bweather\b.*?\b(?:in|for|at)\s+([^?!.,;\n]+)"
    found = re.search(pattern, question[:MAX_QUESTION], re.IGNORECASE | re.DOTALL)
    if found is None:
        return None
    words = re.sub(
        r"\s+(?:today|tomorrow|now|right now|this week)$", "", found[1].strip(), flags=re.IGNORECASE
    )
    city = " ".join(words.split())[:60]
    return KNOWN_CITIES.get(city.lower()) or _invented_report(city)


def _invented_report(city: str) -> Report:
    """Return a report of a city's own, the same every time."""
    digest = hashlib.sha256(city.lower().encode()).digest()
    sky, high_f = SKIES[digest[0] % len(SKIES)], 50 + digest[1] % 40
    low_f = high_f - 8 - digest[2] % 10
    weather = f"{sky}, high {high_f}°F, low {low_f}°F"
    return Report(
        city=city,
        query=f"weather in {city.lower()}",
        tool_call_id=_tool_call_id(city.lower()),
        search_result=_result("https://weather.example/forecast", f"{city.title()}: {weather}."),
        answer=f"According to the search results, the weather in {city.title()} is {weather}.",
    )


def _tool_call_id(text: str) -> str:
    digest = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"toolu_01{digest[:22]}"


class WeatherModel(BaseChatModel):
    """A chat model that answers from the reports above, and streams word by word when asked to."""

    @property
    def _llm_type(self) -> str:
        return "fake-weather"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=_reply(messages))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(_reply(messages)):
            if run_manager is not None:
                await run_manager.on_llm_new_token(str(chunk.text), chunk=ChatGenerationChunk(message=chunk))
            yield ChatGenerationChunk(message=chunk)


def _reply(messages: Sequence[BaseMessage]) -> AIMessage:
    report = _report_asked_for(messages)
    if report is None:
        return AIMessage(content=ASK_FOR_A_CITY, id=_message_id(messages))
    if isinstance(messages[-1], ToolMessage):
        return AIMessage(content=report.answer, id=_message_id(messages))
    asked_before = sum(
        call["args"] == {"query": report.query}
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    )
    call_id = _tool_call_id(f"{report.query}#{asked_before}") if asked_before else report.tool_call_id
    args = {"query": report.query}
    return AIMessage(
        content=[{"id": call_id, "input": args, "name": TOOL, "type": "tool_use"}],
        tool_calls=[tool_call(name=TOOL, args=args, id=call_id)],
        id=_message_id(messages),
    )


def _report_asked_for(messages: Sequence[BaseMessage]) -> Report | None:
    question = next((m for m in reversed(messages) if isinstance(m, HumanMessage)), None)
    return report_for(str(question.text)) if question is not None else None


def _message_id(messages: Sequence[BaseMessage]) -> str:
    """Return an id for the next message that no message of the thread has.

    `add_messages` replaces a message that comes again with the same id, so an id is never used twice.
    """
    taken = {message.id for message in messages}
    position, previous = len(messages), messages[-1].id if messages else None
    while (found := str(uuid5(MESSAGE_IDS, f"{position}:{previous}"))) in taken:
        position += 1
    return found


def _chunks(message: AIMessage) -> Iterator[AIMessageChunk]:
    """Return the message in pieces that add up to exactly that message."""
    if message.tool_calls:
        call = message.tool_calls[0]
        piece = tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=0)
        yield AIMessageChunk(content=message.content, tool_call_chunks=[piece], id=message.id)
    else:
        for word in re.findall(r"\s*\S+\s*$|\s*\S+", str(message.text)):
            yield AIMessageChunk(content=word, id=message.id)
    yield AIMessageChunk(content="", id=message.id, chunk_position="last")


model = WeatherModel()


async def agent(state: MessagesState) -> dict[str, list[BaseMessage]]:
    """Plan the search at once; think before the answer."""
    messages = state["messages"]
    if _report_asked_for(messages) is None or isinstance(messages[-1], ToolMessage):
        await thinking.get()()
    return {"messages": [await model.ainvoke(messages)]}


async def tools(state: MessagesState) -> dict[str, list[BaseMessage]]:
    """Answer the agent's search from the reports."""
    message, report = state["messages"][-1], _report_asked_for(state["messages"])
    if not isinstance(message, AIMessage) or report is None:
        return {"messages": []}
    return {
        "messages": [
            ToolMessage(content=report.search_result, name=call["name"], tool_call_id=str(call["id"]))
            for call in message.tool_calls
        ]
    }


def _after_agent(state: MessagesState) -> str:
    message = state["messages"][-1]
    return "tools" if isinstance(message, AIMessage) and message.tool_calls else END


builder = StateGraph(MessagesState)
builder.add_node("agent", agent)
builder.add_node("tools", tools)
builder.add_edge(START, "agent")
builder.add_conditional_edges("agent", _after_agent, ["tools", END])
builder.add_edge("tools", "agent")
graph = builder.compile()

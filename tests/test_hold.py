"""How long a run thinks; a limit of an hour stands for "until somebody ends it"."""

from __future__ import annotations

import asyncio

import pytest

from mockserver.hold import Hold

pytestmark = pytest.mark.anyio


async def test_thinking_ends_when_released() -> None:
    hold = Hold(3600)
    thinking = asyncio.create_task(hold.think())
    await hold.resting.wait()

    hold.release()

    await asyncio.wait_for(thinking, 10)


async def test_a_release_before_the_thinking_ends_it_at_once() -> None:
    hold = Hold(3600)

    hold.release()

    await asyncio.wait_for(hold.think(), 10)


async def test_thinking_ends_by_itself_at_the_limit() -> None:
    await asyncio.wait_for(Hold(0).think(), 10)


async def test_shortening_ends_a_thinking_under_way() -> None:
    hold = Hold(3600)
    thinking = asyncio.create_task(hold.think())
    await hold.resting.wait()

    hold.shorten(0)

    await asyncio.wait_for(thinking, 10)


async def test_shortening_counts_for_a_thinking_that_comes_later() -> None:
    hold = Hold(3600)

    hold.shorten(0)

    await asyncio.wait_for(hold.think(), 10)


async def test_shortening_never_lengthens() -> None:
    hold = Hold(0)

    hold.shorten(3600)

    await asyncio.wait_for(hold.think(), 10)


async def test_a_cancelled_thinking_is_cancelled() -> None:
    thinking = asyncio.create_task(Hold(3600).think())
    await asyncio.sleep(0)

    thinking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await thinking

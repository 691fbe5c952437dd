"""How long one run thinks before its final answer; knows no HTTP and no graph.

A real agent is slow because its model is. The weather agent is at once, so the mock makes it think,
for as long as it takes the next request to come, and no longer.
"""

from __future__ import annotations

import asyncio


class Hold:
    """The thinking of one run.

    Args:
        limit_s: seconds, >= 0; the longest the run thinks if nobody ends it sooner.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._released = asyncio.Event()
        self._timeout: asyncio.Timeout | None = None
        self.resting = asyncio.Event()
        """Set once the run thinks or has ended: nothing changes now until somebody asks for it."""

    def release(self) -> None:
        """End the thinking: at once, or as soon as it would begin."""
        self._released.set()

    def shorten(self, limit_s: float) -> None:
        """Let the run think at most this many seconds more, counted from now or from when it begins."""
        if self._timeout is None:
            self._limit_s = min(self._limit_s, limit_s)
            return
        deadline = asyncio.get_running_loop().time() + limit_s
        planned = self._timeout.when()
        if not self._timeout.expired() and (planned is None or deadline < planned):
            self._timeout.reschedule(deadline)

    async def think(self) -> None:
        """Wait until somebody releases the run, or its time is up."""
        self.resting.set()
        try:
            async with asyncio.timeout(self._limit_s) as self._timeout:
                await self._released.wait()
        except TimeoutError:
            pass
        finally:
            self._timeout = None
            self.resting.clear()

"""What a scenario is, and how all of them are recorded on one server."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from .recorder import Recorder
from .recording import Recording
from .server import Server

SCENARIO_LIMIT_S = 90.0
AT_ONCE = 16


@dataclass(frozen=True)
class Scenario:
    """One story told to a server, named by what it shows."""

    name: str
    play: Callable[..., Awaitable[None]]
    choices: dict[str, str] = field(default_factory=dict)
    alone: bool = False

    async def record(self, server: Server) -> Recording:
        recording = Recording()
        recorder = Recorder(server.url, server.gates, recording)
        try:
            async with asyncio.timeout(SCENARIO_LIMIT_S):
                await self.play(recorder, **self.choices)
        except Exception as error:  # noqa: BLE001 what a wrong answer makes of a scenario is a finding
            recording.stopped = f"{type(error).__name__}: {error}"
        finally:
            await recorder.close()
        return recording


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    alone: bool = False, **axes: Sequence[str]
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Register a scenario, once for each combination of the choices in `axes`.

    Args:
        alone: nothing else may happen on the server meanwhile.
        axes: values for the function's keyword arguments.
    """

    def register(play: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        for values in itertools.product(*axes.values()):
            name = play.__name__ + (f"[{'-'.join(values)}]" if values else "")
            assert name not in SCENARIOS, f"two scenarios are named {name}"
            SCENARIOS[name] = Scenario(name, play, dict(zip(axes, values, strict=True)), alone)
        return play

    return register


async def record_all(server: Server, scenarios: Sequence[Scenario]) -> dict[str, Recording]:
    """Record scenarios on one server: first those that must be alone, then the others side by side."""
    recordings = {each.name: await each.record(server) for each in scenarios if each.alone}
    room = asyncio.Semaphore(AT_ONCE)

    async def record(each: Scenario) -> None:
        async with room:
            recordings[each.name] = await each.record(server)

    async with asyncio.TaskGroup() as group:
        for each in scenarios:
            if not each.alone:
                group.create_task(record(each))
    return recordings

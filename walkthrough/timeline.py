"""What happened on one thread, from the mock's journal: a model for the picture, and the same in words; draws nothing.

Of an entry it reads `kind`; of a request `run_id`, `strategy`, `decision`, `in_flight` and `superseded`; of a run's new
status `run_id` and `status`; of a checkpoint `run_id` and `checkpoint_ns`. Ids only tell runs apart and times are not
read, so that the same requests give the same picture on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Entry = Mapping[str, Any]

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

AT_WORK = "running"
WAITING = "pending"
REJECTED = "rejected"
BY_HAND = "by hand"
SUPERSEDED = ("interrupted", "rolled back")
"""Outcomes of runs whose work was cut off."""


@dataclass
class Lane:
    """One line of the picture: what became of a request, or the checkpoints that no run wrote.

    Moments count from 1 and stand for order, not for time.
    """

    ordinal: str
    run_id: str | None
    outcome: str = WAITING
    """The run's last status, `rejected` for a request without a run, `by hand` for a state changed by hand."""

    strategy: str = ""
    met: Sequence[str] = ()
    """Names of the runs that were in flight when the request came."""

    cuts: Sequence[str] = ()
    """Names of those among them that this run interrupts or rolls back."""

    arrived: int | None = None
    began: int | None = None
    ended: int | None = None
    checkpoints: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What people call it."""
        if self.outcome == BY_HAND:
            return BY_HAND
        return f"{self.ordinal} {'request' if self.outcome == REJECTED else 'run'}"

    @property
    def start(self) -> int:
        """The first moment it is seen."""
        seen = [self.arrived, self.began, self.ended, *self.checkpoints[:1]]
        return min(moment for moment in seen if moment is not None)


@dataclass
class Timeline:
    """What happened on one thread.

    Args:
        lanes: in the order in which they begin.
        moments: how many moments there are; requests, checkpoints and ends of runs take one each.
    """

    lanes: list[Lane] = field(default_factory=list)
    moments: int = 0

    def add(self, entry: Entry) -> None:
        """Take the next entry; one of an unknown kind says nothing."""
        kind = entry.get("kind")
        if kind == "request":
            self._add_request(entry)
        elif kind == "run":
            self._add_status(entry)
        elif kind == "checkpoint" and not entry.get("checkpoint_ns"):
            self.moments += 1
            self._lane(entry.get("run_id")).checkpoints.append(self.moments)

    def _add_request(self, entry: Entry) -> None:
        self.moments += 1
        lane = self._new(entry.get("run_id"))
        lane.strategy = str(entry.get("strategy", ""))
        lane.arrived = self.moments
        lane.met = self._names(entry.get("in_flight", ()))
        lane.cuts = self._names(entry.get("superseded", ()))
        if entry.get("decision") == "rejected":
            lane.outcome = REJECTED

    def _add_status(self, entry: Entry) -> None:
        lane, status = self._lane(entry.get("run_id")), str(entry.get("status", ""))
        if lane.ended is not None:
            return  # a finished run was deleted: what became of its work is told already
        lane.outcome = status
        if status == AT_WORK:
            lane.began = self.moments
        elif status != WAITING:
            self.moments += 1
            lane.ended = self.moments
        elif lane.arrived is None:
            lane.arrived = self.moments

    def _lane(self, run_id: str | None) -> Lane:
        found = [lane for lane in self.lanes if lane.run_id == run_id and lane.outcome != REJECTED]
        if found:
            return found[0]
        lane = self._new(run_id)
        if run_id is None:
            lane.outcome = BY_HAND
        return lane

    def _new(self, run_id: str | None) -> Lane:
        number = sum(lane.outcome != BY_HAND for lane in self.lanes)
        ordinal = ORDINALS[number] if number < len(ORDINALS) else f"{number + 1}th"
        self.lanes.append(Lane(ordinal, run_id))
        return self.lanes[-1]

    def _names(self, run_ids: Sequence[str]) -> list[str]:
        return [lane.name for lane in self.lanes if lane.run_id in run_ids]


def read(entries: Sequence[Entry]) -> Timeline:
    """Makes a timeline of a thread's entries, oldest first."""
    timeline = Timeline()
    for entry in entries:
        timeline.add(entry)
    return timeline


def by_thread(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Sorts a journal's entries by thread: those threads that were asked for a run, in the order of the first request."""
    threads: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.get("kind") == "request":
            threads.setdefault(entry["thread_id"], [])
    return [[entry for entry in entries if entry.get("thread_id") == thread] for thread in threads]


def description(entries: Sequence[Entry]) -> str:
    """Says in words what the picture of a thread shows, in the order in which it happened.

    Args:
        entries: one thread's, oldest first, as `GET /mock/journal` gives them.
    """
    timeline = read(entries)
    said: list[tuple[int, str]] = []
    for lane in timeline.lanes:
        if lane.arrived is not None:
            said.append((lane.arrived, _arrival(lane)))
        if lane.outcome == BY_HAND:
            said += [(moment, "The state is changed by hand.") for moment in lane.checkpoints]
        elif lane.outcome != REJECTED:
            said.append((lane.ended or timeline.moments + 1, _end(lane)))
    return " ".join(sentence for _, sentence in sorted(said, key=lambda each: each[0]))


def _arrival(lane: Lane) -> str:
    if not lane.met:
        return f"The {lane.ordinal} request starts the {lane.name}."
    flight = f"while the {' and the '.join(lane.met)} {'is' if len(lane.met) == 1 else 'are'} in flight"
    coming = f"The {lane.ordinal} request, with {lane.strategy}, comes {flight}"
    if lane.outcome == REJECTED:
        return f"{coming}, and is refused with 409."
    if lane.cuts:
        return f"{coming}, and cuts it off." if len(lane.cuts) == 1 else f"{coming}, and cuts them off."
    return f"{coming}: the {lane.name} waits."


def _end(lane: Lane) -> str:
    count = len(lane.checkpoints)
    saved = f"{count or 'no'} checkpoint{'' if count == 1 else 's'}"
    if lane.outcome == WAITING:
        return f"The {lane.name} is still waiting."
    if lane.outcome == AT_WORK:
        return f"The {lane.name} is still at work, with {saved} so far."
    if lane.outcome == "rolled back":
        return f"The {lane.name} is rolled back, and its {saved} with it."
    if lane.outcome == "success":
        return f"The {lane.name} ends with success after {saved}."
    return f"The {lane.name} ends as {lane.outcome} after {saved}."

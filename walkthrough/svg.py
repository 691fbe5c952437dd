"""Draws a timeline as SVG; reads no file and asks no deployment."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from walkthrough.timeline import (
    AT_WORK,
    BY_HAND,
    REJECTED,
    SUPERSEDED,
    WAITING,
    Entry,
    Lane,
    Timeline,
    description,
    read,
)

WIDTH = 680
LEFT, RIGHT = 156, 660
"""Where the first and the last moment are."""

LANE, BAR, LABEL = 54, 24, 20
"""Heights of a lane, of its bar, and of a line of labels."""

LETTER = 7.6
"""A generous width of a letter, to keep labels apart; what a reader's font really has is not known here."""

STYLE = """
  svg {
    --paper: #ffffff; --ink: #1f2330; --soft: #555a66; --rail: #d5d9e3;
    --success: #3344a8; --running: #3344a8; --interrupted: #9a4a00; --gone: #5c6378; --error: #b3154b;
    color-scheme: light dark;
  }
  @media (prefers-color-scheme: dark) {
    svg {
      --paper: #1e212c; --ink: #eceef4; --soft: #b6bac6; --rail: #454b5c;
      --success: #9fb0ff; --running: #9fb0ff; --interrupted: #f2a65e; --gone: #b6bac6; --error: #ff8aa8;
    }
  }
  text { font: 14px system-ui, sans-serif; fill: var(--ink); }
  .name, .refused { font-weight: 600; }
  .refused, .arriving { paint-order: stroke; stroke: var(--paper); stroke-width: 6px; }
  .soft { fill: var(--soft); }
  .success { --own: var(--success); }
  .running, .pending { --own: var(--running); }
  .interrupted { --own: var(--interrupted); }
  .gone, .hand { --own: var(--gone); }
  .error, .rejected { --own: var(--error); }
  .outcome, .refused { fill: var(--own); }
  .rail { stroke: var(--rail); }
  .bar { stroke: var(--own); stroke-width: 1.5; }
  .queued { fill: var(--own); fill-opacity: 0.16; stroke-dasharray: 4 3; }
  .working { fill: var(--own); }
  .arrival { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 2 4; }
  .arrow { fill: var(--soft); }
  .checkpoint { stroke: var(--ink); stroke-width: 2; }
  .removed { stroke: var(--gone); stroke-width: 1.5; }
  .mark { fill: var(--paper); stroke: var(--own); stroke-width: 2.5; }
"""

HATCHES = {"interrupted": "interrupted", "rolled back": "gone"}


def draw(entries: Sequence[Entry], title: str) -> str:
    """Draws what happened on one thread.

    Args:
        entries: one thread's, oldest first, as `GET /mock/journal` gives them; see `walkthrough.timeline`.
        title: what the picture is called.

    Returns:
        An SVG document. The same requests in the same order give the same text.
    """
    timeline = read(entries)
    labels = _labels(timeline)
    top = 14 + LABEL * (1 + max((line for *_, line in labels), default=0))
    bottom = top + LANE * len(timeline.lanes)
    parts = [_arrivals(timeline, labels, top)]
    parts += [_lane(timeline, lane, top + LANE * index) for index, lane in enumerate(timeline.lanes)]
    parts.append(_legend(timeline, bottom + 22))
    size = f'width="{WIDTH}" height="{bottom + 40}" viewBox="0 0 {WIDTH} {bottom + 40}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(description(entries))}</desc>",
            f"<style>{STYLE}</style>",
            f"<defs>{_hatches()}</defs>",
            '<rect width="100%" height="100%" rx="10" style="fill: var(--paper)"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _hatches() -> str:
    return "".join(
        f'<pattern id="hatch-{name}" class="{name}" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V7" style="stroke: var(--own); stroke-width: 5"/></pattern>'
        for name in HATCHES.values()
    )


def _x(timeline: Timeline, moment: int) -> float:
    return LEFT + (moment - 1) * (RIGHT - LEFT) / max(1, timeline.moments - 1)


def _labels(timeline: Timeline) -> list[tuple[Lane, float, float, int]]:
    """Gives each arrival's lane, place, where its label begins, and the line of labels on which nothing is in its way."""
    labels: list[tuple[Lane, float, float, int]] = []
    ends: list[float] = []  # of the labels on each line
    for lane in timeline.lanes:
        if lane.arrived is None:
            continue
        x, width = _x(timeline, lane.arrived), LETTER * len(_label(lane))
        begin = min(x - 5, WIDTH - 8 - width)
        free = [at for at, end in enumerate(ends) if end + 10 < begin and max(ends[at:]) < x]
        line = free[0] if free else len(ends)
        ends[line : line + 1] = [begin + width]
        labels.append((lane, x, begin, line))
    return labels


def _label(lane: Lane) -> str:
    return f"{lane.ordinal} request" + (f": {lane.strategy}" if lane.met else "")


def _arrivals(timeline: Timeline, labels: Sequence[tuple[Lane, float, float, int]], top: int) -> str:
    """Draws a line from each request's label down to its lane."""
    parts = []
    for lane, x, begin, line in labels:
        upper, lower = 14 + LABEL * line, top + LANE * timeline.lanes.index(lane) + 2
        parts.append(
            f'<text class="soft arriving" x="{begin:.1f}" y="{upper + 8}">{escape(_label(lane))}</text>'
        )
        parts.append(f'<path class="arrival" d="M{x:.1f} {upper + 13}V{lower}"/>')
        parts.append(f'<path class="arrow" d="M{x - 5:.1f} {lower}h10l-5 7z"/>')
    return "\n".join(parts)


def _lane(timeline: Timeline, lane: Lane, y: int) -> str:
    """Draws one line of the picture: its name, what became of it, its bar or mark, its checkpoints."""
    middle = y + 10 + BAR // 2
    name = lane.name[0].upper() + lane.name[1:]
    outcome = "state changed" if lane.outcome == BY_HAND else lane.outcome
    parts = [
        f'<g class="{_tone(lane)}" data-lane="{escape(lane.name)}">',
        f'<text class="name" x="16" y="{middle - 3}">{escape(name)}</text>',
        f'<text class="outcome" x="16" y="{middle + 15}">{escape(outcome)}</text>',
    ]
    if lane.outcome in (REJECTED, BY_HAND):
        parts.append(f'<path class="rail" d="M{LEFT} {middle}H{RIGHT}"/>')
    else:
        start, end = _x(timeline, lane.start), _x(timeline, lane.ended or timeline.moments)
        parts.append(f'<path class="rail" d="M{LEFT} {middle}H{start:.1f}M{end:.1f} {middle}H{RIGHT}"/>')
        parts += _bars(timeline, lane, y + 10)
    if lane.outcome == REJECTED:
        parts.append(_refusal(_x(timeline, lane.start), middle))
    below = middle - 4 if lane.outcome == BY_HAND else middle + BAR // 2 + 3
    parts += [_checkpoint(_x(timeline, at), below, lane.outcome == "rolled back") for at in lane.checkpoints]
    return "\n".join([*parts, "</g>"])


def _checkpoint(x: float, y: int, removed: bool) -> str:
    """Draws a checkpoint as a tick, one that is no more as a cross."""
    if removed:
        return f'<path class="removed" d="M{x - 3:.1f} {y + 1}l6 6m0-6l-6 6"/>'
    return f'<path class="checkpoint" d="M{x:.1f} {y}v8"/>'


def _tone(lane: Lane) -> str:
    """The class that gives a lane its colour."""
    known = {AT_WORK, WAITING, REJECTED, "success", "error"}
    if lane.outcome in known:
        return lane.outcome
    return "hand" if lane.outcome == BY_HAND else HATCHES.get(lane.outcome, "gone")


def _bars(timeline: Timeline, lane: Lane, y: int) -> list[str]:
    """Draws the time in the queue lighter than the time at work, and work that was cut off hatched."""
    end = lane.ended or timeline.moments
    began = end if lane.began is None else lane.began
    bars = []
    if lane.start < began:
        bars.append(_bar(timeline, (lane.start, began), y, 'class="bar queued"'))
    if lane.began is not None:
        cut = lane.outcome in SUPERSEDED
        look = f'class="bar hatched" fill="url(#hatch-{_tone(lane)})"' if cut else 'class="bar working"'
        bars.append(_bar(timeline, (began, end), y, look))
    return bars


def _bar(timeline: Timeline, between: tuple[int, int], y: int, look: str) -> str:
    start, end = (_x(timeline, moment) for moment in between)
    return f'<rect {look} x="{start:.1f}" y="{y}" width="{max(2, end - start):.1f}" height="{BAR}" rx="4"/>'


def _refusal(x: float, y: int) -> str:
    """Draws a 409 at its moment, its label before it if there is room: no line of a later arrival passes there."""
    beside = f'x="{x - 18:.1f}" text-anchor="end"' if x - 120 > LEFT else f'x="{x + 18:.1f}"'
    return (
        f'<circle class="mark" cx="{x:.1f}" cy="{y}" r="11"/>'
        f'<path class="mark" stroke-linecap="round" d="M{x - 4:.1f} {y - 4}l8 8m0-8l-8 8"/>'
        f'<text class="refused" {beside} y="{y + 5}">409 Conflict</text>'
    )


def _legend(timeline: Timeline, y: int) -> str:
    """Explains what occurs in the picture, and that its distances are no times."""
    runs = [lane for lane in timeline.lanes if lane.outcome not in (BY_HAND, REJECTED)]
    waited = any(lane.start < (lane.began or timeline.moments) for lane in runs)
    cut = sorted({_tone(lane) for lane in runs if lane.outcome in SUPERSEDED and lane.began is not None})
    shown = [('class="bar working"', "running", "at work")]
    shown += [('class="bar queued"', "running", "waiting")] if waited else []
    shown += [(f'class="bar hatched" fill="url(#hatch-{tone})"', tone, "cut off") for tone in cut[:1]]
    x, parts = 16, []
    for look, tone, meaning in shown:
        parts.append(
            f'<g class="{tone}"><rect {look} x="{x}" y="{y - 10}" width="22" height="12" rx="3"/></g>'
        )
        parts.append(f'<text class="soft" x="{x + 29}" y="{y + 1}">{meaning}</text>')
        x += 94
    ticks = [(False, "checkpoint")]
    ticks += [(True, "removed")] if any(lane.outcome == "rolled back" for lane in runs) else []
    for removed, meaning in ticks:
        parts.append(_checkpoint(x + 4, y - 8, removed))
        parts.append(f'<text class="soft" x="{x + 14}" y="{y + 1}">{meaning}</text>')
        x += 106
    parts.append(
        f'<text class="soft" x="{RIGHT}" y="{y + 1}" text-anchor="end">in order, not to scale →</text>'
    )
    return "\n".join(parts)

"""Ids and times differ between any two runs: which id of one server stands for which of the other."""

from __future__ import annotations

import re
import uuid

# Ids that are the same on every server: the system assistants', and the one that scenarios use for "unknown".
GRAPHS = ("agent", "fails", "asks", "streams", "parent", "things")
SYSTEM_NAMESPACE = uuid.UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")
UNKNOWN = "00000000-0000-4000-8000-000000000001"
CONSTANT_IDS = {UNKNOWN, *(str(uuid.uuid5(SYSTEM_NAMESPACE, graph)) for graph in GRAPHS)}

VARYING = re.compile(
    r"(?P<id>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b)"
    r"|(?P<time>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00)"
    r"|(?P<datetime>datetime\.datetime\([^()]*(?:\([^()]*\))?[^()]*\))"
    r"|(?P<event>\b\d{13}-\d+\b)"
    r"|(?P<clock>\b1\d{12}\b)"
    r"|(?P<address>\b0x[0-9a-f]{8,16}\b)"
    r"|(?P<url>http://127\.0\.0\.1:\d+)"
)


class Pairs:
    """Which id of the mock stands for which id of the real server."""

    def __init__(self) -> None:
        self._mock_of: dict[str, str] = {id: id for id in CONSTANT_IDS}
        self._real_of: dict[str, str] = dict(self._mock_of)
        self._names: dict[str, str] = {}

    def match(self, real: str, mock: str) -> bool:
        """Tell whether two ids stand for each other, pairing them if both are new."""
        if real not in self._mock_of and mock not in self._real_of:
            self._mock_of[real] = mock
            self._real_of[mock] = real
        return self._mock_of.get(real) == mock

    def expected(self, real: str) -> str:
        """Replace the ids in a text of the real server by the mock's."""
        return VARYING.sub(lambda found: self._mock_of.get(found[0], found[0]), real)

    def name(self, text: str, of_mock: bool) -> str:
        """Return a text with its ids named by the order in which the real server used them first."""

        def rename(found: re.Match[str]) -> str:
            if found.lastgroup != "id" or found[0] in CONSTANT_IDS:
                return found[0]
            real = self._real_of.get(found[0]) if of_mock else found[0]
            if real is None:
                return "<new id>"
            return self._names.setdefault(real, f"<id {len(self._names) + 1}>")

        return VARYING.sub(rename, text)


def template(text: str) -> str:
    """Return a text with what varies replaced by its kind."""
    return VARYING.sub(lambda found: found[0] if found[0] in CONSTANT_IDS else f"<{found.lastgroup}>", text)

"""A bounded log of requests and status changes, kept for failure reports."""

from __future__ import annotations

import threading
from collections import deque

MAX_LINES = 1000


class Log:
    """The newest lines; older ones fall out. Written by the server's thread, read by any."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._lock = threading.Lock()

    def add(self, line: str) -> None:
        """Append one line."""
        with self._lock:
            self._lines.append(line)

    def tail(self, lines: int) -> list[str]:
        """Return the newest lines, oldest of them first.

        Args:
            lines: how many at most, >= 0.
        """
        with self._lock:
            return list(self._lines)[-lines:] if lines > 0 else []

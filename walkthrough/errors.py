"""What can go wrong before a page's own code does.

WalkthroughError        a message for the reader, naming the thing, its state and the next step
├── PageError           a page that cannot be read, with file and line
├── PageNotFoundError   a page that is not there
├── DeploymentError     a deployment that does not answer
└── ThreadError         a thread on which nothing happened
"""

from __future__ import annotations

from pathlib import Path


class WalkthroughError(Exception):
    """Something the person at the keyboard can mend; the message says how."""


class PageError(WalkthroughError):
    """A page that does not follow the page format.

    Args:
        path: the page.
        line: the line to look at, counted from 1.
        message: what is wrong there and what to write instead.
    """

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line = path, line


class PageNotFoundError(WalkthroughError):
    """A page that was named, or looked for, and is not there."""


class DeploymentError(WalkthroughError):
    """A deployment that does not answer."""


class ThreadError(WalkthroughError):
    """A thread of which a journal tells nothing."""

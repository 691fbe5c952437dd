"""A mock of a LangGraph deployment: what it answers is what the real server answers, at once and every time."""

from __future__ import annotations

from mockserver.app import create_app
from mockserver.errors import BadGraph, MockServerError, PortInUse, UnsafeHost
from mockserver.server import MockDeployment

__all__ = ["BadGraph", "MockDeployment", "MockServerError", "PortInUse", "UnsafeHost", "create_app"]

from __future__ import annotations

from pathlib import Path

import pytest

from .differences import Difference, Listed, read_listed, stale, unlisted


def test_listed_differences_are_neither_missed_nor_kept_too_long() -> None:
    seen = Difference("story", 2, "GET /threads", "/status", "500", "200")
    other = Difference("story", 3, "GET /threads", "/status", "500", "200")
    listed = Listed("story", 2, "/status", "better", "the real server breaks")
    gone = Listed("story", 9, "/status", "open", "mended since")

    assert unlisted([seen, other], [listed]) == [other]
    assert stale([seen, other], [listed, gone]) == [gone]


def test_read_listed_refuses_an_unknown_category(tmp_path: Path) -> None:
    path = tmp_path / "differences.toml"
    path.write_text(
        '[[difference]]\nscenario = "s"\nexchange = 1\npointer = "/status"\ncategory = "meh"\nreason = "r"\n'
    )

    with pytest.raises(ValueError, match="category 'meh' of s, exchange 1, /status"):
        read_listed(path)

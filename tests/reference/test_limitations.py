from __future__ import annotations

from .compare import read_listed
from .limitations import DIFFERENCES, README, with_limitations


def test_readme_lists_every_difference_from_the_real_server() -> None:
    readme = README.read_text(encoding="utf-8")
    listed = read_listed(DIFFERENCES)

    assert with_limitations(readme, listed) == readme
    assert listed and all(entry.reason in readme for entry in listed)

from __future__ import annotations

import pytest

from .limitations import README, assumptions, differences, with_limitations
from .scenarios import SCENARIOS


def test_readme_lists_every_difference_and_every_assumption() -> None:
    readme = README.read_text(encoding="utf-8")

    assert with_limitations(readme) == readme
    assert f"\n{len(SCENARIOS)} scenarios are played" in readme


@pytest.mark.parametrize("listed", [differences(), assumptions()], ids=["differences", "assumptions"])
def test_no_list_of_limitations_is_made_of_nothing(listed: list[str]) -> None:
    readme = README.read_text(encoding="utf-8")

    assert listed
    assert all(f"\n- {item}\n" in readme for item in listed)

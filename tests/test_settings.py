from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from mockserver import MockDeployment, create_app
from mockserver.settings import Options, Settings


def test_every_setting_is_a_keyword_that_type_checkers_know() -> None:
    assert get_type_hints(Options) == get_type_hints(Settings)


@pytest.mark.parametrize("make", [create_app, MockDeployment])
def test_a_keyword_that_is_no_setting_is_refused(make: Any) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'hold'"):
        make(hold=1)

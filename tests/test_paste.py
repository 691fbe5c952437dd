"""The shell steps of every page, pasted in order into one fresh terminal, as a reader would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mockserver import MockDeployment
from tests.test_pages import PAGES
from walkthrough.languages import Language
from walkthrough.outputs import masked
from walkthrough.pages import Page

SHELL_PAGES = [page for page in PAGES if Language.CURL in page.languages]


@pytest.mark.parametrize("page", SHELL_PAGES, ids=[page.name for page in SHELL_PAGES])
def test_pasted_into_an_interactive_bash_the_steps_print_what_the_page_says(
    page: Page, tmp_path: Path
) -> None:
    steps = [step.snippets[Language.CURL] for step in page.steps(Language.CURL)]
    pasted = "".join(f"{step.code.text}\n" for step in steps)
    printed = "".join(f"{step.expected}\n" for step in steps if step.expected)
    with MockDeployment(hold_s=60) as mock:
        environment = os.environ | {"DEPLOYMENT_URL": mock.url, "HISTFILE": "", "PS1": "", "PS2": ""}

        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-i"],
            check=False,
            cwd=tmp_path,
            env=environment,
            input=pasted,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,  # an interactive shell would take the terminal of whoever runs the tests
        )

    assert masked(done.stdout, mock.url) == masked(printed), done.stderr

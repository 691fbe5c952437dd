from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import MockDeployment
from tests.pages import make_page
from walkthrough.languages import Language
from walkthrough.markdown import read_page
from walkthrough.pages import Page
from walkthrough.report import failures
from walkthrough.run import NotebookResult, run_notebooks

Break = Callable[[str, str], Page]

REJECT = Path(__file__).parent.parent / "notebooks" / "reject-concurrent.md"


def run(page: Page, language: Language) -> NotebookResult:
    (result,) = asyncio.run(run_notebooks([(page, language)]))
    return result


@pytest.fixture
def broken_reject(tmp_path: Path) -> Break:
    """Makes a copy of the reject page in which one thing is broken; its modules resolve as the original's do."""

    def broken(old: str, new: str) -> Page:
        text = REJECT.read_text(encoding="utf-8")
        assert text.count(old) >= 1
        path = tmp_path / REJECT.name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return read_page(path)

    return broken


@pytest.mark.parametrize(
    ("language", "code"),
    [
        (Language.PYTHON, "print('hello')"),
        (Language.JAVASCRIPT, "console.log('hello')"),
        (Language.CURL, "echo hello"),
    ],
)
def test_a_true_page_passes(tmp_path: Path, language: Language, code: str) -> None:
    result = run(make_page(tmp_path, {language: (code, "hello")}), language)

    assert result.passed
    assert failures(result) == []


@pytest.mark.parametrize(
    ("language", "code"),
    [
        (Language.PYTHON, "print('hello')"),
        (Language.JAVASCRIPT, "console.log('hello')"),
        (Language.CURL, "echo hello"),
    ],
)
def test_a_wrong_output_fails_and_shows_both(tmp_path: Path, language: Language, code: str) -> None:
    result = run(make_page(tmp_path, {language: (code, "goodbye")}), language)

    (text,) = failures(result)
    assert not result.passed
    assert "-goodbye" in text
    assert "+hello" in text


def test_an_output_the_page_does_not_state_fails(tmp_path: Path) -> None:
    result = run(make_page(tmp_path, {Language.PYTHON: ("1 + 1", "")}), Language.PYTHON)

    assert not result.passed


def test_writing_to_stderr_fails(tmp_path: Path) -> None:
    result = run(make_page(tmp_path, {Language.CURL: ("echo hello; echo oops >&2", "hello")}), Language.CURL)

    assert "+[stderr] oops" in failures(result)[0]


def test_a_javascript_error_fails_with_its_place_and_cause(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.JAVASCRIPT: ("console.log(1);\nthrow new Error('broken');", "1")})

    (text,) = failures(run(page, Language.JAVASCRIPT))
    assert text.startswith(f"{page.path}:7: Step  page[javascript]::step")
    assert "Error: broken" in text


def test_curl_that_fails_in_the_middle_of_a_step_fails_the_step(tmp_path: Path) -> None:
    code = 'curl --fail-with-body --silent "$DEPLOYMENT_URL/threads/none" > /dev/null\necho hello'
    result = run(make_page(tmp_path, {Language.CURL: (code, "hello")}), Language.CURL)

    assert not result.passed
    assert result.steps[0].error is not None


def test_a_failure_shows_the_end_of_the_deployments_log(tmp_path: Path) -> None:
    code = 'curl --fail-with-body --silent "$DEPLOYMENT_URL/no/such/route" > /dev/null'
    result = run(make_page(tmp_path, {Language.CURL: (code, "")}), Language.CURL)

    assert "/no/such/route" in failures(result)[0]


def test_a_kernel_that_dies_is_named(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.PYTHON: ("import os\nos.kill(os.getpid(), 9)", "")})

    assert "the python3 kernel died" in failures(run(page, Language.PYTHON))[0]


def test_a_kernel_that_is_not_installed_is_named_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Language, "kernel", "absent")
    page = make_page(tmp_path, {Language.CURL: ("true", "")})

    (text,) = failures(run(page, Language.CURL))
    assert "the absent kernel is not installed; install it with: uv sync" in text


def test_steps_after_an_error_do_not_run(broken_reject: Break) -> None:
    page = broken_reject('assistant_id = "agent"', 'assistant_id = "agent"; undefined')

    result = run(page, Language.PYTHON)

    assert [step.step.id for step in result.steps] == [
        "point-at-a-deployment",
        "create-a-client-and-a-thread",
    ]


def test_a_misspelt_strategy_in_javascript_fails_because_the_second_run_is_accepted(
    broken_reject: Break,
) -> None:
    page = broken_reject('multitaskStrategy: "reject"', 'multitask_strategy: "reject"')

    result = run(page, Language.JAVASCRIPT)

    assert "the second run was accepted" in failures(result)[0]
    assert result.steps[-1].step.id == "create-runs"


def test_an_enqueued_second_run_fails_in_python(broken_reject: Break) -> None:
    page = broken_reject('multitask_strategy="reject"', 'multitask_strategy="enqueue"')

    assert "the second run was accepted" in failures(run(page, Language.PYTHON))[0]


def test_an_enqueued_second_run_fails_in_curl(broken_reject: Break) -> None:
    page = broken_reject('multitask_strategy: "reject"\n  }', 'multitask_strategy: "enqueue"\n  }')

    assert "the second run was accepted" in failures(run(page, Language.CURL))[0]


def test_another_error_than_409_is_not_taken_for_the_rejection(broken_reject: Break) -> None:
    page = broken_reject('multitask_strategy: "reject"\n  }', 'multitask_strategy: "refuse"\n  }')

    assert "not the expected 409" in failures(run(page, Language.CURL))[0]


@pytest.mark.parametrize("language", Language)
def test_a_page_whose_deployment_does_not_answer_says_how_to_start_one(language: Language) -> None:
    page = read_page(REJECT)
    with MockDeployment() as gone:
        url = gone.url

    (result,) = asyncio.run(run_notebooks([(page, language)], deployment_url=url))

    assert f"No deployment answers at {url}; start one with: uv run mockserver" in failures(result)[0]


def test_one_deployment_serves_all_languages_at_once() -> None:
    page = read_page(REJECT)
    with MockDeployment(hold_s=60) as mock:
        results = asyncio.run(
            run_notebooks([(page, each) for each in Language], deployment_url=mock.url, jobs=3)
        )

    assert [failures(result) for result in results] == [[], [], []]


def test_progress_is_reported_after_each_step_and_at_the_end(tmp_path: Path) -> None:
    page = make_page(tmp_path, {Language.CURL: ("echo hello", "hello")})
    seen: list[tuple[int, bool]] = []

    asyncio.run(
        run_notebooks([(page, Language.CURL)], on_step=lambda r: seen.append((len(r.steps), bool(r.seconds))))
    )

    assert seen == [(1, False), (1, True)]


def test_the_proof_is_the_highlighted_line_as_printed() -> None:
    result = run(read_page(REJECT), Language.CURL)

    (line,) = result.proof
    assert line.startswith("Failed to start concurrent run: 409 Thread is already running a task. Wait for")

"""Refusals in the real server's words."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import schemas
from mockserver.errors import Unprocessable
from mockserver.schemas import Schema

RUN = {"assistant_id": "agent"}


@pytest.mark.parametrize(
    ("schema", "body", "detail"),
    [
        (
            schemas.run_create,
            {**RUN, "multitask_strategy": "bogus"},
            (
                '"bogus" is not one of "reject", "rollback" or 2 other candidates\n\n'
                'Failed validating "enum" in schema["properties"]["multitask_strategy"]\n\n'
                'On instance["multitask_strategy"]:\n    "bogus"'
            ),
        ),
        (
            schemas.run_create_waiting,
            {**RUN, "multitask_strategy": "bogus"},
            (
                '"bogus" is not one of "reject", "rollback" or 2 other candidates\n\n'
                'Failed validating "enum" in schema["components"]["schemas"]["RunCreateStateful"]'
                '["properties"]["multitask_strategy"]\n\nOn instance["multitask_strategy"]:\n    "bogus"'
            ),
        ),
        (
            schemas.run_create,
            {**RUN, "multitask_strategy": None},
            (
                'null is not of type "string"\n\nFailed validating "type" in schema["properties"]'
                '["multitask_strategy"]\n\nOn instance["multitask_strategy"]:\n    null'
            ),
        ),
        (
            schemas.run_create,
            {"input": {}},
            (
                '"assistant_id" is a required property\n\n'
                'Failed validating "required" in schema\n\nOn instance:\n    {"input":{}}'
            ),
        ),
        (
            schemas.run_create,
            {"assistant_id": 5},
            (
                "5 is not valid under any of the schemas listed in the 'anyOf' keyword\n\n"
                'Failed validating "anyOf" in schema["properties"]["assistant_id"]\n\n'
                'On instance["assistant_id"]:\n    5'
            ),
        ),
        (
            schemas.thread_search,
            {"limit": 1001},
            (
                "1001 is greater than the maximum of 1000\n\n"
                'Failed validating "maximum" in schema["properties"]["limit"]\n\nOn instance["limit"]:\n    1001'
            ),
        ),
        (
            schemas.thread_create,
            [],
            '[] is not of type "object"\n\nFailed validating "type" in schema\n\nOn instance:\n    []',
        ),
    ],
)
def test_a_body_that_does_not_fit_is_refused_in_the_real_servers_words(
    schema: Schema, body: Any, detail: str
) -> None:
    with pytest.raises(Unprocessable) as refusal:
        schema.check(body)

    assert refusal.value.detail == detail


def test_unknown_fields_are_ignored() -> None:
    assert schemas.run_create.check({**RUN, "multitaskStrategy": "reject"})["assistant_id"] == "agent"

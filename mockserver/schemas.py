"""JSON schemas of request bodies, and the messages a body that breaks one is refused with; knows no endpoint.

The real server validates with jsonschema-rs and sends its messages, so the same library is used here.
Source: field names and types from the API reference; orders and messages observed on langgraph-api 0.16.7.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from mockserver.errors import Unprocessable
from mockserver.records import Json

STRING: Json = {"type": "string"}
OBJECT: Json = {"type": "object"}
BOOLEAN: Json = {"type": "boolean"}
NUMBER: Json = {"type": "number"}
ANYTHING: Json = {}

STREAM_MODES = [
    "values", "messages", "messages-tuple", "tasks", "checkpoints", "updates", "events", "debug", "custom",
]  # fmt: skip


def _enum(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def _array(items: Json, **bounds: int) -> Json:
    return {"type": "array", "items": items, **bounds}


def _any(*schemas: Json) -> Json:
    return {"anyOf": list(schemas)}


def _object(required: list[str] | None = None, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


NULL: Json = {"type": "null"}
LIMIT: Json = {"type": "integer", "minimum": 1, "maximum": 1000}
OFFSET: Json = {"type": "integer", "minimum": 0}
ORDER = _enum("asc", "desc")

TTL = _object(strategy=_enum("delete", "keep_latest"), ttl=NUMBER, sweep_interval_minutes=NUMBER)

CONFIG = _object(
    tags=_array(STRING), recursion_limit={"type": "integer"}, configurable=OBJECT, metadata=OBJECT
)

RUN_CREATE: Json = {
    "assistant_id": _any({"type": "string", "format": "uuid"}, STRING),
    "checkpoint": OBJECT,
    "checkpoint_id": _any(STRING, NULL),
    "input": ANYTHING,
    "command": _any(OBJECT, NULL),
    "metadata": OBJECT,
    "config": CONFIG,
    "context": OBJECT,
    "webhook": {"type": "string", "minLength": 1},
    "interrupt_before": _any(_enum("*"), _array(STRING), NULL),
    "interrupt_after": _any(_enum("*"), _array(STRING), NULL),
    "stream_mode": _any(_array(_enum(*STREAM_MODES)), _enum(*STREAM_MODES)),
    "stream_subgraphs": BOOLEAN,
    "stream_resumable": BOOLEAN,
    "feedback_keys": _any(_array(STRING), NULL),
    "after_seconds": NUMBER,
    "checkpoint_during": BOOLEAN,
    "durability": _enum("sync", "async", "exit"),
}

STRATEGY = _enum("reject", "rollback", "interrupt", "enqueue")

RUN_CREATE_STATEFUL = _object(
    ["assistant_id"], **RUN_CREATE, multitask_strategy=STRATEGY, if_not_exists=_enum("create", "reject")
)

RUN_CREATE_STATELESS = _object(["assistant_id"], **RUN_CREATE, on_completion=_enum("delete", "keep"))


def _waiting(name: str, schema: Json) -> Json:
    """Return the schema of a run its starter waits for.

    It refers to the schema of the run, and so its messages name another path.
    """
    return {
        "components": {"schemas": {name: schema}},
        "allOf": [
            {"$ref": f"#/components/schemas/{name}"},
            {"type": "object", "properties": {"on_disconnect": _enum("cancel", "continue")}},
        ],
    }


RUN_BATCH: Json = {
    "components": {"schemas": {"RunCreateStateless": RUN_CREATE_STATELESS}},
    "type": "array",
    "minItems": 1,
    "items": {"$ref": "#/components/schemas/RunCreateStateless"},
}

RUNS_CANCEL: Json = {
    "type": "object",
    "properties": {
        "status": _enum("pending", "running", "all"),
        "thread_id": STRING,
        "run_ids": _array(STRING),
    },
    "oneOf": [{"required": ["status"]}, {"required": ["thread_id", "run_ids"]}],
}

STATE_VALUES = _any(_array(OBJECT), OBJECT, NULL)

SUPERSTEP_UPDATE = _object(["as_node"], values=STATE_VALUES, command=_any(OBJECT, NULL), as_node=STRING)

THREAD_CREATE: Json = {
    "components": {"schemas": {"ThreadSuperstepUpdate": SUPERSTEP_UPDATE}},
    **_object(
        thread_id=STRING,
        metadata=OBJECT,
        if_exists=_enum("raise", "do_nothing"),
        ttl=TTL,
        supersteps=_array(
            _object(["updates"], updates=_array({"$ref": "#/components/schemas/ThreadSuperstepUpdate"}))
        ),
    ),
}

THREAD_PATCH = _object(metadata=OBJECT, ttl=TTL)

THREAD_FIELDS = [
    "thread_id", "created_at", "updated_at", "metadata", "config", "context", "status", "values", "interrupts",
]  # fmt: skip

THREAD_STATUS = _enum("idle", "busy", "interrupted", "error")

THREAD_SEARCH = _object(
    ids=_array(STRING),
    metadata=OBJECT,
    values=OBJECT,
    status=THREAD_STATUS,
    limit=LIMIT,
    offset=OFFSET,
    sort_by=_enum("thread_id", "status", "created_at", "updated_at", "state_updated_at"),
    sort_order=ORDER,
    select=_array({"type": "string", "enum": THREAD_FIELDS}),
    extract={"type": "object", "additionalProperties": STRING, "maxProperties": 10},
)

THREAD_COUNT = _object(metadata=OBJECT, values=OBJECT, status=THREAD_STATUS)

THREAD_PRUNE = _object(["thread_ids"], thread_ids=_array(STRING), strategy=_enum("delete", "keep_latest"))

CHECKPOINT: Json = {"$ref": "#/components/schemas/CheckpointConfig"}

CHECKPOINT_CONFIG: Json = {
    "schemas": {
        "CheckpointConfig": _object(
            thread_id=STRING, checkpoint_ns=STRING, checkpoint_id=STRING, configurable=OBJECT
        )
    }
}

HISTORY: Json = {
    "components": CHECKPOINT_CONFIG,
    **_object(limit=LIMIT, before=CHECKPOINT, metadata=OBJECT, checkpoint=CHECKPOINT),
}

STATE_AT: Json = {
    "components": CHECKPOINT_CONFIG,
    **_object(["checkpoint"], checkpoint=CHECKPOINT, subgraphs=BOOLEAN),
}

STATE_UPDATE: Json = {
    "components": CHECKPOINT_CONFIG,
    **_object(values=STATE_VALUES, as_node=STRING, checkpoint=CHECKPOINT),
}

ASSISTANT_FIELDS = [
    "assistant_id", "graph_id", "name", "description", "config", "context", "created_at", "updated_at",
    "metadata", "version",
]  # fmt: skip

ASSISTANT_SEARCH = _object(
    metadata=OBJECT,
    graph_id=STRING,
    name=STRING,
    limit=LIMIT,
    offset=OFFSET,
    sort_by=_enum("assistant_id", "created_at", "updated_at", "name", "graph_id"),
    sort_order=ORDER,
    select=_array({"type": "string", "enum": ASSISTANT_FIELDS}),
)

ASSISTANT_COUNT = _object(metadata=OBJECT, graph_id=STRING, name=STRING)

# The mock's own API is strict: what it does not know, it refuses.

RESET: Json = {**_object(seed={"type": "integer"}, thread_id=STRING), "additionalProperties": False}

SECONDS: Json = {"type": "number", "minimum": 0, "maximum": 1e6}

SETTINGS: Json = {**_object(hold=SECONDS, think=SECONDS), "additionalProperties": False}


class Schema:
    """A schema ready to check bodies."""

    def __init__(self, schema: Json) -> None:
        self._validator = jsonschema_rs.validator_for(schema)

    def check(self, body: Any) -> Json:
        """Return the body if it fits.

        Raises:
            Unprocessable: it does not; the text says what is wrong, by which rule, and where (422).
        """
        try:
            self._validator.validate(body)
        except jsonschema_rs.ValidationError as error:
            raise Unprocessable(str(error)) from None
        checked: Json = body
        return checked


run_create = Schema(RUN_CREATE_STATEFUL)
run_create_waiting = Schema(_waiting("RunCreateStateful", RUN_CREATE_STATEFUL))
stateless_run_create = Schema(RUN_CREATE_STATELESS)
stateless_run_create_waiting = Schema(_waiting("RunCreateStateless", RUN_CREATE_STATELESS))
run_batch = Schema(RUN_BATCH)
runs_cancel = Schema(RUNS_CANCEL)
thread_create = Schema(THREAD_CREATE)
thread_patch = Schema(THREAD_PATCH)
thread_search = Schema(THREAD_SEARCH)
thread_count = Schema(THREAD_COUNT)
thread_prune = Schema(THREAD_PRUNE)
history = Schema(HISTORY)
state_at = Schema(STATE_AT)
state_update = Schema(STATE_UPDATE)
assistant_search = Schema(ASSISTANT_SEARCH)
assistant_count = Schema(ASSISTANT_COUNT)
reset = Schema(RESET)
settings = Schema(SETTINGS)

"""Many calls in one request, where the service allows `tool_mobile_call_external_functions`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moodle_sync.client import Caller
from moodle_sync.errors import Kind, MoodleError, from_moodle
from moodle_sync.form import Params, Value
from moodle_sync.record import Record

BATCH = "tool_mobile_call_external_functions"
MAX_CALLS = 150
"""Two form fields a call and a setting: well below the limit of a form."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A call inside a batch."""

    function: str
    params: Params


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of one inner call: `data`, or the error that it means."""

    data: Any
    error: MoodleError | None = None


def call_many(caller: Caller, calls: Sequence[Inner]) -> list[Outcome]:
    """Run calls in one request; return as many outcomes as were run.

    Moodle stops at the first error: the list is then shorter than `calls`, its last outcome is
    the error, and the later calls were not run.
    """
    if len(calls) > MAX_CALLS:
        raise MoodleError(Kind.TRUNCATED, "toomanyfields", function=BATCH, may_have_arrived=False)
    rows: list[Value] = [
        {
            "function": item.function,
            "arguments": json.dumps(item.params),
            "settinglang": "en",
        }
        for item in calls
    ]
    found = Record(BATCH, caller.call(BATCH, {"requests": rows}))
    outcomes = [
        _outcome(call, item) for call, item in zip(calls, found.records("responses"), strict=False)
    ]
    short = len(outcomes) < len(calls)
    if not outcomes or (short and outcomes[-1].error is None):
        raise MoodleError(Kind.PROTOCOL, "shortbatch", function=BATCH)
    return outcomes


def _outcome(call: Inner, item: Record) -> Outcome:
    if item.flag("error"):
        body = _decode(item.text_or_none("exception") or "{}")
        return Outcome(None, from_moodle(call.function, body if isinstance(body, dict) else {}))
    return Outcome(_decode(item.text_or_none("data") or "null"))


def _decode(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except ValueError:
        raise MoodleError(Kind.PROTOCOL, "notjson", function=BATCH) from None

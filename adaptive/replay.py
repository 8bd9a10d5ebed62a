"""Replay answers against the interest engine: JSON lines on standard input and output.

`python -m adaptive.replay` holds many sessions in one process:

    {"op": "start", "session": "s1", "max_items": 24, "stop": false}   -> {"item": "R3"}
    {"op": "answer", "session": "s1", "item": "R3", "value": 4}        -> {"item": "S5"}
    ...   -> {"done": true, "scores": {...}, "top3": ["S", "A", "I"], "p_top3": 0.87}

A value is 1..5, or null for "Not sure". Bad input answers {"error": "..."} and keeps the session.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adaptive.interests import AnswerError, Engine, load_model
from adaptive.interests.form import ITEM_COUNT


class ReplayError(ValueError):
    """A request line that cannot be served; the message is sent back."""


@dataclass(slots=True)
class Session:
    """One respondent: settings, answers so far, and the item that waits for its answer."""

    seed: int
    max_items: int
    stop: bool
    item: str | None = None
    answers: dict[str, int | None] = field(default_factory=dict)


class Replay:
    """Serves decoded request lines for any number of sessions by one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions: dict[str, Session] = {}

    def serve(self, line: str) -> dict[str, Any]:
        """Answer one request line; errors become {"error": ...}, never an exception."""
        try:
            return self._serve(_decoded(line))
        except (ReplayError, AnswerError) as error:
            return {"error": str(error)}

    def _serve(self, request: dict[str, Any]) -> dict[str, Any]:
        op, name = request.get("op"), request.get("session")
        if op not in ("start", "answer"):
            raise ReplayError(f'unknown op {op!r}; expected "start" or "answer"')
        if not isinstance(name, str) or not name:
            raise ReplayError('"session" must be a text that is not empty')
        if op == "start":
            return self._start(name, request)
        return self._answer(name, request)

    def _start(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        max_items, stop = request.get("max_items", ITEM_COUNT), request.get("stop", False)
        if isinstance(max_items, bool) or not isinstance(max_items, int):
            raise ReplayError(f'"max_items" must be a whole number, 1 to {ITEM_COUNT}')
        if not isinstance(stop, bool):
            raise ReplayError('"stop" must be true or false')
        if name in self._sessions:
            raise ReplayError(f"session {name!r} has already started")
        session = Session(seed_of(name), max_items, stop)
        reply = self._step(session)
        self._sessions[name] = session
        return reply

    def _answer(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        session = self._sessions.get(name)
        if session is None:
            raise ReplayError(f"session {name!r} has not started")
        if session.item is None:
            raise ReplayError(f"session {name!r} is done")
        if request.get("item") != session.item:
            raise ReplayError(
                f"item {request.get('item')!r} was not asked; {session.item} waits for its answer"
            )
        if "value" not in request:
            raise ReplayError('"value" is missing; send 1 to 5, or null for "Not sure"')
        before = dict(session.answers)
        session.answers[session.item] = request["value"]
        try:
            return self._step(session)
        except AnswerError:
            session.answers = before
            raise

    def _step(self, session: Session) -> dict[str, Any]:
        session.item = self._engine.next_item(
            session.answers,
            seed=session.seed,
            max_items=session.max_items,
            stop=session.stop,
        )
        if session.item is not None:
            return {"item": session.item}
        profile = self._engine.profile(session.answers)
        return {
            "done": True,
            "scores": {scale: round(score, 4) for scale, score in profile.scores.items()},
            "top3": list(profile.top3),
            "p_top3": round(profile.p_top3_set, 4),
        }


def seed_of(name: str) -> int:
    """A seed that depends on the session's name alone, the same on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def _decoded(line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        raise ReplayError("the line is not valid JSON") from None
    if not isinstance(request, dict):
        raise ReplayError('the line must hold one JSON object such as {"op": "start", ...}')
    return request


def replies(lines: Iterable[str], engine: Engine) -> Iterator[str]:
    """Serve request lines one by one; blank lines are skipped."""
    replay = Replay(engine)
    for line in lines:
        if line.strip():
            yield json.dumps(replay.serve(line))


def main() -> int:
    """Serve standard input until it ends."""
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    for reply in replies(sys.stdin, Engine(load_model())):
        print(reply, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

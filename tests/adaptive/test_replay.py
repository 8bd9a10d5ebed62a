"""The replay protocol: JSON lines in and out, many sessions, errors that keep the session."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from adaptive.interests import ITEMS, Engine, load_model
from adaptive.replay import Replay, replies, seed_of


@pytest.fixture
def replay() -> Replay:
    return Replay(Engine(load_model()))


def send(replay: Replay, **request: Any) -> dict[str, Any]:
    return replay.serve(json.dumps(request))


def finish(replay: Replay, session: str, reply: dict[str, Any], value: int | None = 4) -> list[str]:
    """Answer until done; returns the items asked."""
    asked = []
    while "item" in reply:
        asked.append(reply["item"])
        reply = send(replay, op="answer", session=session, item=reply["item"], value=value)
    assert reply["done"] is True
    return asked


def test_a_session_asks_max_items_and_ends_with_a_profile(replay: Replay) -> None:
    reply = send(replay, op="start", session="s1", max_items=3, stop=False)
    for value in (4, None, 2):
        assert list(reply) == ["item"]
        assert reply["item"] in ITEMS
        reply = send(replay, op="answer", session="s1", item=reply["item"], value=value)
    assert set(reply) == {"done", "scores", "top3", "p_top3"}
    assert reply["done"] is True
    assert list(reply["scores"]) == list("RIASEC")
    assert reply["top3"] == sorted("RIASEC", key=lambda s: -reply["scores"][s])[:3]
    assert 0 < reply["p_top3"] < 1


def test_stop_ends_by_its_own_rule(replay: Replay) -> None:
    reply = send(replay, op="start", session="s", max_items=48, stop=True)
    likes = {"R": 1, "I": 5, "A": 5, "S": 5, "E": 1, "C": 1}
    count = 0
    while "item" in reply:
        count += 1
        item = reply["item"]
        reply = send(replay, op="answer", session="s", item=item, value=likes[item[0]])
    assert 8 <= count < 24
    assert set(reply["top3"]) == set("IAS")


def test_sessions_do_not_mix(replay: Replay) -> None:
    alone = finish(replay, "a", send(replay, op="start", session="a", max_items=6))
    other = Replay(Engine(load_model()))
    first = send(other, op="start", session="a", max_items=6)
    second = send(other, op="start", session="b", max_items=6)
    while "item" in second:
        second = send(other, op="answer", session="b", item=second["item"], value=1)
    assert finish(other, "a", first) == alone


def test_the_seed_comes_from_the_name() -> None:
    assert seed_of("s1") == seed_of("s1") != seed_of("s2")


def test_not_sure_everywhere_still_ends(replay: Replay) -> None:
    start = send(replay, op="start", session="s", max_items=48, stop=True)
    assert len(finish(replay, "s", start, value=None)) == 48


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "one JSON object"),
        ('"start"', "one JSON object"),
        ("[" * 100_000, "not valid JSON"),
        ('{"op": "begin", "session": "x"}', "unknown op 'begin'"),
        ('{"session": "x"}', "unknown op None"),
        ('{"op": "start"}', '"session" must be a text'),
        ('{"op": "start", "session": 4}', '"session" must be a text'),
        ('{"op": "start", "session": "x", "max_items": 0}', "expected 1 to 48"),
        ('{"op": "start", "session": "x", "max_items": 49}', "expected 1 to 48"),
        ('{"op": "start", "session": "x", "max_items": "9"}', '"max_items" must be a whole'),
        ('{"op": "start", "session": "x", "max_items": true}', '"max_items" must be a whole'),
        ('{"op": "start", "session": "x", "stop": 1}', '"stop" must be true or false'),
        ('{"op": "answer", "session": "none", "item": "R1", "value": 1}', "has not started"),
    ],
)
def test_bad_requests_say_why(replay: Replay, line: str, message: str) -> None:
    assert message in replay.serve(line)["error"]


@pytest.mark.parametrize("value", [0, 6, 7, "4", 3.0, True, [1], {}])
def test_a_bad_value_keeps_the_session(replay: Replay, value: object) -> None:
    item = send(replay, op="start", session="s", max_items=4)["item"]
    refused = send(replay, op="answer", session="s", item=item, value=value)
    assert f"for item {item}" in refused["error"]
    assert "item" in send(replay, op="answer", session="s", item=item, value=3)


def test_other_bad_answers_keep_the_session(replay: Replay) -> None:
    item = send(replay, op="start", session="s", max_items=2)["item"]
    other = next(name for name in ITEMS if name != item)
    assert "was not asked" in send(replay, op="answer", session="s", item=other, value=3)["error"]
    assert "was not asked" in send(replay, op="answer", session="s", item="Z1", value=3)["error"]
    assert "was not asked" in send(replay, op="answer", session="s", item=[], value=3)["error"]
    assert "is missing" in send(replay, op="answer", session="s", item=item)["error"]
    assert "already started" in send(replay, op="start", session="s")["error"]
    start = send(replay, op="answer", session="s", item=item, value=3)
    assert len(finish(replay, "s", start)) == 1
    assert "is done" in send(replay, op="answer", session="s", item=item, value=3)["error"]


def test_blank_lines_are_skipped() -> None:
    lines = ["\n", '{"op": "start", "session": "s"}\n', "  \n"]
    assert len(list(replies(lines, Engine(load_model())))) == 1


def test_the_process_answers_each_line_at_once() -> None:
    """The next request is only sent once the reply to the last has arrived."""
    with subprocess.Popen(
        [sys.executable, "-m", "adaptive.replay"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(request: dict[str, Any]) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            reply: dict[str, Any] = json.loads(process.stdout.readline())
            return reply

        reply = ask({"op": "start", "session": "ä", "max_items": 5, "stop": False})
        while "item" in reply:
            reply = ask({"op": "answer", "session": "ä", "item": reply["item"], "value": 2})
        assert reply["done"] is True
        process.stdin.close()
        assert process.wait(timeout=20) == 0

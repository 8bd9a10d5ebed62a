"""Logs cannot carry a person or a secret."""

from __future__ import annotations

import json
import logging

import pytest

from config.logging import configure_logging, get_logger, scrub

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI1In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "secret",
    [
        JWT,
        "wstoken=0123456789abcdef",
        "Authorization: Bearer abc.def",
        "bearer 0123456789",
        '{"access_token": "0123456789"}',
        "agnes@example.org",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        "https://moodle.example/x?sesskey=SeCrEt01",
    ],
)
def test_secrets_are_scrubbed(secret):
    kept = scrub(f"before {secret} after")
    assert kept.startswith("before")
    for part in ("c2lnbmF0", "0123456789", "abc.def", "agnes", "MIIE", "SeCrEt01"):
        assert part not in kept


def test_line_breaks_cannot_forge_a_line():
    assert "\n" not in scrub("user\nINFO all is well\r\n")


def test_only_known_keys_are_written(capsys):
    configure_logging("INFO")
    get_logger().info("launch.refused", code="nonce_used", name="Ágnes", answers=[1, 2])
    line = json.loads(capsys.readouterr().err)
    assert line["code"] == "nonce_used"
    assert set(line) == {"event", "code", "level", "timestamp"}


def test_a_traceback_says_where_and_never_what(capsys):
    configure_logging("INFO")
    try:
        try:
            raise KeyError("Ágnes")
        except KeyError as error:
            raise ValueError("Key (sub)=(4711) already exists") from error
    except ValueError:
        get_logger().exception("request.failed", route="x")
        logging.getLogger("library").exception("it broke")
    written = capsys.readouterr().err
    assert written.count("ValueError at config/test_logging.py:") == 2
    assert written.count("because of KeyError at config/test_logging.py:") == 2
    assert "gnes" not in written
    assert "4711" not in written


def test_the_demos_tracebacks_are_whole_and_scrubbed(capsys):
    configure_logging("INFO", human=True)
    try:
        raise ValueError(f"bad token {JWT}")
    except ValueError:
        get_logger().exception("request.failed", route="x")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "c2lnbmF0" not in written

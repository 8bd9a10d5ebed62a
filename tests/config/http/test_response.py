"""Reading an answer."""

from __future__ import annotations

import dataclasses

import pytest
from requests.structures import CaseInsensitiveDict

from config.http import HttpProtocolError, HttpResponse


def response(body: bytes = b"", **headers: str) -> HttpResponse:
    fields = CaseInsensitiveDict({name.replace("_", "-"): text for name, text in headers.items()})
    return HttpResponse(200, "OK", fields, body, "https://moodle.example.org/a/b?c=d", 0.1)


@pytest.mark.parametrize(
    ("body", "value"),
    [(b'{"a": [1, "\xc5\xbe"]}', {"a": [1, "ž"]}), (b"null", None), (b" [] \n", [])],
)
def test_json(body, value):
    assert response(body).json() == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Maintenance</html>",
        b"<br />\n<b>Notice</b>: Undefined index\n{}",
        b"\xef\xbb\xbf{}",
        b'{"a": 1',
        b'{"a": NaN}',
        b"[Infinity]",
        b'"\xff"',
        b"[" * 200_000,
        b"1" * 10_000,
    ],
)
def test_not_json(body):
    with pytest.raises(HttpProtocolError):
        response(body).json()


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/html; charset=ISO-8859-2", b"\xbe", "ž"),
        ("text/html", "ž".encode(), "ž"),
        ("text/html; charset=no-such", "ž".encode(), "ž"),
        ("text/html; charset=base64", b"a", "a"),
        ("", b"\xff", "\ufffd"),
    ],
)
def test_text(content_type, body, text):
    assert response(body, Content_Type=content_type).text == text


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/x", "https://moodle.example.org/x"),
        ("x", "https://moodle.example.org/a/x"),
        ("//evil.example/", "https://evil.example/"),
        ("http://169.254.169.254/", "http://169.254.169.254/"),
        ("http://[bad", None),
    ],
)
def test_location(target, location):
    assert response(location=target).location == location


def test_no_location():
    assert response().location is None


def test_media_type():
    assert response(content_type="Application/JSON ; charset=utf-8").media_type == (
        "application/json"
    )
    assert response().media_type == ""


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        response().status = 500

"""No URL, header or body of a request shows up in an error or a log (ASVS 5.0, 16.2.5)."""

from __future__ import annotations

import logging
import traceback

import pytest

from config.http import HttpError, HttpProtocolError
from tests.faults import server as faults

CANARY = "c4n4ry70k3n"


@pytest.fixture
def everything_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.connection", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def assert_silent(error: BaseException | None, logged: str) -> None:
    assert CANARY not in logged
    if error is None:
        return
    assert CANARY not in f"{error!s} {error!r} {vars(error)!r}"
    assert CANARY not in "".join(traceback.format_exception(error))
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize(
    "fault",
    [
        faults.reset(),
        faults.truncated(CANARY.encode()),
        faults.garbage(CANARY.encode() + b"\r\n"),
        faults.silence(),
        faults.status(body=CANARY.encode() * 100),
        faults.Answer(lambda: iter([f"HTTP/1.1 200 OK\r\nX: {CANARY}".encode()])),
    ],
)
def test_errors_and_logs_of_faults(fault, server, door, everything_logged):
    server.script(f"/{CANARY}", fault)
    with pytest.raises(HttpError) as failure:
        door.post(
            f"{server.url}/{CANARY}?wstoken={CANARY}",
            headers={"Authorization": f"Bearer {CANARY}"},
            data={"wstoken": CANARY},
            deadline=0.3,
            max_bytes=100,
        )
    assert_silent(failure.value, everything_logged.text)


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1/{CANARY}",
        f"http://{CANARY}@example.org/",
        f"http://[{CANARY}]/",
        f"http://example.org:{CANARY}/",
        f"http://example.org\\{CANARY}",
        f"ftp://{CANARY}/",
        f"http://*{CANARY}/",
    ],
)
def test_refusals(url, make_door, everything_logged):
    door = make_door(allow_http=True)
    for ask in (door.get, door.check_url):
        with pytest.raises(HttpError) as failure:
            ask(url)
        assert_silent(failure.value, everything_logged.text)


@pytest.mark.parametrize("value", [f"Bearer {CANARY}\n", f"Bearer {CANARY}ž"])
def test_a_header_that_cannot_be_sent(value, server, door, everything_logged):
    with pytest.raises(HttpError) as failure:
        door.get(server.url, headers={"Authorization": value})
    assert_silent(failure.value, everything_logged.text)


def test_the_traceback_has_no_frame_that_holds_the_request(make_door, names):
    # Some log formatters print the variables of every frame.
    names.set("inside.example.org", ["10.0.0.1"])
    with pytest.raises(HttpError) as failure:
        make_door().get(f"https://inside.example.org/?wstoken={CANARY}")
    files = {frame.filename for frame in traceback.extract_tb(failure.value.__traceback__)}
    assert not [file for file in files if "requests" in file or "urllib3" in file]


def test_good_answers(server, door, everything_logged):
    # A line that is no header makes urllib3 warn, with the URL.
    strange = b"HTTP/1.1 200 OK\r\nno header at all\r\nContent-Length: 2\r\n\r\n{}"
    server.script("/x", faults.Answer(lambda: iter([strange])), faults.status(body=CANARY.encode()))
    for _ in range(2):
        answer = door.get(f"{server.url}/x?wstoken={CANARY}")
        assert CANARY not in repr(answer)
    assert_silent(None, everything_logged.text)


def test_a_body_that_is_not_json(server, door):
    server.script("/x", faults.html(CANARY))
    with pytest.raises(HttpProtocolError) as failure:
        door.get(f"{server.url}/x").json()
    assert_silent(failure.value, "")

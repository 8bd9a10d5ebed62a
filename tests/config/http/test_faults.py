"""Broken, slow and hostile peers: each ends in the right class of error, none of them hangs."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time

import pytest
from urllib3 import HTTPConnectionPool

from config.http import (
    HttpError,
    HttpProtocolError,
    HttpTimedOut,
    HttpTooLarge,
    HttpUnreachable,
)
from tests.faults import server as faults

DEADLINE = 0.4
OK = b"HTTP/1.1 200 OK\r\n"


def raw(data: bytes) -> faults.Answer:
    return faults.Answer(lambda: iter([data]))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.trickle_body(), HttpTimedOut),
        (faults.trickle_headers(), HttpTimedOut),
        (faults.silence(), HttpTimedOut),
        (faults.late(30.0, faults.json_answer({})), HttpTimedOut),
        (faults.endless(), HttpTooLarge),
        (faults.truncated(), HttpProtocolError),
        (faults.truncated(by_reset=True), HttpUnreachable),
        (faults.reset(), HttpUnreachable),
        (raw(b""), HttpUnreachable),
        (faults.garbage(), HttpProtocolError),
        (raw(b"HTTP/1.1 200"), HttpProtocolError),
        (raw(OK + b"Content-Type: application/json\r\nContent-Le"), HttpProtocolError),
        (raw(OK + b"Content-Type: application/json\r\n"), HttpProtocolError),
        (raw(OK + b"X: y\r\n" * 200 + b"\r\n"), HttpProtocolError),
        (raw(OK + b"X: " + b"y" * 99_999 + b"\r\n\r\n"), HttpProtocolError),
        (raw(OK + b"Content-Length: 1, 2\r\n\r\nxx"), HttpProtocolError),
        (raw(OK + b"Content-Encoding: gzip\r\n\r\nnot gzip"), HttpProtocolError),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), HttpProtocolError),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"), HttpProtocolError),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n-a\r\nab"), HttpProtocolError),
        (raw(b"HTTP/1.1 103 Hints\r\n\r\n" + OK + b"\r\n"), HttpProtocolError),
        (raw(b"HTTP/1.1 999999 OK\r\n\r\n"), HttpProtocolError),
    ],
)
def test_fault(fault, error, server, door):
    server.script("/x", fault)
    limits = {"max_bytes": 100_000} if error is HttpTooLarge else {"deadline": DEADLINE}
    with pytest.raises(HttpError) as failure:
        door.post(f"{server.url}/x", data=b"score", **limits)
    assert type(failure.value) is error
    assert failure.value.may_have_arrived
    assert failure.value.host == "127.0.0.1"
    server.script("/x", faults.json_answer({"still": "usable"}))
    assert door.get(f"{server.url}/x").json() == {"still": "usable"}


def test_a_chunk_of_negative_length_is_not_read_to_the_end(server, door):
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"
    server.script("/x", faults.Answer(lambda: itertools.chain([head], faults.endless().write())))
    with pytest.raises(HttpProtocolError):
        door.get(f"{server.url}/x", deadline=5)


def test_an_endless_body_ends_at_the_deadline_as_well(server, door):
    server.script("/x", faults.endless())
    with pytest.raises(HttpTimedOut):
        door.get(f"{server.url}/x", deadline=DEADLINE, max_bytes=10**12)


def test_a_body_that_ends_only_by_the_cut_is_no_answer(server, door):
    # Without a length the end of the connection is the end of the body (RFC 9112, 6.3), so the
    # cut itself would look like success.
    server.script("/x", faults.Answer(lambda: iter([OK + b"\r\n{}", 30.0])))
    with pytest.raises(HttpTimedOut):
        door.get(f"{server.url}/x", deadline=DEADLINE)


def test_a_peer_that_does_not_read(door, make_door):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        door = make_door(allow_http=True, allowed_hosts=[("127.0.0.1", port)])
        with pytest.raises(HttpTimedOut):
            door.post(f"http://127.0.0.1:{port}/", data=b"x" * 20_000_000, deadline=DEADLINE)


def test_a_peer_that_does_not_shake_hands(make_door):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        door = make_door(allowed_hosts=[("127.0.0.1", port)])
        with pytest.raises(HttpTimedOut) as failure:
            door.get(f"https://127.0.0.1:{port}/", deadline=DEADLINE)
        assert not failure.value.may_have_arrived


def test_a_peer_that_trickles_its_handshake(make_door):
    done = threading.Event()

    def trickle() -> None:
        peer, _ = slow.accept()
        with peer, contextlib.suppress(OSError):
            peer.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
            while not done.wait(0.05):
                peer.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as slow:
        thread = threading.Thread(target=trickle)
        thread.start()
        port = slow.getsockname()[1]
        door = make_door(allowed_hosts=[("127.0.0.1", port)])
        with pytest.raises(HttpTimedOut):
            door.get(f"https://127.0.0.1:{port}/", deadline=DEADLINE)
        done.set()
        thread.join()


def test_a_closed_port_is_unreachable(make_door):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    door = make_door(allow_http=True, allowed_hosts=[("127.0.0.1", port)])
    with pytest.raises(HttpUnreachable) as failure:
        door.get(f"http://127.0.0.1:{port}/")
    assert not failure.value.may_have_arrived


def test_a_kept_connection_survives_an_old_deadline(server, door):
    server.script("/x", faults.json_answer(1), faults.late(0.5, faults.json_answer(2)))
    assert door.get(f"{server.url}/x", deadline=0.4).json() == 1
    time.sleep(0.1)
    assert door.get(f"{server.url}/x").json() == 2
    assert server.connections == 1


def test_a_kept_connection_has_the_new_deadline(server, door):
    server.script("/x", faults.json_answer(1), faults.trickle_body())
    assert door.get(f"{server.url}/x", deadline=30).json() == 1
    with pytest.raises(HttpTimedOut):
        door.get(f"{server.url}/x", deadline=DEADLINE)
    assert server.connections == 1


def test_a_connection_is_unwatched_before_it_is_handed_on(server, door, monkeypatch):
    put = HTTPConnectionPool._put_conn
    still_watched = []

    def spy(pool, conn):
        still_watched.extend(entry for entry in door._watchdog._heap if not entry[2].over)
        put(pool, conn)

    monkeypatch.setattr(HTTPConnectionPool, "_put_conn", spy)
    server.script("/x", faults.json_answer(1))
    for _ in range(3):
        door.get(f"{server.url}/x")
    assert server.connections == 1
    assert still_watched == []


def test_a_server_that_closed_a_kept_connection(server, door):
    server.script("/x", faults.status(headers={"Connection": "close"}))
    for _ in range(2):
        assert door.get(f"{server.url}/x").status == 200

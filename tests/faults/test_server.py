"""The fault server does what it says, seen by a plain client."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from tests.faults import server as faults


@pytest.fixture
def server() -> Iterator[faults.FaultServer]:
    with faults.FaultServer() as running:
        yield running


@pytest.fixture
def client(server: faults.FaultServer) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(*server.address, timeout=5)
    yield connection
    connection.close()


def ask(
    client: http.client.HTTPConnection, path: str, body: str | None = None
) -> tuple[int, bytes]:
    client.request("GET" if body is None else "POST", path, body)
    answer = client.getresponse()
    return answer.status, answer.read()


def test_answers_in_turn_and_the_last_one_stays(server, client):
    server.script("/a", faults.status(503, retry_after=7), faults.json_answer({"n": 1}))
    assert [ask(client, "/a") for _ in range(3)] == [
        (503, b""),
        (200, b'{"n": 1}'),
        (200, b'{"n": 1}'),
    ]
    assert server.connections == 1


def test_records_method_path_query_headers_and_body(server, client):
    server.script("/form", lambda request: faults.json_answer(request.form))
    assert ask(client, "/form?x=1", "a=1&b=") == (200, b'{"a": "1", "b": ""}')
    (seen,) = server.requests
    assert (seen.method, seen.path, seen.query) == ("POST", "/form", "x=1")
    assert seen.headers["Content-Length"] == "6"


def test_a_path_without_a_script_is_not_found(client):
    assert ask(client, "/nothing") == (404, b"")


def test_whole_answers_carry_their_headers(server, client):
    server.script("/r", faults.redirect("http://elsewhere.example/"))
    client.request("GET", "/r")
    answer = client.getresponse()
    assert (answer.status, answer.headers["Location"]) == (302, "http://elsewhere.example/")
    answer.read()
    server.script("/h", faults.late(0.01, faults.html("down", 200)))
    assert ask(client, "/h") == (200, b"down")


def test_reset_loses_the_answer_but_not_the_request(server, client):
    server.script("/lost", faults.reset())
    with pytest.raises(ConnectionResetError):
        ask(client, "/lost", "x=1")
    assert server.requests[0].body == b"x=1"


@pytest.mark.parametrize(
    ("by_reset", "error"), [(False, http.client.IncompleteRead), (True, ConnectionResetError)]
)
def test_truncated(server, client, by_reset, error):
    server.script("/t", faults.truncated(by_reset=by_reset))
    with pytest.raises(error):
        ask(client, "/t")


def test_garbage(server, client):
    server.script("/g", faults.garbage())
    with pytest.raises(http.client.BadStatusLine):
        ask(client, "/g")


@pytest.mark.parametrize(
    ("fault", "begins"),
    [
        (faults.silence, b""),
        (faults.trickle_headers, b"HTTP/1.1 200 OK\r\nX-Long: "),
        (faults.trickle_body, b"HTTP/1.1 200 Scripted\r\nContent-Length: 1000000\r\n\r\n"),
    ],
)
def test_lasting_faults_end_when_the_server_closes(fault, begins):
    with faults.FaultServer() as server:
        server.script("/slow", fault())
        client = http.client.HTTPConnection(*server.address, timeout=5)
        client.request("GET", "/slow")
        server.wait_for(1)
    received = b"".join(iter(lambda: client.sock.recv(65536), b""))
    assert received.rstrip(b"x") == begins
    client.close()


def test_waiting_for_a_request_that_does_not_come_fails(server):
    with pytest.raises(TimeoutError):
        server.wait_for(1, seconds=0.01)


def test_endless_keeps_sending(server, client):
    server.script("/e", faults.endless())
    client.request("GET", "/e")
    answer = client.getresponse()
    assert sum(len(answer.read(65536)) for _ in range(50)) == 50 * 65536

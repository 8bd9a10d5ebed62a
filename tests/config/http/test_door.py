"""What the door sends and what it hands back."""

from __future__ import annotations

import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.http import HttpDoor, HttpRefused, HttpTooLarge
from tests.faults.server import (
    Answer,
    endless,
    json_answer,
    late,
    redirect,
    status,
    trickle_body,
    zipped,
)


def test_get_with_params_and_headers(server, door):
    server.script("/x", json_answer({"a": 1}, X_Extra="yes"))
    answer = door.get(f"{server.url}/x?a=1", params={"b": "ž"}, headers={"Accept": "text/x"})
    assert (answer.status, answer.ok, answer.json()) == (200, True, {"a": 1})
    assert answer.headers["x-extra"] == "yes"
    assert answer.url == f"{server.url}/x?a=1&b=%C5%BE"
    assert answer.media_type == "application/json"
    assert answer.elapsed > 0
    (seen,) = server.requests
    assert (seen.method, seen.query) == ("GET", "a=1&b=%C5%BE")
    assert seen.headers.get_all("Accept") == ["text/x"]
    assert seen.headers["User-Agent"] == "BackOnTrack/1"


def test_post_form_json_and_bytes(server, door):
    server.script("/x", status())
    door.post(f"{server.url}/x", data={"wstoken": "t", "n": "1"})
    door.post(f"{server.url}/x", json={"ž": 1})
    door.post(f"{server.url}/x", data=b"raw", headers={"content-type": "application/x"})
    door.request("put", f"{server.url}/x", data=[("a", "1"), ("a", "2")])
    form, as_json, raw, put = server.requests
    assert form.form == {"wstoken": "t", "n": "1"}
    assert (as_json.json, as_json.headers["Content-Type"]) == ({"ž": 1}, "application/json")
    assert (raw.body, raw.headers["Content-Type"]) == (b"raw", "application/x")
    assert (put.method, put.body) == ("PUT", b"a=1&a=2")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer(code, server, door):
    server.script("/here", redirect("/there?a=b", code))
    answer = door.get(f"{server.url}/here")
    assert (answer.status, answer.location) == (code, f"{server.url}/there?a=b")
    assert len(server.requests) == 1


def test_a_redirect_to_the_metadata_address_is_not_followed(server, door):
    server.script("/here", redirect("http://169.254.169.254/latest/meta-data"))
    answer = door.get(f"{server.url}/here")
    assert (answer.status, answer.location) == (302, "http://169.254.169.254/latest/meta-data")


def test_the_body_of_a_redirect_is_bounded_too(server, door):
    server.script(
        "/here", Answer(lambda: (b"HTTP/1.1 302 X\r\nLocation: /\r\n\r\n", *[b"x" * 99] * 99))
    )
    with pytest.raises(HttpTooLarge):
        door.get(f"{server.url}/here", max_bytes=1000)


@pytest.mark.parametrize("code", [404, 429, 500, 503])
def test_no_status_is_an_error_and_nothing_is_retried(code, server, door):
    server.script("/x", status(code, b"why", retry_after=1))
    answer = door.post(f"{server.url}/x", data=b"x")
    assert (answer.status, answer.ok, answer.text) == (code, False, "why")
    assert answer.headers["retry-after"] == "1"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("method", "answer"), [("HEAD", status()), ("GET", status(204)), ("GET", status(304))]
)
def test_answers_without_a_body_keep_the_connection(method, answer, server, door):
    server.script("/x", answer)
    for _ in range(3):
        assert door.request(method, f"{server.url}/x").body == b""
    assert server.connections == 1


def test_a_body_of_just_the_limit_passes(server, door):
    server.script("/x", status(body=b"x" * 1000))
    assert len(door.get(f"{server.url}/x", max_bytes=1000).body) == 1000
    with pytest.raises(HttpTooLarge) as failure:
        door.get(f"{server.url}/x", max_bytes=999)
    assert failure.value.may_have_arrived


def test_the_limit_of_the_door_is_5_mb(server, door):
    server.script("/x", endless())
    with pytest.raises(HttpTooLarge):
        door.get(f"{server.url}/x")


def chunked(data: bytes) -> Answer:
    head = (
        b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
        % len(data)
    )
    return Answer(lambda: iter([head + data + b"\r\n0\r\n\r\n"]))


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_gzip_bomb_is_not_unpacked(in_chunks, server, door):
    bomb = zipped(b"\0" * 30_000_000)
    if in_chunks:
        bomb = chunked(next(iter(bomb.write())).partition(b"\r\n\r\n")[2])
    server.script("/bomb", bomb)
    tracemalloc.start()
    try:
        with pytest.raises(HttpTooLarge):
            door.get(f"{server.url}/bomb", max_bytes=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_gzip_is_decoded(server, door):
    server.script("/x", zipped(b"plain"))
    assert door.get(f"{server.url}/x").body == b"plain"


def test_before_request_may_forbid(server, make_door):
    class OpenTransactionError(Exception):
        pass

    def forbid() -> None:
        raise OpenTransactionError

    door = make_door(allow_http=True, allowed_hosts=[server.address], before_request=forbid)
    with pytest.raises(OpenTransactionError):
        door.get(server.url)
    assert server.requests == []


def test_no_cookie_is_kept(server, door):
    server.script("/x", status(headers={"Set-Cookie": "MoodleSession=1; Path=/"}))
    door.get(f"{server.url}/x")
    door.get(f"{server.url}/x")
    assert server.requests[1].headers["Cookie"] is None


def test_proxy_netrc_and_bundle_of_the_environment_are_ignored(
    server, make_door, monkeypatch, tmp_path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hidden\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    door = make_door(allow_http=True, allowed_hosts=[server.address])
    assert door.get(f"{server.url}/x").status == 404
    assert server.requests[0].headers["Authorization"] is None


def test_https_proxy_is_never_dialled(make_door, dialled, names, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://93.184.215.99:3128")
    names.set("moodle.example.org", ["93.184.215.14"])
    with pytest.raises(Exception, match="no connection"):
        make_door().get("https://moodle.example.org/")
    assert dialled == [("93.184.215.14", 443)]


def test_a_user_agent_is_required():
    with pytest.raises(ValueError, match="User-Agent"):
        HttpDoor(user_agent=" ")


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-A": "a\r\nX-B: b"}},
        {"headers": {"X-A\r\nX-B": "b"}},
        {"headers": {"X-A": "ž"}},
        {"json": float("nan")},
    ],
)
def test_what_cannot_be_sent_is_refused(options, server, door):
    with pytest.raises(HttpRefused):
        door.post(f"{server.url}/x", **options)
    assert server.requests == []


def test_a_method_is_one_word(server, door):
    with pytest.raises(HttpRefused):
        door.request("GET /evil HTTP/1.1\r\nX:", server.url)
    assert server.requests == []


def test_many_threads_share_a_door(server, door):
    server.script("/n", lambda request: late(0.01, json_answer(request.query)))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: door.get(f"{server.url}/n?{n}").json(), range(80)))
    assert answers == [str(n) for n in range(80)]
    assert server.connections <= 8


def test_one_hanging_site_leaves_others_alone(server, door):
    server.script("/hang", trickle_body())
    server.script("/x", json_answer(1))
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(door.get, f"{server.url}/hang", deadline=0.5)
        server.wait_for(1)
        assert [door.get(f"{server.url}/x").json() for _ in range(5)] == [1] * 5
        assert isinstance(hanging.exception(), Exception)


def test_a_closed_door_opens_again(server, door):
    server.script("/x", json_answer(1))
    for _ in range(2):
        assert json.loads(door.get(f"{server.url}/x").body) == 1
        door.close()
    assert server.connections == 2

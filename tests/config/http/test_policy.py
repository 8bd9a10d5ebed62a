"""Where the door lets nobody through: OWASP ASVS 5.0, 1.3.6 and 13.2.4."""

from __future__ import annotations

import threading

import pytest

from config.http import HttpRefused, HttpUnreachable
from config.http.addresses import is_public, parse_address

SPELLINGS = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://0.0.0.0/",
    "http://169.254.169.254/latest/meta-data",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://10.0.0.5/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://100.64.1.1/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://198.18.0.1/",
    "http://[2002:7f00:1::]/",
    "http://user@127.0.0.1/",
    "http://1.1.1.1@127.0.0.1/",
    "http://127.0.0.1#@example.org/",
    "http://[::]/",
    "http://192.0.2.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://127.0.0.1:8199\\@example.org/",
]
MORE_SPELLINGS = [
    "",
    "http://",
    "http:///path",
    "//127.0.0.1/",
    "127.0.0.1",
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://127.0.0.1./",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:x/",
    "http://0x7f.1/",
    "http://0X7F000001/",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[::1/",
    "http://exa mple.org/",
    "http://example.org\t/",
    "http://example.org/\r\nX: y",
    " http://example.org/",
    "http://user:secret@example.org/",
    "http://*.example.org/",
    "http://-a.example.org/",
    "http://example..org/",
    "http://%31%32%37.0.0.1/",
    f"http://{'a' * 64}.example.org/",
    f"http://{'a.' * 130}org/",
    f"http://example.org/{'a' * 9000}",
    "ftp://example.org/",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", SPELLINGS + MORE_SPELLINGS)
def test_refused_before_anything_is_connected(url, make_door, dialled, names):
    door = make_door(allow_http=True)
    with pytest.raises(HttpRefused):
        door.check_url(url)
    with pytest.raises(HttpRefused) as refusal:
        door.get(url)
    assert dialled == []
    assert names.asked == []
    assert not refusal.value.may_have_arrived


def test_there_are_29_spellings():
    assert len(set(SPELLINGS)) == 29


@pytest.mark.parametrize(
    "url",
    [
        "https://moodle.example.org/mod/lti/openid-configuration.php?a=b&c=d#e",
        "https://moodle.example.org:8443/",
        "HTTPS://Moodle.Example.ORG./",
        "https://moodle_1.example.org/",
        "https://школа.срб/",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]:8443/",
        "https://[::ffff:1.1.1.1]/",
        "https://example.org/path?next=http://127.0.0.1/",
        "https://example.org?user@host",
    ],
)
def test_public_urls_pass_without_a_look_up(url, make_door, names):
    make_door().check_url(url)
    assert names.asked == []


def test_http_needs_to_be_allowed(make_door, dialled, names):
    names.set("moodle.example.org", ["93.184.215.14"])
    with pytest.raises(HttpRefused, match="scheme"):
        make_door().get("http://moodle.example.org/")
    with pytest.raises(HttpUnreachable):
        make_door(allow_http=True).get("http://moodle.example.org/")
    assert dialled == [("93.184.215.14", 80)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["93.184.215.14", "169.254.169.254"],
        ["169.254.169.254", "93.184.215.14"],
        ["2606:4700:4700::1111", "::ffff:10.0.0.1"],
        ["fe80::1%eth0"],
    ],
)
def test_one_private_address_refuses_the_name(addresses, make_door, dialled, names):
    names.set("inside.example.org", addresses)
    with pytest.raises(HttpRefused):
        make_door().get("https://inside.example.org/")
    assert dialled == []


def test_rebinding_finds_no_second_look_up(make_door, dialled, names):
    names.set("rebind.example.org", ["93.184.215.14"], ["127.0.0.1"])
    door = make_door()
    door.check_url("https://rebind.example.org/")
    with pytest.raises(HttpUnreachable):
        door.get("https://rebind.example.org/")
    assert names.asked == ["rebind.example.org"]
    assert dialled == [("93.184.215.14", 443)]
    with pytest.raises(HttpRefused):
        door.get("https://rebind.example.org/")
    assert dialled == [("93.184.215.14", 443)]


def test_refused_and_unreachable_look_the_same_to_the_public(make_door, dialled, names):
    names.set("inside.example.org", ["10.1.2.3"])
    names.set("outside.example.org", ["93.184.215.14"])
    door = make_door()
    seen = set()
    for name in ("inside", "outside", "unknown"):
        with pytest.raises((HttpRefused, HttpUnreachable)) as failure:
            door.get(f"https://{name}.example.org/")
        seen.add(failure.value.public_message)
    assert len(seen) == 1


def test_errors_are_no_os_errors():
    # urllib3 would wrap one as "Connection aborted", and a retry layer would try again.
    assert not issubclass(HttpRefused, OSError)


def test_allow_list_is_about_host_and_port(server, make_door, names):
    host, port = server.address
    door = make_door(allow_http=True, allowed_hosts=[(host, port), ("Moodle.Test", port)])
    names.set("moodle.test", ["127.0.0.1"])
    names.set("other.test", ["127.0.0.1"])
    assert door.get(f"http://{host}:{port}/").status == 404
    assert door.get(f"http://moodle.test:{port}/").status == 404
    for url in (
        f"http://{host}:{port + 1}/",
        f"http://other.test:{port}/",
        "http://moodle.test/",
        f"http://2130706433:{port}/",
        f"http://127.1:{port}/",
    ):
        with pytest.raises(HttpRefused):
            door.get(url)
    assert len(server.requests) == 2


def test_allow_list_takes_localhost_and_ipv6(make_door):
    door = make_door(allow_http=True, allowed_hosts=[("localhost", 8000), ("[::1]", 8000)])
    door.check_url("http://localhost:8000/")
    door.check_url("http://[::1]:8000/")
    with pytest.raises(HttpRefused):
        door.check_url("http://localhost:8001/")


def test_the_next_address_is_tried(server, make_door, names):
    _, port = server.address
    names.set("moodle.test", ["::1", "127.0.0.2", "127.0.0.1"])
    door = make_door(allow_http=True, allowed_hosts=[("moodle.test", port)])
    assert door.get(f"http://moodle.test:{port}/").status == 404


def test_a_name_server_that_does_not_answer(make_door, monkeypatch):
    answered = threading.Event()

    def wait(*_args, **_options):
        answered.wait(30)
        return []

    monkeypatch.setattr("socket.getaddrinfo", wait)
    with pytest.raises(HttpUnreachable, match="not resolved"):
        make_door(deadline=0.1).get("https://moodle.example.org/")
    answered.set()


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("1.1.1.1", True),
        ("93.184.215.14", True),
        ("2606:4700:4700::1111", True),
        ("2a00:1450:4001:800::200e", True),
        ("::ffff:1.1.1.1", True),
        ("100.64.0.1", False),
        ("100.127.255.255", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("203.0.113.1", False),
        ("239.255.255.250", False),
        ("240.0.0.1", False),
        ("64:ff9b::101:101", False),
        ("64:ff9b:1::101:101", False),
        ("100::1", False),
        ("2001::1", False),
        ("2001:20::1", False),
        ("2001:db8::1", False),
        ("2002:101:101::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("4000::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff0e::1", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_addresses(text, public):
    assert is_public(parse_address(text)) is public

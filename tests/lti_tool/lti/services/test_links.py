from __future__ import annotations

import pytest

from config.http import HttpResponse
from lti_tool.lti.services.links import below, next_link, same_origin
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from tests.lti_tool.lti.services.stub import recording

URL = "https://moodle.localhost:8443/mod/lti/services.php/2/lineitems?type_id=1"


def answer(link: str | None, url: str = URL) -> HttpResponse:
    headers = {} if link is None else {"Link": link}
    return HttpResponse(status=200, reason="", headers=headers, body=b"", url=url, elapsed=0.0)


def test_moodles_typographic_quotes_as_clients_show_them() -> None:
    link = recording("ags_lineitems_limit1")["headers"]["Link"]
    assert next_link(answer(link)) == f"{URL}&limit=1&from=1"


def test_moodles_quotes_in_every_spelling() -> None:
    recorded = recording("ags_lineitems_limit1")["headers"]["Link"]
    as_bytes = recorded.encode("latin-1")
    for charset in ("utf-8", "cp1252"):
        shown = as_bytes.decode(charset, errors="replace")
        assert next_link(answer(shown)) == f"{URL}&limit=1&from=1", charset


@pytest.mark.parametrize(
    "link",
    [
        '<https://moodle.localhost:8443/Next?A=b>; rel="next"',
        "<https://moodle.localhost:8443/Next?A=b>; rel=next",
        "<https://moodle.localhost:8443/Next?A=b>;rel='next'",
        '<https://moodle.localhost:8443/Next?A=b>; title="a, b"; REL = "Next"',
        '<https://moodle.localhost:8443/Next?A=b>; rel="last next"',
        '</first>; rel="first", </Next?A=b>; rel="next"',
        '</x?a=1,2;rel=next>; rel="prev",</Next?A=b>; rel="next", </z>; rel="last"',
        '<HTTPS://MOODLE.localhost:8443/Next?A=b>; rel="next"',
    ],
)
def test_next_keeps_its_case(link: str) -> None:
    found = next_link(answer(link))
    assert found is not None
    assert found.endswith("/Next?A=b")


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        '</x>; rel="prev"',
        '</x>; rel="https://example.org/next"',
        '</x>; rel="nextish"',
        '</x>; title="rel=next"',
        "</x>",
        'rel="next"',
    ],
)
def test_no_next(link: str | None) -> None:
    assert next_link(answer(link)) is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "http://moodle.localhost:8443/x",
        "https://moodle.localhost:8444/x",
        "https://moodle.localhost.evil.example:8443/x",
        "https://moodle.localhost:8443@evil.example/x",
        "javascript:alert(1)",
    ],
)
def test_a_next_page_elsewhere_would_get_our_token(target: str) -> None:
    with pytest.raises(ServiceFailed) as caught:
        next_link(answer(f'<{target}>; rel="next"'))
    assert caught.value.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://m/2/lineitem?type_id=1", "https://m/2/lineitem/scores?type_id=1"),
        ("https://m/2/lineitem", "https://m/2/lineitem/scores"),
        ("https://m/2/lineitem/", "https://m/2/lineitem/scores"),
        ("https://m/2/lineitem?a=/b?c#d", "https://m/2/lineitem/scores?a=/b?c"),
    ],
)
def test_a_sub_resource_goes_before_the_query(url: str, expected: str) -> None:
    assert below(url, "scores") == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://m/a", "https://M:443/b", True),
        ("http://m/a", "http://m:80/", True),
        ("https://m/a", "http://m/a", False),
        ("https://m/a", "https://m:8443/a", False),
        ("https://m:x/a", "https://m/a", False),
    ],
)
def test_same_origin(one: str, other: str, *, same: bool) -> None:
    assert same_origin(one, other) is same

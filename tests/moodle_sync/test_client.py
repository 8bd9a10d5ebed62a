"""The client against a stand-in: what goes out, and what is believed of what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from config.http import HttpDoor
from moodle_sync.calls.groups import add_group_members
from moodle_sync.calls.people import get_enrolled_users
from moodle_sync.calls.site import get_site_info
from moodle_sync.client import MAX_FIELDS, MoodleClient, parse
from moodle_sync.errors import Kind, MoodleError
from tests.moodle_sync.school import small_school
from tests.moodle_sync.standin import NOISE, PAGE, TOKEN, StandIn


@pytest.fixture
def moodle() -> Iterator[StandIn]:
    with StandIn(small_school()) as running:
        yield running


@pytest.fixture
def connect(moodle: StandIn) -> Iterator[Callable[..., MoodleClient]]:
    door = HttpDoor(
        user_agent="trial", allow_http=True, allowed_hosts=[moodle.address], deadline=5.0
    )
    yield lambda token=TOKEN: MoodleClient(door, moodle.url, token, deadline=5.0)
    door.close()


@pytest.fixture
def client(connect: Callable[..., MoodleClient]) -> MoodleClient:
    return connect()


def failure(client: MoodleClient) -> MoodleError:
    with pytest.raises(MoodleError) as caught:
        get_site_info(client)
    return caught.value


def test_token_first_and_function_last(client: MoodleClient, moodle: StandIn) -> None:
    get_enrolled_users(client, 2, limit=5)
    names = [name for name, _ in moodle.forms[0]]
    assert names[0] == "wstoken"
    assert names[-1] == "wsfunction"
    assert "moodlewsrestformat" not in names


def test_too_many_fields_are_refused_before_sending(client: MoodleClient, moodle: StandIn) -> None:
    pairs = [(1, user) for user in range(MAX_FIELDS // 2)]
    with pytest.raises(MoodleError) as caught:
        add_group_members(client, pairs)
    assert (caught.value.kind, caught.value.may_have_arrived) == (Kind.TRUNCATED, False)
    assert moodle.calls == []


def test_form_that_php_cut_off_writes_nothing(client: MoodleClient, moodle: StandIn) -> None:
    moodle.max_input_vars = 5
    before = set(moodle.school.group_members)
    with pytest.raises(MoodleError) as caught:
        add_group_members(client, [(1, 12), (1, 13), (1, 14)])
    assert caught.value.code == "invalidparameter"
    assert moodle.school.group_members == before


def test_truncation_warning_is_a_failure(client: MoodleClient, moodle: StandIn) -> None:
    moodle.max_input_vars = 5
    moodle.traps.add("truncation")
    with pytest.raises(MoodleError) as caught:
        add_group_members(client, [(1, 12), (1, 13), (1, 14)])
    assert caught.value.kind is Kind.TRUNCATED


def test_noise_before_the_answer_is_stripped(client: MoodleClient, moodle: StandIn) -> None:
    moodle.traps.add("startup noise")
    assert get_site_info(client).user_id == 5


@pytest.mark.parametrize(
    ("trap", "kind", "code"),
    [
        ("maintenance by gui", Kind.BUSY, "sitemaintenance"),
        ("maintenance by cli", Kind.BUSY, "http503"),
        ("upgrade", Kind.BUSY, "upgraderunning"),
        ("database down", Kind.TRANSIENT, "dbconnectionfailed"),
        ("web services off", Kind.CONFIG, "webservicesoff"),
        ("redirect", Kind.CONFIG, "redirect"),
        ("html", Kind.PROTOCOL, "notjson"),
    ],
)
def test_whole_site_troubles(
    client: MoodleClient, moodle: StandIn, trap: str, kind: Kind, code: str
) -> None:
    moodle.traps.add(trap)
    error = failure(client)
    assert (error.kind, error.code) == (kind, code)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("reset", Kind.TRANSIENT),
        ("truncated body", Kind.TRANSIENT),
        ("html", Kind.PROTOCOL),
        ("http 500", Kind.TRANSIENT),
        ("http 503", Kind.BUSY),
        ("http 429", Kind.BUSY),
    ],
)
def test_faults_of_one_request(
    client: MoodleClient, moodle: StandIn, fault: str, kind: Kind
) -> None:
    moodle.faults.append(fault)
    assert failure(client).kind in {kind, Kind.PROTOCOL}
    assert get_site_info(client).user_id == 5


def test_retry_after_is_kept(client: MoodleClient, moodle: StandIn) -> None:
    moodle.faults.append("http 429")
    assert failure(client).retry_after == 7
    moodle.traps.add("maintenance by cli")
    assert failure(client).retry_after == 300


def test_redirect_names_its_target(client: MoodleClient, moodle: StandIn) -> None:
    moodle.traps.add("redirect")
    assert "https://www.example.org/moodle;" in failure(client).message


def test_expired_token_is_refused_twice(client: MoodleClient, moodle: StandIn) -> None:
    moodle.expire_token()
    assert failure(client).code == "accessexception"
    error = failure(client)
    assert (error.kind, error.code) == (Kind.AUTH, "invalidtoken")


def test_token_shows_in_no_error(connect: Callable[..., MoodleClient]) -> None:
    secret = "deadbeefdeadbeefdeadbeefdeadbeef"
    error = failure(connect(secret))
    shown = "".join([repr(error), str(error), error.message, repr(error.__context__)])
    assert secret not in shown


def test_clock_is_moodles(client: MoodleClient, moodle: StandIn) -> None:
    get_site_info(client)
    assert client.moodle_time == moodle.school.clock


def test_form_probe_tells_whole_from_cut(client: MoodleClient, moodle: StandIn) -> None:
    moodle.max_input_vars = 5000
    client.probe_form_size()
    moodle.max_input_vars = 1000
    with pytest.raises(MoodleError):
        client.probe_form_size()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ("null", None),
        ("0", 0),
        (NOISE + "null", None),
        (NOISE + "[1]", [1]),
        ("\nWarning: x in Unknown on line 0\n" + '{"a": 1}', {"a": 1}),
    ],
)
def test_answers_that_can_be_read(body: str, value: object) -> None:
    assert parse("f", body.encode()) == value


@pytest.mark.parametrize(
    "body",
    ["", PAGE, '{"a": 1', '[{"id": 5}, {"id": 6', '{"a": 1}{"b": 2}', NOISE, NOISE + '{"a":',
     '{"message":"<p>\n5'],
)  # fmt: skip
def test_answers_that_cannot(body: str) -> None:
    with pytest.raises(MoodleError) as caught:
        parse("f", body.encode())
    assert caught.value.kind is Kind.PROTOCOL

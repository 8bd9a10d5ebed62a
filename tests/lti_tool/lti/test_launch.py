"""What a launch leaves behind: rows, cookies, a session; and nothing that we did not ask for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from time_machine import travel

from config.clock import utcnow
from config.database import Base, Database
from config.settings import Settings
from lti_tool.lti.cookies import MAX_LAUNCHES, MAX_LOGINS
from lti_tool.lti.models import Context, LaunchSession, ResourceLink, UsedNonce
from lti_tool.lti.models import Platform as PlatformRow
from lti_tool.lti.platforms import disable_platform
from lti_tool.lti.sessions import (
    LIFETIME,
    close_launch,
    find_launch,
    find_relaunch_url,
    purge_expired,
)
from lti_tool.people.models import Membership, Tenant, User
from lti_tool.services import Services
from tests.lti_tool.lti.conftest import build_app, services_on
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, KeyServer, Platform

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
RECORDINGS = "tests/recordings/moodle-4.5.6/lti"


def one(database: Database, model: Any) -> Any:
    with database.read() as session:
        return session.scalars(select(model)).one()


def cookies(client: FlaskClient, prefix: str) -> list[str]:
    return sorted(
        cookie.key for cookie in client._cookies.values() if cookie.key.startswith(prefix)
    )


# Login.


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_login_answers_with_everything_that_openid_wants(
    client: FlaskClient, platform: Platform, method: str
) -> None:
    query = platform.login(client, method)
    assert {name: query[name] for name in query if name not in {"state", "nonce"}} == {
        "theme": "plain",
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": "http://127.0.0.1:5000/lti/launch",
        "login_hint": "6",
        "lti_message_hint": '{"cmid":13,"launchid":"ltilaunch1_1045843638"}',
    }
    assert len(query["nonce"]) >= 22


def test_login_keeps_the_query_of_the_platforms_own_address(
    client: FlaskClient, platform: Platform
) -> None:
    answer = client.post("/lti/login", data=platform.login_params())
    assert answer.headers["Location"].startswith(f"{platform.auth_url}&client_id=")
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["theme"] == ["plain"]


def test_login_without_a_message_hint_sends_none(client: FlaskClient, platform: Platform) -> None:
    assert "lti_message_hint" not in platform.login(client, lti_message_hint=None)


def test_login_cookie_is_bound_to_host_frame_and_five_minutes(
    client: FlaskClient, platform: Platform
) -> None:
    answer = client.post("/lti/login", data=platform.login_params())
    (cookie,) = answer.headers.getlist("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name.startswith("__Host-lti-")
    attributes = [part.strip() for part in rest.split(";")][1:]
    assert set(attributes) == {
        "Max-Age=300", "Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"
    }  # fmt: skip


def test_login_writes_nothing(client: FlaskClient, platform: Platform, services: Services) -> None:
    def count() -> dict[str, int]:
        with services.database.read_connection() as connection:
            return {
                table.name: connection.execute(
                    text(f'SELECT count(*) FROM "{table.name}"')
                ).scalar()
                for table in Base.metadata.sorted_tables
            }

    before = count()
    for _ in range(5):
        platform.login(client)
    assert count() == before


def test_the_state_holds_no_secret(
    client: FlaskClient, platform: Platform, services: Services
) -> None:
    query = platform.login(client)
    payload = json.dumps(services.state_signer.read(query["state"], utcnow().timestamp(), 300))
    assert query["nonce"] not in payload
    assert all(cookie.value not in payload for cookie in client._cookies.values())


# Rows, on both databases.


@pytest.fixture
def both(
    database: Database, settings: Settings, key_server: KeyServer
) -> tuple[Database, FlaskClient, Platform]:
    """A tool on either database with its platform and a browser."""
    shared = services_on(settings, database, key_server)
    platform = Platform().register(database).serve_keys(key_server)
    return database, build_app(settings, shared).test_client(), platform


Both = tuple[Database, FlaskClient, Platform]


def test_first_launch_stores_person_course_activity_and_role(both: Both) -> None:
    database, client, platform = both
    answer = platform.launch(client)
    assert answer.status_code == 303
    user, context = one(database, User), one(database, Context)
    link, member = one(database, ResourceLink), one(database, Membership)
    assert (user.sub, user.name, user.platform_id) == ("6", None, platform.row_id)
    assert (context.lti_id, context.label, context.title) == (
        "2", "BOT1", "Back on Track: first steps"
    )  # fmt: skip
    assert context.lineitems_url.endswith("/2/lineitems?type_id=1")
    assert context.memberships_url.endswith("/bindings/1/memberships")
    assert (link.lti_id, link.module, link.context_id) == ("1", "interests", context.id)
    assert link.lineitem_url.endswith("/2/lineitems/2/lineitem?type_id=1")
    assert (member.context_id, member.user_id, member.roles) == (context.id, user.id, ["learner"])
    session = one(database, LaunchSession)
    assert (session.user_id, session.context_id, session.resource_link_id) == (
        user.id, context.id, link.id
    )  # fmt: skip
    assert (session.locale, session.roles) == ("hu", ["learner"])
    assert one(database, PlatformRow).last_launch_at is not None
    page = client.get(answer.headers["Location"]).json
    assert page["details"]["ags_scopes"] == ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]


def test_second_launch_changes_what_changed_and_nothing_else(both: Both) -> None:
    database, client, platform = both
    platform.launch(client)
    before = one(database, User), one(database, Context), one(database, ResourceLink)
    platform.launch(client, **{LTI + "resource_link": {"id": "1", "title": "New name"},
                               LTI + "roles": [MEMBERSHIP + "Instructor"]})  # fmt: skip
    after = one(database, User), one(database, Context), one(database, ResourceLink)
    assert [row.id for row in before] == [row.id for row in after]
    assert after[2].title == "New name"
    assert one(database, Membership).roles == ["instructor"]
    assert after[1].updated_at == before[1].updated_at


def test_what_a_launch_does_not_say_stays(both: Both) -> None:
    database, client, platform = both
    platform.launch(client)

    def silent(claims: dict[str, Any]) -> None:
        for name in (AGS, NRPS, LTI + "custom"):
            claims.pop(name)

    platform.launch(client, silent)
    context, link = one(database, Context), one(database, ResourceLink)
    assert context.lineitems_url and context.memberships_url
    assert (link.module, bool(link.lineitem_url)) == ("interests", True)


def test_an_anonymous_launch_is_somebody_new_each_time(both: Both) -> None:
    database, client, platform = both
    with database.write_connection() as connection:
        connection.execute(update(PlatformRow).values(allow_anonymous=True))
    for _ in range(2):
        assert platform.launch(client, lambda claims: claims.pop("sub") and None).status_code == 303
    with database.read() as session:
        subs = [user.sub for user in session.scalars(select(User))]
    assert len(set(subs)) == 2
    assert all(sub.startswith("anonymous/") for sub in subs)


def test_a_launch_without_course_and_membership(both: Both) -> None:
    database, client, platform = both
    assert platform.launch(client, lambda c: c.pop(LTI + "context") and None).status_code == 303
    assert one(database, LaunchSession).context_id is None
    with database.read() as session:
        assert session.scalars(select(Membership)).all() == []


def test_replay_on_both_databases(both: Both) -> None:
    database, client, platform = both
    query = platform.login(client)
    kept = [(cookie.key, cookie.value) for cookie in client._cookies.values()]
    signed = platform.sign(platform.claims(query["nonce"]))
    answers = []
    for _ in range(3):
        for name, value in kept:
            client.set_cookie(name, value, secure=True)
        answers.append(platform.post(client, signed, query["state"]).status_code)
    assert answers == [303, 401, 401]
    assert one(database, UsedNonce).platform_id == platform.row_id


def test_purge_forgets_only_what_is_over(both: Both) -> None:
    database, client, platform = both
    platform.launch(client)
    with database.write_connection() as connection:
        assert purge_expired(connection, utcnow()) == 0
    with database.write_connection() as connection:
        assert purge_expired(connection, utcnow() + timedelta(hours=2)) == 1
    with database.write_connection() as connection:
        assert purge_expired(connection, utcnow() + LIFETIME + timedelta(minutes=1)) == 1


# What is not kept.


def test_names_are_dropped_at_the_door(
    client: FlaskClient, platform: Platform, services: Services, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.launch(client)
    with services.database.read_connection() as connection:
        dump = " ".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table)).all()
        )
    output = capfd.readouterr()
    for personal in ("Ágnes", "Szabó", "learner00001", "SIS-77", "@example.org"):
        assert personal not in dump
        assert personal not in output.out + output.err


def test_names_are_kept_where_the_organisation_wants_them(
    services: Services, client: FlaskClient, key_server: KeyServer
) -> None:
    platform = Platform().register(services.database, wants_names=True).serve_keys(key_server)
    platform.launch(client)
    assert one(services.database, User).name == "Ágnes Szabó"
    with services.database.write_connection() as connection:
        connection.execute(update(Tenant).values(wants_names=False))
    from lti_tool.lti.runtime import runtime

    runtime(services).registrations.forget()
    platform.launch(client)
    assert one(services.database, User).name is None


@pytest.mark.parametrize("module", ["$Module", "../etc", "a b", "X", "", "x" * 65, 7])
def test_a_module_name_of_another_form_is_none(
    client: FlaskClient, platform: Platform, services: Services, module: object
) -> None:
    platform.launch(client, **{LTI + "custom": {"module": module, "grading": "progress"}})
    link = one(services.database, ResourceLink)
    assert (link.module, link.settings) == (None, {"grading": "progress"})


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "/relative", "https://u:p@example.org/", "ftp://example.org", "https://",
     "https://example.org/\"><script>", "https://[::1", 7 * "x"],
)  # fmt: skip
def test_a_return_url_that_is_no_web_address_is_dropped(
    client: FlaskClient, platform: Platform, services: Services, url: str
) -> None:
    presentation = {"locale": "hu", "return_url": url}
    assert platform.launch(client, **{LTI + "launch_presentation": presentation}).status_code == 303
    assert one(services.database, LaunchSession).return_url is None


def test_controls_are_taken_out_of_texts(
    client: FlaskClient, platform: Platform, services: Services
) -> None:
    context = {"id": "2", "title": "a\x00b\r\nc" + "x" * 400, "label": " "}
    platform.launch(client, **{LTI + "context": context})
    stored = one(services.database, Context)
    assert stored.title.startswith("a b c")
    assert (len(stored.title), stored.label) == (255, None)


# Sessions.


def test_launch_cookie_and_stored_hash(
    client: FlaskClient, platform: Platform, services: Services
) -> None:
    answer = platform.launch(client)
    launch_id = answer.headers["Location"].split("/")[2]
    opened, dropped = answer.headers.getlist("Set-Cookie")
    assert opened.startswith(f"__Host-ls-{launch_id}=")
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert attribute in opened
    assert dropped.startswith("__Host-lti-") and "Max-Age=0" in dropped
    secret = opened.partition("=")[2].partition(";")[0]
    assert len(secret) >= 43
    assert secret not in answer.headers["Location"]
    assert one(services.database, LaunchSession).secret_hash != secret


def test_a_session_ends_by_age_by_closing_and_with_its_platform(
    client: FlaskClient, platform: Platform, services: Services
) -> None:
    answer = platform.launch(client)
    launch_id = answer.headers["Location"].split("/")[2]
    secret = answer.headers.getlist("Set-Cookie")[0].partition("=")[2].partition(";")[0]

    def find(hours: float = 0) -> object:
        with services.database.read_connection() as connection:
            return find_launch(connection, launch_id, secret, utcnow() + timedelta(hours=hours))

    launch = find()
    assert launch is not None and find(11.9) is not None
    assert find(12.1) is None
    with services.database.write() as session:
        disable_platform(session, platform.tenant_id, platform.row_id, utcnow())
    assert find() is None
    with services.database.write_connection() as connection:
        connection.execute(update(PlatformRow).values(status="active"))
    assert find() is not None
    with services.database.write_connection() as connection:
        close_launch(connection, launch, utcnow())
    assert find() is None


def test_the_oldest_cookies_make_room(client: FlaskClient, platform: Platform) -> None:
    for _ in range(MAX_LAUNCHES + 5):
        platform.launch(client)
    kept = cookies(client, "__Host-ls-")
    assert len(kept) == MAX_LAUNCHES
    newest = platform.launch(client).headers["Location"].split("/")[2]
    assert f"__Host-ls-{newest}" in cookies(client, "__Host-ls-")
    assert kept[0] not in cookies(client, "__Host-ls-")
    for _ in range(MAX_LOGINS + 5):
        platform.login(client)
    assert len(cookies(client, "__Host-lti-")) == MAX_LOGINS


def test_the_way_to_begin_again_names_no_person(
    client: FlaskClient, platform: Platform, services: Services
) -> None:
    launch_id = platform.launch(client).headers["Location"].split("/")[2]
    with services.database.read_connection() as connection:
        assert find_relaunch_url(connection, launch_id) == (
            f"{platform.issuer}/mod/lti/launch.php?id=13&triggerview=0"
        )
        assert find_relaunch_url(connection, "nobody") is None
    other = Platform(client_id="c2", product="generic").register(services.database)
    key_server = services.door
    other.serve_keys(key_server)  # type: ignore[arg-type]
    launch_id = other.launch(client).headers["Location"].split("/")[2]
    with services.database.read_connection() as connection:
        assert find_relaunch_url(connection, launch_id) is None


# Messages.


def test_a_deep_linking_launch_brings_its_settings(client: FlaskClient, platform: Platform) -> None:
    with open(f"{RECORDINGS}/launch_deep_linking_teacher.json", encoding="utf-8") as file:
        recorded = json.load(file)["claims"]
    kept = ("iss", "aud", "nonce", "iat", "exp", LTI + "target_link_uri")

    def as_recorded(claims: dict[str, Any]) -> dict[str, Any]:
        return {**recorded, **{name: claims[name] for name in kept}}

    page = client.get(platform.launch(client, as_recorded).headers["Location"]).json
    assert (page["message"], page["roles"], page["learner"]) == (
        "LtiDeepLinkingRequest", ["instructor"], False
    )  # fmt: skip
    settings = page["details"]["deep_linking"]
    assert settings["deep_link_return_url"].startswith("https://moodle.localhost:8443/mod/lti/")
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert "accept_copy_advice" not in settings


def test_a_submission_review_brings_the_person(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(
        client,
        **{
            LTI + "message_type": "LtiSubmissionReviewRequest",
            LTI + "roles": [MEMBERSHIP + "Instructor"],
            LTI + "for_user": {"user_id": "42", "name": "Somebody"},
        },
    )
    page = client.get(answer.headers["Location"]).json
    assert page["message"] == "LtiSubmissionReviewRequest"
    assert page["details"]["for_user"] == "42"


@pytest.mark.parametrize(
    "changes",
    [
        {LTI + "message_type": "LtiDeepLinkingRequest"},
        {LTI + "message_type": "LtiDeepLinkingRequest", DEEP_LINKING: {}},
        {
            LTI + "message_type": "LtiDeepLinkingRequest",
            DEEP_LINKING: {"accept_types": ["link"], "deep_link_return_url": "https://a.example"},
        },
        {LTI + "message_type": "LtiSubmissionReviewRequest"},
        {LTI + "message_type": "LtiSubmissionReviewRequest", LTI + "for_user": {}},
    ],
)
def test_a_message_without_what_it_needs_is_refused(
    client: FlaskClient, platform: Platform, changes: dict[str, Any]
) -> None:
    answer = platform.launch(client, **changes)
    assert answer.status_code == 401
    assert "message_incomplete" in answer.get_data(as_text=True)


# Clocks (F20).


@pytest.mark.parametrize(
    ("skew", "refused"),
    [(-120, "token_expired"), (-61, None), (-1, None), (0, None), (1, None), (59, None),
     (62, "token_from_future"), (120, "token_from_future")],
)  # fmt: skip
def test_f20_the_platforms_clock_may_be_a_minute_off(
    client: FlaskClient, platform: Platform, skew: int, refused: str | None
) -> None:
    now = int(utcnow().timestamp())
    answer = platform.launch(client, iat=now + skew, exp=now + skew + 60)
    assert (answer.status_code == 303) is (refused is None)
    assert refused is None or refused in answer.get_data(as_text=True)


def test_f20_the_measured_difference_is_logged(
    client: FlaskClient, platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    now = int(utcnow().timestamp())
    platform.launch(client, iat=now + 600, exp=now + 660)
    line = next(line for line in capfd.readouterr().err.splitlines() if "launch.refused" in line)
    assert "skew_s=-600" in line or "skew_s=-599" in line
    assert "token_from_future" in line and platform.row_id in line


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)])
def test_f20_a_jump_of_our_own_clock_is_over_with_the_next_launch(
    client: FlaskClient, platform: Platform, jump: timedelta
) -> None:
    assert platform.launch(client).status_code == 303
    with travel(utcnow() + jump, tick=True):
        assert platform.launch(client).status_code == 303
    assert platform.launch(client).status_code == 303

"""Dynamic Registration against a platform on a real socket (LTI Dynamic Registration 1.0)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config.clock import utcnow
from config.secrets import digest
from lti_tool.lti.models import Deployment, Invite, Platform
from lti_tool.lti.platforms import PlatformFacts, disable_platform
from lti_tool.lti.registration import RegistrationFailed, add_platform, create_invite, register
from lti_tool.lti.registration.configuration import (
    PLATFORM_CONFIGURATION,
    check_belonging,
    origin,
    read_configuration,
)
from lti_tool.lti.registration.tool import (
    SCOPES,
    TOOL_CONFIGURATION,
    asked_scopes,
    tool_configuration,
)
from lti_tool.services import Services
from lti_tool.web.app import create_app
from tests.lti_tool.critic import faults_of
from tests.lti_tool.lti.services.stub import (
    RECORDED_ORIGIN,
    Reply,
    Seen,
    StubPlatform,
    add_tenant,
    recording,
    running_platform,
    running_services,
)

CONFIGURATION = "/mod/lti/openid-configuration.php"
REGISTRATION = "/mod/lti/openid-registration.php"
JSON = {"Content-Type": "application/json"}
TOKEN = "a-registration-token-of-the-platform"


def moodle_document(stub: StubPlatform, **changes: Any) -> dict[str, Any]:
    """The recorded configuration, moved to the stub."""
    recorded = json.dumps(recording("dynamic_registration_request")["openid_configuration"])
    return {**json.loads(recorded.replace(RECORDED_ORIGIN, stub.url)), **changes}


def offer(stub: StubPlatform, **changes: Any) -> None:
    document = json.dumps(moodle_document(stub, **changes))
    stub.on("GET", CONFIGURATION, Reply(200, document, JSON))


@pytest.fixture
def stub() -> Iterator[StubPlatform]:
    with running_platform() as platform:
        offer(platform)
        answer = json.dumps(recording("dynamic_registration_response")["body"])
        platform.on("POST", REGISTRATION, Reply(200, answer, JSON))
        platform.on("GET", "/mod/lti/certs.php", Reply(200, '{"keys":[{"kty":"RSA"}]}', JSON))
        yield platform


@pytest.fixture
def services(tmp_path: Path, stub: StubPlatform) -> Iterator[Services]:
    with running_services(tmp_path, stub.url) as parts:
        yield parts


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services.settings, services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def tenant_id(services: Services) -> str:
    return add_tenant(services, "one")


def invite(services: Services, tenant_id: str, *, approve: bool = False, days: int = 7) -> str:
    with services.database.write() as session:
        return create_invite(
            session, tenant_id, auto_approve=approve, now=utcnow(), life=timedelta(days=days)
        )


@pytest.fixture
def code(services: Services, tenant_id: str) -> str:
    return invite(services, tenant_id)


def run(services: Services, stub: StubPlatform, code: str) -> Any:
    return register(services, code, stub.url + CONFIGURATION, TOKEN)[1]


def platforms(services: Services) -> list[Platform]:
    with services.database.read() as session:
        return list(session.scalars(select(Platform)))


def rows(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(select(func.count()).select_from(Platform)) or 0


# Invites.


def test_an_invite_is_stored_as_a_hash_only(services: Services, code: str) -> None:
    with services.database.read() as session:
        row = session.scalars(select(Invite)).one()
    assert row.code_hash == digest(code)
    assert len(code) >= 43
    assert row.expires_at - row.created_at == timedelta(days=7)


def test_an_invite_works_once(services: Services, stub: StubPlatform, code: str) -> None:
    run(services, stub, code)
    with pytest.raises(RegistrationFailed, match="invite_used"):
        run(services, stub, code)
    assert len([seen for seen in stub.seen if seen.method == "POST"]) == 1


def test_the_page_of_a_used_invite_says_so_and_asks_nobody(
    services: Services, stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    run(services, stub, code)
    stub.seen.clear()
    for page in (
        client.get(f"/lti/register/{code}", query_string=form(stub)),
        client.get(f"/lti/register/{code}"),
    ):
        assert page.status_code == 410
        assert "used before" in page.text
    assert stub.seen == []


def test_an_invite_expires(services: Services, stub: StubPlatform, tenant_id: str) -> None:
    with pytest.raises(RegistrationFailed, match="invite_expired"):
        run(services, stub, invite(services, tenant_id, days=-1))
    assert stub.seen == []


def test_an_unknown_invite_asks_nobody(services: Services, stub: StubPlatform) -> None:
    with pytest.raises(RegistrationFailed, match="invite_unknown"):
        run(services, stub, "guessed")
    assert stub.seen == []


def test_of_many_at_once_one_registers(services: Services, stub: StubPlatform, code: str) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(6)

    def work() -> None:
        gate.wait()
        try:
            run(services, stub, code)
            outcomes.append("registered")
        except RegistrationFailed as failed:
            outcomes.append(failed.code)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["invite_used"] * 5 + ["registered"]
    assert len([seen for seen in stub.seen if seen.path == REGISTRATION]) == 1


def test_an_invite_is_given_back_when_the_platform_refuses(
    services: Services, stub: StubPlatform, code: str
) -> None:
    good = stub.answers["POST", REGISTRATION]
    stub.on("POST", REGISTRATION, Reply(400, '{"error":"missing_domain"}', JSON))
    with pytest.raises(RegistrationFailed) as caught:
        run(services, stub, code)
    assert (caught.value.code, caught.value.detail) == ("registration_refused", "missing_domain")
    assert rows(services) == 0
    stub.on("POST", REGISTRATION, *good)
    assert run(services, stub, code).platform_id


# What is stored.


def test_moodle_is_stored_as_pending_with_its_deployment(
    services: Services, stub: StubPlatform, code: str, tenant_id: str
) -> None:
    registered = run(services, stub, code)
    (platform,) = platforms(services)
    assert platform.tenant_id == tenant_id
    assert platform.issuer == stub.url
    assert platform.client_id == "UQHV8AnDORXdsbb"
    assert platform.auth_url == f"{stub.url}/mod/lti/auth.php"
    assert platform.token_url == f"{stub.url}/mod/lti/token.php"
    assert platform.jwks_url == f"{stub.url}/mod/lti/certs.php"
    assert (platform.product, platform.version) == ("moodle", "4.5.6 (Build: 20250811)")
    assert platform.status == "pending"
    assert not registered.approved
    with services.database.read() as session:
        deployment = session.scalars(select(Deployment)).one()
        used = session.scalars(select(Invite)).one()
    assert (deployment.platform_id, deployment.deployment_id) == (platform.id, "1")
    assert used.platform_id == platform.id


def test_an_approving_invite_makes_it_active(
    services: Services, stub: StubPlatform, tenant_id: str
) -> None:
    assert run(services, stub, invite(services, tenant_id, approve=True)).approved
    assert platforms(services)[0].status == "active"


def test_registering_again_updates_the_same_platform(
    services: Services, stub: StubPlatform, tenant_id: str
) -> None:
    first = run(services, stub, invite(services, tenant_id, approve=True))
    offer(stub, authorization_endpoint=f"{stub.url}/mod/lti/auth2.php")
    second = run(services, stub, invite(services, tenant_id))
    assert second.platform_id == first.platform_id
    (platform,) = platforms(services)
    assert platform.auth_url.endswith("auth2.php")
    assert platform.status == "active"
    with services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Deployment)) == 1


def test_an_approving_invite_approves_what_was_pending(
    services: Services, stub: StubPlatform, tenant_id: str
) -> None:
    run(services, stub, invite(services, tenant_id))
    assert run(services, stub, invite(services, tenant_id, approve=True)).approved


def test_a_platform_that_was_switched_off_stays_off(
    services: Services, stub: StubPlatform, tenant_id: str
) -> None:
    first = run(services, stub, invite(services, tenant_id, approve=True))
    with services.database.write() as session:
        disable_platform(session, tenant_id, first.platform_id, utcnow())
    assert not run(services, stub, invite(services, tenant_id, approve=True)).approved
    assert platforms(services)[0].status == "disabled"


def test_another_tenants_invite_cannot_take_a_platform_over(
    services: Services, stub: StubPlatform, tenant_id: str
) -> None:
    run(services, stub, invite(services, tenant_id, approve=True))
    thief = invite(services, add_tenant(services, "two"), approve=True)
    offer(stub, jwks_uri=f"{stub.url}/evil.php")
    with pytest.raises(RegistrationFailed, match="platform_of_another"):
        run(services, stub, thief)
    (platform,) = platforms(services)
    assert platform.tenant_id == tenant_id
    assert platform.jwks_url.endswith("certs.php")


# What we send.


def test_the_request_has_what_moodle_wants(
    services: Services, stub: StubPlatform, code: str
) -> None:
    run(services, stub, code)
    (seen,) = [seen for seen in stub.seen if seen.path == REGISTRATION]
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["content-type"] == "application/json"
    sent = seen.json
    base = "http://127.0.0.1:5000"
    assert sent["application_type"] == "web"
    assert sent["response_types"] == ["id_token"]
    assert sent["initiate_login_uri"] == f"{base}/lti/login"
    assert sent["redirect_uris"] == [f"{base}/lti/launch"]
    assert sent["jwks_uri"] == f"{base}/lti/jwks.json"
    assert sent["token_endpoint_auth_method"] == "private_key_jwt"
    assert sent["client_name"] == "Back on Track"
    tool = sent[TOOL_CONFIGURATION]
    assert tool["domain"] == "127.0.0.1:5000"
    assert tool["target_link_uri"] == f"{base}/lti/launch"
    assert [(m["type"], m["target_link_uri"]) for m in tool["messages"]] == [
        ("LtiResourceLinkRequest", f"{base}/lti/launch"),
        ("LtiDeepLinkingRequest", f"{base}/lti/launch"),
    ]
    assert set(sent["scope"].split()) == {
        "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
        "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
        "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
        "https://purl.imsglobal.org/spec/lti-ags/scope/score",
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    }


@pytest.mark.parametrize(
    ("wants_names", "claims"),
    [(False, ["iss", "sub"]), (True, ["iss", "sub", "name", "given_name", "family_name"])],
)
def test_names_are_asked_for_only_where_the_organisation_wants_them(
    services: Services, stub: StubPlatform, *, wants_names: bool, claims: list[str]
) -> None:
    run(services, stub, invite(services, add_tenant(services, "n", wants_names=wants_names)))
    (seen,) = [seen for seen in stub.seen if seen.path == REGISTRATION]
    assert seen.json[TOOL_CONFIGURATION]["claims"] == claims
    assert "email" not in seen.body


def test_what_the_platform_does_not_offer_is_not_asked_for() -> None:
    plain = moodle_document(StubPlatform(RECORDED_ORIGIN))
    score = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    few = read_configuration(
        {**plain, "scopes_supported": [score, "openid"], "claims_supported": ["sub", "name"]}
    )
    assert [asked.key for asked in asked_scopes(few)] == [score]
    sent = tool_configuration("https://t.example", few, wants_names=True)
    assert sent["scope"] == score
    assert sent[TOOL_CONFIGURATION]["claims"] == ["iss", "sub", "name"]


def test_groups_and_submission_review_are_asked_for_where_offered() -> None:
    plain = moodle_document(StubPlatform(RECORDED_ORIGIN))
    rich = read_configuration(
        {
            **plain,
            "scopes_supported": [asked.key for asked in SCOPES],
            PLATFORM_CONFIGURATION: {
                "product_family_code": "x",
                "messages_supported": [
                    "LtiDeepLinkingRequest",
                    {"type": "LtiSubmissionReviewRequest"},
                ],
            },
        }
    )
    sent = tool_configuration("https://t.example", rich, wants_names=False)
    assert "lti-gs/scope/contextgroup.readonly" in sent["scope"]
    types = [message["type"] for message in sent[TOOL_CONFIGURATION]["messages"]]
    assert types == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
        "LtiSubmissionReviewRequest",
    ]


# Configurations.


CANVAS = {
    "issuer": "https://canvas.instructure.com",
    "authorization_endpoint": "https://sso.canvaslms.com/api/lti/authorize_redirect",
    "registration_endpoint": "https://school.instructure.com/api/lti/registrations",
    "jwks_uri": "https://sso.canvaslms.com/api/lti/security/jwks",
    "token_endpoint": "https://sso.canvaslms.com/login/oauth2/token",
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "scopes_supported": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
    "claims_supported": ["sub", "name", "locale"],
    PLATFORM_CONFIGURATION: {
        "product_family_code": "canvas",
        "version": "vCloud",
        "https://canvas.instructure.com/lti/account_name": "A School",
        "messages_supported": [
            {
                "type": "LtiDeepLinkingRequest",
                "placements": ["https://canvas.instructure.com/lti/link_selection", "ContentArea"],
            }
        ],
        "variables": ["Canvas.user.id"],
    },
}
CANVAS_URL = "https://school.instructure.com/api/lti/security/openid-configuration?token=x"


def test_canvas_style_is_read_and_belongs_together() -> None:
    configuration = read_configuration(CANVAS)
    check_belonging(configuration, CANVAS_URL)
    assert configuration.name == "A School"
    assert configuration.product == "canvas"
    assert configuration.messages is not None
    assert "ContentArea" in configuration.messages["LtiDeepLinkingRequest"]


@pytest.mark.parametrize(
    ("url", "changes"),
    [
        ("https://evil.example/api", {}),
        ("https://instructure.com.evil.example/api", {}),
        ("https://evilinstructure.com/api", {}),
        ("http://school.instructure.com/api", {}),
        (CANVAS_URL, {"jwks_uri": "https://evil.example/jwks"}),
        (CANVAS_URL, {"issuer": "https://moodle.example"}),
    ],
)
def test_nobody_but_canvas_speaks_for_canvas(url: str, changes: dict[str, str]) -> None:
    configuration = read_configuration({**CANVAS, **changes})
    with pytest.raises(RegistrationFailed, match=r"issuer_foreign|configuration_foreign"):
        check_belonging(configuration, url)


def test_a_canvas_of_ones_own_is_of_one_origin() -> None:
    own = {
        name: f"https://canvas.example/{name}" if str(value).startswith("https://") else value
        for name, value in CANVAS.items()
    }
    configuration = read_configuration({**own, "issuer": "https://canvas.example"})
    check_belonging(configuration, "https://canvas.example/api/lti/security/openid-configuration")


SITE = "https://moodle.example"


def document(**changes: Any) -> dict[str, Any]:
    return moodle_document(StubPlatform(SITE), **changes)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://moodle.example/mod/lti/openid-configuration.php"),
        ({"issuer": "https://moodle.example/"}, "https://moodle.example/x"),
        ({"issuer": "https://moodle.example/a"}, "https://moodle.example/a/mod/lti/x.php"),
        ({"jwks_uri": "https://MOODLE.example:443/certs"}, "https://moodle.example/x"),
    ],
)
def test_what_belongs_together(changes: dict[str, str], url: str) -> None:
    check_belonging(read_configuration(document(**changes)), url)


@pytest.mark.parametrize(
    ("changes", "url", "code"),
    [
        ({"issuer": "https://other.example"}, f"{SITE}/x", "issuer_foreign"),
        ({"issuer": "https://moodle.example.evil.example"}, f"{SITE}/x", "issuer_foreign"),
        ({"issuer": "https://moodle.exam"}, f"{SITE}/x", "issuer_foreign"),
        ({"issuer": "https://moodle.example/a"}, f"{SITE}/b/x", "issuer_foreign"),
        ({"issuer": "https://moodle.example/a"}, f"{SITE}/ab/x", "issuer_foreign"),
        ({"issuer": "https://moodle.example/a"}, f"{SITE}/a/../b/x", "configuration_foreign"),
        ({"issuer": "https://moodle.example/a"}, f"{SITE}/a/%2E%2e/b", "configuration_foreign"),
        ({"issuer": "https://moodle.example/a"}, f"{SITE}/a/..?x", "configuration_foreign"),
        ({"issuer": "http://moodle.example"}, f"{SITE}/x", "issuer_foreign"),
        ({}, "https://evil.example/x", "issuer_foreign"),
        ({"issuer": "https://moodle.example?x"}, f"{SITE}/x", "configuration_foreign"),
        ({"token_endpoint": "https://evil.example/t"}, f"{SITE}/x", "configuration_foreign"),
        ({"jwks_uri": "https://moodle.example:8443/t"}, f"{SITE}/x", "configuration_foreign"),
        (
            {"authorization_endpoint": "http://moodle.example/"},
            f"{SITE}/x",
            "configuration_foreign",
        ),
        ({"registration_endpoint": "javascript:alert(1)"}, f"{SITE}/x", "configuration_foreign"),
        ({"registration_endpoint": "//moodle.example/x"}, f"{SITE}/x", "configuration_foreign"),
        (
            {"jwks_uri": "https://moodle.example@evil.example/"},
            f"{SITE}/x",
            "configuration_foreign",
        ),
    ],
)
def test_what_does_not_belong_together(changes: dict[str, str], url: str, code: str) -> None:
    with pytest.raises(RegistrationFailed) as caught:
        check_belonging(read_configuration(document(**changes)), url)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": None},
        {"issuer": 7},
        {"issuer": ""},
        {"issuer": "https://x/" + "a" * 300},
        {"token_endpoint": None},
        {"jwks_uri": ["https://x"]},
        {"authorization_endpoint": "https://x/" + "a" * 3000},
        {"registration_endpoint": None},
    ],
)
def test_what_is_incomplete(changes: dict[str, Any]) -> None:
    with pytest.raises(RegistrationFailed, match="configuration_incomplete"):
        read_configuration(document(**changes))


def test_a_platform_without_signed_assertions_is_refused() -> None:
    with pytest.raises(RegistrationFailed, match="configuration_method"):
        read_configuration(document(token_endpoint_auth_methods_supported=["client_secret_post"]))


@pytest.mark.parametrize("junk", [None, 7, "x", [], [1, None, {"type": 4}], {"a": 1}])
def test_odd_members_do_no_harm(junk: object) -> None:
    platform = {"product_family_code": junk, "messages_supported": junk, "version": junk}
    configuration = read_configuration(
        document(scopes_supported=junk, claims_supported=junk, **{PLATFORM_CONFIGURATION: platform})
    )
    tool_configuration("https://t.example", configuration, wants_names=True)
    read_configuration(document(**{PLATFORM_CONFIGURATION: junk}))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://moodle.example/a", "https://moodle.example"),
        ("https://Moodle.example:8443?x", "https://moodle.example:8443"),
        ("http://127.0.0.1:5001/x", "http://127.0.0.1:5001"),
        ("https://moodle.example; script-src *", None),
        ("https://moodle.example,x/", None),
        ("https://user@moodle.example/", None),
        ("https://moodle.example\\x", None),
        ("https://moodle.example\r\nX: y", None),
        ("javascript:alert(1)", None),
        ("https://*/", None),
        ("", None),
    ],
)
def test_the_origin_that_goes_into_a_header(url: str, expected: str | None) -> None:
    assert origin(url) == expected


# Attacks over the network (S1, S2).

INSIDE = [
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:22/x",
    "http://localhost:5432/x",
    "http://[::1]/x",
    "http://[::ffff:127.0.0.1]/x",
    "http://0x7f000001/x",
    "http://2130706433/x",
    "http://127.1/x",
    "http://10.0.0.1/x",
    "http://192.168.0.1/x",
    "https://moodle.example@127.0.0.1/x",
    "file:///etc/passwd",
    "gopher://127.0.0.1/x",
    "not a url",
]


@pytest.mark.parametrize("url", INSIDE)
def test_s1_addresses_inside_are_never_asked(
    services: Services, client: FlaskClient, code: str, url: str
) -> None:
    page = client.get(
        f"/lti/register/{code}",
        query_string={"openid_configuration": url, "registration_token": TOKEN},
    )
    assert page.status_code == 422
    assert "configuration_unreachable" in page.text
    assert rows(services) == 0


@pytest.mark.parametrize(
    "member", ["registration_endpoint", "token_endpoint", "jwks_uri", "authorization_endpoint"]
)
def test_s1_a_configuration_that_points_inside_is_refused(
    services: Services, stub: StubPlatform, code: str, member: str
) -> None:
    offer(stub, **{member: "http://169.254.169.254/x"})
    with pytest.raises(RegistrationFailed, match="configuration_foreign"):
        run(services, stub, code)
    assert [seen.method for seen in stub.seen] == ["GET"]


def test_s1_refused_and_unreachable_look_the_same(
    services: Services, client: FlaskClient, code: str
) -> None:
    def page(url: str) -> str:
        answer = client.get(
            f"/lti/register/{code}",
            query_string={"openid_configuration": url, "registration_token": TOKEN},
        )
        main = BeautifulSoup(answer.text, "html5lib").find("main")
        assert main is not None
        main.find_all("code")[0].decompose()  # it holds the reference
        return f"{answer.status_code} {main}"

    refused = page("http://10.0.0.1/x")
    assert refused == page("http://no-such-host.invalid/x")


def test_s1_a_redirect_is_not_followed(services: Services, stub: StubPlatform, code: str) -> None:
    stub.on("GET", CONFIGURATION, Reply(302, "", {"Location": f"{stub.url}/elsewhere"}))
    with pytest.raises(RegistrationFailed, match="configuration_unreadable"):
        run(services, stub, code)
    assert len(stub.seen) == 1


def test_s2_the_issuer_has_to_be_who_answers(
    services: Services, stub: StubPlatform, code: str
) -> None:
    offer(stub, issuer="https://moodle.of.somebody.else")
    with pytest.raises(RegistrationFailed, match="issuer_foreign"):
        run(services, stub, code)
    assert rows(services) == 0


def test_s2_without_a_registration_token(
    services: Services, stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    query = {"openid_configuration": stub.url + CONFIGURATION}
    assert client.get(f"/lti/register/{code}", query_string=query).status_code == 400
    assert client.post(f"/lti/register/{code}", data=query).status_code == 400
    assert stub.seen == []


def test_http_is_refused_outside_the_demo(tmp_path: Path, stub: StubPlatform) -> None:
    with running_services(tmp_path, stub.url, demo=False) as strict:
        code = invite(strict, add_tenant(strict, "one"))
        with pytest.raises(RegistrationFailed, match="configuration_unreachable"):
            run(strict, stub, code)
    assert stub.seen == []


@pytest.mark.parametrize(
    ("reply", "code_expected"),
    [
        (Reply(200, "<html></html>", {}), "configuration_unreadable"),
        (Reply(200, "[]", JSON), "configuration_unreadable"),
        (Reply(404, "{}", JSON), "configuration_unreadable"),
        (Reply(200, "{}", JSON), "configuration_incomplete"),
        (Reply(200, '{"a":"' + "x" * 300_000 + '"}', JSON), "configuration_unreachable"),
    ],
)
def test_what_is_no_configuration(
    services: Services, stub: StubPlatform, code: str, reply: Reply, code_expected: str
) -> None:
    stub.on("GET", CONFIGURATION, reply)
    with pytest.raises(RegistrationFailed, match=code_expected):
        run(services, stub, code)


@pytest.mark.parametrize(
    ("reply", "failure", "detail"),
    [
        (
            Reply(401, '{"error":"token_already_used"}', JSON),
            "registration_refused",
            "token_already_used",
        ),
        (Reply(400, '{"reason":"missing_domain"}', JSON), "registration_refused", "missing_domain"),
        (Reply(500, "<html>", {}), "registration_refused", "500"),
        (Reply(400, '{"error":"<script>alert(1)</script>"}', JSON), "registration_refused", "400"),
        (Reply(302, "", {"Location": "/"}), "registration_refused", "302"),
        (Reply(200, "<html>", {}), "registration_unreadable", ""),
        (Reply(200, "{}", JSON), "registration_unreadable", ""),
        (Reply(200, '{"client_id":7}', JSON), "registration_unreadable", ""),
        (Reply(200, json.dumps({"client_id": "x" * 256}), JSON), "registration_unreadable", ""),
    ],
)
def test_answers_that_are_no_registration(
    services: Services,
    stub: StubPlatform,
    client: FlaskClient,
    code: str,
    reply: Reply,
    failure: str,
    detail: str,
) -> None:
    stub.on("POST", REGISTRATION, reply)
    page = client.post(f"/lti/register/{code}", data=form(stub))
    assert page.status_code == 422
    assert f"{failure}.{detail}" in page.text if detail else failure in page.text
    assert "<script>alert" not in page.text
    assert rows(services) == 0


def test_a_registration_without_a_deployment_says_so(
    services: Services, stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    stub.on("POST", REGISTRATION, Reply(201, '{"client_id":"10000000000007"}', JSON))
    page = client.post(f"/lti/register/{code}", data=form(stub))
    assert page.status_code == 200
    assert "Send the deployment id" in page.text
    assert platforms(services)[0].client_id == "10000000000007"


# Pages.


def form(stub: StubPlatform) -> dict[str, str]:
    return {"openid_configuration": stub.url + CONFIGURATION, "registration_token": TOKEN}


def test_the_page_asks_before_the_token_is_used(
    services: Services, stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    page = client.get(f"/lti/register/{code}", query_string=form(stub))
    assert page.status_code == 200
    assert faults_of(page.text, budget=60 * 1024) == []
    for asked in asked_scopes(read_configuration(moodle_document(stub))):
        assert asked.key in page.text
    assert "no names and no e-mail" in page.text
    assert [seen.method for seen in stub.seen] == ["GET"]
    assert rows(services) == 0
    soup = BeautifulSoup(page.text, "html5lib")
    assert len(soup.select("main form")) == 1
    fields = {field["name"]: field["value"] for field in soup.select("input[type=hidden]")}
    done = client.post(soup.select("main form")[0]["action"], data=fields)
    assert done.status_code == 200
    assert rows(services) == 1


def test_both_pages_may_stand_in_the_platforms_frame_and_in_no_other(
    stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    for page in (
        client.get(f"/lti/register/{code}", query_string=form(stub)),
        client.post(f"/lti/register/{code}", data=form(stub)),
        client.post(f"/lti/register/{code}", data=form(stub)),  # refused: used up
    ):
        policy = page.headers["Content-Security-Policy"]
        assert f"frame-ancestors {stub.url};" in policy
        assert "script-src 'self';" in policy


def test_the_result_has_ticks_the_next_step_and_then_the_close_message(
    stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    page = client.post(f"/lti/register/{code}", data=form(stub))
    assert faults_of(page.text, budget=60 * 1024) == []
    text = BeautifulSoup(page.text, "html5lib").get_text(" ")
    assert "Your site is connected" in text
    assert text.count("✓") == 6
    assert "✗" not in text
    assert "Activate" in text
    assert "Your coordinator approves" in text
    closing = BeautifulSoup(page.text, "html5lib").select("[data-lti-close]")
    assert closing[0]["data-lti-close"] == "8"
    assert "<script>" not in page.text


def test_a_page_with_a_cross_does_not_close_itself(
    stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    stub.on("GET", "/mod/lti/certs.php", Reply(500))
    page = client.post(f"/lti/register/{code}", data=form(stub))
    assert "✗" in page.text
    closing = BeautifulSoup(page.text, "html5lib").select("[data-lti-close]")
    assert closing[0]["data-lti-close"] == ""


def test_a_clock_that_is_wrong_is_seen(stub: StubPlatform, client: FlaskClient, code: str) -> None:
    headers = {**JSON, "Date": "Tue, 24 Nov 2020 00:00:00 GMT"}
    stub.on("GET", "/mod/lti/certs.php", Reply(200, '{"keys":[{}]}', headers))
    page = client.post(f"/lti/register/{code}", data=form(stub))
    assert "Set the clock" in page.text


def test_opened_by_hand_the_page_shows_our_values(client: FlaskClient, code: str) -> None:
    page = client.get(f"/lti/register/{code}")
    assert page.status_code == 200
    assert faults_of(page.text, budget=60 * 1024) == []
    for value in ("/lti/login", "/lti/launch", "/lti/jwks.json", f"/lti/register/{code}"):
        assert f"http://127.0.0.1:5000{value}" in page.text


@pytest.mark.parametrize(("life", "status"), [(None, 404), (-1, 410)])
def test_a_useless_invite_is_a_readable_page(
    services: Services,
    stub: StubPlatform,
    client: FlaskClient,
    tenant_id: str,
    life: int | None,
    status: int,
) -> None:
    code = "guessed" if life is None else invite(services, tenant_id, days=life)
    page = client.get(f"/lti/register/{code}", query_string=form(stub))
    assert page.status_code == status
    assert "ask your contact" in page.text.lower()


def test_texts_of_the_platform_are_escaped(
    stub: StubPlatform, client: FlaskClient, code: str
) -> None:
    evil = '"><script>alert(1)</script>'
    platform = {
        "product_family_code": evil,
        "https://canvas.instructure.com/lti/account_name": evil,
        "version": evil,
    }
    offer(stub, **{PLATFORM_CONFIGURATION: platform})
    query = {**form(stub), "registration_token": evil}
    page = client.get(f"/lti/register/{code}", query_string=query)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<script>alert" not in client.post(f"/lti/register/{code}", data=form(stub)).text


# By hand.


def facts(**changes: str) -> PlatformFacts:
    site = "https://moodle.example"
    values = {
        "issuer": site,
        "client_id": "abc",
        "auth_url": f"{site}/mod/lti/auth.php",
        "token_url": f"{site}/mod/lti/token.php",
        "jwks_url": f"{site}/mod/lti/certs.php",
        "name": "Moodle",
        **changes,
    }
    return PlatformFacts(**values)  # type: ignore[arg-type]


def test_a_platform_by_hand(services: Services, tenant_id: str) -> None:
    with services.database.write() as session:
        add_platform(session, services.door, tenant_id, facts(), deployment_ids=("1", "2"))
    (platform,) = platforms(services)
    assert platform.status == "active"
    with services.database.read() as session:
        found = session.scalars(select(Deployment.deployment_id)).all()
    assert sorted(found) == ["1", "2"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token_url": "http://169.254.169.254/"}, "address_refused"),
        ({"jwks_url": "file:///etc/passwd"}, "address_refused"),
        ({"auth_url": "https://u@moodle.example/"}, "address_refused"),
        ({"client_id": ""}, "values_incomplete"),
        ({"issuer": "x" * 256}, "values_incomplete"),
    ],
)
def test_values_by_hand_that_cannot_be(
    services: Services, tenant_id: str, changes: dict[str, str], code: str
) -> None:
    with services.database.write() as session, pytest.raises(RegistrationFailed) as caught:
        add_platform(session, services.door, tenant_id, facts(**changes))
    assert caught.value.code == code
    assert rows(services) == 0


def test_values_by_hand_cannot_take_a_platform_over(services: Services, tenant_id: str) -> None:
    with services.database.write() as session:
        add_platform(session, services.door, tenant_id, facts())
    other = add_tenant(services, "two")
    with (
        services.database.write() as session,
        pytest.raises(RegistrationFailed, match="platform_of_another"),
    ):
        add_platform(session, services.door, other, facts(jwks_url="https://evil.example/k"))
    assert platforms(services)[0].jwks_url.endswith("certs.php")


def test_the_stub_saw_what_it_should(stub: StubPlatform, services: Services, code: str) -> None:
    run(services, stub, code)
    methods: list[tuple[str, str]] = [(seen.method, seen.path) for seen in stub.seen]
    assert methods == [("GET", CONFIGURATION), ("POST", REGISTRATION)]
    assert all(isinstance(seen, Seen) for seen in stub.seen)

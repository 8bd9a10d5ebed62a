"""What the certification suite lacks: each of these passes some published tool or library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import update
from werkzeug.test import TestResponse

from config.clock import utcnow
from config.http import HttpResponse
from lti_tool.lti.models import Platform as PlatformRow
from lti_tool.people.models import User
from tests.conformance.stage import Case, Play, Stage, having, saying, token, without
from tests.lti_tool.lti.platform import (
    LTI,
    Claims,
    Platform,
    http_answer,
    public_jwk,
    rsa_key,
    unreachable,
)

OTHER = "https://evil.example.net"


def at(**seconds: float) -> Callable[[Claims], None]:
    """Set times relative to now."""

    def mutate(claims: Claims) -> None:
        now = int(utcnow().timestamp())
        claims.update({name: now + value for name, value in seconds.items()})

    return mutate


def play(name: str, code: str | None, *, writes: set[str] | None = None) -> Callable[[Play], Case]:
    """Make a case of a function; `writes` names the tables that its first launch fills."""

    def mark(function: Play) -> Case:
        if writes:
            function.writes = writes  # type: ignore[attr-defined]
        return Case(name, function, code)

    return mark


LAUNCHED = {"launch_session", "used_nonce"}
"""The tables in which every launch that gets in writes a row."""


# Time.

TIME = (
    token("exp absent", "time_missing", without("exp")),
    token("iat absent", "time_missing", without("iat")),
    token("exp a string", "time_missing", having(exp="9999999999")),
    token("exp true", "time_missing", having(exp=True)),
    token("exp infinite", "time_missing", having(exp=float("inf"))),
    token("exp not a number", "time_missing", having(exp=float("nan"))),
    token("iat negative", "time_missing", having(iat=-1)),
    token("nbf a string", "time_missing", having(nbf="soon")),
    token("iat 30 s ahead", None, at(iat=30, exp=90)),
    token("iat 10 min ahead", "token_from_future", at(iat=600, exp=660)),
    token("nbf 10 min ahead", "token_from_future", at(nbf=600)),
    token("nbf just passed", None, at(nbf=-1)),
    token("iat 10 min old", "token_too_old", at(iat=-600, exp=60)),
    token("iat 5 min old", None, at(iat=-300, exp=60)),
    token("expired 30 s ago", None, at(iat=-90, exp=-30)),
    token("expired 61 s ago", "token_expired", at(iat=-90, exp=-61)),
    token("exp in 25 h", "token_too_long", at(exp=25 * 3600)),
    token("times with fractions", None, at(iat=-0.5, exp=59.5)),
)


# Replay.


def first_launch(stage: Stage) -> tuple[dict[str, str], str]:
    """Launch once, and give the browser its login cookie back; returns query and token."""
    query = stage.platform.login(stage.browser)
    kept = [(cookie.key, cookie.value) for cookie in stage.browser._cookies.values()]
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    assert stage.platform.post(stage.browser, signed, query["state"]).status_code == 303
    for name, value in kept:
        stage.browser.set_cookie(name, value, secure=True)
    return query, signed


@play("same id_token posted twice", "nonce_used", writes=LAUNCHED)
def same_token(stage: Stage) -> TestResponse:
    """The whole form again, with a browser that kept the cookie."""
    query, signed = first_launch(stage)
    return stage.platform.post(stage.browser, signed, query["state"])


@play("fresh token with a used nonce", "nonce_used", writes=LAUNCHED)
def fresh_token_used_nonce(stage: Stage) -> TestResponse:
    """A new token of the platform for the same login."""
    query, _ = first_launch(stage)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"], sub="7"))
    return stage.platform.post(stage.browser, signed, query["state"])


@play("old token with a new state", "nonce_mismatch", writes=LAUNCHED)
def old_token_new_state(stage: Stage) -> TestResponse:
    """State and nonce belong together."""
    _, signed = first_launch(stage)
    query = stage.platform.login(stage.browser)
    return stage.platform.post(stage.browser, signed, query["state"])


@play("same form again after the cookie is gone", "browser_unproven", writes=LAUNCHED)
def reload_of_the_form(stage: Stage) -> TestResponse:
    """What a reload does."""
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    stage.platform.post(stage.browser, signed, query["state"])
    return stage.platform.post(stage.browser, signed, query["state"])


REPLAY = (
    same_token,
    fresh_token_used_nonce,
    old_token_new_state,
    reload_of_the_form,
    token("nonce of another login", "nonce_mismatch", having(nonce="nonce-of-another")),
    token("nonce absent", "nonce_missing", without("nonce")),
    token("nonce empty", "nonce_missing", having(nonce="")),
    token("nonce a number", "nonce_missing", having(nonce=7)),
)


# Browser.


@play("state from another browser", "browser_unproven")
def foreign_browser(stage: Stage) -> TestResponse:
    """Login in one browser, launch in another."""
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.other_browser(), signed, query["state"])


@play("state missing", "state_missing")
def no_state(stage: Stage) -> TestResponse:
    """A launch that nobody began here."""
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.browser.post("/lti/launch", data={"id_token": signed})


@play("state older than five minutes", "state_invalid")
def old_state(stage: Stage) -> TestResponse:
    """A tab that was left open at the platform's login."""
    query = stage.platform.login(stage.browser)
    payload = stage.services.state_signer.read(query["state"], utcnow().timestamp(), 300)
    old = stage.services.state_signer.sign(payload, utcnow().timestamp() - 301)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, old)


@play("state of a form", "state_invalid")
def state_of_another_purpose(stage: Stage) -> TestResponse:
    """Something else that we signed is no state."""
    query = stage.platform.login(stage.browser)
    payload = stage.services.state_signer.read(query["state"], utcnow().timestamp(), 300)
    forged = stage.services.form_signer.sign(payload, utcnow().timestamp())
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, forged)


@play("two tabs: the first login launches", None)
def first_of_two_tabs(stage: Stage) -> TestResponse:
    """A second login does not spoil the first."""
    first = stage.platform.login(stage.browser)
    stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(first["nonce"]))
    return stage.platform.post(stage.browser, signed, first["state"])


@play("two tabs: both launch", None)
def both_tabs(stage: Stage) -> TestResponse:
    """Nor does a first launch spoil the second login."""
    first, second = stage.platform.login(stage.browser), stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(first["nonce"]))
    assert stage.platform.post(stage.browser, signed, first["state"]).status_code == 303
    signed = stage.platform.sign(stage.platform.claims(second["nonce"]))
    return stage.platform.post(stage.browser, signed, second["state"])


BROWSER = (
    foreign_browser,
    no_state,
    old_state,
    state_of_another_purpose,
    first_of_two_tabs,
    both_tabs,
)


# Audience and identity.

US = "client-one"
AUDIENCE = (
    token("aud a list of us", None, having(aud=[US])),
    token("aud a list of us, azp us", None, having(aud=[US], azp=US)),
    token("aud [other, us], azp us", "audience_untrusted", having(aud=["other", US], azp=US)),
    token("aud [us, other], no azp", "audience_untrusted", having(aud=[US, "other"])),
    token("aud [us, other], azp other", "audience_untrusted", having(aud=[US, "x"], azp="x")),
    token("aud us, azp other", "party_mismatch", having(azp="other")),
    token("aud us, azp null", "party_mismatch", having(azp=None)),
    token("aud other", "audience_mismatch", having(aud="other")),
    token("aud absent", "audience_mismatch", without("aud")),
    token("aud an empty list", "audience_mismatch", having(aud=[])),
    token("aud a list with a number", "audience_mismatch", having(aud=[US, 1])),
    token("aud an object", "audience_mismatch", having(aud={US: True})),
    token("aud in other letters", "audience_mismatch", having(aud=US.upper())),
    token("iss other", "issuer_mismatch", having(iss=OTHER)),
    token("iss with a slash", "issuer_mismatch", having(iss="https://moodle.example.org/")),
    token("iss a list", "issuer_mismatch", having(iss=["https://moodle.example.org"])),
)


def _login(name: str, code: str, **changes: Any) -> Case:
    def begin(stage: Stage) -> TestResponse:
        return stage.browser.post("/lti/login", data=stage.platform.login_params(**changes))

    return Case(name, begin, code)


def _setting(name: str, code: str, model: Any, **columns: Any) -> Case:
    """A case in which something is changed in the database between login and launch."""

    def change(stage: Stage) -> TestResponse:
        query = stage.platform.login(stage.browser)
        with stage.services.database.write_connection() as connection:
            connection.execute(update(model).values(**columns))
        signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
        return stage.platform.post(stage.browser, signed, query["state"])

    return Case(name, change, code)


@play("deployment unknown", "deployment_unknown")
def unknown_deployment(stage: Stage) -> TestResponse:
    """The login says nothing of deployments, the token names a strange one."""
    query = stage.platform.login(stage.browser, lti_deployment_id=None)
    claims = stage.platform.claims(query["nonce"], **{LTI + "deployment_id": "99"})
    return stage.platform.post(stage.browser, stage.platform.sign(claims), query["state"])


@play("deployment of the login only", None)
def unannounced_deployment(stage: Stage) -> TestResponse:
    """A login need not name the deployment."""
    query = stage.platform.login(stage.browser, lti_deployment_id=None)
    claims = stage.platform.claims(query["nonce"])
    return stage.platform.post(stage.browser, stage.platform.sign(claims), query["state"])


IDENTITY = (
    _login("unknown issuer", "platform_unknown", iss=OTHER),
    _login("unknown client", "platform_unknown", client_id="nobody"),
    _login("login without issuer", "login_incomplete", iss=None),
    _login("login without hint", "login_incomplete", login_hint=None),
    _login("login without target", "login_incomplete", target_link_uri=None),
    _login("login with an endless hint", "login_incomplete", login_hint="x" * 5000),
    token("deployment changed", "deployment_mismatch", saying(LTI + "deployment_id", "99")),
    token("deployment a list", "deployment_missing", saying(LTI + "deployment_id", ["1"])),
    token("deployment a number", "deployment_missing", saying(LTI + "deployment_id", 1)),
    token("deployment too long", "deployment_missing", saying(LTI + "deployment_id", "1" * 256)),
    unknown_deployment,
    unannounced_deployment,
    _setting("registration disabled", "platform_disabled", PlatformRow, status="disabled"),
    _setting("registration pending again", "platform_pending", PlatformRow, status="pending"),
    _setting("person disabled", "user_disabled", User, disabled_at=utcnow()),
)


# Signature.


def raw_token(header: dict[str, Any], claims: object, signature: bytes = b"") -> str:
    """A token of any header, which no decent library would make."""

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    body = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{body}.{part(signature)}"


def hmac_token(header: dict[str, Any], claims: object, secret: bytes) -> str:
    """A token signed with a shared secret."""
    body = raw_token(header, claims).rpartition(".")[0]
    mac = hmac.digest(secret, body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def forged(name: str, code: str, forge: Callable[[Platform, Claims], str]) -> Case:
    """A case whose token is built by hand."""

    def begin(stage: Stage) -> TestResponse:
        query = stage.platform.login(stage.browser)
        made = forge(stage.platform, stage.platform.claims(query["nonce"]))
        return stage.platform.post(stage.browser, made, query["state"])

    return Case(name, begin, code)


def _header(alg: str) -> dict[str, Any]:
    return {"typ": "JWT", "alg": alg, "kid": "kid-1"}


def _broken_signature(platform: Platform, claims: Claims) -> str:
    signed = platform.sign(claims)
    head, _, signature = signed.rpartition(".")
    return f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def _swapped_payload(platform: Platform, claims: Claims) -> str:
    head, _, signature = platform.sign(claims).split(".")
    body = raw_token({}, {**claims, "sub": "1"}).split(".")[1]
    return f"{head}.{body}.{signature}"


EC = ECKey.generate_key("P-256")


@play("ES256 key in the set, not allowed by the registration", "algorithm_refused")
def es256(stage: Stage) -> TestResponse:
    """The registration says RS256."""
    stage.platform.keys = [public_jwk(EC, "ec", alg="ES256")]
    return stage.platform.launch(stage.browser, header={"alg": "ES256", "kid": "ec"}, key=EC)


def _allowing(name: str, alg: str, code: str | None, jwk_alg: str | None) -> Case:
    """A launch signed with `alg` by a registration that allows it."""

    def begin(stage: Stage) -> TestResponse:
        with stage.services.database.write_connection() as connection:
            connection.execute(update(PlatformRow).values(algorithms=["RS256", alg]))
        key = EC if alg == "ES256" else rsa_key("second")
        members = {"alg": jwk_alg} if jwk_alg else {}
        jwk = public_jwk(key, "other", **members)
        if jwk_alg is None:
            jwk.pop("alg")
        stage.platform.keys = [jwk]
        forget(stage)
        return stage.platform.launch(stage.browser, header={"alg": alg, "kid": "other"}, key=key)

    return Case(name, begin, code)


def forget(stage: Stage) -> None:
    """Let the tool ask for registrations and keys anew."""
    from lti_tool.lti.models import PlatformKeySet
    from lti_tool.lti.runtime import runtime

    memory = runtime(stage.services)
    memory.registrations.forget()
    memory.key_sets.forget()
    with stage.services.database.write_connection() as connection:
        connection.execute(PlatformKeySet.__table__.delete())


SIGNATURE = (
    forged("alg none", "algorithm_refused", lambda _, claims: raw_token(_header("none"), claims)),
    forged("alg None", "algorithm_refused", lambda _, claims: raw_token(_header("None"), claims)),
    forged(
        "alg none with the signature of RS256",
        "algorithm_refused",
        lambda platform, claims: raw_token(
            _header("none"), claims, platform.sign(claims).encode()[-40:]
        ),
    ),
    forged(
        "HS256 with the public PEM",
        "algorithm_refused",
        lambda platform, claims: hmac_token(
            _header("HS256"), claims, platform.key.as_pem(private=False)
        ),
    ),
    forged(
        "HS256 with the public JWK",
        "algorithm_refused",
        lambda platform, claims: hmac_token(
            _header("HS256"), claims, json.dumps(platform.keys[0]).encode()
        ),
    ),
    token("alg RS384", "algorithm_refused", header={"alg": "RS384"}),
    token("alg PS256", "algorithm_refused", header={"alg": "PS256"}),
    forged("alg rs256", "algorithm_refused", lambda _, claims: raw_token(_header("rs256"), claims)),
    forged(
        "alg a list",
        "algorithm_refused",
        lambda _, claims: raw_token({"typ": "JWT", "alg": ["RS256"], "kid": "kid-1"}, claims),
    ),
    es256,
    _allowing("RS384 where the registration allows it", "RS384", None, "RS384"),
    _allowing("RS384 with a key for RS256", "RS384", "key_refused", "RS256"),
    _allowing("RS384 with a key for any algorithm", "RS384", None, None),
    _allowing("ES256 where the registration allows it", "ES256", None, "ES256"),
    token("another key under the known kid", "signature_invalid", key=lambda _: rsa_key("evil")),
    forged("signature changed", "signature_invalid", _broken_signature),
    forged("payload changed", "signature_invalid", _swapped_payload),
    token("typ of an access token", "token_type", header={"typ": "at+jwt"}),
    token("typ absent", None, header={"typ": None}),
)


# Types.


def _payload(name: str, payload: bytes) -> Case:
    return forged(name, "payload_unreadable", lambda platform, _: platform.sign(payload))


TYPES = (
    token("resource_link null", "claims_malformed", saying(LTI + "resource_link", None)),
    token("resource_link a list", "claims_malformed", saying(LTI + "resource_link", ["1"])),
    token(
        "resource_link id a number", "claims_malformed", saying(LTI + "resource_link", {"id": 1})
    ),
    token(
        "resource_link id empty", "message_incomplete", saying(LTI + "resource_link", {"id": ""})
    ),
    token(
        "resource_link id too long",
        "message_incomplete",
        saying(LTI + "resource_link", {"id": "1" * 256}),
    ),
    token("roles a string", "roles_missing", saying(LTI + "roles", "Learner")),
    token("roles null", "roles_missing", saying(LTI + "roles", None)),
    token("roles with a number", "roles_missing", saying(LTI + "roles", [1])),
    token("context a string", "claims_malformed", saying(LTI + "context", "2")),
    token("context id a number", "claims_malformed", saying(LTI + "context", {"id": 2})),
    token("context without id", "message_incomplete", saying(LTI + "context", {"title": "x"})),
    token("context empty", None, saying(LTI + "context", {})),
    token("custom a list", "claims_malformed", saying(LTI + "custom", [])),
    token("custom with nested values", None, saying(LTI + "custom", {"module": {"a": [1]}})),
    token("presentation a string", "claims_malformed", saying(LTI + "launch_presentation", "x")),
    token(
        "AGS claim with a list as URL",
        "claims_malformed",
        saying("https://purl.imsglobal.org/spec/lti-ags/claim/endpoint", {"lineitems": []}),
    ),
    token("sub a number", "user_missing", having(sub=6)),
    token("sub empty", "user_missing", having(sub="")),
    token("sub null", "user_missing", having(sub=None)),
    token("sub with NUL", "user_missing", having(sub="6\x00")),
    token("sub too long", "user_missing", having(sub="6" * 256)),
    token("message_type a list", "message_unsupported", saying(LTI + "message_type", ["x"])),
    token("message_type unknown", "message_unsupported", saying(LTI + "message_type", "LtiFoo")),
    token("version a number", "version_unsupported", saying(LTI + "version", 1.3)),
    _payload("payload a JSON list", b'["iss"]'),
    _payload("payload a JSON string", b'"iss"'),
    _payload("payload no JSON", b"iss=x"),
    _payload("payload no UTF-8", b'{"iss": "\xff"}'),
    _payload("payload with half a surrogate pair", b'{"sub": "\\ud800"}'),
    _payload("payload nested too deep", b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
    forged("two parts", "token_unreadable", lambda p, c: p.sign(c).rpartition(".")[0]),
    forged("no token", "token_unreadable", lambda _p, _c: "x"),
    forged("letters outside ASCII", "token_unreadable", lambda _p, _c: "é.é.é"),
    forged("header no JSON", "token_unreadable", lambda _p, _c: "YQ.YQ.YQ"),
    forged("header a list", "token_unreadable", lambda _p, c: raw_token([], c)),  # type: ignore[arg-type]
    forged("token of a megabyte", "token_unreadable", lambda _p, _c: "x" * 200_000),
)


# Errors, targets, keys, anonymous launches.


def _error(name: str, error: str, code: str) -> Case:
    def post(stage: Stage) -> TestResponse:
        query = stage.platform.login(stage.browser)
        form = {"error": error, "error_description": "<b>no</b>", "state": query["state"]}
        return stage.browser.post("/lti/launch", data=form)

    return Case(name, post, code)


@play("neither id_token nor error", "launch_incomplete")
def empty_form(stage: Stage) -> TestResponse:
    """A form of nothing."""
    return stage.browser.post("/lti/launch", data={})


ERRORS = (
    _error("error=access_denied", "access_denied", "platform_error"),
    _error("error=login_required", "login_required", "platform_login_required"),
    _error("error with markup", "<script>", "platform_error"),
    _error("error empty", "", "platform_error"),
    empty_form,
)

TARGETS = (
    token("target absent", "target_mismatch", without(LTI + "target_link_uri")),
    token("target not ours", "target_mismatch", saying(LTI + "target_link_uri", OTHER)),
    token(
        "target ours, another than the login's",
        "target_mismatch",
        saying(LTI + "target_link_uri", "http://127.0.0.1:5000/"),
    ),
    _login("login with a target that is not ours", "target_not_ours", target_link_uri=OTHER),
)


def _key_set(name: str, code: str | None, answer: Callable[[], HttpResponse]) -> Case:
    """A first launch whose platform answers like this for its keys."""

    def begin(stage: Stage) -> TestResponse:
        forget(stage)
        stage.keys.answers[stage.platform.jwks_url] = answer
        return stage.platform.launch(stage.browser)

    return Case(name, begin, code)


@play("key rotated between login and launch", None)
def rotated(stage: Stage) -> TestResponse:
    """The new key is fetched once, on the unknown kid."""
    query = stage.platform.login(stage.browser)
    stage.platform.key_name, stage.platform.kid = "second", "kid-2"
    stage.platform.keys = [public_jwk(stage.platform.key, "kid-2")]
    age_keys(stage, 61)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return stage.platform.post(stage.browser, signed, query["state"])


def age_keys(stage: Stage, seconds: float) -> None:
    """Let the key set have been fetched so long ago."""
    from datetime import timedelta

    from lti_tool.lti.models import PlatformKeySet
    from lti_tool.lti.runtime import runtime

    then = utcnow() - timedelta(seconds=seconds)
    runtime(stage.services).key_sets.forget()
    with stage.services.database.write_connection() as connection:
        connection.execute(update(PlatformKeySet).values(fetched_at=then, attempted_at=then))


KEYS = (
    _key_set("JWKS answers 500", "keys_unavailable", lambda: http_answer("", 500)),
    _key_set("JWKS is HTML", "keys_unavailable", lambda: http_answer("<html>")),
    _key_set("JWKS is a list", "keys_unavailable", lambda: http_answer("[]")),
    _key_set("JWKS without keys", "keys_unavailable", lambda: http_answer("{}")),
    _key_set("JWKS empty", "key_unknown", lambda: http_answer('{"keys": []}')),
    _key_set("JWKS with rubbish", "key_unknown", lambda: http_answer('{"keys": [1, {}, null]}')),
    _key_set("JWKS does not answer", "keys_unavailable", unreachable("deadline")),
    rotated,
)


@play("no sub where the registration allows it", None)
def anonymous(stage: Stage) -> TestResponse:
    """An anonymous launch of a registration that wants them."""
    with stage.services.database.write_connection() as connection:
        connection.execute(update(PlatformRow).values(allow_anonymous=True))
    forget(stage)
    return stage.platform.launch(stage.browser, without("sub"))


@play("sub empty where the registration allows none", "user_missing")
def anonymous_but_empty(stage: Stage) -> TestResponse:
    """Allowed to be silent is not allowed to say nothing."""
    with stage.services.database.write_connection() as connection:
        connection.execute(update(PlatformRow).values(allow_anonymous=True))
    forget(stage)
    return stage.platform.launch(stage.browser, having(sub=""))


ANONYMOUS = (token("no sub", "user_missing", without("sub")), anonymous, anonymous_but_empty)

EXTRA = (
    *TIME,
    *REPLAY,
    *BROWSER,
    *AUDIENCE,
    *IDENTITY,
    *SIGNATURE,
    *TYPES,
    *ERRORS,
    *TARGETS,
    *KEYS,
    *ANONYMOUS,
)

"""The 36 checks that are asked of an id_token most often, by number.

PyLTI1p3 2.0.0 as it ships gets 15 of them wrong; 1EdTech Security Framework 1.1 §5.1.3 and OWASP
ASVS 5.0 (9.1, 9.2, 10.5) name the rules.
"""

from __future__ import annotations

import json
from typing import Any

from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from tests.conformance import extra
from tests.conformance.extra import LAUNCHED, forged, forget, hmac_token, play, raw_token
from tests.conformance.stage import Case, Stage, having, saying, token, without
from tests.lti_tool.lti.platform import LTI, Platform, http_answer, rsa_key

CANARY = "https://canary.example.net/keys"


def _named(number: int, what: str, case: Case) -> Case:
    return Case(f"{number:02} {what}", case.play, case.code)


@play("nonce of another browser", "nonce_mismatch")
def nonce_of_another_browser(stage: Stage) -> TestResponse:
    """A token that answers somebody else's login."""
    theirs = stage.platform.login(stage.other_browser())
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(theirs["nonce"]))
    return stage.platform.post(stage.browser, signed, query["state"])


@play(
    "deployment of another tenant",
    "deployment_unknown",
    writes={"tenant", "platform", "deployment"},
)
def deployment_of_another_tenant(stage: Stage) -> TestResponse:
    """The deployment exists here, but not on this platform."""
    other = Platform(client_id="client-two", deployment_id="77")
    other.register(stage.services.database, tenant="neighbour")
    query = stage.platform.login(stage.browser, lti_deployment_id=None)
    claims = stage.platform.claims(query["nonce"], **{LTI + "deployment_id": "77"})
    return stage.platform.post(stage.browser, stage.platform.sign(claims), query["state"])


@play("replay over plain http by a browser without cookies", "browser_unproven", writes=LAUNCHED)
def replay_over_plain_http(stage: Stage) -> TestResponse:
    """Nothing depends on whether the request looks secure behind a proxy."""
    query = stage.platform.login(stage.browser)
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    assert stage.platform.post(stage.browser, signed, query["state"]).status_code == 303
    form = {"id_token": signed, "state": query["state"]}
    return stage.other_browser().post("/lti/launch", data=form, base_url="http://127.0.0.1")


def _weak_key() -> RSAKey:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rsa_key("weak", 1024)


@play("RSA key of 1024 bits", "key_refused")
def short_key(stage: Stage) -> TestResponse:
    """The platform publishes and uses a key that is too short."""
    weak = _weak_key()
    stage.platform.keys = [{**weak.as_dict(private=False), "kid": "weak", "alg": "RS256"}]
    forget(stage)
    return stage.platform.launch(stage.browser, header={"kid": "weak"}, key=weak)


@play("JWKS with a shared secret", "key_refused")
def oct_key(stage: Stage) -> TestResponse:
    """A symmetric key in a public key set verifies nothing."""
    jwks = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": stage.platform.kid, "alg": "RS256"}]}
    stage.keys.answers[stage.platform.jwks_url] = lambda: http_answer(json.dumps(jwks))
    forget(stage)
    return stage.platform.launch(stage.browser)


def _own_key(platform: Platform, claims: dict[str, Any]) -> str:
    evil = rsa_key("evil")
    header = {"jwk": evil.as_dict(private=False), "jku": CANARY}
    return platform.sign(claims, header, evil)


CHECKS = tuple(
    _named(number, what, case)
    for number, (what, case) in enumerate(
        (
            ("valid launch", token("", None)),
            ("same id_token and state again", extra.same_token),
            ("old id_token with a new state", extra.old_token_new_state),
            ("login CSRF: another browser posts state and token", extra.foreign_browser),
            ("nonce of another browser", nonce_of_another_browser),
            ("no exp", token("", "time_missing", without("exp"))),
            ("no iat", token("", "time_missing", without("iat"))),
            ("expired, beyond the leeway", token("", "token_expired", extra.at(exp=-61))),
            ("exp in ten years", token("", "token_too_long", extra.at(exp=315_360_000))),
            ("iat a day old", token("", "token_too_old", extra.at(iat=-86_400))),
            ("iat two seconds ahead", token("", None, extra.at(iat=2, exp=62))),
            (
                "aud [ours, other], no azp",
                token("", "audience_untrusted", having(aud=["client-one", "x"])),
            ),
            (
                "aud [ours, other], azp other",
                token("", "audience_untrusted", having(aud=["client-one", "x"], azp="x")),
            ),
            ("aud ours, azp other", token("", "party_mismatch", having(azp="x"))),
            (
                "aud [other, ours], azp ours",
                token("", "audience_untrusted", having(aud=["x", "client-one"], azp="client-one")),
            ),
            ("wrong iss", token("", "issuer_mismatch", having(iss="https://evil.example.net"))),
            ("wrong aud", token("", "audience_mismatch", having(aud="x"))),
            ("deployment of another tenant", deployment_of_another_tenant),
            (
                "deployment a list",
                token("", "deployment_missing", saying(LTI + "deployment_id", ["1"])),
            ),
            (
                "alg none",
                forged(
                    "",
                    "algorithm_refused",
                    lambda _, c: raw_token({"alg": "none", "kid": "kid-1"}, c),
                ),
            ),
            (
                "HS256 with the public PEM",
                forged(
                    "",
                    "algorithm_refused",
                    lambda p, c: hmac_token(
                        {"alg": "HS256", "kid": "kid-1"}, c, p.key.as_pem(private=False)
                    ),
                ),
            ),
            (
                "foreign RSA key, same kid",
                token("", "signature_invalid", key=lambda _: rsa_key("evil")),
            ),
            ("kid missing", token("", "kid_missing", header={"kid": None})),
            ("kid a path", token("", "key_unknown", header={"kid": "../../../../etc/passwd"})),
            ("kid SQL", token("", "key_unknown", header={"kid": "' OR 1=1 --"})),
            ("key in the header", forged("", "header_refused", _own_key)),
            (
                "unknown crit",
                forged(
                    "",
                    "header_refused",
                    lambda p, c: raw_token(
                        {"alg": "RS256", "kid": "kid-1", "crit": ["x"], "x": 1}, c
                    ),
                ),
            ),
            (
                "target_link_uri of another host",
                token(
                    "",
                    "target_mismatch",
                    saying(LTI + "target_link_uri", "https://evil.example.net"),
                ),
            ),
            (
                "target_link_uri missing",
                token("", "target_mismatch", without(LTI + "target_link_uri")),
            ),
            ("sub missing", token("", "user_missing", without("sub"))),
            ("sub an integer", token("", "user_missing", having(sub=6))),
            ("roles a string", token("", "roles_missing", saying(LTI + "roles", "Learner"))),
            (
                "resource_link a list",
                token("", "claims_malformed", saying(LTI + "resource_link", [])),
            ),
            ("plain http, another browser, no cookie", replay_over_plain_http),
            ("JWKS with a shared secret", oct_key),
            ("RSA key of 1024 bits", short_key),
        ),
        start=1,
    )
)

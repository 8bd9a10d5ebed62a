"""Each rule of the verifier has a case that fails without it.

A rule that can be taken out without a test noticing protects nobody. Every rule is taken out in
turn; then the case that is named beside it must end differently.
"""

from __future__ import annotations

from typing import Any

import pytest

from lti_tool.lti import jwks, launch, login, records, routes, verify
from lti_tool.lti import state as state_module
from tests.conformance.attacks import ATTACKS
from tests.conformance.core import BAD_PAYLOADS, VALID_STUDENT_LAUNCHES
from tests.conformance.extra import EXTRA
from tests.conformance.security import CHECKS
from tests.conformance.stage import Case, Stage, outcome

TABLE: tuple[Case, ...] = (
    *BAD_PAYLOADS,
    *VALID_STUDENT_LAUNCHES,
    *CHECKS,
    *EXTRA,
    *ATTACKS,
)
LISTS = (
    (verify, "HEADER_RULES"),
    (verify, "CLAIM_RULES"),
    (records, "ADMISSION_RULES"),
)
RULES = [(module, name, rule) for module, name in LISTS for rule in getattr(module, name)]


def _nothing(*_args: Any, **_options: Any) -> None:
    return None


MISSED_BY = {
    "type_is_jwt": "typ of an access token",
    "algorithm_is_allowed": "20 alg none",
    "brings_no_key": "26 key in the header",
    "has_no_extension": "27 unknown crit",
    "names_its_key": "No KID Sent in JWT header",
    "issuer_is_the_platform": "Invalid LTI message",
    "audience_is_us": "17 wrong aud",
    "audience_is_only_us": "12 aud [ours, other], no azp",
    "party_is_us": "14 aud ours, azp other",
    "has_times": "06 no exp",
    "is_not_expired": "Timestamps Incorrect",
    "lives_at_most_a_day": "09 exp in ten years",
    "is_not_too_old": "10 iat a day old",
    "is_not_from_the_future": "iat 10 min ahead",
    "has_a_nonce": "nonce absent",
    "nonce_is_of_this_login": "03 old id_token with a new state",
    "version_is_1_3": "Wrong LTI Version",
    "message_is_known": "message_type Claim Missing",
    "names_a_deployment": "deployment_id Claim Missing",
    "deployment_is_of_this_login": "deployment changed",
    "target_is_of_this_login": "28 target_link_uri of another host",
    "has_roles": "role Claim Missing",
    "names_the_user": "user Claim Missing",
    "claims_have_their_types": "33 resource_link a list",
    "ids_fit": "resource_link id too long",
    "message_is_complete": "resource_link_id Claim Missing",
    "platform_is_active": "registration disabled",
    "deployment_is_known": "18 deployment of another tenant",
    "person_is_welcome": "person disabled",
}
"""For each rule a case of the table that ends otherwise without it."""

SWITCHES: tuple[tuple[str, str, Any, str, Any], ...] = (
    ("the signature", "22 foreign RSA key, same kid", verify, "_check_signature", _nothing),
    ("one use of a nonce", "02 same id_token and state again", launch, "use_nonce", _nothing),
    ("the browser of the login", "L2 planted login cookie", launch, "check_browser", _nothing),
    (
        "whose page posts a proof",
        "L2 browser proof posted by another site",
        routes,
        "_from_own_page",
        lambda _: True,
    ),
    (
        "targets of a login",
        "login with a target that is not ours",
        login,
        "is_ours",
        lambda *_: True,
    ),
    ("the length of a key", "36 RSA key of 1024 bits", jwks, "MIN_RSA_BITS", 512),
    (
        "how long known keys are good",
        "L7 key set down, keys known for 25 hours",
        jwks,
        "STALE",
        jwks.STALE * 100,
    ),
    ("how many keys a set may have", "L7 key set of a thousand keys", jwks, "_MAX_KEYS", 10_000),
    ("the age of a state", "state older than five minutes", state_module, "MAX_AGE", 10**9),
    ("the leeway, lower", "11 iat two seconds ahead", verify, "LEEWAY", 0),
    ("the leeway, higher", "08 expired, beyond the leeway", verify, "LEEWAY", 10**6),
    ("the age of a token", "10 iat a day old", verify, "MAX_AGE", 10**9),
    ("the life of a token", "09 exp in ten years", verify, "MAX_LIFETIME", 10**12),
)


BY_NAME = {case.name: case for case in TABLE}


def _ends_otherwise(stage: Stage, name: str) -> bool:
    """Play one case and say whether it ends otherwise than it should."""
    case = BY_NAME[name]
    try:
        return outcome(case.play(stage)) != case.code
    except Exception:  # noqa: BLE001 - a crash is another ending
        return True


def test_every_rule_has_its_case() -> None:
    assert set(MISSED_BY) == {rule.__name__ for _, _, rule in RULES}
    assert len(BY_NAME) == len(TABLE)


@pytest.mark.parametrize(
    ("module", "name", "rule"), RULES, ids=[rule.__name__ for _, _, rule in RULES]
)
def test_a_rule_that_is_taken_out_is_missed(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, module: Any, name: str, rule: Any
) -> None:
    left = tuple(other for other in getattr(module, name) if other is not rule)
    assert len(left) == len(getattr(module, name)) - 1
    monkeypatch.setattr(module, name, left)
    assert _ends_otherwise(stage, MISSED_BY[rule.__name__])


@pytest.mark.parametrize(
    ("case", "module", "name", "value"),
    [row[1:] for row in SWITCHES],
    ids=[row[0] for row in SWITCHES],
)
def test_a_check_that_is_switched_off_is_missed(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, case: str, module: Any, name: str, value: Any
) -> None:
    monkeypatch.setattr(module, name, value)
    assert _ends_otherwise(stage, case)

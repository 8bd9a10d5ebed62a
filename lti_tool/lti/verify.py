"""The check of an id_token: a list of rules, each of which can refuse.

1EdTech Security Framework 1.1 §5.1.3, OpenID Connect Core 1.0 §3.1.3.7, LTI 1.3 core §5.3. joserfc
does the cryptography; no claim is looked at before the signature is known to be the platform's.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, JWSRegistry

from config.secrets import digest
from lti_tool.lti import claims as names
from lti_tool.lti import messages
from lti_tool.lti.jwks import ALGORITHMS, PublicJwk
from lti_tool.lti.platforms import Registration
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.state import State

LEEWAY = 60
"""Seconds by which the clocks of the platform and of us may differ."""
MAX_AGE = 300
"""Seconds since `iat`, besides the leeway: no longer than a login may last."""
MAX_LIFETIME = 24 * 3600
"""Seconds until `exp`; platforms use one minute to one hour."""
_LATEST = 1e11
"""No time of ours is later (in seconds since 1970): keeps infinity and NaN out of arithmetic."""

_FOREIGN_KEYS = frozenset({"jku", "jwk", "x5u", "x5c"})
_EXTENSIONS = frozenset({"crit", "b64", "zip"})


class _Registry(JWSRegistry):
    """joserfc's rules, with room for a header that is refused by its content."""

    max_header_length = 4096


_REGISTRY = _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)

FindKey = Callable[[str], PublicJwk]


@dataclass(frozen=True, slots=True)
class Presented:
    """What the rules look at; `claims` is empty until the signature was verified."""

    header: dict[str, Any]
    claims: dict[str, Any]
    registration: Registration
    state: State
    now: float


Rule = Callable[[Presented], str | None]
"""Returns the code of a refusal, None where there is nothing to object to."""


# The header, before any key is looked for.


def type_is_jwt(seen: Presented) -> str | None:
    """`typ`, where present, is JWT: an access token is not an id_token (RFC 8725 §3.11)."""
    declared = seen.header.get("typ", "JWT")
    return None if isinstance(declared, str) and declared.upper() == "JWT" else "token_type"


def algorithm_is_allowed(seen: Presented) -> str | None:
    """`alg` is one that this registration uses: never `none`, never a shared secret."""
    allowed = seen.header.get("alg") in seen.registration.algorithms
    return None if allowed else "algorithm_refused"


def brings_no_key(seen: Presented) -> str | None:
    """The header does not name or carry a key: the platform's key set does."""
    return "header_refused" if _FOREIGN_KEYS & seen.header.keys() else None


def has_no_extension(seen: Presented) -> str | None:
    """The header asks for nothing that we do not understand (RFC 7515 §4.1.11)."""
    return "header_refused" if _EXTENSIONS & seen.header.keys() else None


def names_its_key(seen: Presented) -> str | None:
    """`kid` is there."""
    kid = seen.header.get("kid")
    return None if isinstance(kid, str) and 0 < len(kid) <= names.MAX_ID else "kid_missing"


HEADER_RULES: tuple[Rule, ...] = (
    type_is_jwt,
    algorithm_is_allowed,
    brings_no_key,
    has_no_extension,
    names_its_key,
)


# The claims of OpenID Connect, after the signature.


def issuer_is_the_platform(seen: Presented) -> str | None:
    """`iss` is the registration's issuer, letter by letter."""
    return None if seen.claims.get("iss") == seen.registration.issuer else "issuer_mismatch"


def audience_is_us(seen: Presented) -> str | None:
    """`aud`, a string or a list of strings, has our client id."""
    audience = _audience(seen)
    if audience is None or seen.registration.client_id not in audience:
        return "audience_mismatch"
    return None


def audience_is_only_us(seen: Presented) -> str | None:
    """`aud` has nobody else: we trust no other audience, so a list with one MUST be refused."""
    audience = _audience(seen) or ()
    others = [one for one in audience if one != seen.registration.client_id]
    return "audience_untrusted" if others else None


def party_is_us(seen: Presented) -> str | None:
    """`azp`, where present, is our client id."""
    party = seen.claims.get("azp", seen.registration.client_id)
    return None if party == seen.registration.client_id else "party_mismatch"


def has_times(seen: Presented) -> str | None:
    """`exp` and `iat` are numbers; `nbf` is one if it is there."""
    times = (seen.claims.get("exp"), seen.claims.get("iat"), seen.claims.get("nbf", 0))
    return None if all(_is_time(value) for value in times) else "time_missing"


def is_not_expired(seen: Presented) -> str | None:
    """Now is before `exp`, give or take the leeway."""
    return "token_expired" if seen.now >= _time(seen, "exp") + LEEWAY else None


def lives_at_most_a_day(seen: Presented) -> str | None:
    """`exp` is near."""
    return "token_too_long" if _time(seen, "exp") > seen.now + MAX_LIFETIME else None


def is_not_too_old(seen: Presented) -> str | None:
    """`iat` is not longer ago than a login may last."""
    return "token_too_old" if _time(seen, "iat") < seen.now - MAX_AGE - LEEWAY else None


def is_not_from_the_future(seen: Presented) -> str | None:
    """`iat` and `nbf` are not in the future, give or take the leeway."""
    newest = max(_time(seen, "iat"), _time(seen, "nbf"))
    return "token_from_future" if newest > seen.now + LEEWAY else None


def has_a_nonce(seen: Presented) -> str | None:
    """`nonce` is there."""
    nonce = seen.claims.get("nonce")
    return None if isinstance(nonce, str) and nonce else "nonce_missing"


def nonce_is_of_this_login(seen: Presented) -> str | None:
    """`nonce` is the one that the state stands for."""
    answered = digest(str(seen.claims.get("nonce")))
    return None if hmac.compare_digest(answered, seen.state.nonce_hash) else "nonce_mismatch"


# The claims of LTI.


def version_is_1_3(seen: Presented) -> str | None:
    """`version` is 1.3.0."""
    return None if seen.claims.get(names.VERSION) == "1.3.0" else "version_unsupported"


def message_is_known(seen: Presented) -> str | None:
    """`message_type` is one that we offer."""
    message_type = seen.claims.get(names.MESSAGE_TYPE)
    known = isinstance(message_type, str) and message_type in messages.MESSAGE_TYPES
    return None if known else "message_unsupported"


def names_a_deployment(seen: Presented) -> str | None:
    """`deployment_id` is a string; whether we know it, the database says."""
    value = seen.claims.get(names.DEPLOYMENT_ID)
    return None if _is_id(value) else "deployment_missing"


def deployment_is_of_this_login(seen: Presented) -> str | None:
    """`deployment_id` is the one of the login, where that named one."""
    announced = seen.state.deployment_id
    same = announced is None or announced == seen.claims.get(names.DEPLOYMENT_ID)
    return None if same else "deployment_mismatch"


def target_is_of_this_login(seen: Presented) -> str | None:
    """`target_link_uri` is the one of the login, which was checked to be ours."""
    same = seen.claims.get(names.TARGET_LINK_URI) == seen.state.target
    return None if same else "target_mismatch"


def has_roles(seen: Presented) -> str | None:
    """`roles` is a list of strings; it may be empty."""
    roles = seen.claims.get(names.ROLES)
    fine = isinstance(roles, list) and all(isinstance(role, str) for role in roles)
    return None if fine else "roles_missing"


def names_the_user(seen: Presented) -> str | None:
    """`sub` is there, unless the registration allows launches without."""
    if "sub" not in seen.claims and seen.registration.allow_anonymous:
        return None
    return None if _is_id(seen.claims.get("sub")) else "user_missing"


def claims_have_their_types(seen: Presented) -> str | None:
    """Every claim that we read has the type that the specification gives it."""
    for name in names.OBJECT_CLAIMS:
        if name in seen.claims and not isinstance(seen.claims[name], dict):
            return "claims_malformed"
    for name, member in names.STRING_MEMBERS:
        if not isinstance((seen.claims.get(name) or {}).get(member), str | None):
            return "claims_malformed"
    return None


def ids_fit(seen: Presented) -> str | None:
    """The ids of context and resource link, where present, are no longer than LTI allows."""
    for name in (names.CONTEXT, names.RESOURCE_LINK):
        claim = seen.claims.get(name)
        if isinstance(claim, dict) and claim and not _is_id(claim.get("id")):
            return "message_incomplete"
    return None


def message_is_complete(seen: Presented) -> str | None:
    """The message has what its type needs."""
    message_type = seen.claims.get(names.MESSAGE_TYPE)
    if message_type not in messages.MESSAGE_TYPES:
        return None
    complete = messages.is_complete(message_type, seen.claims)
    return None if complete else "message_incomplete"


CLAIM_RULES: tuple[Rule, ...] = (
    issuer_is_the_platform,
    audience_is_us,
    audience_is_only_us,
    party_is_us,
    has_times,
    is_not_expired,
    lives_at_most_a_day,
    is_not_too_old,
    is_not_from_the_future,
    has_a_nonce,
    nonce_is_of_this_login,
    version_is_1_3,
    message_is_known,
    names_a_deployment,
    deployment_is_of_this_login,
    target_is_of_this_login,
    has_roles,
    names_the_user,
    claims_have_their_types,
    ids_fit,
    message_is_complete,
)


def verify(
    id_token: str, registration: Registration, state: State, find_key: FindKey, now: float
) -> dict[str, Any]:
    """Return the claims of a token that passes every rule.

    `find_key` gives the platform's key of an id and may fetch it; `now` is in seconds since 1970.

    Raises:
        LaunchRefused: with the code of the first rule that objects.
    """
    token = _extract(id_token)
    seen = Presented(token.headers(), {}, registration, state, now)
    _apply(HEADER_RULES, seen)
    _check_signature(token, find_key(seen.header["kid"]))
    seen = replace(seen, claims=_payload(token))
    _apply(CLAIM_RULES, seen)
    return seen.claims


def _extract(id_token: str) -> CompactSignature:
    if not id_token.isascii():
        raise LaunchRefused("token_unreadable")
    try:
        return jws.extract_compact(id_token.encode(), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise LaunchRefused("token_unreadable") from error


def _check_signature(token: CompactSignature, key: PublicJwk) -> None:
    if token.headers()["alg"] not in key.algorithms:
        raise LaunchRefused("key_refused")
    try:
        good = jws.validate_compact(token, key.key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError) as error:
        raise LaunchRefused("signature_invalid") from error
    if not good:
        raise LaunchRefused("signature_invalid")


def _payload(token: CompactSignature) -> dict[str, Any]:
    try:
        claims = json.loads(token.payload)
        if b"\\ud" in token.payload.lower():
            # Half a surrogate pair is no text: no database takes it (RFC 8259 §8.2).
            json.dumps(claims, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise LaunchRefused("payload_unreadable") from error
    if not isinstance(claims, dict):
        raise LaunchRefused("payload_unreadable")
    return claims


def _apply(rules: Sequence[Rule], seen: Presented) -> None:
    for rule in rules:
        code = rule(seen)
        if code is not None:
            raise LaunchRefused(code, skew=_skew(seen))


def _skew(seen: Presented) -> int | None:
    """Return by how many seconds our clock is ahead of the platform's `iat`, where it is known."""
    return round(seen.now - _time(seen, "iat")) if _is_time(seen.claims.get("iat")) else None


def _audience(seen: Presented) -> list[str] | None:
    audience = seen.claims.get("aud")
    if isinstance(audience, str):
        return [audience]
    if isinstance(audience, list) and all(isinstance(one, str) for one in audience):
        return audience
    return None


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= names.MAX_ID and "\x00" not in value


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LATEST


def _time(seen: Presented, name: str) -> float:
    value = seen.claims.get(name, 0)
    return float(value) if _is_time(value) else 0.0

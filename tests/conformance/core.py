"""The launches of the certification guide, section "Tool Conformance", by its names.

LTI Advantage Conformance Certification Guide 1.3 (1EdTech, 16 April 2019).
"""

from __future__ import annotations

from typing import Any

from tests.conformance.stage import Case, having, saying, token, without
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, Claims

_PII = ("name", "given_name", "family_name", "email")

BAD_PAYLOADS = (
    token("No KID Sent in JWT header", "kid_missing", header={"kid": None}),
    token("Incorrect KID in JWT header", "key_unknown", header={"kid": "imstester_66067"}),
    token("Wrong LTI Version", "version_unsupported", saying(LTI + "version", "11.3")),
    token("No LTI Version", "version_unsupported", without(LTI + "version")),
    token("Invalid LTI message", "issuer_mismatch", lambda _: {"name": "badltilaunch"}),
    token(
        "Missing LTI Claims",
        "issuer_mismatch",
        without("aud", "iss", "sub", LTI + "deployment_id", LTI + "roles"),
    ),
    token("Timestamps Incorrect", "token_expired", having(iat=11111, exp=22222)),
    token("message_type Claim Missing", "message_unsupported", without(LTI + "message_type")),
    token("role Claim Missing", "roles_missing", without(LTI + "roles")),
    token("deployment_id Claim Missing", "deployment_missing", without(LTI + "deployment_id")),
    token("resource_link_id Claim Missing", "message_incomplete", without(LTI + "resource_link")),
    token("user Claim Missing", "user_missing", without("sub")),
)


def _roles(*roles: str) -> dict[str, Any]:
    return {LTI + "roles": list(roles)}


def _valid(who: str) -> tuple[Case, ...]:
    full = MEMBERSHIP + who
    unknown = "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"
    institution = f"http://purl.imsglobal.org/vocab/lis/v2/institution/person#{who}"
    role = _roles(full)

    def only(*kept: str, context: bool = True) -> Any:
        def mutate(claims: Claims) -> None:
            for name in _PII:
                if name not in kept:
                    claims.pop(name, None)
            if not context:
                claims.pop(LTI + "context")

        return mutate

    return (
        token(f"Valid {who} Launch", None, **role),
        token(f"Valid {who} Launch with Multiple Roles", None, **_roles(full, institution)),
        token(f"Valid {who} Launch with Short Role", None, **_roles(who)),
        token(f"Valid {who} Launch with Unknown Role", None, **_roles(unknown)),
        token(f"Valid {who} Launch with No Role", None, **_roles("")),
        token(f"Valid {who} Launch with Email Only", None, only("email"), **role),
        token(f"Valid {who} Launch with Names Only", None, only(*_PII[:3]), **role),
        token(f"Valid {who} Launch with No PII", None, only(), **role),
        token(f"Valid {who} Email Without Context", None, only("email", context=False), **role),
        token(
            f"Valid {who} Launch with New Resource Link",
            None,
            saying(LTI + "resource_link", {"id": f"new-{who}"}),
            **role,
        ),
    )


VALID_TEACHER_LAUNCHES = _valid("Instructor")
VALID_STUDENT_LAUNCHES = _valid("Learner")
EMPTY_ROLES = token("Valid Launch with an Empty List of Roles", None, **_roles())

"""LTI role names of both vocabularies, mapped onto what somebody may do here.

Only *context* roles give rights in a course (LTI 1.3 core, A.2.3): a professor who is enrolled as a
learner is a learner. Of the system roles only the administrator of the platform counts, and that
gives no right in any course. What we do not know gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from lti_tool.people.roles import Role

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
_LIS1 = "urn:lti:role:ims/lis/"
_SYSROLE1 = "urn:lti:sysrole:ims/lis/"

_CONTEXT_ROLES = {
    "Learner": Role.LEARNER,
    "Instructor": Role.INSTRUCTOR,
    "ContentDeveloper": Role.INSTRUCTOR,
    "Administrator": Role.INSTRUCTOR,
    "Manager": Role.INSTRUCTOR,
    "TeachingAssistant": Role.INSTRUCTOR,
    "Mentor": Role.MENTOR,
}
"""`Administrator` and `Manager` administer the course, not the tool: they get a teacher's rights.
`TeachingAssistant` is no principal role of LIS 2, but platforms send it as a short name."""

_STAFF_SUBROLES = frozenset({"Instructor", "ContentDeveloper", "Administrator", "Manager"})
_SYSTEM_ADMINISTRATORS = frozenset({"Administrator", "SysAdmin"})

STAFF = frozenset({Role.INSTRUCTOR, Role.MENTOR, Role.COORDINATOR, Role.ADMIN})
"""Whoever has one of these sees the staff's side of a module."""


def normalise(names: Iterable[str]) -> frozenset[Role]:
    """Return our roles for the roles of a launch or of a roster entry, at least LEARNER.

    Takes full URIs of LIS 2 (`…/membership#Instructor`, `…/membership/Instructor#Grader`), the URNs
    of LTI 1.1 and the short names that LTI 1.3 allows for context roles. The order never counts:
    Moodle sorts them by alphabet.
    """
    return _normalise(tuple(names))


@lru_cache(maxsize=1024)
def _normalise(names: tuple[str, ...]) -> frozenset[Role]:
    found = frozenset(role for name in names if (role := _one(name)) is not None)
    return found or frozenset({Role.LEARNER})


def _one(name: str) -> Role | None:
    if name.startswith(_SYSTEM):
        return _system(name.removeprefix(_SYSTEM))
    if name.startswith(_SYSROLE1):
        return _system(name.removeprefix(_SYSROLE1))
    if name.startswith(_LIS1):
        principal, _, _sub = name.removeprefix(_LIS1).partition("/")
        return _CONTEXT_ROLES.get(principal)
    if name.startswith(_MEMBERSHIP):
        return _membership(name.removeprefix(_MEMBERSHIP))
    return _CONTEXT_ROLES.get(name)


def _membership(rest: str) -> Role | None:
    """Map `#Principal` or `/Principal#SubRole`; a sub-role has the rights of its principal."""
    if rest.startswith("#"):
        return _CONTEXT_ROLES.get(rest[1:])
    principal, _, sub_role = rest.removeprefix("/").partition("#")
    if not sub_role:
        return None
    if principal in _STAFF_SUBROLES:
        return Role.INSTRUCTOR
    return _CONTEXT_ROLES.get(principal)


def _system(name: str) -> Role | None:
    return Role.ADMIN if name in _SYSTEM_ADMINISTRATORS else None

"""Roles of both vocabularies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.roles import normalise
from lti_tool.people.roles import Role

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TA = f"{MEMBERSHIP}/Instructor#TeachingAssistant"


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (f"{MEMBERSHIP}#Learner", Role.LEARNER),
        (f"{MEMBERSHIP}#Instructor", Role.INSTRUCTOR),
        (f"{MEMBERSHIP}#ContentDeveloper", Role.INSTRUCTOR),
        (f"{MEMBERSHIP}#Administrator", Role.INSTRUCTOR),
        (f"{MEMBERSHIP}#Manager", Role.INSTRUCTOR),
        (f"{MEMBERSHIP}#Mentor", Role.MENTOR),
        (TA, Role.INSTRUCTOR),
        (f"{MEMBERSHIP}/Instructor#Grader", Role.INSTRUCTOR),
        (f"{MEMBERSHIP}/Mentor#LearnerMentor", Role.MENTOR),
        (f"{MEMBERSHIP}/Learner#GuestLearner", Role.LEARNER),
        ("Instructor", Role.INSTRUCTOR),
        ("Learner", Role.LEARNER),
        ("TeachingAssistant", Role.INSTRUCTOR),
        ("Mentor", Role.MENTOR),
        ("ContentDeveloper", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/Instructor", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/Instructor/GuestInstructor", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/TeachingAssistant", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/Mentor", Role.MENTOR),
        ("urn:lti:role:ims/lis/Learner", Role.LEARNER),
        (f"{SYSTEM}Administrator", Role.ADMIN),
        (f"{SYSTEM}SysAdmin", Role.ADMIN),
        ("urn:lti:sysrole:ims/lis/SysAdmin", Role.ADMIN),
    ],
)
def test_one_role(name: str, role: Role) -> None:
    assert normalise([name]) == {role}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Helper",
        "instructor",
        " Instructor",
        f"{INSTITUTION}Instructor",
        f"{INSTITUTION}Administrator",
        f"{INSTITUTION}Faculty",
        "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator",
        f"{SYSTEM}None",
        f"{SYSTEM}User",
        "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
        "urn:lti:instrole:ims/lis/Instructor",
        "urn:lti:sysrole:ims/lis/User",
        "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper",
        "https://evil.example.net/vocab/lis/v2/membership#Instructor",
        f"{MEMBERSHIP}",
        f"{MEMBERSHIP}#Officer",
        f"{MEMBERSHIP}/Instructor",
        f"{MEMBERSHIP}/Officer#Chair",
        f"{MEMBERSHIP}s#Instructor",
    ],
)
def test_what_gives_nothing_leaves_a_learner(name: str) -> None:
    assert normalise([name]) == {Role.LEARNER}


def test_nobody_is_without_a_role() -> None:
    assert normalise([]) == {Role.LEARNER}


def test_the_order_does_not_count_and_roles_add_up() -> None:
    names = [f"{SYSTEM}Administrator", f"{MEMBERSHIP}#Instructor", f"{INSTITUTION}Administrator"]
    assert normalise(names) == normalise(reversed(names)) == {Role.ADMIN, Role.INSTRUCTOR}


def test_an_institution_role_does_not_lift_a_course_role() -> None:
    assert normalise([f"{INSTITUTION}Instructor", f"{MEMBERSHIP}#Learner"]) == {Role.LEARNER}


@given(st.lists(st.text()))
def test_no_text_breaks_it(names: list[str]) -> None:
    assert normalise(names)

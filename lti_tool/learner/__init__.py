"""The rooms a learner walks through, one folder a module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Module:
    """What a teacher can place in a course.

    `key` is the custom parameter that names it in a launch; `endpoint` its first page; `minutes`
    the usual time; `phase` the step of the Youth Guarantee it serves: mapping, outreach,
    preparation or offer; `for_mentors` says that learners have nothing to do there.
    """

    key: str
    title: Any
    summary: Any
    minutes: int
    endpoint: str
    phase: str
    for_mentors: bool = False


MODULES: dict[str, Module] = {
    module.key: module
    for module in (
        Module(
            "interests",
            _l("What do I like doing?"),
            _l("Tap how you like everyday activities. See which kinds of work fit you, and why."),
            5,
            "interests.show",
            "mapping",
        ),
        Module(
            "needs",
            _l("Where am I now?"),
            _l("Say what you hope for and what makes things hard. See what it means for you."),
            4,
            "needs.show",
            "mapping",
        ),
        Module(
            "digital",
            _l("My digital skills"),
            _l("Say what you can do with a phone or a computer. Get small things to try."),
            5,
            "digital.show",
            "mapping",
        ),
        Module(
            "careers",
            _l("Work that could suit me"),
            _l("Look at jobs that fit what you like. Search, filter, and keep your favourites."),
            10,
            "careers.show",
            "preparation",
        ),
        Module(
            "plan",
            _l("My plan"),
            _l("Up to three goals, small steps with a day, and who helps. Print it or keep it."),
            10,
            "plan.show",
            "preparation",
        ),
        Module(
            "path",
            _l("My learning path"),
            _l("Short lessons and exercises for work and life, chosen for each person."),
            30,
            "path.show",
            "preparation",
        ),
        Module(
            "mentor",
            _l("My mentor"),
            _l("Ask for a grown-up who has time for you. Write, meet, and plan next steps."),
            5,
            "mentor.show",
            "preparation",
        ),
        Module(
            "mentoring",
            _l("Mentors' room"),
            _l("For mentors, not for learners: apply, do the training, and see your mentees."),
            80,
            "mentor_desk.show",
            "outreach",
            for_mentors=True,
        ),
        Module(
            "near",
            _l("Near me and across borders"),
            _l("Find jobs, courses and help near you, online or abroad. Tell a friend."),
            10,
            "near.show",
            "offer",
        ),
        Module(
            "home",
            _l("My way"),
            _l("See how far you are in everything, one small next step, and what is new."),
            2,
            "home.show",
            "outreach",
        ),
    )
}

"""What a page of mentoring says where an operation refused: words for each code.

    with refusals(), services().database.write() as session:
        pairs.answer(session, actor(), pair_id, utcnow(), yes=True)

Inside the block every `MentoringError` becomes a readable page; nothing was changed then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.errors import MentoringError, NotAllowed, NotValid, NotYours
from lti_tool.web.errors import Refused

NOT_YOURS: dict[str, tuple[Any, Any]] = {
    "duty": (
        _l("This page is for coordinators"),
        _l("Ask your coordinator if you need something from it."),
    ),
    "invitation": (
        _l("This invitation does not work any more"),
        _l("Ask the person who sent it for a new one."),
    ),
}
_NOT_YOURS = (
    _l("There is nothing for you here"),
    _l("Go back to the mentoring page and go on from there."),
)

NOT_ALLOWED: dict[str, tuple[Any, Any]] = {
    "state": (
        _l("This is not possible at the moment"),
        _l("Something has changed since you opened the page. Go back and look again."),
    ),
    "late": (
        _l("The time for this is over"),
        _l("Go back and look at what is open now."),
    ),
    "early": (
        _l("This meeting has not begun yet"),
        _l("Come back after the meeting and write how it was."),
    ),
    "given": (
        _l("You have answered this already"),
        _l("Your answer is saved. There is nothing more to do."),
    ),
    "many": (
        _l("That is a lot for now"),
        _l("Wait for an answer first, or come back tomorrow."),
    ),
    "replaced": (
        _l("There is a newer agreement"),
        _l("Go back and read the newest one."),
    ),
    "about": (
        _l("Your name is still missing"),
        _l("Go back and write how we may call you."),
    ),
    "preferences": (
        _l("Some answers are still missing"),
        _l("Go back and fill in languages, times and ways to meet."),
    ),
    "consent": (
        _l("A yes to the text about mentoring is missing"),
        _l("The learner has to read the text and say yes. Until then there is no contact."),
    ),
    "guardian": (
        _l("A parent or guardian has to say yes first"),
        _l("Ask your coordinator for the paper to sign."),
    ),
    "mentor": (
        _l("The mentor cannot go on at the moment"),
        _l("Your coordinator knows more. Ask them."),
    ),
    "screening": (
        _l("A check of the mentor is missing"),
        _l("The coordinator has to note the checks first. Until then there is no contact."),
    ),
    "training": (
        _l("The training of the mentor is not finished"),
        _l("The mentor has to finish all units first."),
    ),
    "mentee": (
        _l("The learner has stopped with mentoring"),
        _l("Your coordinator knows more. Ask them."),
    ),
    "border": (
        _l("The two organisations have not agreed yet"),
        _l("Both coordinators have to say yes first."),
    ),
    "safeguarding": (
        _l("Nobody is named for reports of harm yet"),
        _l("Name a person and enter the telephone numbers first. Then pairs can begin."),
    ),
    "paused": (
        _l("This mentor takes a break"),
        _l("Choose another mentor, or wait until the break is over."),
    ),
    "waiting": (
        _l("This learner does not wait for a mentor"),
        _l("Look at the list again. Something has changed."),
    ),
    "has_pair": (
        _l("This learner has a mentor already"),
        _l("Look at the list again. Something has changed."),
    ),
    "places": (
        _l("This mentor has no free place"),
        _l("Choose another mentor."),
    ),
    "capacity": (
        _l("There are more learners than places"),
        _l("Choose a number that is not below the learners you have now."),
    ),
    "forbidden": (
        _l("These two must not be a pair"),
        _l("Somebody has said so before. Choose another mentor."),
    ),
    "last_one": (
        _l("Somebody has to stay"),
        _l("Name another person first, then take this one out."),
    ),
}
_NOT_ALLOWED = NOT_ALLOWED["state"]

NOT_VALID: dict[str, tuple[Any, Any]] = {
    "nickname": (
        _l("This name does not work"),
        _l("Write a short name: 1 to 40 letters."),
    ),
    "birth_year": (
        _l("This year of birth does not work"),
        _l("Write the year in four digits, such as 2004."),
    ),
    "gender": (_l("We do not know this answer"), _l("Go back and pick one from the list.")),
    "languages": (
        _l("A language is missing"),
        _l("Choose at least one language and how well you speak it."),
    ),
    "slots": (
        _l("A time is missing"),
        _l("Choose at least one time, or that you like to write."),
    ),
    "ways": (
        _l("A way to meet is missing"),
        _l("Choose online, near you, or both."),
    ),
    "place": (
        _l("We do not know this place"),
        _l("Write the name of a town near you. If there are several, choose one."),
    ),
    "reach_km": (_l("This distance does not work"), _l("Choose a distance from the list.")),
    "ages": (
        _l("These ages do not work"),
        _l("Write two ages from 16 to 100, the younger one first."),
    ),
    "wishes": (
        _l("That is too many wishes"),
        _l("Choose five mentors at most, each one once."),
    ),
    "text": (
        _l("This text does not work"),
        _l("Write something, and keep it shorter. Go back: your text is still there."),
    ),
    "about": (
        _l("This text does not work"),
        _l("Write something, and keep it shorter. Go back: your text is still there."),
    ),
    "note": (
        _l("This note is too long"),
        _l("Make it shorter. Go back: your text is still there."),
    ),
    "scope": (
        _l("The number of topics does not fit"),
        _l("Choose one, two or three topics."),
    ),
    "dates": (
        _l("These days do not work"),
        _l("The first day is today or later. The last day comes after it, within two years."),
    ),
    "meetings": (
        _l("This number of meetings does not work"),
        _l("Choose one to eight meetings a month."),
    ),
    "rules": (
        _l("There are newer rules"),
        _l("Go back, reload the page and read the rules again."),
    ),
    "version": (
        _l("There is a newer text"),
        _l("Go back, reload the page and read the text again."),
    ),
    "goals": (
        _l("These goals do not work"),
        _l("Choose up to three goals of your own plan."),
    ),
    "times": (
        _l("These times do not work"),
        _l("Choose one, two or three times, from now on and within 90 days."),
    ),
    "minutes": (_l("This length does not work"), _l("Choose one of the lengths on the page.")),
    "topics": (
        _l("That is too many topics"),
        _l("Choose three topics at most."),
    ),
    "happened_on": (
        _l("This day does not work"),
        _l("Choose a day since you two began, not after today."),
    ),
    "next_on": (
        _l("This day does not work"),
        _l("Choose a day from today on, within 90 days."),
    ),
    "danger": (
        _l("Please choose what it is about"),
        _l("Go back and choose one of the two. Your text is still there."),
    ),
    "partner": (_l("We do not know this organisation"), _l("Pick one from the list.")),
    "label": (_l("A name is missing or too long"), _l("Write at most 80 letters.")),
    "phone": (_l("A number is missing or too long"), _l("Write at most 40 signs.")),
    "email": (_l("An e-mail address is missing or too long"), _l("Write at most 120 letters.")),
    "hours": (_l("The hours are missing or too long"), _l("Write at most 120 letters.")),
    "paper": (
        _l("The file number is missing or too long"),
        _l("Write the number of your paper, at most 40 letters. Write no name."),
    ),
    "weights": (
        _l("These weights do not work"),
        _l("Write numbers from 0 on, and at least one above 0."),
    ),
    "capacity": (_l("This number does not work"), _l("Choose a number from the list.")),
    "checked_on": (
        _l("This day does not work"),
        _l("Choose the day of the check, not a later one."),
    ),
    "valid_until": (_l("This day does not work"), _l("Choose a day after the day of the check.")),
    "reason": (_l("A reason is missing"), _l("Go back and pick one from the list.")),
    "outcome": (_l("An outcome is missing"), _l("Go back and pick one from the list.")),
    "step": (_l("Say what you did"), _l("Pick one from the list. Your note is still there.")),
    "uses": (_l("This number does not work"), _l("Choose a number from the list.")),
    "days": (_l("This number does not work"), _l("Choose a number from the list.")),
    "duty": (_l("We do not know this duty"), _l("Go back and pick one from the list.")),
    "language_level": (_l("This level does not work"), _l("Pick one from the list.")),
    "near_km": (_l("This distance does not work"), _l("Write a number from 1 to 1000.")),
    "guardian_age": (
        _l("This age does not work"),
        _l("Write a number from 13 to 18, or leave it empty."),
    ),
    "answer_days": (_l("This number of days does not work"), _l("Write a number from 2 to 30.")),
    "message_days": (
        _l("This number of days does not work"),
        _l("Write a number from 30 to 730."),
    ),
    "rulings": (
        _l("Your decisions do not go together"),
        _l("Somebody is locked twice, locked and forbidden, or has no free place. Look below."),
    ),
    "thresholds": (
        _l("These numbers do not go together"),
        _l("Write numbers from 0 to 365. The first one must not be above the second one."),
    ),
}
_NOT_VALID = (
    _l("One answer does not fit"),
    _l("Go back and choose from what the page offers."),
)


def actor_of(launch: Launch) -> Actor:
    """Return who acts in a launch."""
    return Actor(launch.tenant_id, launch.user_id)


def refusal(error: MentoringError) -> Refused:
    """Return the page for a refusal: 404 for what is not theirs, 409 for a wrong moment, else 400.

    What is missing and what is somebody else's read alike.
    """
    if isinstance(error, NotYours):
        words, default, status = NOT_YOURS, _NOT_YOURS, 404
    elif isinstance(error, NotAllowed):
        words, default, status = NOT_ALLOWED, _NOT_ALLOWED, 409
    else:
        words, default, status = NOT_VALID, _NOT_VALID, 400
    title, help_text = words.get(error.code, default)
    return Refused(f"mentoring_{error.code}", title=title, learner_help=help_text, status=status)


def mend_of(code: str) -> tuple[Any, Any]:
    """Return title and mend for a NotValid, for a page that asks again beside what was typed."""
    return NOT_VALID.get(code, _NOT_VALID)


@contextmanager
def refusals(*, values: bool = True) -> Iterator[None]:
    """Turn every refusal inside the block into its page.

    `values` False lets NotValid through, for a view that shows its form again (`mend_of`).
    """
    try:
        yield
    except MentoringError as error:
        if isinstance(error, NotValid) and not values:
            raise
        raise refusal(error) from None

"""The words of mentoring that more than one page shows; codes are those of codes.py."""

from __future__ import annotations

import flask_babel
from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.mentoring.codes import DAYS

NOTICE = _l(
    "There is something new for you in mentoring. Open the mentoring activity in your course."
)
"""The only text that leaves the tool; it never says what is new."""

MEASURE = {
    "at_ease": _l("I feel at ease when we talk."),
    "listened_to": _l("We listen to each other."),
    "useful": _l("Our talks are useful."),
    "want_on": _l("I want to go on."),
}

RULES = (
    _l("We are on time, or we say so before."),
    _l("We talk here or at places we agreed with the coordinator."),
    _l("What we tell each other stays with us. If somebody may get hurt, we tell the coordinator."),
    _l("No money, no presents, no favours."),
    _l("Each of us can say no, and can stop."),
)
"""Rules of conduct, version codes.RULES_VERSION; another wording is another version."""

PROMPTS = {
    "look_back": _l("What did we do together? What do you remember best?"),
    "proud": _l("What are you proud of?"),
    "next_step": _l("What is your next small step? Who can help you with it?"),
    "thanks": _l("What do you want to thank each other for?"),
    "contact_rule": _l("After today we do not write here any more. The coordinator can help."),
}

UNITS = {
    "role": _l("What a mentor is, and is not"),
    "trust": _l("The first meeting and trust"),
    "listen": _l("Listening and asking"),
    "plan": _l("Goals and small steps"),
    "safe": _l("Keeping young people safe"),
    "goodbye": _l("Differences, hard times, goodbye"),
}
"""Titles of the guides in adaptive/content/guides, for pages that list them only."""

CLOSE_REASONS = {
    "goals_reached": _l("We reached our goals"),
    "time_over": _l("The agreed time is over"),
    "no_time": _l("No time at the moment"),
    "moved": _l("Somebody moved away"),
    "no_contact": _l("We lost contact"),
    "not_fitting": _l("We do not fit together"),
    "found_work": _l("A job was found"),
    "found_school": _l("A school or a training was found"),
    "mentor_left": _l("The mentor stopped"),
    "mentee_left": _l("The learner stopped"),
    "safety": _l("For safety"),
    "no_reason": _l("Rather not say"),
}

HELP = {
    "find_job": _l("Find a job"),
    "apply": _l("Write an application"),
    "choose_job": _l("Find out what I want to do"),
    "learn": _l("School, courses and training"),
    "confidence": _l("Feel more sure of myself"),
    "everyday": _l("Everyday life, money and letters"),
    "digital": _l("Phone and computer"),
    "language": _l("Speak a language better"),
    "network": _l("Meet people who can help"),
    "own_business": _l("Start something of my own"),
}
"""Kinds of help, as both sides read them: what the learner wants, what the mentor offers."""

TOPICS = {
    **HELP,
    "first_talk": _l("Getting to know each other"),
    "goals": _l("My goals"),
    "how_it_goes": _l("How it goes"),
    "goodbye": _l("Saying goodbye"),
}

FIELDS = {
    "office": _l("Office"),
    "computers": _l("Computers"),
    "care": _l("Care and health"),
    "craft": _l("Crafts and building"),
    "farm": _l("Farm and forest"),
    "food": _l("Cooking and food"),
    "shop": _l("Shop and sales"),
    "transport": _l("Driving and transport"),
    "school": _l("School and children"),
    "art": _l("Art, music and media"),
    "nature": _l("Nature and animals"),
    "own_business": _l("Own business"),
    "public": _l("Town hall and public work"),
}

BACKGROUND = {
    "village": _l("Grew up in a village"),
    "first_in_family": _l("First in the family with this kind of work or school"),
    "young_parent": _l("Became a parent early"),
    "moved_here": _l("Moved here from another country"),
    "left_school": _l("Left school early"),
}

GENDERS = {"woman": _l("Woman"), "man": _l("Man"), "other": _l("Another gender")}
WAYS = {"online": _l("Online"), "near": _l("Face to face, near me")}
PARTS = {"morning": _l("Morning"), "afternoon": _l("Afternoon"), "evening": _l("Evening")}

LEVELS = {
    1: _l("A few words"),
    2: _l("Simple talks"),
    3: _l("Everyday talks"),
    4: _l("Well"),
    5: _l("Very well"),
    6: _l("My first language"),
}
"""How well somebody speaks a language, CEFR A1 to C2."""

SHARES = {
    "interests": _l("What I like doing"),
    "favourites": _l("The jobs I keep"),
    "levels": _l("My digital skills"),
    "situation": _l("Where I am now"),
    "plan": _l("My plan"),
    "lessons": _l("The lessons I finished"),
}

DECLINE_REASONS = {
    "times": _l("The times do not fit"),
    "distance": _l("It is too far away"),
    "know_each_other": _l("We know each other already"),
    "not_now": _l("Not now"),
    "other": _l("Something else"),
    "no_reason": _l("Rather not say"),
}

FEEDBACK = {
    "helped": _l("It helped."),
    "felt_safe": _l("I felt safe."),
    "good_match": _l("We fitted well together."),
    "would_tell": _l("I would tell a friend to try it."),
}

AGREE = {
    5: _l("Yes, very much"),
    4: _l("Yes"),
    3: _l("Partly"),
    2: _l("Not really"),
    1: _l("No, not at all"),
}
"""The answers to MEASURE and FEEDBACK, best first."""

FEELINGS = {
    5: _l("Very good"),
    4: _l("Good"),
    3: _l("All right"),
    2: _l("Not so good"),
    1: _l("Bad"),
}

DANGERS = {
    "safety_risk": _l("Somebody is in danger, or I do not feel safe"),
    "urgent_need": _l("I need help soon, but nobody is in danger"),
}
"""The two classes of a report."""

REPORT_STATES = {
    "open": _l("It has arrived. Nobody has begun yet."),
    "in_hand": _l("Somebody takes care of it now."),
    "closed": _l("It is closed."),
}

PAIR_STATES = {
    "offered": _l("Waiting for both answers"),
    "declined": _l("One of you said no"),
    "lapsed": _l("Not answered in time"),
    "withdrawn": _l("Taken back"),
    "preparing": _l("Writing the agreement"),
    "active": _l("Under way"),
    "suspended": _l("On hold"),
    "closing": _l("Saying goodbye"),
    "closed": _l("Ended"),
}

BARRIERS = {
    "state": _l("You two cannot write or meet at the moment."),
    "mentor": _l("The mentor cannot go on at the moment."),
    "screening": _l("A check of the mentor has to be done again first."),
    "training": _l("The mentor has to finish the training first."),
    "mentee": _l("The learner has stopped with mentoring."),
    "consent": _l("The learner has to say yes to the text about mentoring first."),
    "guardian": _l("A parent or guardian has to say yes first."),
    "border": _l("The two organisations have to agree first."),
}
"""What stands between the two, by the codes of contact.barriers."""


def language_name(code: str) -> str:
    """Return the name of a language, in the language of the page."""
    here = flask_babel.get_locale() or Locale("en")
    return str(here.languages.get(code) or Locale("en").languages.get(code, code))


def day_name(day: str) -> str:
    """Return the name of a day of codes.DAYS, in the language of the page."""
    here = flask_babel.get_locale() or Locale("en")
    return str(here.days["stand-alone"]["wide"][DAYS.index(day)])


def slot_name(slot: str) -> str:
    """Return the words of a weekly time such as "tue-evening"."""
    day, part = slot.split("-")
    # Translators: a day of the week and a part of the day, such as "Tuesday: Evening".
    return str(_("%(day)s: %(part)s", day=day_name(day), part=PARTS[part]))


NOTICES = {
    "offered": _l("There is an offer for a pair. Please answer."),
    "agreed": _l("You both said yes. Write your agreement now."),
    "declined": _l("The offer did not become a pair."),
    "terms": _l("There is an agreement to read."),
    "started": _l("You can begin: write to each other and plan to meet."),
    "meeting": _l("Times for a meeting are proposed."),
    "meeting_set": _l("A meeting is planned."),
    "meeting_declined": _l("The proposed times did not fit."),
    "meeting_off": _l("A meeting was called off."),
    "message": _l("There is a new message."),
    "checkin": _l("We would like to know how it goes."),
    "goodbye": _l("The goodbye has begun."),
    "ended": _l("The mentoring has ended."),
    "paused_pair": _l("Your mentoring is on hold."),
    "resumed": _l("Your mentoring goes on."),
    "remind_offer": _l("An offer still waits for your answer."),
    "remind_meeting": _l("Proposed times still wait for your answer."),
    "remind_message": _l("A message still waits for you."),
    "remind_checkin": _l("We would still like to know how it goes."),
}
"""What is new for the two of a pair, by notices.Notice.kind."""

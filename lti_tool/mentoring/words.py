"""The words of mentoring that more than one page shows; codes are those of codes.py."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

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
    "listen": _l("Listening and asking"),
    "safe": _l("Keeping young people safe"),
    "borders": _l("Borders, privacy and presents"),
    "plan": _l("Goals and small steps"),
    "goodbye": _l("Ending well"),
}

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

"""What the mentors' room says: what it is to be a mentor, gates, and prompts for conversations."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

BENEFITS = (
    _l("You help a young person to take the next steps."),
    _l("You learn to listen, to ask well and to set goals."),
    _l("You get a training, and a coordinator who is there for you."),
)
CHALLENGES = (
    _l("It takes time: about two meetings a month, for six months or so."),
    _l("Trust grows slowly. Some meetings are called off."),
    _l("You will hear things that are hard. You never have to carry them alone."),
    _l("It is unpaid."),
)
"""Both are said before anybody applies (MENTOR, Elements of Effective Practice, B.1.1)."""

STEPS = {"about": _l("About me"), "offer": _l("What I offer")}
"""The two steps of the application."""

CHECKS = {
    "identity": _l("Who you are"),
    "references": _l("What others say about you"),
    "record": _l("Whether you may work with young people by law"),
}
CHECK_HELP = {
    "identity": _l("Show the coordinator your identity card or passport."),
    "references": _l("Name two people who know you, not relatives. The coordinator asks them."),
    "record": _l("Ask your town hall or police for a record for work with young people."),
}
CHECK_STATES = {
    "waiting": _l("not looked at yet"),
    "passed": _l("done"),
    "failed": _l("not passed"),
    "expired": _l("too old, has to be done again"),
}

NOTICES = {
    "admitted": _l("Welcome! You can have mentees from now on."),
}
"""News for mentors alone, by notices.Notice.kind."""

REACHES = (10, 30, 60, 100)
"""Kilometres."""

CAPACITIES = tuple(range(1, 11))

STAGES: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "first": (
        _l("The first meeting"),
        _l("The aim is small: both of you want to meet again."),
        (
            _l("How would you like to be called?"),
            _l("What does a good day look like for you?"),
            _l("What do you like doing, and what are you good at?"),
            _l("What should I know so that it goes well for you here?"),
            _l("What would you like to be different in three months?"),
            _l("When and where shall we meet next?"),
        ),
    ),
    "trust": (
        _l("Building trust"),
        _l("Ask a little, tell a little, and remember what you heard."),
        (
            _l("What was good since we last met, even if it was small?"),
            _l("Who are the people who matter to you?"),
            _l("When did you manage something hard? How did you do it?"),
            _l("What do others not see about you at once?"),
            _l("Is there something that I should do differently?"),
        ),
    ),
    "goals": (
        _l("Goals and steps"),
        _l("It is their goal. You help to make the step small."),
        (
            _l("Which of your goals is the closest to you today?"),
            _l("How will you notice that it worked?"),
            _l("What is the smallest first step? On which day?"),
            _l("What could stop you? What will you do then?"),
            _l("How sure are you from 0 to 10? What would be one point more?"),
            _l("Who else could help?"),
        ),
    ),
    "hard": (
        _l("Hard times"),
        _l("Goals can wait. Feelings come first."),
        (
            _l("What is the hardest thing right now?"),
            _l("What would help you today? Shall I listen, or do you want ideas?"),
            _l("Who knows about it? Who may know about it?"),
            _l("What helped you before when it was hard?"),
            _l("Who has learned to help with this? Shall we look together?"),
            _l("Do you feel safe?"),
        ),
    ),
    "goodbye": (
        _l("Saying goodbye"),
        _l("Talk about the end a month before, and give the last talk enough time."),
        (
            _l("What did we do together? What do you remember best?"),
            _l("What are you proud of?"),
            _l("What is your next small step? Who can help you with it?"),
            _l("What was good between us, and what was not?"),
            _l("What do you want to thank each other for?"),
        ),
    ),
}
"""Prompts for the conversation: {stage: (title, what it is about, questions)}."""

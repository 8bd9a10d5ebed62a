"""What a learner shares of "Where am I now?", for those whom they share it with."""

from __future__ import annotations

from typing import Literal

import flask_babel
from sqlalchemy import CompoundSelect
from sqlalchemy.orm import Session

from lti_tool.learner.needs.operations import questions, shared_answers, sharing_users
from lti_tool.learner.needs.words import answer_words

Audience = Literal["teacher", "mentor", "coordinator"]


def shared_with(
    session: Session, tenant_id: str, user_id: str, audience: Audience
) -> list[tuple[str, str]]:
    """Return (question, answer) in the page's language, of what an audience may see now.

    The caller makes sure that whoever looks is of that audience for this learner.
    """
    locale = str(flask_babel.get_locale())
    return [
        (questions().words(one, locale).ask, answer_words(one, answer, locale))
        for one, answer in shared_answers(session, tenant_id, user_id, audience).items()
    ]


def who_shares(tenant_id: str, audience: Audience) -> CompoundSelect[tuple[str]]:
    """Return the query for our ids of everybody who shares something with an audience."""
    return sharing_users(tenant_id, audience)

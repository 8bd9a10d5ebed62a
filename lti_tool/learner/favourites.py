"""The occupations that a learner keeps, as other rooms may read them."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.learner.careers.operations import kept
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return where the learner is with "Work that could suit me": the first one kept is all."""
    del since
    if kept(session, launch):
        return by_percent(100, "", url_for("careers.show"))
    return by_percent(
        0, _("Find one job that you want to know more about."), url_for("careers.show")
    )

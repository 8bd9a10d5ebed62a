"""The goals of a learner's plan, as other rooms may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from config.clock import utcnow
from lti_tool.learner.plan.days import today_of
from lti_tool.learner.plan.operations import percent_of, plan_of
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in the learner's own words. next_step: the first open step, "" for none."""

    id: str
    title: str
    done: bool
    next_step: str


def goals_of(session: Session, tenant_id: str, user_id: str) -> list[Goal]:
    """Return the goals of somebody's plan, the open ones first, each by its age."""
    return [
        Goal(
            goal.id,
            goal.title,
            goal.done,
            goal.open_steps[0].words if goal.open_steps else "",
        )
        for goal in plan_of(session, tenant_id, user_id).goals
    ]


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return where the learner is with the plan; a step that is due today, or was, is urgent."""
    del since
    plan = plan_of(session, launch.tenant_id, launch.user_id)
    today = today_of(session, launch.tenant_id, utcnow())
    percent = percent_of(plan)
    due = plan.due(today)
    if due:
        step = (
            _("Today is the day for this step: “%(step)s”.", step=due[0].words)
            if due[0].due == today
            else _("This step still waits for you: “%(step)s”.", step=due[0].words)
        )
        url = url_for("plan.show") + f"#step-{due[0].id}"
        more = len(due) - 1
        news = (
            (
                ngettext(
                    "%(num)s more step of your plan waits for you.",
                    "%(num)s more steps of your plan wait for you.",
                    more,
                ),
            )
            if more
            else ()
        )
        return by_percent(percent, step, url, news, urgent=True)
    return by_percent(percent, _next(plan.next_words, bool(plan.open_goals)), url_for("plan.show"))


def _next(words: str, has_goal: bool) -> str:
    if words:
        step = _("The next step of your plan: “%(step)s”.", step=words)
    elif has_goal:
        step = _("Think of one small step to your goal.")
    else:
        step = _("Choose one goal that matters to you.")
    return str(step)

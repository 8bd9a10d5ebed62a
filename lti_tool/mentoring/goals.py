"""Up to three goals of the learner's plan that the pair works on; only their ids are here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import OWN, Actor, Side, pair_for
from lti_tool.mentoring.contact import require_contact
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.models import GoalLink

MOST_GOALS = 3


def link_goals(
    session: Session,
    actor: Actor,
    pair_id: str,
    goal_ids: Sequence[str],
    own_goals: Sequence[str],
    now: datetime,
) -> None:
    """Show these goals to the mentor, in the place of those before; the mentee alone chooses.

    `own_goals` are the ids of the mentee's plan, from the plan's shared face, so that nobody shows
    another person's goal.

    Raises:
        NotYours: the actor is not the mentee of the pair.
        NotValid: "goals": more than three, one twice, or not of the own plan.
        NotAllowed: a code of contact.barriers.
    """
    pair, _side = pair_for(session, actor, pair_id, Side.MENTEE, lock=True)
    wanted = list(dict.fromkeys(goal_ids))
    if (
        len(wanted) != len(goal_ids)
        or len(wanted) > MOST_GOALS
        or not set(wanted) <= set(own_goals)
    ):
        raise NotValid("goals")
    require_contact(session, pair, now)
    session.execute(
        delete(GoalLink).where(GoalLink.tenant_id == pair.tenant_id, GoalLink.pair_id == pair.id)
    )
    session.add_all(
        GoalLink(tenant_id=pair.tenant_id, pair_id=pair.id, goal_id=goal, user_id=actor.user_id,
                 linked_at=now)
        for goal in wanted
    )  # fmt: skip
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, "goals", actor_id=actor.user_id, now=now)


def linked_goals(session: Session, actor: Actor, pair_id: str) -> list[str]:
    """Return the ids of the goals that both see, in the order of the plan's ids.

    Raises:
        NotYours: a stranger's pair.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN)
    if side is Side.MENTOR and pair.state not in {"active", "closing"}:
        return []
    return list(
        session.scalars(
            select(GoalLink.goal_id)
            .where(GoalLink.tenant_id == pair.tenant_id, GoalLink.pair_id == pair.id)
            .order_by(GoalLink.goal_id)
        )
    )

"""What home shows, and the one thing it keeps: when it was visited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.learner import MODULES
from lti_tool.learner.home.choosing import Choice, choose
from lti_tool.learner.home.models import HomeVisit
from lti_tool.learner.models import Progress
from lti_tool.learner.progress import advance
from lti_tool.learner.situation import current_situation
from lti_tool.learner.standing import Standing, standings
from lti_tool.lti.linking import linked_users
from lti_tool.lti.models import ResourceLink
from lti_tool.lti.sessions import Launch
from lti_tool.outbox.models import ScoreDelivery

MODULE = "home"
PAUSE = timedelta(minutes=30)
"""After this long it is a new visit; until then the news stay on the page."""
MOST_NEWS = 6


@dataclass(frozen=True, slots=True)
class Home:
    """What there is to show. way: module -> standing, in the order of the way."""

    way: Mapping[str, Standing]
    choice: Choice | None
    news: list[str]
    first: bool

    @property
    def percent(self) -> int:
        """How far the whole way is."""
        return sum(one.percent for one in self.way.values()) // max(len(self.way), 1)


def is_new_visit(session: Session, launch: Launch, now: datetime) -> bool:
    """Return whether a visit begins now. Staff who look leave no trace."""
    row = session.get(HomeVisit, (launch.tenant_id, launch.user_id))
    return launch.is_learner and (row is None or now - row.seen_at > PAUSE)


def begin_visit(session: Session, launch: Launch, now: datetime) -> None:
    """Note that a visit begins, unless another request just did."""
    key = (launch.tenant_id, launch.user_id)
    row = session.get(HomeVisit, key, with_for_update=True)
    if row is None:
        session.add(HomeVisit(tenant_id=key[0], user_id=key[1], seen_at=now, since=None))
    elif now - row.seen_at > PAUSE:
        row.since, row.seen_at = row.seen_at, now
    session.flush()


def find_home(session: Session, launch: Launch) -> Home:
    """Return where the learner is, one step, and what has changed since the visit before."""
    row = session.get(HomeVisit, (launch.tenant_id, launch.user_id))
    since = row.since if row else None
    way = standings(session, launch, since)
    situation = current_situation(session, launch)
    needs = situation.barriers | situation.hopes if situation else frozenset()
    news = [line for standing in way.values() for line in standing.news]
    if since is not None:
        news = list(dict.fromkeys([*news, *_reported(session, launch, since)]))
    return Home(way, choose(way, needs), news[:MOST_NEWS], first=since is None)


def note_progress(session: Session, launch: Launch, home: Home, now: datetime) -> None:
    """Carry to an activity that shows the way how far the whole way is."""
    if home.percent:
        done = home.percent == 100
        advance(
            session,
            launch,
            MODULE,
            home.percent,
            _("Finished: My way") if done else _("On the way"),
            now,
        )


def _reported(session: Session, launch: Launch, since: datetime) -> list[str]:
    """Return what was finished, and which grades arrived in the course."""
    people = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    finished = session.scalars(
        select(Progress.module)
        .where(
            Progress.tenant_id == launch.tenant_id,
            Progress.user_id.in_(people),
            Progress.completed_at > since,
        )
        .order_by(Progress.completed_at.desc())
    )
    arrived = session.scalars(
        select(ResourceLink.module)
        .join(
            ScoreDelivery,
            (ScoreDelivery.tenant_id == ResourceLink.tenant_id)
            & (ScoreDelivery.resource_link_id == ResourceLink.id),
        )
        .where(
            ScoreDelivery.tenant_id == launch.tenant_id,
            ScoreDelivery.user_id.in_(people),
            ScoreDelivery.state == "delivered",
            ScoreDelivery.settled_at > since,
        )
        .order_by(ScoreDelivery.settled_at.desc())
    )
    return [
        *(_("You finished “%(module)s”.", module=MODULES[key].title)
          for key in finished if key in MODULES),
        *(_("Your grade for “%(module)s” has arrived in the course.", module=MODULES[key].title)
          for key in arrived if key in MODULES),
    ]  # fmt: skip

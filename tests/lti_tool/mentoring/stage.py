"""Two organisations with their people, and short ways to any moment of a pair's life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from lti_tool.lti.models import Context, Platform
from lti_tool.mentoring import (
    access,
    agreement,
    borders,
    consent,
    desk,
    mentees,
    mentors,
    pairs,
    reports,
    screening,
)
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import CHECKS, DANGERS, UNITS
from lti_tool.mentoring.errors import MentoringError
from lti_tool.mentoring.models import Pair
from lti_tool.mentoring.values import Offer
from lti_tool.people.models import Membership, Tenant, User

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFER = Offer(
    languages={"hu": 6, "en": 4},
    slots=("mon-evening", "tue-evening"),
    fields=("care",),
    help=("find_job", "confidence"),
)
GROWN, YOUNG = 2000, 2012
TERMS = {"scope": ("find_job",), "meetings_a_month": 2}


@contextmanager
def refused(kind: type[MentoringError], code: str) -> Iterator[None]:
    """Expect a refusal with its code."""
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.code == code


@dataclass
class Stage:
    """One session, a clock, and people by name."""

    session: Session
    now: datetime = START
    people: dict[str, Actor] = field(default_factory=dict)
    platforms: dict[str, str] = field(default_factory=dict)
    courses: dict[str, str] = field(default_factory=dict)

    def later(self, **period: int) -> datetime:
        """Let time pass."""
        self.now += timedelta(**period)
        return self.now

    def tenant(self, slug: str, country: str = "HU") -> str:
        """Found an organisation with a coordinator, a named person, and numbers to call."""
        row = Tenant(slug=slug, name=slug, country=country)
        self.session.add(row)
        self.session.flush()
        platform = Platform(
            tenant_id=row.id, issuer=f"https://{slug}.example", client_id="c", name=slug,
            auth_url="x", token_url="x", jwks_url="x", status="active",
        )  # fmt: skip
        self.session.add(platform)
        self.session.flush()
        course = Context(tenant_id=row.id, platform_id=platform.id, lti_id="7")
        self.session.add(course)
        self.session.flush()
        self.platforms[row.id], self.courses[row.id] = platform.id, course.id
        boss, guard = self.person(row.id, f"{slug}-boss"), self.person(row.id, f"{slug}-guard")
        access.appoint(self.session, row.id, boss.user_id, "coordinator", self.now, None)
        access.appoint(self.session, row.id, guard.user_id, "safeguarding", self.now, boss)
        for danger in DANGERS:
            reports.set_desk(self.session, boss, danger, self.now, label="Office", phone="112",
                             email="help@example.org", hours="always")  # fmt: skip
        return row.id

    def person(self, tenant_id: str, name: str) -> Actor:
        """Enrol somebody in the course of an organisation."""
        user = User(tenant_id=tenant_id, platform_id=self.platforms[tenant_id],
                    sub=str(len(self.people) + 10))  # fmt: skip
        self.session.add(user)
        self.session.flush()
        self.session.add(
            Membership(tenant_id=tenant_id, context_id=self.courses[tenant_id], user_id=user.id,
                       roles=["learner"])
        )  # fmt: skip
        self.session.flush()
        self.people[name] = Actor(tenant_id, user.id)
        return self.people[name]

    def boss(self, actor: Actor) -> Actor:
        """The coordinator of somebody's organisation."""
        return self._of(actor, "boss")

    def guard(self, actor: Actor) -> Actor:
        """The person named for reports in somebody's organisation."""
        return self._of(actor, "guard")

    def _of(self, actor: Actor, duty: str) -> Actor:
        return next(one for name, one in self.people.items()
                    if name.endswith(duty) and one.tenant_id == actor.tenant_id)  # fmt: skip

    def applicant(self, tenant_id: str, name: str, capacity: int = 1, **more: bool) -> Actor:
        """Somebody who applied as a mentor."""
        actor = self.person(tenant_id, name)
        mentors.begin(self.session, actor, self.now)
        mentors.say_about(self.session, actor, self.now, nickname=name, about="I like to help.")
        mentors.say_offer(self.session, actor, OFFER, capacity, self.now, **more)
        return actor

    def check(self, mentor: Actor, state: str = "passed", checks: tuple[str, ...] = CHECKS) -> None:
        """Let the coordinator note checks."""
        for one in checks:
            screening.note_check(self.session, self.boss(mentor), mentor.user_id, one, state,
                                 self.now.date(), self.now)  # fmt: skip

    def train(self, mentor: Actor) -> None:
        """Finish all units."""
        for unit in UNITS:
            screening.finish_unit(self.session, mentor, unit, self.now)

    def mentor(self, tenant_id: str, name: str, capacity: int = 1, **more: bool) -> Actor:
        """A mentor who was admitted."""
        actor = self.applicant(tenant_id, name, capacity, **more)
        self.check(actor)
        self.train(actor)
        mentors.admit(self.session, self.boss(actor), actor.user_id, self.now)
        return actor

    def consent(self, mentee: Actor) -> None:
        """Say yes."""
        version = consent.newest_text("en").version
        consent.give_consent(self.session, mentee, version, "en", self.now)

    def guardian(self, mentee: Actor) -> None:
        """Let a guardian's yes be noted."""
        version = consent.newest_text("en").version
        consent.note_guardian(self.session, self.boss(mentee), mentee.user_id, "A-1", version, "en",
                              self.now)  # fmt: skip

    def mentee(self, tenant_id: str, name: str, born: int = GROWN) -> Actor:
        """A learner who waits for a mentor."""
        actor = self.person(tenant_id, name)
        mentees.begin(self.session, actor, self.now)
        mentees.say_about(self.session, actor, self.now, nickname=name, birth_year=born)
        mentees.say_preferences(self.session, actor, OFFER)
        self.consent(actor)
        mentees.join(self.session, actor, self.now)
        return actor

    def offer(self, mentee: Actor, mentor: Actor) -> Pair:
        """Offer them to each other."""
        key = (mentor.tenant_id, mentor.user_id)
        return desk.offer_by_hand(self.session, self.boss(mentee), mentee.user_id, key, self.now)

    def agreed(self, mentee: Actor, mentor: Actor) -> Pair:
        """Both said yes."""
        pair = self.offer(mentee, mentor)
        for actor in (mentee, mentor):
            pairs.answer(self.session, actor, pair.id, self.now, yes=True)
        return pair

    def terms(self, **changes: object) -> agreement.Terms:
        """Terms that are in order."""
        first = self.now.date()
        given = {**TERMS, "starts_on": first, "ends_on": first + timedelta(days=180), **changes}
        return agreement.Terms(**given)

    def started(self, mentee: Actor, mentor: Actor) -> Pair:
        """A pair that may talk."""
        pair = self.agreed(mentee, mentor)
        row = agreement.propose_terms(self.session, mentor, pair.id, self.terms(), self.now)
        return agreement.accept_terms(self.session, mentee, pair.id, row.id, self.now)

    def open_border(self, mentees_of: str, mentors_of: str) -> None:
        """Let both coordinators agree."""
        one = self._of(Actor(mentees_of, ""), "boss")
        other = self._of(Actor(mentors_of, ""), "boss")
        borders.ask_border(self.session, one, mentees_of, mentors_of, self.now)
        borders.agree_border(self.session, other, mentees_of, mentors_of, self.now)

"""A small mentoring programme for the demo, so that a newcomer sees a living desk.

The coordinator, the mentor and one learner are people of the practice LMS, who launch as anybody
would; the others are invented and exist in the tool alone. Everything happens through the
operations that pages use, at days of the last weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import utcnow
from lti_tool.demo import seed
from lti_tool.demo.population import COORDINATOR, MENTOR
from lti_tool.demo.run import PracticeLms
from lti_tool.lti.models import Context, Platform
from lti_tool.mentoring import (
    access,
    agreement,
    checkins,
    closure,
    consent,
    desk,
    meetings,
    mentees,
    mentors,
    messages,
    pairs,
    programme,
    reports,
    screening,
)
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import CHECKS, DANGERS, FEEDBACK, UNITS
from lti_tool.mentoring.models import Pair
from lti_tool.mentoring.values import Offer
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role
from lti_tool.services import Services

LEARNER = 6
"""Ágnes of the practice LMS, who has a mentor."""
_SLOTS = ("mon-evening", "tue-evening", "sat-morning")
_VALID = timedelta(days=700)


def populate(services: Services, practice: PracticeLms, activity: int) -> None:
    """Let the people of the practice LMS come in, then let some weeks have happened."""
    for user in (COORDINATOR, MENTOR, LEARNER):
        browser = seed.signed_in(practice, user)
        browser.settle(browser.get(f"{practice.url}/mod/lti/launch.php?id={activity}"))
    with services.database.write() as session:
        platform = session.scalars(select(Platform)).one()
        context_id = session.scalars(
            select(Context.id).where(Context.lti_id == str(seed.FIRST_COURSE))
        ).one()
        _Story(session, utcnow(), platform.tenant_id, platform.id, context_id).tell()


@dataclass
class _Story:
    """The weeks before today, told in the order of the days."""

    session: Session
    now: datetime
    tenant_id: str
    platform_id: str
    context_id: str

    def tell(self) -> None:
        """Tell it."""
        self.boss = self._real(COORDINATOR)
        self._open_desk(60)
        milan = self._mentor("Milan", 50, {"hu": 5, "en": 5}, actor=self._real(MENTOR), places=2)
        zita = self._mentor("Zita", 50, {"hu": 6, "de": 4}, places=3)
        radu = self._mentor("Radu", 48, {"ro": 6, "hu": 4}, places=2)
        jelena = self._mentor("Jelena", 48, {"sr": 6, "bs": 5, "en": 4}, places=2)
        self._pairs(milan, zita, radu, jelena)
        self._applicants()
        self._waiting()

    def _open_desk(self, days: int) -> None:
        at = self._ago(days)
        for duty in access.DUTIES:
            access.appoint(self.session, self.tenant_id, self.boss.user_id, duty, at, None)
        for danger in DANGERS:
            reports.set_desk(
                self.session, self.boss, danger, at, label="Katarína, coordinator",
                phone="+421 2 5555 0100", email="help@example.org", hours="Mon to Fri, 8 to 18",
            )  # fmt: skip
        programme.set_rules(self.session, self.boss, programme.Rules(answer_days=14), at)

    def _pairs(self, milan: Actor, zita: Actor, radu: Actor, jelena: Actor) -> None:
        agnes = self._mentee("Ágnes", 40, {"hu": 6, "en": 3}, actor=self._real(LEARNER))
        good = self._start(agnes, milan, 36)
        self._write(agnes, good, 20, "Hello Milan, I wrote my first CV. Can we look at it?")
        self._met(milan, good, 14)
        self._write(milan, good, 3, "Well done! Bring the letter to our next meeting, please.")

        quiet = self._start(self._mentee("Bence", 45, {"hu": 6}, seen=21), zita, 40)
        self._write(zita, quiet, 20, "Hello Bence, how did the interview go?")

        uneasy = self._start(self._mentee("Ioana", 40, {"ro": 6}), radu, 32)
        self._write(radu, uneasy, 2, "See you on Monday evening.")

        held = self._start(self._mentee("Milica", 30, {"sr": 6}), jelena, 25)
        self._write(self._half(held), held, 4, "I got an answer from the bakery!")
        self._write(jelena, held, 1, "You can also call me: +381 60 555 0101")

        stopped = self._start(self._mentee("Dora", 40, {"hu": 6, "de": 2}), zita, 35)
        self._write(zita, stopped, 6, "I am looking forward to Saturday.")
        self._ask_all(20)
        self._answer(uneasy, 19, low=True)
        self._answer(good, 19, low=False)

        ended = self._start(self._mentee("Luka", 50, {"bs": 6, "en": 3}), jelena, 47)
        closure.begin_goodbye(self.session, self._half(ended), ended.id, "found_work",
                              self._ago(12))  # fmt: skip
        closure.close(self.session, self._half(ended), ended.id, self._ago(8))
        closure.give_feedback(self.session, self._half(ended), ended.id, dict.fromkeys(FEEDBACK, 5),
                              "no", self._ago(7))  # fmt: skip

        self._offer(self._mentee("Réka", 30, {"hu": 6}), zita, 8)
        reports.report(self.session, self._half(stopped), "urgent_need",
                       "I have no money for the bus to our meetings. Who can help?",
                       self._ago(0, hours=3), stopped.id)  # fmt: skip

    def _applicants(self) -> None:
        self._apply("Petr", 35, {"cs": 6, "sk": 5})
        ready = self._apply("Ilse", 9, {"de": 6, "en": 5})
        self._check(ready, 2)

    def _waiting(self) -> None:
        self._mentee("Anna", 12, {"hu": 6, "de": 3})
        self._mentee("Matei", 9, {"ro": 6, "en": 2})
        self._mentee("Sara", 6, {"sr": 6, "en": 4})
        self._mentee("Olena", 5, {"uk": 6})
        self._mentee("Tím", 4, {"hu": 6}, born=self.now.year - 15)

    def _ago(self, days: int, hours: int = 0) -> datetime:
        return self.now - timedelta(days=days, hours=hours)

    def _real(self, sub: int) -> Actor:
        user = self.session.scalars(
            select(User).where(User.tenant_id == self.tenant_id, User.sub == str(sub))
        ).one()
        return Actor(self.tenant_id, user.id)

    def _invent(self, name: str, role: Role, days: int, seen: int) -> Actor:
        """Invent somebody; their number is no number, so nothing of them goes to the LMS."""
        user = User(tenant_id=self.tenant_id, platform_id=self.platform_id,
                    sub=f"example-{name.lower()}", name=name, created_at=self._ago(days),
                    last_seen_at=self._ago(seen))  # fmt: skip
        self.session.add(user)
        self.session.flush()
        self.session.add(
            Membership(tenant_id=self.tenant_id, context_id=self.context_id, user_id=user.id,
                       roles=[role], seen_at=self._ago(seen))
        )  # fmt: skip
        self.session.flush()
        return Actor(self.tenant_id, user.id)

    def _apply(
        self,
        name: str,
        days: int,
        languages: dict[str, int],
        actor: Actor | None = None,
        places: int = 1,
    ) -> Actor:
        actor = actor or self._invent(name, Role.MENTOR, days, 1)
        at = self._ago(days)
        mentors.begin(self.session, actor, at)
        mentors.say_about(self.session, actor, at, nickname=name,
                          about="I found my way after school, and I like to listen.")  # fmt: skip
        offer = Offer(languages=languages, slots=_SLOTS, fields=("care", "craft", "shop"),
                      help=("find_job", "apply", "confidence"))  # fmt: skip
        mentors.say_offer(self.session, actor, offer, places, at)
        return actor

    def _check(self, mentor: Actor, days: int) -> None:
        at = self._ago(days)
        for check in CHECKS:
            until = (at + _VALID).date() if check == "record" else None
            screening.note_check(self.session, self.boss, mentor.user_id, check, "passed",
                                 at.date(), at, until)  # fmt: skip
        for unit in UNITS:
            screening.finish_unit(self.session, mentor, unit, at)

    def _mentor(
        self,
        name: str,
        days: int,
        languages: dict[str, int],
        actor: Actor | None = None,
        places: int = 1,
    ) -> Actor:
        mentor = self._apply(name, days, languages, actor, places)
        self._check(mentor, days - 2)
        mentors.admit(self.session, self.boss, mentor.user_id, self._ago(days - 2))
        return mentor

    def _mentee(
        self,
        name: str,
        days: int,
        languages: dict[str, int],
        *,
        actor: Actor | None = None,
        born: int | None = None,
        seen: int = 1,
    ) -> Actor:
        actor = actor or self._invent(name, Role.LEARNER, days, seen)
        at = self._ago(days)
        mentees.begin(self.session, actor, at)
        mentees.say_about(self.session, actor, at, nickname=name,
                          birth_year=born or self.now.year - 22)  # fmt: skip
        offer = Offer(languages=languages, slots=_SLOTS[:2], fields=("care", "shop"),
                      help=("find_job", "apply"))  # fmt: skip
        mentees.say_preferences(self.session, actor, offer)
        version = consent.newest_text("en").version
        consent.give_consent(self.session, actor, version, "en", at)
        mentees.join(self.session, actor, at)
        return actor

    def _offer(self, mentee: Actor, mentor: Actor, days: int) -> Pair:
        key = (mentor.tenant_id, mentor.user_id)
        return desk.offer_by_hand(self.session, self.boss, mentee.user_id, key, self._ago(days))

    def _start(self, mentee: Actor, mentor: Actor, days: int) -> Pair:
        pair, at = self._offer(mentee, mentor, days), self._ago(days - 1)
        for actor in (mentee, mentor):
            pairs.answer(self.session, actor, pair.id, at, yes=True)
        terms = agreement.Terms(
            scope=("find_job", "apply"), starts_on=at.date(),
            ends_on=at.date() + timedelta(days=180), meetings_a_month=2,
        )  # fmt: skip
        row = agreement.propose_terms(self.session, mentor, pair.id, terms, at)
        return agreement.accept_terms(self.session, mentee, pair.id, row.id, at)

    def _half(self, pair: Pair) -> Actor:
        """Return the mentee of a pair."""
        return Actor(pair.tenant_id, pair.mentee_id)

    def _write(self, author: Actor, pair: Pair, days: int, text: str) -> None:
        messages.write(self.session, author, pair.id, text, self._ago(days, hours=1))

    def _met(self, author: Actor, pair: Pair, days: int) -> None:
        at = self._ago(days)
        entry = meetings.LogEntry(happened=True, happened_on=at.date(), minutes=60,
                                  topics=("apply",), feeling=4)  # fmt: skip
        meetings.log_meeting(self.session, author, pair.id, entry, at)

    def _ask_all(self, days: int) -> None:
        checkins.ask_due(self.session, self.tenant_id, self._ago(days))

    def _answer(self, pair: Pair, days: int, *, low: bool) -> None:
        at, value = self._ago(days), 2 if low else 5
        for row in checkins.open_checkins(self.session, self._half(pair), at):
            checkins.answer_checkin(
                self.session, self._half(pair), row.id,
                dict.fromkeys(("at_ease", "listened_to", "useful"), value), at,
            )  # fmt: skip

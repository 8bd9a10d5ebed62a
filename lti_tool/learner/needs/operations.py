"""Everything that changes in this module, and what others may read of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, CompoundSelect, delete, select, union
from sqlalchemy.orm import Session

from adaptive.situation import NotAnAnswer, Questions, load_questions, packed
from lti_tool.learner.needs.models import NeedsAnswer, NeedsShare
from lti_tool.learner.progress import advance
from lti_tool.lti.linking import linked_users
from lti_tool.lti.models import AccountLink
from lti_tool.lti.sessions import Launch

MODULE = "needs"
AUDIENCES = ("teacher", "mentor", "coordinator")


class UnknownQuestion(Exception):
    """No question has this name, or it was not answered where an answer is needed."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A person's answers by question, across the sites that they joined."""

    answers: Mapping[str, str]

    @property
    def open(self) -> str | None:
        """The first question without an answer, None when all have one."""
        return next((one for one in questions().all if one not in self.answers), None)

    @property
    def percent(self) -> int:
        """How far it is."""
        done = sum(1 for one in questions().all if one in self.answers)
        return 100 * done // len(questions().all)


def questions() -> Questions:
    """Return the shipped questions."""
    return load_questions()


def find_walk(session: Session, launch: Launch) -> Walk:
    """Return the answers of the learner of a launch."""
    return Walk(answers_of(session, launch.tenant_id, launch.user_id))


def answers_of(session: Session, tenant_id: str, user_id: str) -> dict[str, str]:
    """Return a person's newest answer to each question that is still asked."""
    rows = session.execute(
        select(NeedsAnswer.question, NeedsAnswer.answer)
        .where(
            NeedsAnswer.tenant_id == tenant_id,
            NeedsAnswer.user_id.in_(linked_users(session.connection(), tenant_id, user_id)),
        )
        .order_by(NeedsAnswer.answered_at)
    )
    known = questions().all
    return {question: answer for question, answer in rows if question in known}


def save_answer(
    session: Session,
    launch: Launch,
    question_id: str,
    options: Sequence[str],
    text: str,
    now: datetime,
) -> Walk:
    """Keep one answer in the place of an earlier one, and return where the learner is then.

    Raises:
        UnknownQuestion: no question has this name.
        NotAnAnswer: as adaptive.situation.packed says.
    """
    question = questions().all.get(question_id)
    if question is None:
        raise UnknownQuestion(question_id)
    answer = packed(question, options, text)
    key = (launch.tenant_id, launch.user_id, question_id)
    row = session.get(NeedsAnswer, key, with_for_update=True)
    if row is None:
        row = NeedsAnswer(tenant_id=launch.tenant_id, user_id=launch.user_id, question=question_id)
        session.add(row)
    row.answer = answer
    row.answered_at = now
    session.flush()
    walk = find_walk(session, launch)
    note_progress(session, launch, walk, now)
    return walk


def note_progress(session: Session, launch: Launch, walk: Walk, now: datetime) -> None:
    """Carry to the activity of this launch how far the learner is, never what they said."""
    if walk.percent:
        done = walk.percent == 100
        comment = _("Finished: Where am I now?") if done else _("On the way")
        advance(session, launch, MODULE, walk.percent, comment, now)


def shares_of(session: Session, launch: Launch) -> dict[str, set[str]]:
    """Return question -> audiences that may see the learner's answer."""
    rows = session.execute(
        select(NeedsShare.question, NeedsShare.audience).where(
            NeedsShare.tenant_id == launch.tenant_id,
            NeedsShare.user_id.in_(_people(session, launch)),
        )
    )
    found: dict[str, set[str]] = {}
    for question, audience in rows:
        found.setdefault(question, set()).add(audience)
    return found


def share(
    session: Session, launch: Launch, question_id: str, audiences: Collection[str], now: datetime
) -> None:
    """Let exactly these audiences see one answer from now on; none takes it back from all.

    Raises:
        UnknownQuestion: there is no answer to a question of this name.
        NotAnAnswer: an audience that is not offered.
    """
    if question_id not in find_walk(session, launch).answers:
        raise UnknownQuestion(question_id)
    if set(audiences) - set(AUDIENCES):
        raise NotAnAnswer("option")
    now_shared = shares_of(session, launch).get(question_id, set())
    _take_back(session, launch, NeedsShare.question == question_id,
               NeedsShare.audience.not_in(audiences))  # fmt: skip
    for audience in sorted(set(audiences) - now_shared):
        session.add(
            NeedsShare(
                tenant_id=launch.tenant_id,
                user_id=launch.user_id,
                question=question_id,
                audience=audience,
                shared_at=now,
            )
        )
    session.flush()


def stop_sharing(session: Session, launch: Launch) -> None:
    """Take everything back from everybody."""
    _take_back(session, launch)


def shared_answers(session: Session, tenant_id: str, user_id: str, audience: str) -> dict[str, str]:
    """Return the answers that an audience may see now, in the order of the questions."""
    people = linked_users(session.connection(), tenant_id, user_id)
    allowed = set(
        session.scalars(
            select(NeedsShare.question).where(
                NeedsShare.tenant_id == tenant_id,
                NeedsShare.user_id.in_(people),
                NeedsShare.audience == audience,
            )
        )
    )
    if not allowed:
        return {}
    answers = answers_of(session, tenant_id, user_id)
    return {one: answers[one] for one in questions().all if one in allowed and one in answers}


def sharing_users(tenant_id: str, audience: str) -> CompoundSelect[tuple[str]]:
    """Return the query for all accounts of people who share something with an audience."""
    sharing = select(NeedsShare.user_id).where(
        NeedsShare.tenant_id == tenant_id, NeedsShare.audience == audience
    )
    persons = select(AccountLink.person_id).where(
        AccountLink.tenant_id == tenant_id, AccountLink.user_id.in_(sharing)
    )
    linked = select(AccountLink.user_id).where(
        AccountLink.tenant_id == tenant_id, AccountLink.person_id.in_(persons)
    )
    return union(sharing, linked)


def _take_back(session: Session, launch: Launch, *conditions: ColumnElement[bool]) -> None:
    session.execute(
        delete(NeedsShare).where(
            NeedsShare.tenant_id == launch.tenant_id,
            NeedsShare.user_id.in_(_people(session, launch)),
            *conditions,
        )
    )


def _people(session: Session, launch: Launch) -> Sequence[str]:
    return linked_users(session.connection(), launch.tenant_id, launch.user_id)

"""Reports of harm: from every page, to named people, contact suspended while one is open.

Two classes: a risk to somebody's safety (in hand within 2 hours, by telephone) and an urgent need
(24 hours). Notices say that there is something to read, never what. Whoever is half of the pair
that a report is about never reads it, even with the duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.mentoring import moodle
from lti_tool.mentoring.access import Actor, has_duty, named, pair_for, require
from lti_tool.mentoring.closure import end_pair
from lti_tool.mentoring.codes import DANGERS, OUTCOMES, STEPS
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import LIVE, PAIR, REPORT, move, record
from lti_tool.mentoring.models import Mentee, Mentor, Pair, Report, ReportStep, SafeDesk
from lti_tool.mentoring.notices import tell, tell_both
from lti_tool.mentoring.silence import fall_silent
from lti_tool.mentoring.values import short

LONGEST = 4000
OPEN = ("open", "in_hand")


@dataclass(frozen=True, slots=True)
class OwnReport:
    """What the author sees of a report afterwards: that it is there, and how far it is."""

    id: str
    danger: str
    state: str
    opened_at: datetime


def set_desk(
    session: Session,
    actor: Actor,
    danger: str,
    now: datetime,
    *,
    label: str,
    phone: str,
    email: str,
    hours: str,
) -> None:
    """Set whom people call for a class of report, and when.

    Raises:
        NotYours: the actor is no coordinator.
        NotValid: "danger", or the field that is empty or too long.
    """
    require(session, actor, "coordinator")
    if danger not in DANGERS:
        raise NotValid("danger")
    values = {
        "label": short("label", label, 80),
        "phone": short("phone", phone, 40),
        "email": short("email", email, 120),
        "hours": short("hours", hours, 120),
    }
    row = session.get(SafeDesk, (actor.tenant_id, danger))
    if row is None:
        row = SafeDesk(tenant_id=actor.tenant_id, danger=danger)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    record(session, actor.tenant_id, "safe_desk", danger, "set", actor_id=actor.user_id, now=now)


def desks_of(session: Session, tenant_id: str) -> dict[str, SafeDesk]:
    """Return {class: whom to call}, for the page with the report button."""
    return {
        row.danger: row
        for row in session.scalars(select(SafeDesk).where(SafeDesk.tenant_id == tenant_id))
    }


def report(
    session: Session,
    actor: Actor,
    danger: str,
    text: str,
    now: datetime,
    pair_id: str | None = None,
) -> Report:
    """Report harm, about a pair or anything else. A live pair is suspended in the same moment.

    Either half of the pair, or a coordinator of either organisation, may do it, in every state.
    It goes to the mentee's organisation; without a pair to the actor's own.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "danger", or "text" (empty, or longer than 4,000 letters).
    """
    pair = None
    if pair_id is not None:
        pair, _side = pair_for(session, actor, pair_id, lock=True)
    if danger not in DANGERS:
        raise NotValid("danger")
    text = short("text", text, LONGEST)
    row = Report(
        tenant_id=pair.tenant_id if pair else actor.tenant_id,
        id=new_id(),
        user_id=actor.user_id,
        pair_id=pair.id if pair else None,
        danger=danger,
        text=text,
        state="open",
        state_at=now,
        opened_at=now,
        answer_by=now + timedelta(hours=DANGERS[danger]),
    )
    session.add(row)
    session.flush()
    record(session, row.tenant_id, "report", row.id, "open",
           actor_id=actor.user_id, now=now, after="open", reason=danger)  # fmt: skip
    if pair is not None:
        _suspend(session, pair, actor.user_id, now)
    for user_id in named(session, row.tenant_id, "safeguarding"):
        if pair is None or user_id not in {pair.mentee_id, pair.mentor_id}:
            tell(session, row.tenant_id, user_id, "report", row.id, now)
    return row


def open_reports(session: Session, actor: Actor) -> Sequence[Report]:
    """Return the reports that are not closed, those to be answered first; named people only.

    Raises:
        NotYours: the actor is not named.
    """
    require(session, actor, "safeguarding")
    rows = session.scalars(
        select(Report)
        .where(Report.tenant_id == actor.tenant_id, Report.state.in_(OPEN))
        .order_by(Report.answer_by, Report.id)
    ).all()
    return [row for row in rows if not _involved(session, actor, row)]


def closed_reports(session: Session, actor: Actor, most: int = 50) -> Sequence[Report]:
    """Return the reports that were closed last; named people only.

    Raises:
        NotYours: the actor is not named.
    """
    require(session, actor, "safeguarding")
    rows = session.scalars(
        select(Report)
        .where(Report.tenant_id == actor.tenant_id, Report.state == "closed")
        .order_by(Report.closed_at.desc(), Report.id)
        .limit(most)
    ).all()
    return [row for row in rows if not _involved(session, actor, row)]


def read_report(
    session: Session, actor: Actor, report_id: str, now: datetime
) -> tuple[Report, list[ReportStep]]:
    """Return a report with its steps; that somebody read it is a step as well.

    Raises:
        NotYours: the actor is not named, or is half of the pair; no such report.
    """
    row = _for_named(session, actor, report_id)
    _step(session, row, actor, "read", "", now)
    return row, steps_of(session, row)


def take_report(session: Session, actor: Actor, report_id: str, now: datetime) -> None:
    """Take a report in hand; raises NotYours as `read_report`, or NotAllowed ("state")."""
    row = _for_named(session, actor, report_id)
    move(session, row, REPORT, "take", actor_id=actor.user_id, now=now)


def add_step(
    session: Session, actor: Actor, report_id: str, step: str, note: str, now: datetime
) -> ReportStep:
    """Write down what was done.

    Raises:
        NotYours: as `read_report`.
        NotValid: "step", or "note" (longer than 4,000 letters).
        NotAllowed: "state", once the report is closed.
    """
    row = _for_named(session, actor, report_id)
    if step not in STEPS or step == "read":
        raise NotValid("step")
    note = short("note", note, LONGEST, needed=False)
    if row.state not in OPEN:
        raise NotAllowed("state")
    return _step(session, row, actor, step, note, now)


def close_report(
    session: Session, actor: Actor, report_id: str, outcome: str, now: datetime
) -> None:
    """Close a report. "ended" ends the pair; otherwise it goes on as before the report, unless
    another report about it is open or somebody has left meanwhile.

    Raises:
        NotYours: as `read_report`.
        NotValid: "outcome".
        NotAllowed: "state".
    """
    row = _for_named(session, actor, report_id)
    if outcome not in OUTCOMES:
        raise NotValid("outcome")
    move(session, row, REPORT, "close", actor_id=actor.user_id, now=now, reason=outcome)
    row.outcome, row.closed_at = outcome, now
    session.flush()
    pair = _pair_of(session, row)
    if pair is None or pair.state not in LIVE:
        return
    if outcome == "ended":
        end_pair(session, pair, "safety", actor.user_id, now)
    elif pair.state == "suspended" and not _other_open(session, row):
        _resume(session, pair, actor.user_id, now)


def reopen_report(session: Session, actor: Actor, report_id: str, now: datetime) -> None:
    """Open a closed report again; its pair is suspended if it is live.

    Raises:
        NotYours: as `read_report`.
        NotAllowed: "state".
    """
    row = _for_named(session, actor, report_id)
    move(session, row, REPORT, "reopen", actor_id=actor.user_id, now=now)
    row.outcome = row.closed_at = None
    row.answer_by = now + timedelta(hours=DANGERS[row.danger])
    session.flush()
    pair = _pair_of(session, row)
    if pair is not None:
        _suspend(session, pair, actor.user_id, now)


def own_reports(session: Session, actor: Actor) -> list[OwnReport]:
    """Return how far the actor's own reports are, newest first."""
    return [
        OwnReport(row.id, row.danger, row.state, row.opened_at)
        for row in session.scalars(
            select(Report)
            .where(Report.user_id == actor.user_id)
            .order_by(Report.opened_at.desc(), Report.id)
        )
    ]


def steps_of(session: Session, row: Report) -> list[ReportStep]:
    """Return the steps of a report, oldest first."""
    return list(
        session.scalars(
            select(ReportStep)
            .where(ReportStep.tenant_id == row.tenant_id, ReportStep.report_id == row.id)
            .order_by(ReportStep.at, ReportStep.id)
        )
    )


def _suspend(session: Session, pair: Pair, actor_id: str, now: datetime) -> None:
    """Silence a pair; an offer that waits is withdrawn, because nobody should say yes to it now."""
    if pair.state == "offered":
        end_pair(session, pair, "safety", actor_id, now)
    elif PAIR.allows(pair.state, "suspend"):
        pair.suspended_from = pair.state
        move(session, pair, PAIR, "suspend", actor_id=actor_id, now=now)
        fall_silent(session, pair, actor_id, now)
        tell_both(session, pair, "paused_pair", f"{pair.id}:{now:%Y%m%d%H%M}", now)


def _resume(session: Session, pair: Pair, actor_id: str, now: datetime) -> None:
    mentor_gone, mentee_gone = _gone(session, pair)
    if mentor_gone or mentee_gone:
        reason = "mentor_left" if mentor_gone else "mentee_left"
        end_pair(session, pair, reason, actor_id, now)
        return
    move(session, pair, PAIR, f"resume_{pair.suspended_from}", actor_id=actor_id, now=now)
    pair.suspended_from = None
    session.flush()
    if pair.state != "preparing":
        moodle.want_groups(session, pair, present=True)
    tell_both(session, pair, "resumed", f"{pair.id}:{now:%Y%m%d%H%M}", now)


def _gone(session: Session, pair: Pair) -> tuple[bool, bool]:
    mentor = session.get_one(Mentor, (pair.mentor_tenant_id, pair.mentor_id))
    mentee = session.get_one(Mentee, (pair.tenant_id, pair.mentee_id))
    return mentor.state == "left", mentee.state == "left"


def _other_open(session: Session, row: Report) -> bool:
    return (
        session.scalar(
            select(Report.id)
            .where(
                Report.tenant_id == row.tenant_id,
                Report.pair_id == row.pair_id,
                Report.id != row.id,
                Report.state.in_(OPEN),
            )
            .limit(1)
        )
        is not None
    )


def _pair_of(session: Session, row: Report) -> Pair | None:
    if row.pair_id is None:
        return None
    return session.get(
        Pair, (row.tenant_id, row.pair_id), with_for_update=True, populate_existing=True
    )


def _involved(session: Session, actor: Actor, row: Report) -> bool:
    pair = session.get(Pair, (row.tenant_id, row.pair_id)) if row.pair_id else None
    return pair is not None and actor.user_id in {pair.mentee_id, pair.mentor_id}


def _for_named(session: Session, actor: Actor, report_id: str) -> Report:
    if not has_duty(session, actor, "safeguarding"):
        raise NotYours("report")
    row = session.get(Report, (actor.tenant_id, report_id), with_for_update=True)
    if row is None or _involved(session, actor, row):
        raise NotYours("report")
    return row


def _step(
    session: Session, row: Report, actor: Actor, step: str, note: str, now: datetime
) -> ReportStep:
    found = ReportStep(tenant_id=row.tenant_id, id=new_id(), report_id=row.id,
                       user_id=actor.user_id, step=step, note=note, at=now)  # fmt: skip
    session.add(found)
    session.flush()
    record(session, row.tenant_id, "report", row.id, f"step_{step}",
           actor_id=actor.user_id, now=now)  # fmt: skip
    return found

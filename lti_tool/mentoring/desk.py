"""The matching desk: a dry run in three steps, what people decide, and publishing by a human.

`gather` (candidates.py) reads, `solve` computes without the database (a big run takes seconds, and
nobody should wait behind it), `keep` stores the dry run. Nothing is published but by `publish`, and
each pair passes every gate again at that moment (pairs.offer_pair).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from adaptive.mentoring import Matching, MatchingError, RunnerUp, match
from config.ids import new_id
from lti_tool.mentoring.access import Actor, require
from lti_tool.mentoring.borders import is_open
from lti_tool.mentoring.candidates import Candidates
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import RUN, move, record
from lti_tool.mentoring.models import Mentee, Mentor, Pair, Ruling, Run, Suggestion
from lti_tool.mentoring.pairs import offer_pair

Word = Literal["lock", "forbid"]


class CannotMatch(NotAllowed):
    """The decisions contradict each other; `detail` says which, by ids."""

    def __init__(self, detail: str) -> None:
        super().__init__("rulings")
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a run: the pairs offered, and {mentee: why not} for the others."""

    pairs: list[Pair] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def rule(
    session: Session,
    actor: Actor,
    mentee_id: str,
    mentor_key: tuple[str, str],
    word: Word | None,
    now: datetime,
) -> None:
    """Lock two people together for the next runs, forbid them, or (None) take the word back.

    Raises:
        NotYours: the actor is no coordinator of the mentee; no such people, or a mentor of an
            organisation to which the border is not open.
        NotValid: "word".
    """
    require(session, actor, "coordinator")
    mentor = session.get(Mentor, mentor_key)
    if session.get(Mentee, (actor.tenant_id, mentee_id)) is None or mentor is None:
        raise NotYours("pair")
    if not is_open(session, actor.tenant_id, mentor.tenant_id):
        raise NotYours("pair")
    if word not in {"lock", "forbid", None}:
        raise NotValid("word")
    row = session.get(Ruling, (actor.tenant_id, mentee_id, *mentor_key))
    if row is not None:
        session.delete(row)
        session.flush()
    if word is not None:
        session.add(
            Ruling(tenant_id=actor.tenant_id, mentee_id=mentee_id, mentor_tenant_id=mentor_key[0],
                   mentor_id=mentor_key[1], word=word, at=now)
        )  # fmt: skip
        session.flush()
    record(session, actor.tenant_id, "mentee", mentee_id, word or "no_ruling",
           actor_id=actor.user_id, now=now)  # fmt: skip


def solve(candidates: Candidates) -> Matching:
    """Compute the best pairs; no database, deterministic.

    Raises:
        CannotMatch: locked and forbidden pairs, or locks and places, contradict each other.
    """
    try:
        return match(
            candidates.mentees,
            candidates.mentors,
            candidates.programme,
            locked=candidates.locked,
            forbidden=candidates.forbidden,
        )
    except MatchingError as error:
        raise CannotMatch(str(error)) from None


def keep(
    session: Session, actor: Actor, candidates: Candidates, matching: Matching, now: datetime
) -> Run:
    """Store a dry run for people to look at; nobody hears of it.

    Raises:
        NotYours: the actor does not coordinate the candidates' organisation.
    """
    require(session, actor, "coordinator")
    if candidates.tenant_id != actor.tenant_id:
        raise NotYours("run")
    run = Run(
        tenant_id=actor.tenant_id,
        id=new_id(),
        user_id=actor.user_id,
        state="draft",
        state_at=now,
        created_at=now,
        weights=asdict(candidates.programme.weights),
        summary=_summary(candidates, matching),
    )
    session.add(run)
    session.flush()
    key = {"tenant_id": run.tenant_id, "run_id": run.id}
    rows: list[dict[str, Any]] = [
        {
            **key,
            "mentee_id": pair.mentee,
            "mentor_tenant_id": candidates.tenants[pair.mentor],
            "mentor_id": pair.mentor,
            "score": pair.score,
            "locked": pair.locked,
            "why": {
                "factors": [asdict(factor) for factor in pair.factors],
                "reasons": [_reason(one.code, one.values) for one in pair.reasons],
                "overrules": list(pair.overrules),
                "runner_up": _runner_up(pair.runner_up),
            },
        }
        for pair in matching.pairs
    ]
    nobody = {"mentor_tenant_id": None, "mentor_id": None, "score": None, "locked": False}
    rows += [
        {
            **key,
            **nobody,
            "mentee_id": one.mentee,
            "why": {"rule": one.rule, "opens": one.opens, "values": _plain(one.values)},
        }
        for one in matching.unmatched
    ]
    rows += [
        {**key, **nobody, "mentee_id": mentee, "why": {"rule": code, "opens": 0, "values": {}}}
        for mentee, code in candidates.not_ready.items()
    ]
    session.add_all(Suggestion(**row) for row in rows)
    session.flush()
    record(session, run.tenant_id, "run", run.id, "make",
           actor_id=actor.user_id, now=now, after="draft")  # fmt: skip
    return run


def find_run(session: Session, actor: Actor, run_id: str) -> tuple[Run, list[Suggestion]]:
    """Return a dry run with its suggestions, worst pair first, then the unmatched.

    Raises:
        NotYours: the actor is no coordinator here, or there is no such run.
    """
    run = _run(session, actor, run_id)
    rows = session.scalars(
        select(Suggestion)
        .where(Suggestion.tenant_id == run.tenant_id, Suggestion.run_id == run.id)
        .order_by(Suggestion.mentor_id.is_(None), Suggestion.score, Suggestion.mentee_id)
    )
    return run, list(rows)


def list_runs(session: Session, actor: Actor) -> list[Run]:
    """Return the organisation's runs, newest first; raises NotYours."""
    require(session, actor, "coordinator")
    return list(
        session.scalars(
            select(Run)
            .where(Run.tenant_id == actor.tenant_id)
            .order_by(Run.created_at.desc(), Run.id.desc())
        )
    )


def publish(
    session: Session,
    actor: Actor,
    run_id: str,
    now: datetime,
    mentee_ids: Collection[str] | None = None,
) -> Published:
    """Offer the pairs of a run, all or those of some mentees: a person's act (GDPR Art. 22).

    A pair for which something changed since the dry run is left out and named with its reason; the
    others go through. Both sides of each pair then answer.

    Raises:
        NotYours: the actor is no coordinator here, or there is no such run.
        NotAllowed: "state", if it was published or dropped before.
    """
    run, rows = find_run(session, actor, run_id)
    move(session, run, RUN, "publish", actor_id=actor.user_id, now=now)
    done = Published()
    for row in rows:
        wanted = mentee_ids is None or row.mentee_id in mentee_ids
        if row.mentor_id is None or row.mentor_tenant_id is None or not wanted:
            continue
        mentee_key, mentor_key = (
            (row.tenant_id, row.mentee_id),
            (row.mentor_tenant_id, row.mentor_id),
        )
        try:
            _allowed(session, mentee_key, mentor_key)
            why = {"reasons": row.why["reasons"], "score": row.score}
            done.pairs.append(offer_pair(session, actor.user_id, mentee_key, mentor_key, why, now))
        except (NotAllowed, NotYours) as refused:
            done.skipped[row.mentee_id] = refused.code
    return done


def offer_by_hand(
    session: Session, actor: Actor, mentee_id: str, mentor_key: tuple[str, str], now: datetime
) -> Pair:
    """Offer two people to each other without a run.

    Raises:
        NotYours: the actor is no coordinator of the mentee; no such people.
        NotAllowed: as pairs.offer_pair; "forbidden".
    """
    require(session, actor, "coordinator")
    mentee_key = (actor.tenant_id, mentee_id)
    _allowed(session, mentee_key, mentor_key)
    return offer_pair(session, actor.user_id, mentee_key, mentor_key, {"reasons": []}, now)


def discard(session: Session, actor: Actor, run_id: str, now: datetime) -> None:
    """Drop a dry run; raises NotYours or NotAllowed ("state")."""
    move(session, _run(session, actor, run_id), RUN, "discard", actor_id=actor.user_id, now=now)


def _allowed(session: Session, mentee_key: tuple[str, str], mentor_key: tuple[str, str]) -> None:
    """Ask again what a person decided: a word or a veto that came after the dry run counts."""
    ruling = session.get(Ruling, (*mentee_key, *mentor_key))
    mentee, mentor = session.get(Mentee, mentee_key), session.get(Mentor, mentor_key)
    if mentee is None or mentor is None:
        raise NotYours("pair")
    vetoed = mentor.user_id in mentee.not_with or mentee.user_id in mentor.not_with
    if vetoed or (ruling is not None and ruling.word == "forbid"):
        raise NotAllowed("forbidden")


def _run(session: Session, actor: Actor, run_id: str) -> Run:
    require(session, actor, "coordinator")
    run = session.get(Run, (actor.tenant_id, run_id), with_for_update=True)
    if run is None:
        raise NotYours("run")
    return run


def _summary(candidates: Candidates, matching: Matching) -> dict[str, Any]:
    return {
        "mentees": len(candidates.mentees),
        "not_ready": len(candidates.not_ready),
        "mentors": len(candidates.mentors),
        "matched": len(matching.pairs),
        "total": matching.total,
        "worst": matching.worst,
        "suitable_pairs": matching.suitable_pairs,
        "blocking_pairs": matching.blocking_pairs,
        "needs": [asdict(need) for need in matching.needs],
        "fairness": [asdict(row) for row in matching.fairness],
    }


def _runner_up(found: RunnerUp | None) -> dict[str, Any] | None:
    if found is None:
        return None
    # Who holds the other mentor's places is nobody's business on this line.
    values = {name: value for name, value in found.why_not.values.items() if name != "mentees"}
    return {
        "mentor": found.mentor,
        "score": found.score,
        "why_not": _reason(found.why_not.code, values),
    }


def _reason(code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "values": _plain(values)}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}

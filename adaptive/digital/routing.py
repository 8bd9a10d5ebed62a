"""Two-stage routing: one question per area, then one or two where they tell most.

A multistage form after Yan, von Davier & Lewis 2014, "Computerized multistage testing". Each
area has four bands (0 just starting, then foundation, intermediate, advanced as in DigComp
2.2). Answers follow a graded response with assumed, not fitted, steepness, so certainty is a
plain statement about the answers and no promise about the person. Everything is computed from
the stored answers alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from adaptive.digital.bank import AREAS, BANDS, FOLLOW_UP, LEVELS, Bank, Question

OWN, HELP, NOT_YET, NOT_SURE = "own", "help", "not_yet", "not_sure"
ANSWERS: tuple[str, ...] = (OWN, HELP, NOT_YET, NOT_SURE)
SURE_ENOUGH = 0.7
MOST_FOLLOW_UPS = 2
_STEEPNESS = 2.2
_ALONE = 0.5  # somebody exactly at a question's level mostly manages alone
_WITH_HELP = 1.5  # and somebody one band below it mostly with help


class UnknownAnswer(ValueError):
    """An answer to a question the bank does not have, or a value nobody can give."""


@dataclass(frozen=True, slots=True)
class AreaResult:
    """One area: the most probable band and its probability, all four, and the next small step.

    `band` is None if nothing but "not sure" was answered; `step` is the key of a text.
    """

    area: str
    band: int | None
    certainty: float
    chances: tuple[float, ...]
    asked: int
    step: str


def next_question(bank: Bank, answers: Mapping[str, str]) -> Question | None:
    """Return the next question, or None when all is asked (10 to 15 questions).

    `answers` maps question ids to one of ANSWERS. First every area's screener; then, area by
    area, follow-ups of the level that splits the bands best, until one band has probability .7
    or two were asked. Raises UnknownAnswer.
    """
    _check(bank, answers)
    for question in bank.screeners():
        if question.id not in answers:
            return question
    for area in AREAS:
        follow_ups = [q for q in bank.of(area) if q.stage == FOLLOW_UP]
        asked = sum(question.id in answers for question in follow_ups)
        chances = _chances(bank, area, answers)
        if asked >= MOST_FOLLOW_UPS or (asked and max(chances) >= SURE_ENOUGH):
            continue
        level = _telling_level(chances)
        open_ = [q for q in follow_ups if q.id not in answers]
        return min(open_, key=lambda q: abs(q.level - level))
    return None


def results(bank: Bank, answers: Mapping[str, str]) -> tuple[AreaResult, ...]:
    """Return all five areas from whatever has been answered so far. Raises UnknownAnswer."""
    _check(bank, answers)
    return tuple(_result(bank, area, answers) for area in AREAS)


def _result(bank: Bank, area: str, answers: Mapping[str, str]) -> AreaResult:
    given = [answers[q.id] for q in bank.of(area) if q.id in answers]
    chances = _chances(bank, area, answers)
    known = any(answer != NOT_SURE for answer in given)
    band = max(BANDS, key=lambda b: (chances[b], -b)) if known else None
    return AreaResult(
        area=area,
        band=band,
        certainty=chances[band] if band is not None else 0.0,
        chances=chances,
        asked=len(given),
        step=f"{area}-step-{band or 0}",
    )


def _chances(bank: Bank, area: str, answers: Mapping[str, str]) -> tuple[float, ...]:
    """Return the probability of each band, from equal ones before the first answer."""
    weight = [1.0 for _ in BANDS]
    for question in bank.of(area):
        answer = answers.get(question.id, NOT_SURE)
        if answer != NOT_SURE:
            weight = [w * _likelihood(answer, b, question.level) for b, w in enumerate(weight)]
    total = sum(weight)
    return tuple(w / total for w in weight)


def _likelihood(answer: str, band: int, level: int) -> float:
    alone = _rising(band - level + _ALONE)
    managed = _rising(band - level + _WITH_HELP)
    return {OWN: alone, HELP: managed - alone, NOT_YET: 1 - managed}[answer]


def _rising(x: float) -> float:
    return 1 / (1 + math.exp(-_STEEPNESS * x))


def _telling_level(chances: tuple[float, ...]) -> int:
    """Return the level that cuts the bands nearest to one half; the easier one if equal."""
    return min(LEVELS, key=lambda level: (round(abs(sum(chances[level:]) - 0.5), 9), level))


def _check(bank: Bank, answers: Mapping[str, str]) -> None:
    ids = {question.id for question in bank.questions}
    for name, answer in answers.items():
        if name not in ids:
            raise UnknownAnswer(f"the bank has no question {name!r}")
        if answer not in ANSWERS:
            raise UnknownAnswer(f"{name}: {answer!r} is no answer; use one of {', '.join(ANSWERS)}")

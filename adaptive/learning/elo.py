"""Elo rating of learner against skill, with forgetting.

Each answer is a game between the learner and the skill (Pelanek 2016, "Applications of the Elo
rating system in adaptive educational systems", Computers & Education 98): a step that shrinks
with the number of answers keeps early moves large. Skill offsets sit on top of one general
ability (the hierarchical model there) and fade exponentially while the skill rests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adaptive.learning.tracing import (
    AnswerSequence,
    LearningDataError,
    check_step,
    expit,
    logit,
)


@dataclass(frozen=True, slots=True)
class EloParameters:
    """Step sizes and forgetting; all steps in logits, `forget_days` a time constant in days."""

    start: float = 1.0
    easiness: Mapping[str, float] = field(default_factory=dict)
    general_floor: float = 0.05
    general_first: float = 0.4
    general_fade: float = 0.15
    skill_floor: float = 0.1
    skill_first: float = 0.5
    skill_fade: float = 0.2
    forget_days: float = 60.0

    def __post_init__(self) -> None:
        if not self.forget_days > 0:
            raise LearningDataError(f"forget_days must be above 0, not {self.forget_days}")


@dataclass(frozen=True, slots=True)
class EloSkill:
    """One skill of one learner: offset from general ability (logits), answers, last moment."""

    offset: float
    answers: int
    at: float


@dataclass(frozen=True, slots=True)
class EloState:
    """General ability (logits), answers so far, moment of the last one, and each skill seen."""

    ability: float = 0.0
    answers: int = 0
    at: float | None = None
    skills: Mapping[str, EloSkill] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EloTracer:
    """Elo behind the common interface."""

    parameters: EloParameters = EloParameters()

    def initial(self) -> EloState:
        """Return the state of a learner who has answered nothing."""
        return EloState()

    def update(self, state: EloState, skill: str, correct: bool, at: float) -> EloState:
        """Return the state after one answer."""
        check_step(skill, at, state.at)
        k = self.parameters
        known = state.skills.get(skill)
        offset, seen = (self._kept(known, at), known.answers) if known else (0.0, 0)
        surprise = correct - expit(self._easiness(skill) + state.ability + offset)
        general = k.general_floor + k.general_first / (1 + k.general_fade * state.answers)
        own = k.skill_floor + k.skill_first / (1 + k.skill_fade * seen)
        skills = dict(state.skills)
        skills[skill] = EloSkill(offset + own * surprise, seen + 1, at)
        return EloState(state.ability + general * surprise, state.answers + 1, at, skills)

    def predict(self, state: EloState, skill: str, at: float) -> float:
        """Return the probability of a right answer."""
        return expit(self.log_odds(state, skill, at))

    def log_odds(self, state: EloState, skill: str, at: float) -> float:
        """Return the log odds of a right answer."""
        check_step(skill, at, state.at)
        return self._easiness(skill) + state.ability + self.offset(state, skill, at)

    def offset(self, state: EloState, skill: str, at: float) -> float:
        """Return the learner's own offset on a skill after forgetting, in logits."""
        known = state.skills.get(skill)
        return self._kept(known, at) if known else 0.0

    def _easiness(self, skill: str) -> float:
        return self.parameters.easiness.get(skill, self.parameters.start)

    def _kept(self, known: EloSkill, at: float) -> float:
        return known.offset * math.exp(-(at - known.at) / self.parameters.forget_days)


def skill_easiness(
    sequences: Sequence[AnswerSequence], prior_answers: float = 10.0
) -> tuple[float, dict[str, float]]:
    """Return overall and per-skill log odds of a right answer, rare skills drawn to the mean.

    `prior_answers` is the weight of the mean in answers (empirical-Bayes shrinkage).
    """
    tried: dict[str, int] = {}
    right: dict[str, int] = {}
    for sequence in sequences:
        for skill, correct in zip(sequence.skills, sequence.correct, strict=True):
            tried[skill] = tried.get(skill, 0) + 1
            right[skill] = right.get(skill, 0) + correct
    total = sum(tried.values())
    if not total:
        raise LearningDataError("there are no answers to fit on")
    mean = (sum(right.values()) + 1) / (total + 2)
    shrunken = {
        skill: logit((right[skill] + prior_answers * mean) / (count + prior_answers))
        for skill, count in sorted(tried.items())
    }
    return logit(mean), shrunken


def fit_elo(sequences: Sequence[AnswerSequence], base: EloParameters | None = None) -> EloTracer:
    """Return an Elo tracer whose skill easiness comes from these answers."""
    base = base or EloParameters()
    start, easiness = skill_easiness(sequences)
    return EloTracer(
        EloParameters(
            start=start,
            easiness=easiness,
            general_floor=base.general_floor,
            general_first=base.general_first,
            general_fade=base.general_fade,
            skill_floor=base.skill_floor,
            skill_first=base.skill_first,
            skill_fade=base.skill_fade,
            forget_days=base.forget_days,
        )
    )

"""Learning: what a learner can do by now, and which activity to offer next."""

from __future__ import annotations

from adaptive.learning.bkt import BktTracer, fit_bkt
from adaptive.learning.defaults import TracerSet, load_tracers
from adaptive.learning.elo import EloTracer, fit_elo
from adaptive.learning.logistic import LogisticFit, LogisticTracer, fit_logistic
from adaptive.learning.next_activity import (
    Activity,
    Decision,
    OfferRules,
    Result,
    Situation,
    chances,
    decide,
    mastered_by_knowledge,
    mastered_by_success,
    outlook,
)
from adaptive.learning.policy_value import LoggedChoice, PolicyValue, policy_value
from adaptive.learning.prerequisites import PrerequisiteError, PrerequisiteGraph
from adaptive.learning.tracing import (
    AnswerSequence,
    LearningDataError,
    Tracer,
    evaluate,
    read_three_line,
    replay,
)

__all__ = [
    "Activity",
    "AnswerSequence",
    "BktTracer",
    "Decision",
    "EloTracer",
    "LearningDataError",
    "LoggedChoice",
    "LogisticFit",
    "LogisticTracer",
    "OfferRules",
    "PolicyValue",
    "PrerequisiteError",
    "PrerequisiteGraph",
    "Result",
    "Situation",
    "Tracer",
    "TracerSet",
    "chances",
    "decide",
    "evaluate",
    "fit_bkt",
    "fit_elo",
    "fit_logistic",
    "load_tracers",
    "mastered_by_knowledge",
    "mastered_by_success",
    "outlook",
    "policy_value",
    "read_three_line",
    "replay",
]

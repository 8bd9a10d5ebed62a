"""What to offer next: a few activities in the zone of success, the learner's own wish first.

After ZPDES (Clement, Roy, Oudeyer & Lopes 2015, "Multi-armed bandits for intelligent tutoring
systems", Journal of Educational Data Mining 7(2)): among the activities that are open, chances
follow recent learning progress, older results fade, and everything open keeps some chance. The
zone of success is .6 to .85 (upper end: Wilson et al. 2019, Nature Communications 10:4646).
Every offer carries the chance it had, so that another policy can be judged later.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from adaptive.learning.bkt import BktState, BktTracer
from adaptive.learning.prerequisites import PrerequisiteGraph
from adaptive.learning.tracing import LearningDataError, State, Tracer, expit, logit
from adaptive.reasons import Reason, Value


@dataclass(frozen=True, slots=True)
class Activity:
    """Something to do: the skills it practises, and how much easier (logits) than they are.

    `worth` multiplies its chance to be offered: what somebody needs more is offered more often.
    """

    id: str
    skills: tuple[str, ...]
    ease: float = 0.0
    worth: float = 1.0

    def __post_init__(self) -> None:
        if not self.id or not self.skills:
            raise LearningDataError(f"activity {self.id!r} needs an id and at least one skill")
        if not math.isfinite(self.ease):
            raise LearningDataError(f"activity {self.id!r}: ease must be a finite number")
        if not (math.isfinite(self.worth) and self.worth > 0):
            raise LearningDataError(f"activity {self.id!r}: worth must be above 0")


@dataclass(frozen=True, slots=True)
class Result:
    """One finished try: success in [0, 1], moment in days."""

    activity: str
    success: float
    at: float


@dataclass(frozen=True, slots=True)
class Offer:
    """One activity offered: predicted success, why, and the chance it had at its place.

    `propensity` is the chance of being drawn for this place, given those before it.
    """

    activity: str
    success: float
    propensity: float
    chosen_by: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The few offers, best place first, and why a wish could not come first (or None)."""

    offers: tuple[Offer, ...]
    wish_must_wait: Reason | None = None


@dataclass(frozen=True, slots=True)
class OfferRules:
    """Zone of success, how many to offer, exploration, and forgetting.

    `explore` is the share of chance spread evenly; `forget_days` the time constant of results.
    """

    zone: tuple[float, float] = (0.6, 0.85)
    few: int = 3
    explore: float = 0.15
    novelty: float = 0.3
    floor: float = 0.1
    forget_days: float = 30.0
    outside_fade: float = 0.08

    def __post_init__(self) -> None:
        low, high = self.zone
        if not 0 < low < high < 1:
            raise LearningDataError(f"the zone of success must rise within (0, 1), not {self.zone}")
        if self.few < 1 or not 0 < self.explore <= 1:
            raise LearningDataError("offer at least one activity and explore with 0 < share <= 1")
        if min(self.novelty, self.floor, self.forget_days, self.outside_fade) <= 0:
            raise LearningDataError("novelty, floor, forget_days and outside_fade must be above 0")


def outlook(
    tracer: Tracer[State], state: State, skills: Collection[str], at: float
) -> dict[str, float]:
    """Return the predicted success per skill at a moment."""
    return {skill: tracer.predict(state, skill, at) for skill in sorted(skills)}


def mastered_by_success(
    success: Mapping[str, float], answers: Mapping[str, int], chance: float = 0.85, least: int = 3
) -> frozenset[str]:
    """Return the skills with at least `least` answers and predicted success of `chance`."""
    return frozenset(
        skill for skill, p in success.items() if p >= chance and answers.get(skill, 0) >= least
    )


def mastered_by_knowledge(
    tracer: BktTracer, state: BktState, skills: Collection[str], at: float, chance: float = 0.95
) -> frozenset[str]:
    """Return the skills known with probability `chance` (Corbett & Anderson 1995: .95)."""
    return frozenset(skill for skill in skills if tracer.known(state, skill, at) >= chance)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision rests on: activities, graph, success per skill, mastery, past, now."""

    activities: Sequence[Activity]
    graph: PrerequisiteGraph
    success: Mapping[str, float]
    mastered: Collection[str]
    results: Sequence[Result]
    at: float

    def __post_init__(self) -> None:
        ids = [activity.id for activity in self.activities]
        if len(set(ids)) < len(ids):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            raise LearningDataError(f"activities with the same id: {', '.join(twice)}")
        for activity in self.activities:
            for skill in activity.skills:
                if not 0 < self.success.get(skill, 0.0) < 1:
                    raise LearningDataError(
                        f"activity {activity.id} practises {skill}, which has no predicted success"
                    )
        late = [result.activity for result in self.results if result.at > self.at]
        if late:
            raise LearningDataError(f"a result of {late[0]} lies after the moment of deciding")

    def needs(self, activity: Activity) -> tuple[str, ...]:
        """Return the prerequisite skills still missing for an activity."""
        own = {*activity.skills, *self.mastered}
        return tuple(sorted({n for s in activity.skills for n in self.graph.missing(s, own)}))

    def chance_of_success(self, activity: Activity) -> float:
        """Return the predicted success on an activity: mean log odds of its skills plus ease."""
        odds = [logit(self.success[skill]) for skill in activity.skills]
        return expit(sum(odds) / len(odds) + activity.ease)

    def open(self) -> list[Activity]:
        """Return what may be offered, by id; mastered ones only when nothing else is left."""
        reachable = sorted(
            (activity for activity in self.activities if not self.needs(activity)),
            key=lambda activity: activity.id,
        )
        ahead = [a for a in reachable if not set(a.skills) <= set(self.mastered)]
        return ahead or reachable

    def progress(self, activity: Activity, rules: OfferRules) -> float | None:
        """Return how much better recent tries went than older ones, faded; None if untried."""
        tries = sorted((r for r in self.results if r.activity == activity.id), key=lambda r: r.at)
        if not tries:
            return None
        recent = before = tries[0].success
        for one in tries[1:]:
            recent += 0.5 * (one.success - recent)
            before += 0.2 * (one.success - before)
        return max(recent - before, 0.0) * math.exp(-(self.at - tries[-1].at) / rules.forget_days)


def chances(situation: Situation, rules: OfferRules | None = None) -> dict[str, float]:
    """Return for every open activity the chance to be offered first; they sum to one."""
    rules = rules or OfferRules()
    found = situation.open()
    weights = [_weight(situation, activity, rules) for activity in found]
    total = sum(weights)
    return {
        activity.id: (1 - rules.explore) * weight / total + rules.explore / len(found)
        for activity, weight in zip(found, weights, strict=True)
    }


def decide(
    situation: Situation, seed: int, rules: OfferRules | None = None, wish: str | None = None
) -> Decision:
    """Draw a few activities without replacement; same input and seed, same answer.

    A wish that is open comes first, whatever the model thinks of it, with propensity 1 and
    `chosen_by` "learner"; one that is not open yet is answered with what comes before it.
    Raises LearningDataError for a wish that is no activity.
    """
    rules = rules or OfferRules()
    by_id = {activity.id: activity for activity in situation.activities}
    if wish is not None and wish not in by_id:
        raise LearningDataError(f"the wish {wish!r} is none of the activities")
    left = chances(situation, rules)
    offers: list[Offer] = []
    waits = None
    if wish is not None:
        needs = situation.needs(by_id[wish])
        if needs:
            waits = Reason("needs_first", {"activity": wish, "skills": needs})
        else:
            left.pop(wish, None)
            offers.append(_offer(situation, by_id[wish], rules, 1.0, "learner"))
    dice = random.Random(seed)
    while left and len(offers) < rules.few:
        total = sum(left.values())
        name = dice.choices(list(left), list(left.values()))[0]
        offers.append(_offer(situation, by_id[name], rules, left.pop(name) / total, "policy"))
    return Decision(tuple(offers), waits)


def _weight(situation: Situation, activity: Activity, rules: OfferRules) -> float:
    progress = situation.progress(activity, rules)
    worth = rules.floor + (rules.novelty if progress is None else progress)
    low, high = rules.zone
    p = situation.chance_of_success(activity)
    return activity.worth * worth * math.exp(-max(low - p, p - high, 0.0) / rules.outside_fade)


def _offer(
    situation: Situation, activity: Activity, rules: OfferRules, propensity: float, by: str
) -> Offer:
    p = situation.chance_of_success(activity)
    return Offer(activity.id, p, propensity, by, tuple(_reasons(situation, activity, rules, p, by)))


def _reasons(
    situation: Situation, activity: Activity, rules: OfferRules, p: float, by: str
) -> list[Reason]:
    low, high = rules.zone
    values: dict[str, Value] = {"success": p, "skills": activity.skills}
    found = [Reason("your_choice")] if by == "learner" else []
    if set(activity.skills) <= set(situation.mastered):
        found.append(Reason("review", values))
    elif p < low:
        found.append(Reason("challenge", values))
    elif p > high:
        found.append(Reason("quick_win", values))
    else:
        found.append(Reason("right_level", values))
    progress = situation.progress(activity, rules)
    built_on = sorted({n for s in activity.skills for n in situation.graph.before[s]})
    if progress is None:
        found.append(Reason("new_to_you", {"built_on": tuple(built_on)}))
    elif progress > 0:
        found.append(Reason("getting_better", {"progress": progress}))
    return found

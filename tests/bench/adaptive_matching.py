"""Time of the whole matching desk: 3,000 mentees, 1,200 mentors, three places each.

Synthetic people: ten languages (two for 40 % of mentors), 21 weekly times, 40 fields, points in
a square of about 300 km. The peer is scipy's assignment of the same scores with nothing else:
no lifting of the worst pair, no reasons.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from adaptive.mentoring.compatibility import compatibility
from adaptive.mentoring.matching import Matching, match
from adaptive.mentoring.people import Mentee, Mentor, Place, Programme

_SLOTS = [f"t{n}" for n in range(21)]
_FIELDS = [f"f{n}" for n in range(40)]
_HELP = [f"h{n}" for n in range(8)]
_LANGUAGES = ["en", "de", "hu", "sk", "cs", "sl", "ro", "bg", "sr", "bs"]


def people(mentees: int, mentors: int, seed: int) -> tuple[list[Mentee], list[Mentor]]:
    """Return a synthetic programme, the same for the same seed."""
    dice = np.random.default_rng(seed)

    def some(names: list[str], share: float) -> frozenset[str]:
        return frozenset(np.array(names)[dice.random(len(names)) < share].tolist())

    def about(share: float, languages: int) -> dict[str, Any]:
        return {
            "languages": dict.fromkeys(dice.choice(_LANGUAGES, languages, False).tolist(), 5),
            "slots": some(_SLOTS, share),
            "fields": some(_FIELDS, 0.12),
            "help": some(_HELP, 0.3),
            "online": bool(dice.random() < 0.7),
            "reach_km": 80.0,
            "place": Place(46 + 2.7 * dice.random(), 17 + 3.9 * dice.random()),
        }

    return (
        [
            Mentee(
                id=f"e{n:05}",
                groups={"gender": str(dice.choice(["f", "m"])), "age": str(dice.integers(15, 30))},
                **about(0.25, 1),
            )
            for n in range(mentees)
        ],
        [
            Mentor(
                id=f"m{n:05}",
                capacity=3,
                screened=True,
                trained=True,
                **about(0.35, 1 + int(dice.random() < 0.4)),
            )
            for n in range(mentors)
        ],
    )


def figures() -> Iterator[dict[str, Any]]:
    """Yield seconds (median of three), people matched and the worst pair, for two sizes."""
    for mentees, mentors in ((300, 120), (3000, 1200)):
        size = f"{mentees}x{mentors}"
        who = people(mentees, mentors, seed=7)
        taken, found = _timed(*who)
        plain = _plain(*who)
        yield {
            "name": f"match_{size}_s",
            "value": round(taken, 3),
            "unit": "s",
            "peer": "scipy_linear_sum_assignment_only",
            "peer_value": round(plain["seconds"], 3),
        }
        yield {
            "name": f"match_{size}_matched",
            "value": len(found.pairs),
            "unit": "people",
            "peer": "scipy_linear_sum_assignment_only",
            "peer_value": plain["matched"],
        }
        yield {
            "name": f"match_{size}_worst_pair",
            "value": found.worst,
            "unit": "score",
            "peer": "scipy_linear_sum_assignment_only",
            "peer_value": plain["worst"],
        }


def _timed(mentees: list[Mentee], mentors: list[Mentor]) -> tuple[float, Matching]:
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        found = match(mentees, mentors)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[1], found


def _plain(mentees: list[Mentee], mentors: list[Mentor]) -> dict[str, Any]:
    from scipy.optimize import linear_sum_assignment

    fit = compatibility(mentees, mentors, Programme())
    start = time.perf_counter()
    cost = np.repeat(np.where(fit.feasible, -fit.score, 1e4), 3, axis=1)
    rows, columns = linear_sum_assignment(cost)
    seconds = time.perf_counter() - start
    chosen = -cost[rows, columns]
    real = chosen > -1e4
    return {
        "seconds": seconds,
        "matched": int(real.sum()),
        "worst": round(float(chosen[real].min()), 6),
    }

"""The parameters that serve until an installation has answers of its own.

One small JSON file per version, made by `python -m adaptive.learning.calibrate`. It names no
skill: what it knows is how answers in general follow one another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adaptive.learning.bkt import BktSkill, BktTracer
from adaptive.learning.elo import EloParameters, EloTracer
from adaptive.learning.logistic import LogisticModel, LogisticTracer
from adaptive.learning.tracing import LearningDataError

DEFAULTS = Path(__file__).with_name("defaults-1.json")


@dataclass(frozen=True, slots=True)
class TracerSet:
    """One version's three tracers; `version` goes beside every stored prediction."""

    version: str
    made_from: str
    elo: EloTracer
    bkt: BktTracer
    logistic: LogisticTracer


def load_tracers(path: Path = DEFAULTS) -> TracerSet:
    """Read a parameter file. Raises LearningDataError naming the file and what is wrong."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as broken:
        raise LearningDataError(
            f"{path.name}, line {broken.lineno}: not JSON ({broken.msg}); restore the file"
        ) from broken
    try:
        elo = EloParameters(**found["elo"])
        model = found["logistic"]
        return TracerSet(
            version=str(found["version"]),
            made_from=str(found["made_from"]),
            elo=EloTracer(elo),
            bkt=BktTracer(
                {name: BktSkill(**skill) for name, skill in found["bkt"]["skills"].items()},
                BktSkill(**found["bkt"]["fallback"]),
                found["bkt"]["forget_days"],
            ),
            logistic=LogisticTracer(
                LogisticModel(
                    intercept=float(model["intercept"]),
                    numbers={name: _triple(three) for name, three in model["numbers"].items()},
                    situations={name: float(w) for name, w in model["situations"].items()},
                    elo=EloParameters(**model["elo"]),
                )
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise LearningDataError(f"{path.name}: parameters cannot be used ({wrong!r})") from wrong


def dump_tracers(tracers: TracerSet) -> str:
    """Return the text of a parameter file, the same for the same parameters."""
    model = tracers.logistic.model
    content = {
        "version": tracers.version,
        "made_from": tracers.made_from,
        "elo": asdict(tracers.elo.parameters),
        "bkt": {
            "fallback": asdict(tracers.bkt.fallback),
            "forget_days": tracers.bkt.forget_days,
            "skills": {name: asdict(skill) for name, skill in tracers.bkt.skills.items()},
        },
        "logistic": {
            "intercept": model.intercept,
            "numbers": model.numbers,
            "situations": model.situations,
            "elo": asdict(model.elo),
        },
    }
    return json.dumps(_rounded(content), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _triple(three: list[float]) -> tuple[float, float, float]:
    mean, spread, weight = three
    return float(mean), float(spread), float(weight)


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value

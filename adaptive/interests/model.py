"""The versioned parameter file behind the interest engine: parts, reading, checking, writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from adaptive.interests.form import ITEM_COUNT, ITEMS, FloatArray

FORMAT: Final = 2
SHIPPED: Final = Path(__file__).parent / "parameters" / "interests.json"
KNOTS: Final = np.arange(0.5, 5.75, 0.25)


class ModelError(ValueError):
    """A parameter file that cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """How the next item is chosen.

    floor: weight of measuring every total, beside the decision about the top three.
    first: weight of the decision about the first place, with the top three at 1.
    free: (48,) share of people for whom an item carries no penalty. penalty: (48,) taken from the
    logarithm of an item's gain for the others; the two spread the use of items over people.
    """

    floor: float
    first: float
    free: FloatArray
    penalty: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What `python -m adaptive.calibrate` estimated.

    version: name of this calibration, stored beside every profile it makes.
    respondents: number of people it was estimated from.
    mean, covariance: (48,), (48, 48) moments of the answers on 1..5.
    noise: (48,) variance of an answer that would not return if it were asked again.
    bias, spread: (21,) at `KNOTS`: by how much the linear expectation of an answer must be shifted,
        and the factor on its variance, both by that expectation (answers end at 1 and 5).
    consistency: degrees of freedom of the person factor: whose answers fit the model badly is
        predicted with a larger error, by (consistency + misfit) / (consistency + answers).
    odd: person factor above which answers contradict each other.
    fixed, stopping: choice of items for a fixed number, and for stopping when sure.
    at_least, sure, relax: stop after `at_least` answers when the probability of the stated top
        three reaches `sure`, lowered by `relax` for each further answer.
    certainty: intercept and slope that calibrate that probability on the logit scale.
    slope, thresholds: (48,), (48, 4) graded-response parameters, for reporting.
    """

    version: str
    respondents: int
    mean: FloatArray
    covariance: FloatArray
    noise: FloatArray
    bias: FloatArray
    spread: FloatArray
    consistency: float
    odd: float
    fixed: Choice
    stopping: Choice
    at_least: int
    sure: float
    relax: float
    certainty: FloatArray
    slope: FloatArray
    thresholds: FloatArray


_SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "mean": (ITEM_COUNT,),
    "covariance": (ITEM_COUNT, ITEM_COUNT),
    "noise": (ITEM_COUNT,),
    "bias": (len(KNOTS),),
    "spread": (len(KNOTS),),
    "certainty": (2,),
    "slope": (ITEM_COUNT,),
    "thresholds": (ITEM_COUNT, 4),
    "free": (ITEM_COUNT,),
    "penalty": (ITEM_COUNT,),
}
_DIGITS: Final = 6


def load_model(path: Path | None = None) -> Model:
    """Read a parameter file (by default the one shipped in the package).

    Raises ModelError when it is missing, not JSON, of another format or not usable.
    """
    path = path or SHIPPED
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such parameter file") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{path}: not readable as JSON ({error})") from None
    return parse_model(raw, str(path))


def parse_model(raw: object, name: str) -> Model:
    """Check decoded parameters and make a Model of them; `name` is used in messages."""
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ModelError(f"{name}: expected a parameter file of format {FORMAT}")
    if raw.get("items") != list(ITEMS):
        raise ModelError(f"{name}: its items are not {ITEMS[0]} to {ITEMS[-1]} in order")
    try:
        model = Model(
            version=str(raw["version"]),
            respondents=int(raw["respondents"]),
            mean=_array(raw, "mean"),
            covariance=_array(raw, "covariance"),
            noise=_array(raw, "noise"),
            bias=_array(raw, "bias"),
            spread=_array(raw, "spread"),
            consistency=float(raw["consistency"]),
            odd=float(raw["odd"]),
            fixed=_choice(raw["fixed"]),
            stopping=_choice(raw["stopping"]),
            at_least=int(raw["at_least"]),
            sure=float(raw["sure"]),
            relax=float(raw["relax"]),
            certainty=_array(raw, "certainty"),
            slope=_array(raw, "slope"),
            thresholds=_array(raw, "thresholds"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{name}: a parameter is missing or wrong ({error})") from None
    if np.linalg.eigvalsh(model.covariance)[0] <= 0:
        raise ModelError(f"{name}: the covariance is not positive definite")
    return model


def dump_model(model: Model) -> str:
    """The text of a parameter file, one parameter a line."""
    raw: dict[str, Any] = {"format": FORMAT, "items": list(ITEMS)}
    raw |= {field.name: _plain(getattr(model, field.name)) for field in fields(Model)}
    lines = (f'"{key}": {json.dumps(value)}' for key, value in raw.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _choice(raw: Mapping[str, Any]) -> Choice:
    return Choice(
        floor=float(raw["floor"]),
        first=float(raw["first"]),
        free=_array(raw, "free"),
        penalty=_array(raw, "penalty"),
    )


def _array(raw: Mapping[str, Any], key: str) -> FloatArray:
    value = np.asarray(raw[key], dtype=np.float64)
    if value.shape != _SHAPES[key] or not np.isfinite(value).all():
        raise ValueError(f"{key} must hold {_SHAPES[key]} numbers")
    return value


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field of Model holds
    if isinstance(value, Choice):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(Choice)}
    if isinstance(value, np.ndarray):
        return np.round(value, _DIGITS).tolist()
    return round(value, _DIGITS) if isinstance(value, float) else value

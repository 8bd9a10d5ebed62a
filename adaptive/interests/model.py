"""The versioned parameter file behind the interest engine: reading, checking, writing it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adaptive.interests.form import ITEM_COUNT, ITEMS, FloatArray

FORMAT = 1
SHIPPED = Path(__file__).parent / "parameters" / "interests.json"


class ModelError(ValueError):
    """A parameter file that cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Joint moments of the 48 answers, as estimated by `python -m adaptive.calibrate`.

    version: name of this calibration, stored beside every profile it makes.
    respondents: number of people it was estimated from.
    mean: (48,) expected answers on 1..5. covariance: (48, 48), positive definite.
    """

    version: str
    respondents: int
    mean: FloatArray
    covariance: FloatArray


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
        mean = np.asarray(raw["mean"], dtype=np.float64)
        covariance = np.asarray(raw["covariance"], dtype=np.float64)
        version, respondents = str(raw["version"]), int(raw["respondents"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{name}: a parameter is missing or not a number ({error})") from None
    if mean.shape != (ITEM_COUNT,) or covariance.shape != (ITEM_COUNT, ITEM_COUNT):
        raise ModelError(f"{name}: mean or covariance has the wrong shape")
    if not np.isfinite(mean).all() or not np.isfinite(covariance).all():
        raise ModelError(f"{name}: mean or covariance holds something that is not a number")
    if np.linalg.eigvalsh(covariance)[0] <= 0:
        raise ModelError(f"{name}: the covariance is not positive definite")
    return Model(version=version, respondents=respondents, mean=mean, covariance=covariance)

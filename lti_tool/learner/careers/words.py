"""Plain words for the figures of a job."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from adaptive.occupations import Occupation

_PREPARATION: tuple[Any, ...] = (
    _l("Little or none"),
    _l("Some"),
    _l("A good deal, such as a trade"),
    _l("A lot, often college"),
    _l("Very much, many years"),
)
"""O*NET's job zones 1 to 5."""


def preparation(occupation: Occupation) -> Any:  # noqa: ANN401 - a lazy translation
    """Say how much schooling or training comes before the job."""
    return _PREPARATION[min(5, max(1, round(occupation.job_zone.value))) - 1]

"""The fixed frame of the interest questions: six interests, eight activities each, five answers.

The 48 activities are the public-domain RIASEC activity markers (Armstrong, Allison & Rounds 2008,
Journal of Vocational Behavior 73, 287-299). Ids are `R1` ... `C8`, in the order of the columns of
an answer file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

SCALES: Final = ("R", "I", "A", "S", "E", "C")
ITEMS_PER_SCALE: Final = 8
ITEMS: Final[tuple[str, ...]] = tuple(
    f"{scale}{number}" for scale in SCALES for number in range(1, ITEMS_PER_SCALE + 1)
)
ITEM_COUNT: Final = len(ITEMS)
INDEX: Final[Mapping[str, int]] = {item: index for index, item in enumerate(ITEMS)}
SCALE_OF: Final[IntArray] = np.repeat(np.arange(len(SCALES)), ITEMS_PER_SCALE)

LOWEST: Final = 1
HIGHEST: Final = 5
LOWEST_TOTAL: Final = LOWEST * ITEMS_PER_SCALE
HIGHEST_TOTAL: Final = HIGHEST * ITEMS_PER_SCALE


class AnswerError(ValueError):
    """An answer, or a request about answers, that cannot be used; the message says why."""


def checked(answers: Mapping[str, int | None]) -> tuple[IntArray, FloatArray, IntArray]:
    """Sort answers into positions that are known, their values, and all positions asked.

    Returns (answered, values, asked): indices into `ITEMS`, answers 1..5 in the same order, and
    indices of everything asked, "Not sure" included.
    Raises AnswerError for an unknown item or a value that is neither 1..5 nor None.
    """
    answered: list[int] = []
    values: list[float] = []
    asked: list[int] = []
    for item, value in answers.items():
        index = INDEX.get(item)
        if index is None:
            raise AnswerError(f"unknown item {item!r}; items are {ITEMS[0]} to {ITEMS[-1]}")
        asked.append(index)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not LOWEST <= value <= HIGHEST:
            raise AnswerError(
                f"value {value!r} for item {item}; expected {LOWEST} to {HIGHEST}, "
                'or nothing for "Not sure"'
            )
        answered.append(index)
        values.append(float(value))
    return (
        np.asarray(answered, dtype=np.intp),
        np.asarray(values, dtype=np.float64),
        np.asarray(asked, dtype=np.intp),
    )

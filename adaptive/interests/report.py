"""The report of a calibration: fit, differences between languages, drift since the last version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from adaptive.interests.form import ITEM_COUNT, ITEMS, ITEMS_PER_SCALE, SCALES, FloatArray
from adaptive.interests.model import Model

SMALLEST_GROUP = 50
LARGE_DIFFERENCE = 0.035
MODERATE_DIFFERENCE = 0.013
STRATA = 5
DRIFT = 0.25


def text(model: Model, answers: FloatArray, languages: Sequence[str], before: Model | None) -> str:
    """The whole report in plain text."""
    lines = [
        f"Interest model {model.version}",
        f"{model.respondents} respondents; posterior consistency {model.consistency:g}",
        f"stated probability: logit {model.certainty[0]:+.3f} {model.certainty[1]:+.3f} x",
        "",
        "scale  alpha  mean total   sd  mean r with the other scales",
        *_scales(answers),
        "",
        "item   mean    sd  r with rest   slope  thresholds",
        *_items(model, answers),
        "",
        *_differences(answers, languages),
        "",
        *_drift(model, before),
    ]
    return "\n".join(lines) + "\n"


def alpha(answers: FloatArray) -> float:
    """Cronbach's alpha (1951) of answers (people, items)."""
    items = answers.shape[1]
    whole = answers.sum(axis=1).var(ddof=1)
    return float(items / (items - 1) * (1 - answers.var(axis=0, ddof=1).sum() / whole))


def group_difference(item: FloatArray, rest: FloatArray, member: FloatArray) -> float:
    """Share of an item's variance that group membership adds, and its interaction with the rest.

    Ordinal responses are regressed on the rest score with and without the group (the linear form
    of the logistic-regression test of Zumbo 1999); returns the gain in R squared.
    """
    base = np.column_stack([np.ones(len(item)), rest])
    more = np.column_stack([base, member, member * rest])
    return _r_squared(more, item) - _r_squared(base, item)


def _scales(answers: FloatArray) -> Iterator[str]:
    totals = answers.reshape(len(answers), len(SCALES), ITEMS_PER_SCALE).sum(axis=2)
    correlation = np.corrcoef(totals.T)
    for number, scale in enumerate(SCALES):
        part = answers[:, number * ITEMS_PER_SCALE : (number + 1) * ITEMS_PER_SCALE]
        others = (correlation[number].sum() - 1) / (len(SCALES) - 1)
        mean, spread = totals[:, number].mean(), totals[:, number].std()
        yield f"{scale:5}  {alpha(part):.3f}  {mean:10.2f}  {spread:4.2f}  {others:.2f}"


def _items(model: Model, answers: FloatArray) -> Iterator[str]:
    for index, item in enumerate(ITEMS):
        rest = _rest(answers, index)
        r = np.corrcoef(answers[:, index], rest)[0, 1]
        cuts = " ".join(f"{cut:5.2f}" for cut in model.thresholds[index])
        column = answers[:, index]
        yield (
            f"{item:4}  {column.mean():5.2f} {column.std():5.2f}  {r:11.2f}  "
            f"{model.slope[index]:6.2f}  {cuts}"
        )


def _differences(answers: FloatArray, languages: Sequence[str]) -> Iterator[str]:
    if not languages:
        yield "Differences between languages: the file names no language."
        return
    yield "Differences between languages (R squared gained by the language, given the rest score)"
    names = np.array(languages)
    for name in sorted(set(languages)):
        member = (names == name).astype(np.float64)
        if not SMALLEST_GROUP <= member.sum() <= len(names) - SMALLEST_GROUP:
            yield f"{name}: {int(member.sum())} people; too few, or all but too few, to compare"
            continue
        yield f"{name}: {int(member.sum())} people"
        for index, item in enumerate(ITEMS):
            gained = group_difference(answers[:, index], _rest(answers, index), member)
            if gained >= MODERATE_DIFFERENCE:
                size = "large" if gained >= LARGE_DIFFERENCE else "moderate"
                yield f"  {item}: {gained:.3f} {size}; read its words again"


def _drift(model: Model, before: Model | None) -> Iterator[str]:
    if before is None:
        yield "Drift: no earlier model to compare with."
        return
    yield f"Drift since {before.version} (in standard deviations of the answer)"
    shift = (model.mean - before.mean) / np.sqrt(before.covariance.diagonal())
    moved = [index for index in range(ITEM_COUNT) if abs(shift[index]) >= DRIFT]
    yield from (f"  {ITEMS[index]}: {shift[index]:+.2f}" for index in moved)
    if not moved:
        yield f"  no item moved by {DRIFT:g} or more; the largest by {np.abs(shift).max():.2f}"
    change = np.abs(_correlation(model.covariance) - _correlation(before.covariance))
    yield f"  correlations: mean change {change.mean():.3f}, largest {change.max():.3f}"


def _rest(answers: FloatArray, index: int) -> FloatArray:
    start = index // ITEMS_PER_SCALE * ITEMS_PER_SCALE
    rest: FloatArray = answers[:, start : start + ITEMS_PER_SCALE].sum(axis=1) - answers[:, index]
    return rest


def _r_squared(x: FloatArray, y: FloatArray) -> float:
    found = np.linalg.lstsq(x, y, rcond=None)[0]
    return float(1 - ((y - x @ found) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def _correlation(covariance: FloatArray) -> FloatArray:
    scale = np.sqrt(covariance.diagonal())
    correlation: FloatArray = covariance / np.outer(scale, scale)
    return correlation

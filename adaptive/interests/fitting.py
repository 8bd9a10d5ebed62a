"""All steps of a calibration in order: from answers to a Model."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from adaptive.interests import graded
from adaptive.interests.estimate import errors, moments, single_occasion_noise
from adaptive.interests.form import ITEM_COUNT, FloatArray
from adaptive.interests.model import Choice, Model
from adaptive.interests.tuning import certainty, spread_use

SEED: Final = 20151
FIXED: Final = (0.4, 0.57)
STOPPING: Final = (0.3, 0.0)
AT_LEAST: Final = 12
SURE: Final = 0.925
RELAX: Final = 0.01
FOLDS: Final = 5


def fit(answers: FloatArray, version: str, *, rounds: int = 60) -> Model:
    """Calibrate on complete answers (people, 48), values 1..5.

    rounds: rounds of spreading the use of items; 0 keeps items without penalty, and then the
    stated probability is left as the draws have it.
    """
    generator = np.random.default_rng(SEED)
    parameters = graded.estimate(answers)
    model = _untuned(answers, version, generator, parameters)
    if rounds == 0:
        return model
    model = replace(
        model,
        fixed=spread_use(model, answers, generator, mode="fixed", rounds=rounds),
    )
    model = replace(
        model,
        stopping=spread_use(model, answers, generator, mode="stopping", rounds=rounds // 2),
    )
    fold = generator.permutation(len(answers)) % FOLDS
    parts = (
        (
            replace(
                _untuned(answers[fold != held], version, generator, parameters), fixed=model.fixed
            ),
            answers[fold == held],
        )
        for held in range(FOLDS)
    )
    return replace(model, certainty=certainty(parts, generator))


def _untuned(
    answers: FloatArray, version: str, generator: np.random.Generator, parameters: graded.Graded
) -> Model:
    mean, covariance = moments(answers)
    found = errors(answers, generator)
    free, none = np.ones(ITEM_COUNT), np.zeros(ITEM_COUNT)
    return Model(
        version=version,
        respondents=len(answers),
        mean=mean,
        covariance=covariance,
        noise=single_occasion_noise(covariance),
        bias=found.bias,
        spread=found.spread,
        consistency=found.consistency,
        odd=found.odd,
        fixed=Choice(*FIXED, free=free, penalty=none),
        stopping=Choice(*STOPPING, free=free, penalty=none),
        at_least=AT_LEAST,
        sure=SURE,
        relax=RELAX,
        certainty=np.array([0.0, 1.0]),
        slope=parameters.slope,
        thresholds=parameters.thresholds,
    )

"""Simulated respondents and the shipped model, shared by the tests of the interest engine."""

from __future__ import annotations

import numpy as np
import pytest

from adaptive.interests import Engine, Model, graded, load_model

CORRELATION = np.full((6, 6), 0.25) + 0.75 * np.eye(6)


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="session")
def engine(model: Model) -> Engine:
    return Engine(model)


@pytest.fixture(scope="session")
def truth(model: Model) -> graded.Graded:
    return graded.Graded(model.slope, model.thresholds, CORRELATION)


@pytest.fixture(scope="session")
def people(truth: graded.Graded) -> np.ndarray:
    """Answers of 1,200 simulated people (1200, 48)."""
    return graded.simulate(truth, 1200, np.random.default_rng(5))[0]

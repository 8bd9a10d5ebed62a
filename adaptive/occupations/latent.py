"""Latent semantic indexing: words that stand for the same occupations count as alike.

Deerwester et al. 1990 (JASIS 41:391). Because labels of all languages stand together, a word
that only one language knows still finds its relatives. Plain numpy, built once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.postings import Postings

FEATURES = 8192
RANK = 400
_SEED = 11
_SPARE = 40
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Latent:
    """`project` turns cosines with all texts into latent coordinates (texts, rank); `places` are
    the texts' own coordinates, scaled to length 1."""

    project: NDArray[np.float32]
    places: NDArray[np.float32]

    @classmethod
    def of(cls, postings: Postings) -> Latent:
        """Find the strongest directions of the texts x grams table (randomised subspace
        iteration, Halko, Martinsson and Tropp 2011, on the texts' inner products)."""
        inner = _inner_products(postings)
        rank = max(1, min(RANK, postings.count // 3))
        rng = np.random.default_rng(_SEED)
        basis = rng.standard_normal((postings.count, min(postings.count, rank + _SPARE)))
        basis = basis.astype(np.float32)
        for _ in range(_ROUNDS + 1):
            basis, _unused = np.linalg.qr(inner @ basis)
        values, turn = np.linalg.eigh(basis.T @ inner @ basis)
        values, turn = values[-rank:], turn[:, -rank:]
        kept = values > values[-1] * 1e-5
        axes, roots = (basis @ turn)[:, kept], np.sqrt(values[kept])
        places = axes * roots
        length = np.linalg.norm(places, axis=1, keepdims=True)
        places = np.divide(places, length, out=np.zeros_like(places), where=length > 0)
        return cls((axes / roots).astype(np.float32), places.astype(np.float32))

    def cosines(self, direct: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the latent cosine with every text, from the direct cosines."""
        place = direct @ self.project
        length = float(np.linalg.norm(place))
        return np.asarray(self.places @ (place / (length or 1.0)))


def _inner_products(postings: Postings) -> NDArray[np.float32]:
    """Texts x texts, over the grams that carry most weight and occur in several texts."""
    seen = np.diff(postings.starts)
    strength = np.where(seen >= 2, seen * postings.idf.astype(float) ** 2, 0)
    chosen = np.argsort(-strength, kind="stable")[:FEATURES]
    table = np.zeros((postings.count, len(chosen)), np.float32)
    for column, gram in enumerate(chosen):
        span = slice(postings.starts[gram], postings.starts[gram + 1])
        table[postings.texts[span], column] = postings.weights[span]
    return np.asarray(table @ table.T)

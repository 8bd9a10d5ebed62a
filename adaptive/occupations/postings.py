"""A TF-IDF index of character n-grams in plain arrays: which texts hold a gram, and how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.forms import grams


@dataclass(frozen=True, slots=True)
class Counts:
    """How often which gram (by number) occurs in which text: three arrays of one length."""

    text: NDArray[np.int32]
    gram: NDArray[np.int32]
    times: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Iterable[str], vocabulary: dict[str, int]) -> Counts:
        """Count the grams of folded texts; `vocabulary` (gram -> number) grows with new ones."""
        numbers: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
        times: list[NDArray[np.float32]] = [np.empty(0, np.float32)]
        sizes: list[int] = []
        for text in texts:
            found = grams(text)
            sizes.append(len(found))
            numbers.append(
                np.fromiter(
                    (vocabulary.setdefault(gram, len(vocabulary)) for gram in found),
                    np.int32,
                    len(found),
                )
            )
            times.append(np.fromiter(found.values(), np.float32, len(found)))
        owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        return cls(owners, np.concatenate(numbers), np.concatenate(times))

    def merged(self, owner: NDArray[np.int32]) -> Counts:
        """Add up the texts that have one owner; text number n becomes `owner[n]`."""
        width = int(self.gram.max(initial=0)) + 1
        keys = owner[self.text].astype(np.int64) * width + self.gram
        unique, place = np.unique(keys, return_inverse=True)
        times = np.bincount(place, self.times, minlength=len(unique)).astype(np.float32)
        return Counts((unique // width).astype(np.int32), (unique % width).astype(np.int32), times)

    @classmethod
    def joined(cls, several: Iterable[Counts]) -> Counts:
        """Put counts one after the other."""
        kept = list(several)
        return cls(
            np.concatenate([counts.text for counts in kept]),
            np.concatenate([counts.gram for counts in kept]),
            np.concatenate([counts.times for counts in kept]),
        )

    def of_texts(self, kept: NDArray[np.bool_]) -> Counts:
        """Keep only some texts; numbers stay."""
        chosen = kept[self.text]
        return Counts(self.text[chosen], self.gram[chosen], self.times[chosen])


@dataclass(frozen=True, slots=True)
class Postings:
    """Per gram (by number) the texts that hold it.

    The texts of gram g are `texts[starts[g]:starts[g + 1]]` with `weights` beside them; each
    text's weights have length 1, so a sum of products is a cosine. `idf` is per gram, `count`
    the number of texts. The narrowest types that serve halve the memory.
    """

    starts: NDArray[np.int32]
    texts: NDArray[np.int32] | NDArray[np.uint16]
    weights: NDArray[np.float16]
    idf: NDArray[np.float32]
    count: int

    @classmethod
    def of(cls, counts: Counts, count: int, vocabulary: int) -> Postings:
        """Weigh and sort the counts of `count` texts: sublinear tf x smoothed idf, length 1."""
        seen = np.bincount(counts.gram, minlength=vocabulary)
        held = len(np.unique(counts.text))
        idf = (np.log((1 + held) / (1 + seen)) + 1).astype(np.float32)
        weight = (1 + np.log(counts.times)) * idf[counts.gram]
        length = np.sqrt(np.bincount(counts.text, weight.astype(float) ** 2, minlength=count))
        weights = (weight / length[counts.text]).astype(np.float16)
        order = np.argsort(counts.gram, kind="stable")
        starts = np.concatenate([[0], np.cumsum(seen)]).astype(np.int32)
        texts: NDArray[np.int32] | NDArray[np.uint16] = counts.text[order]
        if count <= np.iinfo(np.uint16).max:
            texts = texts.astype(np.uint16)
        return cls(starts, texts, weights[order], idf, count)

    def cosines(
        self, numbers: NDArray[np.int64], times: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the cosine of a query (gram numbers, counts) with every text, shape (count,)."""
        if not len(numbers):
            return np.zeros(self.count, np.float32)
        weights = (1 + np.log(times)) * self.idf[numbers]
        weights = weights / np.linalg.norm(weights)
        spans = [slice(self.starts[g], self.starts[g + 1]) for g in numbers]
        texts = np.concatenate([self.texts[span] for span in spans])
        parts = np.concatenate(
            [self.weights[span] * weight for span, weight in zip(spans, weights, strict=True)]
        )
        return np.bincount(texts, parts, minlength=self.count).astype(np.float32)

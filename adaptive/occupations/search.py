"""Find an occupation by a learner's own word, in any language, with typos, without accents.

Character n-grams within words survive typos and word forms; the labels of all languages stand
in one index, so that a neighbour language's word or a loan word helps; latent semantic indexing
adds the words that stand for the same occupations. No embeddings, no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.forms import gender_forms, grams
from adaptive.occupations.latent import Latent
from adaptive.occupations.letters import fold, folds
from adaptive.occupations.model import Catalogue
from adaptive.occupations.postings import Counts, Postings

OWN, WHOLE, OTHER, LATENT = 0.2, 0.8, 1.0, 0.7
"""Weights: best label of the own language, all its labels together, best label of any other
language, mean latent likeness to the labels of all languages and to the own language's.
Chosen on alternative labels held out with other seeds than tests/bench/adaptive_search reports."""
EXACT = 0.5
LEAST = 0.15
"""A best label that is less alike than this is no answer."""
LONGEST_QUERY = 160
RELATIVES: Mapping[str, tuple[str, ...]] = {"sr": ("bs", "hr"), "bs": ("hr", "sr")}
"""Whose labels stand in where the index has none of a language."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An occupation to be found: its id and labels per language, the title to show first."""

    id: str
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """An occupation found: `label` is the label most like the query, `likeness` 0 to 1."""

    id: str
    label: str
    language: str
    likeness: float


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the labels: their places, where each entry's begin, and those entries."""

    places: NDArray[np.int32]
    starts: NDArray[np.int64]
    entries: NDArray[np.int32]

    @classmethod
    def of(cls, chosen: NDArray[np.bool_], owner: NDArray[np.int32]) -> _Part:
        places = np.flatnonzero(chosen).astype(np.int32)
        entries, starts = np.unique(owner[places], return_index=True)
        return cls(places, starts, entries.astype(np.int32))

    def best(self, alike: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        """Per entry the highest likeness among these labels, 0 where it has none."""
        best = np.zeros(count, np.float32)
        if len(self.places):
            best[self.entries] = np.maximum.reduceat(alike[self.places], self.starts)
        return best


@dataclass(frozen=True, slots=True)
class Parts:
    """Every array of an index, as made by `build_index` and kept by `index_file`."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    folded: tuple[str, ...]
    languages: tuple[str, ...]
    vocabulary: Mapping[str, int]
    owner: NDArray[np.int32]
    spoken: NDArray[np.int16]
    by_label: Postings
    by_entry: Postings
    by_language: Mapping[str, Postings]
    latent: Latent


class TitleIndex:
    """Answers `search`; read only, so threads may share it."""

    def __init__(self, parts: Parts) -> None:
        """Prepare the look-ups that follow from the parts."""
        self.parts = parts
        exact: dict[str, tuple[int, ...]] = {}
        for place, text in enumerate(parts.folded):
            exact[text] = (*exact.get(text, ()), place)
        self._exact = exact
        self._all = _Part.of(np.ones(len(parts.owner), bool), parts.owner)
        self._own = {
            language: _Part.of(parts.spoken == number, parts.owner)
            for number, language in enumerate(parts.languages)
        }
        self._other = {
            language: _Part.of(parts.spoken != number, parts.owner)
            for number, language in enumerate(parts.languages)
        }

    def search(self, query: str, language: str | None = None, limit: int = 5) -> list[Hit]:
        """Return up to `limit` occupations, best first; [] when nothing is alike.

        `language` is the learner's ("de", "sr", "sr_Latn"); None, or one without labels or
        relatives in the index, treats all languages alike.
        """
        folded = [fold(form) for form in gender_forms(query[:LONGEST_QUERY])]
        folded += [
            joined for joined in (form.replace(" ", "") for form in folded) if joined in self._exact
        ]
        own = self._spoken(language)
        best: dict[int, tuple[float, Hit]] = {}
        for form in dict.fromkeys(text for text in folded if text):
            for n, score, hit in self._hits(form, own, limit):
                if score > best.get(n, (-1.0, hit))[0]:
                    best[n] = (score, hit)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        return [hit for _, (_, hit) in ranked[:limit]]

    def _spoken(self, language: str | None) -> str | None:
        base = (language or "").replace("-", "_").lower().partition("_")[0]
        for code in (base, *RELATIVES.get(base, ())):
            if code in self._own:
                return code
        return None

    def _hits(self, form: str, own: str | None, limit: int) -> list[tuple[int, float, Hit]]:
        parts = self.parts
        counted = [
            (parts.vocabulary[g], n) for g, n in grams(form).items() if g in parts.vocabulary
        ]
        numbers = np.array([number for number, _ in counted], dtype=np.int64)
        times = np.array([n for _, n in counted], dtype=np.float32)
        alike = parts.by_label.cosines(numbers, times)
        direct = parts.by_entry.cosines(numbers, times)
        count = len(parts.ids)
        if own is None:
            best_own = best_other = self._all.best(alike, count)
            whole = direct
        else:
            best_own = self._own[own].best(alike, count)
            best_other = self._other[own].best(alike, count)
            whole = parts.by_language[own].cosines(numbers, times)
        related = (parts.latent.cosines(direct) + parts.latent.cosines(whole)) / 2
        scores = OWN * best_own + WHOLE * whole + OTHER * best_other + LATENT * related
        for place in self._exact.get(form, ()):
            mine = own is None or parts.languages[parts.spoken[place]] == own
            scores[parts.owner[place]] += EXACT if mine else EXACT / 2
        found = []
        for n in map(int, np.argsort(-scores, kind="stable")[:limit]):
            hit = self._hit(n, alike, own)
            if hit.likeness >= LEAST:
                found.append((n, float(scores[n]), hit))
        return found

    def _hit(self, n: int, alike: NDArray[np.float32], own: str | None) -> Hit:
        """Name the most alike label, one of the own language if it is nearly as much alike."""
        parts = self.parts
        start, end = np.searchsorted(parts.owner, [n, n + 1])
        likeness = alike[start:end].copy()
        highest = float(likeness.max())
        if own is not None:
            mine = parts.spoken[start:end] == parts.languages.index(own)
            likeness[mine] *= 1.25
        place = int(start) + int(np.argmax(likeness))
        return Hit(
            id=parts.ids[n],
            label=parts.labels[place],
            language=parts.languages[parts.spoken[place]],
            likeness=min(1.0, highest),
        )


def build_index(entries: Iterable[Entry]) -> TitleIndex:
    """Index every label (and each gender form of it) of every entry.

    Raises ValueError when an entry has no label or there is none. Well under a second for the
    embedded catalogue; some 15 s for the 3,000 occupations of ESCO in nine languages, which is
    why `index_file` can keep the result.
    """
    ids, labels, folded, owner, spoken = [], [], [], [], []
    kept = list(entries)
    languages = tuple(sorted({language for entry in kept for language in entry.labels}))
    for n, entry in enumerate(kept):
        ids.append(entry.id)
        found = _forms(entry)
        if not found:
            raise ValueError(f"The entry {entry.id} has no label.")
        for language, text, label in found:
            labels.append(label)
            folded.append(text)
            owner.append(n)
            spoken.append(languages.index(language))
    if not ids:
        raise ValueError("An index needs at least one entry.")
    owners, speaks = np.array(owner, np.int32), np.array(spoken, np.int16)
    vocabulary: dict[str, int] = {}
    counts = Counts.of(folded, vocabulary)
    size = len(vocabulary)
    # Language by language, because adding up all labels at once takes several times the memory.
    spoken_in = [counts.of_texts(speaks == n).merged(owners) for n in range(len(languages))]
    by_entry = Postings.of(
        Counts.joined(spoken_in).merged(np.arange(len(ids), dtype=np.int32)), len(ids), size
    )
    by_language = {
        language: Postings.of(merged, len(ids), size)
        for language, merged in zip(languages, spoken_in, strict=True)
    }
    return TitleIndex(
        Parts(
            ids=tuple(ids),
            labels=tuple(labels),
            folded=tuple(folded),
            languages=languages,
            vocabulary=vocabulary,
            owner=owners,
            spoken=speaks,
            by_label=Postings.of(counts, len(folded), size),
            by_entry=by_entry,
            by_language=by_language,
            latent=Latent.of(by_entry),
        )
    )


def _forms(entry: Entry) -> list[tuple[str, str, str]]:
    """(language, folded text, label) for every different spelling of an entry."""
    found: dict[tuple[str, str], str] = {}
    for language in sorted(entry.labels):
        for label in entry.labels[language]:
            for form in gender_forms(label):
                for text in filter(None, folds(form, language)):
                    found.setdefault((language, text), form)
    return [(language, text, label) for (language, text), label in found.items()]


def catalogue_entries(catalogue: Catalogue) -> list[Entry]:
    """The embedded catalogue as entries: titles as shown and as official, everyday words, and
    in English what people do."""
    return [
        Entry(
            occupation.id,
            {
                code: (
                    occupation.title(code),
                    title,
                    *occupation.words.get(code, ()),
                    *((occupation.does,) if code == "en" else ()),
                )
                for code, title in occupation.titles.items()
            },
        )
        for occupation in catalogue.occupations
    ]

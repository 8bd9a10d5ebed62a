"""Title search measured on alternative labels held out of the index, per language.

Protocol. Of every ESCO occupation and language, one alternative label is drawn (seed 7) as the
query, never one that is only a gender or inflection form of the preferred label. It and every
alternative that differs from it in word endings only leave the index; so do the queries of the
seven other languages, in the same single index. A hit is the very occupation the query was taken
from among the first five, although other occupations may carry the same label. `peer` is plain
character n-gram TF-IDF over the language's own labels (one text per occupation), same index.

`…_one_label` is the easier protocol: one alternative label that no other label of the occupation
equals leaves the index, its gender and inflection forms stay.

BENCH_DATA names a folder that holds esco/esco_labels_9langs.csv.
"""

from __future__ import annotations

import os
import random
import string
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from adaptive.occupations.esco import OCCUPATION, ConceptLabels, read_labels
from adaptive.occupations.forms import akin, gender_forms, grams
from adaptive.occupations.letters import fold
from adaptive.occupations.search import Entry, TitleIndex, build_index

LANGUAGES = ("de", "hu", "sk", "cs", "sl", "ro", "bg", "hr")
GOALS = dict(zip(LANGUAGES, (0.75, 0.66, 0.62, 0.70, 0.62, 0.45, 0.40, 0.57), strict=True))
QUERIES = 600
SEED = 7

Query = tuple[str, str]


def inflected(one: str, other: str) -> bool:
    """Whether two labels differ in the endings of their words only."""
    left, right = fold(one).split(), fold(other).split()
    return len(left) == len(right) and all(map(akin_or_same, left, right))


def akin_or_same(one: str, other: str) -> bool:
    return one == other or akin(one, other)


def hold_out(
    labels: tuple[str, ...], rng: random.Random, strict: bool
) -> tuple[str | None, tuple[str, ...]]:
    """Return a query (or None) and the labels that stay."""
    preferred, *alternatives = labels
    if not strict:
        folded = [fold(label) for label in labels]
        unique = [a for a in alternatives if folded.count(fold(a)) == 1]
        query = rng.choice(unique) if unique else None
        return query, tuple(label for label in labels if label != query)
    shown = (preferred, *gender_forms(preferred))
    strangers = [a for a in alternatives if not any(inflected(a, form) for form in shown)]
    if not strangers:
        return None, labels
    query = rng.choice(strangers)
    return query, (preferred, *(a for a in alternatives if not inflected(a, query)))


def split(
    concepts: list[ConceptLabels], strict: bool = True
) -> tuple[list[Entry], dict[str, list[Query]]]:
    """Return the entries to index and the queries (text, id) per language."""
    rng = random.Random(SEED)
    queries: dict[str, list[Query]] = {language: [] for language in LANGUAGES}
    entries = []
    for concept in concepts:
        kept = dict(concept.labels)
        for language in LANGUAGES:
            if language in kept:
                query, kept[language] = hold_out(kept[language], rng, strict)
                if query:
                    queries[language].append((query, concept.uri))
        entries.append(Entry(concept.uri, kept))
    return entries, {
        language: rng.sample(found, min(QUERIES, len(found))) for language, found in queries.items()
    }


def mistyped(text: str, rng: random.Random) -> str:
    """One typing slip: a letter left out, doubled, swapped with the next or replaced."""
    place = rng.randrange(1, max(2, len(text) - 1))
    slip = rng.choice("odsr")
    if slip == "o":
        return text[:place] + text[place + 1 :]
    if slip == "d":
        return text[:place] + text[place] + text[place:]
    if slip == "s":
        return text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    return text[:place] + rng.choice(string.ascii_lowercase) + text[place + 1 :]


def share(index: TitleIndex, queries: list[Query], language: str) -> float:
    found = [uri in {hit.id for hit in index.search(text, language, 5)} for text, uri in queries]
    return round(sum(found) / len(found), 3)


def plain_share(index: TitleIndex, queries: list[Query], language: str) -> float:
    """The peer: one text per occupation, own labels only, best cosine first."""
    parts, hits = index.parts, 0
    for text, uri in queries:
        known = {g: n for g, n in grams(fold(text)).items() if g in parts.vocabulary}
        numbers = np.array([parts.vocabulary[g] for g in known], dtype=np.int64)
        times = np.array(list(known.values()), dtype=np.float32)
        scores = parts.by_language[language].cosines(numbers, times)
        hits += uri in {parts.ids[n] for n in np.argsort(-scores, kind="stable")[:5]}
    return round(hits / len(queries), 3)


def figures() -> Iterator[dict[str, Any]]:
    """Yield one figure after the other; value None and `why` when the data is not there."""
    names = [f"search_hit5_{language}" for language in LANGUAGES]
    folder = os.environ.get("BENCH_DATA")
    source = Path(folder, "esco", "esco_labels_9langs.csv") if folder else None
    if source is None or not source.exists():
        why = "BENCH_DATA names no folder with esco/esco_labels_9langs.csv"
        for name in names:
            yield {"name": name, "value": None, "unit": "share", "why": why}
        return
    concepts = [c for c in read_labels(source) if c.uri.startswith(OCCUPATION)]
    entries, queries = split(concepts)
    start = time.perf_counter()
    index = build_index(entries)
    built = time.perf_counter() - start
    took: list[float] = []
    for language in LANGUAGES:
        asked = queries[language]
        yield {
            "name": f"search_hit5_{language}",
            "value": share(index, asked, language),
            "unit": "share",
            "goal": GOALS[language],
            "queries": len(asked),
            "peer": "char n-gram TF-IDF",
            "peer_value": plain_share(index, asked, language),
        }
        rng = random.Random(SEED)
        slips = [(mistyped(text, rng), uri) for text, uri in asked]
        yield {
            "name": f"search_hit5_{language}_one_typo",
            "value": share(index, slips, language),
            "unit": "share",
        }
        for text, _ in asked[:100]:
            start = time.perf_counter()
            index.search(text, language, 5)
            took.append((time.perf_counter() - start) * 1000)
    entries, queries = split(concepts, strict=False)
    easier = build_index(entries)
    for language in LANGUAGES:
        yield {
            "name": f"search_hit5_{language}_one_label",
            "value": share(easier, queries[language], language),
            "unit": "share",
        }
    yield {"name": "search_ms_p50", "value": round(float(np.median(took)), 2), "unit": "ms"}
    yield {"name": "search_ms_p99", "value": round(float(np.quantile(took, 0.99)), 2), "unit": "ms"}
    yield {"name": "search_index_build_s", "value": round(built, 1), "unit": "s"}


if __name__ == "__main__":
    import json

    for figure in figures():
        print(json.dumps(figure), flush=True)

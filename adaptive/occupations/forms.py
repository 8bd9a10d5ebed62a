"""Take a title apart: its two gender forms, and the character n-grams that search compares."""

from __future__ import annotations

from collections import Counter

from adaptive.occupations.letters import fold

SHORTEST, LONGEST = 3, 5
_LEAST_SHARED = 3
_LONGEST_ENDING = 6


def akin(one: str, other: str) -> bool:
    """Whether two words differ in their ending only ("frizer", "frizerka")."""
    one, other = fold(one), fold(other)
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    ending = max(len(one), len(other)) - shared
    return (
        shared >= _LEAST_SHARED
        and ending <= _LONGEST_ENDING
        and 2 * shared >= min(len(one), len(other))
    )


def gender_forms(label: str) -> tuple[str, ...]:
    """Split a label that holds several forms with a slash; others come back alone.

    "manažér/manažérka plánovania" -> two full titles, "Leiter im Büro/Leiterin im Büro" -> two.
    """
    if "/" not in label:
        return (label,)
    label = label.replace(" /", "/").replace("/ ", "/")
    halves = [half.split() for half in label.split("/")]
    if len(halves) == 2 and all(halves):
        left, right = halves
        whole = akin(left[0], right[0]) and not akin(left[-1], right[0])
        if whole or len(left) == len(right) == 1:
            return (" ".join(left), " ".join(right))
    words = [word.split("/") for word in label.split()]
    count = max(len(choices) for choices in words)
    return tuple(
        dict.fromkeys(
            " ".join(choices[min(n, len(choices) - 1)] for choices in words) for n in range(count)
        )
    )


def grams(folded: str) -> Counter[str]:
    """Count the character n-grams (3 to 5) within each word, its borders included as blanks."""
    found: Counter[str] = Counter()
    for word in folded.split():
        bordered = f" {word} "
        for size in range(SHORTEST, LONGEST + 1):
            found.update(bordered[n : n + size] for n in range(len(bordered) - size + 1))
    return found

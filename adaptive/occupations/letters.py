"""Letters of the ten languages: Serbian Cyrillic to Latin, and the folding that search uses."""

from __future__ import annotations

import unicodedata

_SERBIAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z",
    "и": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c",
    "ч": "č", "џ": "dž", "ш": "š",
}  # fmt: skip


def cyrillic_to_latin(text: str) -> str:
    """Write Serbian Cyrillic in Serbian Latin; other characters stay.

    One letter becomes one or two ("љ" -> "lj"); a capital becomes "Lj", or "LJ" when the next
    letter is a capital too. Pravopis srpskoga jezika (Matica srpska 2010), section 1.
    """
    out: list[str] = []
    for place, letter in enumerate(text):
        latin = _SERBIAN.get(letter.lower())
        if latin is None:
            out.append(letter)
        elif letter.islower():
            out.append(latin)
        else:
            following = text[place + 1 : place + 2]
            out.append(latin.upper() if following.isupper() else latin.capitalize())
    return "".join(out)


def without_marks(text: str) -> str:
    """Remove diacritical marks ("č" -> "c") and compose the rest again (NFKC)."""
    split = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in split if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", kept)

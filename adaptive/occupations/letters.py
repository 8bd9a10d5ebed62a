"""Letters of the ten languages: Cyrillic to Latin, and the folding that search uses."""

from __future__ import annotations

import re
import unicodedata

_SERBIAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z",
    "и": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c",
    "ч": "č", "џ": "dž", "ш": "š",
}  # fmt: skip

_BULGARIAN_TYPED = {
    "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sht", "ц": "ts", "ъ": "a", "ь": "y", "ю": "yu",
    "я": "ya", "й": "y",
}  # fmt: skip
_OTHER_CYRILLIC = {
    "щ": "št",
    "ъ": "a",
    "ь": "j",
    "ю": "ju",
    "я": "ja",
    "й": "j",
    "ы": "i",
    "э": "e",
}
_PLAIN = str.maketrans({"ß": "ss", "đ": "d", "ł": "l", "ø": "o", "æ": "a", "œ": "o", "ı": "i"})
_SPELT_OUT = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("dj", "d"))
_WORD = re.compile(r"[^\W_]+")


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


def fold(text: str) -> str:
    """Reduce a title to what people type: small Latin letters without marks, words only.

    Cyrillic becomes Latin the Serbian way, with the letters other languages add. Spelt-out
    marks ("ae" for "ä", "dj" for "đ") fold to the same letters as the marks themselves.
    """
    latin = "".join(
        _OTHER_CYRILLIC.get(letter, letter) for letter in cyrillic_to_latin(text.lower())
    )
    plain = without_marks(latin).lower().translate(_PLAIN)
    for spelt, letter in _SPELT_OUT:
        plain = plain.replace(spelt, letter)
    return " ".join(_WORD.findall(plain))


def folds(text: str, language: str) -> tuple[str, ...]:
    """Return every folded spelling of a title: Bulgarian also as it is typed in Latin letters.

    The second spelling follows the Bulgarian Transliteration Act of 2009 ("ж" -> "zh").
    """
    if language != "bg":
        return (fold(text),)
    typed = "".join(_BULGARIAN_TYPED.get(letter, letter) for letter in text.lower())
    return tuple(dict.fromkeys((fold(text), fold(typed))))

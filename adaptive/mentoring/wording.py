"""What a person should look at before a message arrives: contact details and harmful words.

A careful detector, not a judge: it says what it found and where, and a coordinator decides. All
languages are tried on every message, because people mix them. Letters are folded first (Unicode
NFKC, case, accents, Serbian Cyrillic also as Latin), so that "INSTAGRAM", "ｉｎｓｔａ" and words
typed without accents are found. Lists are data: `adaptive/content/mentoring/words.<language>.csv`
(category, pattern; `*` ends a word anyhow), `digits.csv` and `places.csv`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONTENT = Path(__file__).parents[1] / "content" / "mentoring"
CATEGORIES = ("self_harm", "threat", "sexual", "secrecy", "money")
CONTACT = ("email", "link", "handle", "phone", "elsewhere")
KINDS = (*CONTACT, *CATEGORIES)
LEAST_DIGITS = 7
"""Fewer are a date, a price or a time; short local numbers are let through."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_SIGN = r"\s?(?:@|\(at\)|\[at\]|\{at\})\s?"
_SAID = r"\s+(?:at|kukac|zavinac|afna|majmunsko|et|arond|maimunsko)\s+"
_DOT = r"(?:\.|\s?\(dot\)\s?|\s+(?:dot|punkt|pont|bodka|tecka|tacka|pika|punct|tochka)\s+)"
_TOP = (
    "com|net|org|eu|info|me|io|gg|app|link|ly|at|de|hu|sk|cz|si|ro|bg|rs|ba|hr|tv|co|be|page|site"
)
_NAME = r"[a-z0-9][a-z0-9._%+-]{0,63}"
_EMAIL = re.compile(
    rf"{_NAME}{_SIGN}[a-z0-9-]{{1,63}}{_DOT}[a-z0-9-]{{2,63}}"
    rf"|{_NAME}{_SAID}[a-z0-9-]{{1,63}}{_DOT}(?:{_TOP})\b"
)
_LINK = re.compile(
    rf"(?i:https?:|www\.)\S*|\b[\w-]{{2,63}}\.(?:{_TOP}|{_TOP.upper()})(?!\w)(?:/\S*)?"
)
"""In the writer's own capitals: "nine.At home" is a missing space, "nine.at" an address."""
_HANDLE = re.compile(r"(?<![\w.])@[a-z0-9][\w.]{2,30}|\b[\w.]{2,32}#\d{4}\b")
_RUN = re.compile(r"\+?\(?\d(?:[\s().,/_-]{0,3}\d)+")
_DATE = re.compile(
    r"\b(?:\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:19|20)\d\d|(?:19|20)\d\d[./-]\s?\d{1,2}[./-]\s?\d{1,2})\b"
)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d(?:\s?-\s?\d{1,2}[:.]\d\d)\b|\b\d{1,2}:\d\d\b")
_YEARS = re.compile(r"\b(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d\b")
_PRICE = re.compile(
    r"\b\d{1,3}(?:[ .]\d{3})+(?:,\d\d)?\s?"
    r"(?:€|(?:eur\w*|ft|forint\w*|kc|kcs|lei|leva|lv|din\w*|rsd|km)\b)|€\s?\d[\d .,]*"
)
_WORD = re.compile(r"\w+")
_LATIN = str.maketrans(
    {
        **dict(zip("абвгдежзијклмнопрстуфхцчш", "abvgdezzijklmnoprstufhccs", strict=True)),
        "ђ": "dj", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz",
    }
)  # fmt: skip


class WordingError(ValueError):
    """A list that cannot be used; the message names file, line and mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: what kind, and the part of the message as folded for the search."""

    kind: str
    found: str


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists as one pattern for each category, and words for digits and for other places."""

    words: tuple[tuple[str, re.Pattern[str]], ...]
    digits: dict[str, str]
    places: frozenset[str]


def examine(text: str, lists: Lists | None = None) -> tuple[Finding, ...]:
    """Return what a person should look at, at most one finding of each kind; () for a clean text.

    The text is never changed or stored here.
    """
    lists = lists or load_lists()
    plain = fold(text)
    found: dict[str, Finding] = {}
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    for kind, part in _contact(plain, shown, lists):
        found.setdefault(kind, Finding(kind, part))
    for form in {plain, plain.translate(_LATIN)}:
        for category, pattern in lists.words:
            if match := pattern.search(form):
                found.setdefault(category, Finding(category, match.group()))
    return tuple(found[kind] for kind in KINDS if kind in found)


def fold(text: str) -> str:
    """Return a text as the lists see it: small letters without accents or invisible signs."""
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    marks = unicodedata.normalize("NFKD", shown.replace("đ", "dj"))
    return "".join(sign for sign in marks if not unicodedata.combining(sign)).replace("’", "'")


def _contact(text: str, shown: str, lists: Lists) -> Iterator[tuple[str, str]]:
    for kind, pattern, where in (
        ("email", _EMAIL, text),
        ("link", _LINK, shown),
        ("handle", _HANDLE, text),
    ):
        if match := pattern.search(where):
            yield kind, match.group()
    if number := _phone(text, lists):
        yield "phone", number
    for word in _WORD.findall(text):
        if word in lists.places:
            yield "elsewhere", word


def _phone(text: str, lists: Lists) -> str | None:
    """Return the first run of digits that is long enough, digits as words included."""
    for known in (_DATE, _YEARS, _PRICE, _CLOCK):
        text = known.sub(" ; ", text)
    spoken = _WORD.sub(lambda word: lists.digits.get(word.group(), word.group()), text)
    for match in _RUN.finditer(spoken):
        if sum(sign.isdigit() for sign in match.group()) >= LEAST_DIGITS:
            return match.group()
    return None


@cache
def load_lists(folder: Path = CONTENT) -> Lists:
    """Read the lists.

    Raises:
        WordingError: a file has other columns, an unknown category or an empty pattern.
    """
    patterns: dict[str, set[str]] = {category: set() for category in CATEGORIES}
    for path in sorted(folder.glob("words.*.csv")):
        for line, row in _rows(path, ["category", "pattern"]):
            if row["category"] not in patterns or not row["pattern"].strip(" *"):
                known = ", ".join(CATEGORIES)
                raise WordingError(f"{path.name}:{line}: write a category of {known} and a pattern")
            patterns[row["category"]].add(fold(row["pattern"].strip()))
    digits = {
        fold(row["word"]): row["digit"]
        for _line, row in _rows(folder / "digits.csv", ["language", "word", "digit"])
    }
    places = {fold(row["word"]) for _line, row in _rows(folder / "places.csv", ["word"])}
    words = tuple((category, _any_of(found)) for category, found in patterns.items() if found)
    return Lists(words, digits, frozenset(places))


def _any_of(patterns: set[str]) -> re.Pattern[str]:
    parts = (r"\s+".join(map(_word, pattern.split())) for pattern in sorted(patterns))
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def _word(pattern: str) -> str:
    stem = re.escape(pattern.rstrip("*"))
    return rf"{stem}\w*" if pattern.endswith("*") else stem


def _rows(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != columns:
            raise WordingError(f"{path.name}:1: write the columns {','.join(columns)}")
        for row in reader:
            yield reader.line_num, row

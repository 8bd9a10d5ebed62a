"""From what a form or a file says to an opportunity, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from adaptive.opportunities import KINDS, Texts
from adaptive.opportunities.model import SCALES
from adaptive.opportunities.network import LANGUAGES
from adaptive.places import load_gazetteer

COUNTRIES = load_gazetteer().countries
TEXT_FIELDS: Mapping[str, int] = {"title": 120, "about": 1000, "needs": 300, "first_step": 300}
"""The texts of one language with their most letters; the first two are needed."""
NEEDED = ("title", "about")
FIELDS = (
    "reference", "kind", "organisation", "url", "email", "phone", "place", "online", "interests",
    "languages", "countries", "age_from", "age_to", "first_day", "last_day", "network",
)  # fmt: skip
"""The fields beside the texts, in the order of a form and of a file's columns."""
_LONGEST = {"reference": 64, "organisation": 120, "url": 300, "email": 120, "phone": 40,
            "place": 80}  # fmt: skip
_YES, _NO = {"1", "yes", "true"}, {"", "0", "no", "false"}
_EMAIL = re.compile(r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"'.]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,38}")
_HOST = re.compile(r"[^\s<>\"']+\.[^\s<>\"'.]+")
_AGES = (10, 99)


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that cannot be taken. code: what is wrong, with the value it is about."""

    field: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What is stored of an opportunity, checked."""

    reference: str | None
    kind: str
    organisation: str
    url: str
    email: str
    phone: str
    place: str | None
    online: bool
    interests: str
    languages: list[str]
    countries: list[str]
    age_from: int | None
    age_to: int | None
    first_day: date | None
    last_day: date | None
    network: bool
    texts: Mapping[str, Texts]


class NotValid(ValueError):
    """Some fields cannot be taken; `faults` says which and why, in the order of the form."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults."""
        super().__init__(", ".join(f"{fault.field}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)


class _Reader:
    """Reads fields one by one and collects what is wrong."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self.raw = raw
        self.faults: list[Fault] = []

    def fault(self, field: str, code: str, value: str = "") -> None:
        self.faults.append(Fault(field, code, value[:60]))

    def text(self, field: str, longest: int, *, needed: bool = False, lines: bool = False) -> str:
        value = self.raw.get(field, "").replace("\r\n", "\n").strip()
        allowed = "\n" if lines else ""
        if any(not letter.isprintable() and letter not in allowed for letter in value):
            self.fault(field, "letters")
        elif len(value) > longest:
            self.fault(field, "long", str(longest))
        elif needed and not value:
            self.fault(field, "empty")
        return value

    def flag(self, field: str) -> bool:
        value = self.raw.get(field, "").strip().lower()
        if value not in _YES | _NO:
            self.fault(field, "yes_no", value)
        return value in _YES

    def codes(self, field: str, known: Sequence[str]) -> list[str]:
        given = re.split(r"[\s,;|]+", self.raw.get(field, "").strip())
        found = [one for one in given if one]
        for one in found:
            if one not in known:
                self.fault(field, "code", one)
        return [one for one in known if one in found]

    def age(self, field: str) -> int | None:
        value = self.raw.get(field, "").strip()
        if not value:
            return None
        low, high = _AGES
        if not (value.isascii() and value.isdigit() and low <= int(value[:4]) <= high):
            self.fault(field, "age", value)
            return None
        return int(value)

    def day(self, field: str) -> date | None:
        value = self.raw.get(field, "").strip()
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(field, "day", value)
            return None


def read(raw: Mapping[str, str]) -> Values:
    """Read the fields `FIELDS` and texts such as "title.en"; an absent field is an empty one.

    Raises:
        NotValid: with everything that is wrong.
    """
    reader = _Reader(raw)
    texts = {
        language: words for language in LANGUAGES if (words := _texts(reader, language)) is not None
    }
    if not texts and not any(fault.field.startswith("title.") for fault in reader.faults):
        reader.fault("title.en", "no_words")
    values = Values(
        reference=reader.text("reference", _LONGEST["reference"]) or None,
        kind=_kind(reader),
        organisation=reader.text("organisation", _LONGEST["organisation"], needed=True),
        url=_url(reader),
        email=_matching(reader, "email", _EMAIL),
        phone=_matching(reader, "phone", _PHONE),
        place=_place(reader),
        online=reader.flag("online"),
        interests="".join(_interests(reader)),
        languages=reader.codes("languages", LANGUAGES),
        countries=reader.codes("countries", COUNTRIES),
        age_from=reader.age("age_from"),
        age_to=reader.age("age_to"),
        first_day=reader.day("first_day"),
        last_day=reader.day("last_day"),
        network=reader.flag("network"),
        texts=texts,
    )
    _together(reader, values)
    if reader.faults:
        raise NotValid(reader.faults)
    return values


def _texts(reader: _Reader, language: str) -> Texts | None:
    """Return the words of a language, None if nothing was written in it."""
    names = {field: f"{field}.{language}" for field in TEXT_FIELDS}
    if not any(reader.raw.get(name, "").strip() for name in names.values()):
        return None
    return Texts(
        **{
            field: reader.text(
                name, TEXT_FIELDS[field], needed=field in NEEDED, lines=field != "title"
            )
            for field, name in names.items()
        }
    )


def _kind(reader: _Reader) -> str:
    kind = reader.raw.get("kind", "").strip()
    if kind not in KINDS:
        reader.fault("kind", "kind", kind)
    return kind


def _url(reader: _Reader) -> str:
    url = reader.text("url", _LONGEST["url"])
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    known = parts.scheme == "https" and _HOST.fullmatch(host) and "@" not in parts.netloc
    if not known or re.search(r"[\s<>\"']", url):
        reader.fault("url", "url", url)
    return url


def _matching(reader: _Reader, field: str, form: re.Pattern[str]) -> str:
    value = reader.text(field, _LONGEST[field])
    if value and not form.fullmatch(value):
        reader.fault(field, field, value)
    return value


def _place(reader: _Reader) -> str | None:
    """Return the town by its number or name; "Komárno, SK" says which one of namesakes."""
    words = reader.text("place", _LONGEST["place"])
    if not words:
        return None
    towns = load_gazetteer()
    name, _, country = (part.strip() for part in words.rpartition(","))
    if not name or country.upper() not in COUNTRIES:
        name, country = words, ""
    known = towns.get(words)
    found = known or towns.exact(name, country.upper() or None)
    if found is None or (country and found.country != country.upper()):
        reader.fault("place", "place_many" if towns.search(name) else "place", words)
        return None
    return found.id


def _interests(reader: _Reader) -> list[str]:
    given = re.sub(r"[\s,;|]+", "", reader.raw.get("interests", "")).upper()
    for letter in sorted(set(given) - set(SCALES)):
        reader.fault("interests", "interests", letter)
    return [letter for letter in SCALES if letter in given]


def _together(reader: _Reader, values: Values) -> None:
    if not (values.url or values.email or values.phone) and not {
        fault.field for fault in reader.faults
    } & {"url", "email", "phone"}:
        reader.fault("url", "no_contact")
    if values.age_from and values.age_to and values.age_from > values.age_to:
        reader.fault("age_to", "age_order")
    if values.first_day and values.last_day and values.last_day.year < values.first_day.year - 5:
        reader.fault("last_day", "day_order")


def raw_of(values: Values) -> dict[str, str]:
    """Return checked values as a form shows them and a file writes them; `read` takes them back."""
    raw = {
        "reference": values.reference or "",
        "place": values.place or "",
        "online": "yes" if values.online else "",
        "network": "yes" if values.network else "",
        "languages": " ".join(values.languages),
        "countries": " ".join(values.countries),
    }
    for name in ("kind", "organisation", "url", "email", "phone", "interests"):
        raw[name] = str(getattr(values, name))
    for name in ("age_from", "age_to", "first_day", "last_day"):
        value = getattr(values, name)
        raw[name] = "" if value is None else str(value)
    for language, texts in values.texts.items():
        raw |= {f"{field}.{language}": getattr(texts, field) for field in TEXT_FIELDS}
    return raw

"""A file to begin an import with: every column, and two lines that can be imported as they are."""

from __future__ import annotations

import csv
import io

from lti_tool.opportunities.values import FIELDS, TEXT_FIELDS

_LANGUAGES = ("en", "hu")
_LINES: tuple[dict[str, str], ...] = (
    {
        "reference": "bakery-1",
        "kind": "traineeship",
        "organisation": "Village Bakery (example)",
        "email": "office@bakery.example",
        "phone": "+36 1 234 5678",
        "place": "Szeged, HU",
        "interests": "R",
        "languages": "hu",
        "countries": "",
        "age_from": "16",
        "title.en": "Learn to bake: four weeks",
        "about.en": "You help in a bakery from Monday to Friday. Lunch is paid.",
        "first_step.en": "Call the office and ask for a visit.",
        "title.hu": "Tanulj meg sütni: négy hét",
        "about.hu": "Hétfőtől péntekig egy pékségben segítesz. Az ebédet kifizetik.",
    },
    {
        "reference": "visit-1",
        "kind": "visit",
        "organisation": "Sawmill (example)",
        "url": "https://sawmill.example/visit",
        "online": "yes",
        "interests": "RI",
        "languages": "en de",
        "network": "yes",
        "title.en": "See a sawmill, live and online",
        "about.en": "A worker shows you a day at work by video. You can ask anything.",
    },
)


def example_csv() -> str:
    """Return the file's text, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO(newline="")
    columns = [*FIELDS, *(f"{name}.{code}" for code in _LANGUAGES for name in TEXT_FIELDS)]
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_LINES)
    return "\ufeff" + out.getvalue()

"""Reading, updating and compiling the catalogues.

Serbian is written in Cyrillic; its Latin form is made from it when the catalogues are compiled,
letter by letter, so that the two never differ. (The other way round is not safe: Latin "nj" can be
one letter or two.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from adaptive.occupations.letters import cyrillic_to_latin
from lti_tool.web.locale import LANGUAGES

HOME: Final = Path(__file__).parent
SOURCES: Final = HOME.parent.parent
DOMAIN: Final = "messages"
GENERATED: Final = {"sr_Latn": "sr_Cyrl"}
WRITTEN: Final = tuple(code for code in LANGUAGES if code != "en" and code not in GENERATED)
PLURALS: Final = {
    # Pinned: Babel's own table has one form for Hungarian where CLDR and translators use two.
    "de": "nplurals=2; plural=(n != 1);",
    "hu": "nplurals=2; plural=(n != 1);",
    "bg": "nplurals=2; plural=(n != 1);",
    "sk": "nplurals=3; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2;",
    "cs": "nplurals=3; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2;",
    "ro": "nplurals=3; plural=(n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2);",
    "sl": "nplurals=4; plural=(n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3);",
    "sr_Cyrl": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "bs": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
}
_KEYWORDS: Final = {
    "_": None, "_l": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2), "_n": (1, 2),
}  # fmt: skip
_METHODS: Final = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS: Final = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
_LEFT_OUT: Final = ("demo/", "web/translations/")
_PLACE: Final = re.compile(r"(%\(\w+\)[sd]|<[^>]*>|&\w+;)")


def path_of(locale: str) -> Path:
    """Return where the catalogue of a language lies."""
    return HOME / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def extract() -> Catalog:
    """Return every text of the application, as the code has it now.

    The practice LMS stays English: it is for those who build and teach, not for learners.
    """
    template = Catalog(project="Back on Track", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(SOURCES), _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("Translators:",)
    )
    for name, line, text, comments, context in found:
        if not name.startswith(_LEFT_OUT):
            template.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return template


def read(locale: str) -> Catalog:
    """Return the catalogue of a language; an empty one where there is no file yet."""
    source = GENERATED.get(locale)
    if source:
        return _latin(read(source), locale)
    if not path_of(locale).exists():
        return Catalog(locale=locale)
    with path_of(locale).open("rb") as handle:
        return read_po(handle, locale=locale, domain=DOMAIN)


def update(locale: str, template: Catalog) -> None:
    """Bring the file of a language up to the code: new texts empty, gone ones left out."""
    catalogue = read(locale)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path_of(locale).parent.mkdir(parents=True, exist_ok=True)
    with path_of(locale).open("wb") as handle:
        write_po(handle, catalogue, width=100, omit_header=True, include_lineno=False,
                 sort_output=True)  # fmt: skip
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"MIME-Version: 1.0\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {PLURALS[locale]}\\n"\n\n'
    )
    path_of(locale).write_text(head + path_of(locale).read_text("utf-8"), "utf-8")


def compile_all() -> None:
    """Write the compiled form of each catalogue that is newer than it."""
    for locale in (*WRITTEN, *GENERATED):
        source = path_of(GENERATED.get(locale, locale))
        target = path_of(locale).with_suffix(".mo")
        if not source.exists():
            continue
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as handle:
            write_mo(handle, read(locale))


def to_latin(text: str) -> str:
    """Write Serbian Cyrillic in Latin letters; placeholders and tags stay as they are."""
    return "".join(
        part if _PLACE.fullmatch(part) else cyrillic_to_latin(part) for part in _PLACE.split(text)
    )


def messages(catalogue: Catalog) -> Iterator[Message]:
    """Return the messages without the header."""
    return (message for message in catalogue if message.id)


def texts_of(message: Message) -> tuple[str, ...]:
    """Return a message's translation: one text, or one for each plural form."""
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ("",))


def _latin(source: Catalog, locale: str) -> Catalog:
    made = Catalog(locale="sr_Latn", charset="utf-8")
    for message in messages(source):
        latin = tuple(to_latin(text) for text in texts_of(message))
        single = isinstance(message.id, str)
        made.add(message.id, latin[0] if single else latin, context=message.context)
    del locale
    return made

"""Which of our languages a page speaks.

Platforms send their own codes (Moodle's `sr_lt` is Serbian in Latin script, to Babel it would be
Serbian in Lithuania), so no code reaches Babel that did not pass through the table here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One offered language: its Babel code, its BCP 47 tag for HTML, its own name."""

    code: str
    tag: str
    name: str


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "en", "English"),
        Language("de", "de", "Deutsch"),
        Language("hu", "hu", "Magyar"),
        Language("sk", "sk", "Slovenčina"),
        Language("cs", "cs", "Čeština"),
        Language("sl", "sl", "Slovenščina"),
        Language("ro", "ro", "Română"),
        Language("bg", "bg", "Български"),
        Language("sr_Cyrl", "sr-Cyrl", "Српски"),
        Language("sr_Latn", "sr-Latn", "Srpski"),
        Language("bs", "bs", "Bosanski"),
    )
}

_SPECIAL = {
    "sr_lt": "sr_Latn",
    "sr_cr": "sr_Cyrl",
    "sr_latn": "sr_Latn",
    "sr_cyrl": "sr_Cyrl",
    "hr": "bs",
    "sh": "sr_Latn",
}
_VALID = re.compile(r"[a-z]{2,3}(_[a-z0-9]{1,8})*")


def known_locale(code: str | None, serbian_script: str = "Cyrl") -> str | None:
    """Return our code for a platform's or browser's code, None if we do not speak it."""
    parts = re.sub(r"[-.@]", "_", (code or "").strip().lower())
    if not _VALID.fullmatch(parts):
        return None
    pieces = parts.split("_")
    while pieces:
        candidate = "_".join(pieces)
        if candidate in _SPECIAL:
            return _SPECIAL[candidate]
        if candidate == "sr":
            return f"sr_{serbian_script}"
        if candidate in LANGUAGES:
            return candidate
        pieces.pop()
    return None


def resolve_locale(
    *,
    chosen: str | None,
    claim: str | None,
    accept_language: list[str],
    site_default: str,
    serbian_script: str = "Cyrl",
) -> str:
    """Return the code of the language to speak.

    The person's own choice wins over the platform's claim, that over the browser's list (best
    first), that over the site's default; English is the last resort.
    """
    for code in (chosen, claim, *accept_language, site_default):
        found = known_locale(code, serbian_script)
        if found:
            return found
    return "en"

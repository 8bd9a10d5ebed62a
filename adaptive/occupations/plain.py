"""Official titles made shorter to read: without the classifier's "not elsewhere classified"."""

from __future__ import annotations

import re

_ENDINGS = {
    "en": (r" not elsewhere classified$", "Other "),
    "de": (r", anderweitig nicht genannt$", "Sonstige "),
    "hu": (r"[Mm]áshová nem sorolható,? ", "Egyéb "),
    "sk": (r" inde neuvedení\b", "Ostatní "),
    "cs": (r" jinde neuveden[íá]$", "Ostatní "),
    "sl": (r", d\. n\.$", ""),
    "ro": (r",? neclasifica(?:ți|t) în grupele de bază anterioare$", ""),
    "bg": (r", некласифициран[и]? другаде$", ""),
}
_GERMAN_ADJECTIVES = ("Akademische", "Bildende", "Kunsthandwerkliche")
_OTHER_ALREADY = ("other ", "sonstige ", "egyéb ", "ostatní ", "iné ")


def plain_title(title: str, language: str) -> str:
    """Return an ISCO-08 title without its residual-category wording.

    "Health professionals not elsewhere classified" becomes "Other health professionals"; where
    the word for "other" would have to agree in gender, the ending is only taken off.
    """
    title = title.rstrip(". ") if language == "de" else title
    if language not in _ENDINGS:
        return title
    pattern, other = _ENDINGS[language]
    short, found = re.subn(pattern, "", title)
    if not found or not other or short.lower().startswith(_OTHER_ALREADY):
        return short[:1].upper() + short[1:]
    noun_first = language == "de" and not short.startswith(_GERMAN_ADJECTIVES)
    return other + (short if noun_first else short[:1].lower() + short[1:])

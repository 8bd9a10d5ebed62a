"""A language nobody speaks, for layout and for finding texts that skip translation.

Every text is put in brackets, its letters get accents, and it grows by about a third, as German and
Hungarian do. The pages' tests offer it under the code of Esperanto, which partners do not use.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from lti_tool.web.translations.catalogues import DOMAIN, extract, messages

CODE: Final = "eo"
OPEN, CLOSE = "⟦", "⟧"
_ACCENTS: Final = str.maketrans("aceginorsuyzACEGINORSUYZ", "áçéğíñóřšúýžÁÇÉĞÍÑÓŘŠÚÝŽ")
_PLACE: Final = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;|https?://\S+)")


def stretch(text: str) -> str:
    """Return a text as the pseudo-locale says it; placeholders and tags stay as they are."""
    accented = "".join(
        part if _PLACE.fullmatch(part) else part.translate(_ACCENTS) for part in _PLACE.split(text)
    )
    more = " ".join("añó" for _ in range(max(1, len(text) // 12)))
    return f"{OPEN}{accented} {more}{CLOSE}"


def write(folder: Path) -> None:
    """Write the compiled pseudo-locale below `folder`, as Flask-Babel looks for it."""
    made = Catalog(locale=CODE, charset="utf-8")
    for message in messages(extract()):
        ids = message.id
        text = stretch(ids) if isinstance(ids, str) else tuple(stretch(one) for one in ids)
        made.add(ids, text, context=message.context)
    target = folder / CODE / "LC_MESSAGES" / f"{DOMAIN}.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as handle:
        write_mo(handle, made)

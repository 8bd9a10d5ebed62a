"""What may be wrong with a catalogue: said with language, text and mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from babel.messages.catalog import Catalog, Message

from lti_tool.web.translations.catalogues import messages, texts_of

LONGEST_SENTENCE: Final = 24
"""Words; the English texts aim at fifteen, and other languages may need a few more."""
_FIELD: Final = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")
_TAG: Final = re.compile(r"</?\w+[^>]*>")
_SENTENCE: Final = re.compile(r"[.!?…:]+\s+")


def completeness(catalogue: Catalog, template: Catalog) -> float:
    """Return the share of the application's texts that a catalogue has, 0 to 1."""
    texts = [message.id for message in messages(template)]
    done = sum(1 for text in texts if (found := catalogue.get(text)) and _is_done(found))
    return done / len(texts) if texts else 1.0


def faults(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """Say what is wrong with the texts that a catalogue has."""
    wanted = {message.id if isinstance(message.id, str) else message.id[0]
              for message in messages(template)}  # fmt: skip
    for message in messages(catalogue):
        key = message.id if isinstance(message.id, str) else message.id[0]
        if key not in wanted:
            yield f"{key!r}: the application does not say this any more; run make messages"
        elif _is_done(message):
            yield from _message_faults(message, catalogue.num_plurals)


def _is_done(message: Message) -> bool:
    return all(texts_of(message))


def _message_faults(message: Message, plurals: int) -> Iterator[str]:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    texts = texts_of(message)
    key = ids[0]
    if len(ids) > 1 and len(texts) != plurals:
        yield f"{key!r}: {len(texts)} plural forms, the language has {plurals}"
    allowed = set().union(*(set(_FIELD.findall(one)) for one in ids))
    needed = set(_FIELD.findall(ids[-1])) - ({"%(num)s", "%(num)d"} if len(ids) > 1 else set())
    for text in texts:
        found = set(_FIELD.findall(text))
        if not found <= allowed or not needed <= found:
            yield f"{key!r}: placeholders {sorted(found)} in {text!r}, expected {sorted(allowed)}"
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(ids[-1])):
            yield f"{key!r}: other HTML tags in {text!r}"
        if text.strip() != text and ids[-1].strip() == ids[-1]:
            yield f"{key!r}: space at the edge of {text!r}"
        longest = max(len(sentence.split()) for sentence in _SENTENCE.split(text))
        if longest > LONGEST_SENTENCE:
            yield f"{key!r}: a sentence of {longest} words; make two of it"

"""The bank's words in the language of a page."""

from __future__ import annotations

from adaptive.occupations.letters import cyrillic_to_latin
from lti_tool.learner.digital.operations import bank


def say(key: str, locale: str) -> str:
    """Return a text of the bank; Serbian in Latin script is made from the Cyrillic."""
    text = bank().text(key, locale.partition("_")[0])
    return cyrillic_to_latin(text) if locale == "sr_Latn" else text

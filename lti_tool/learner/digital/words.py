"""The bank's words in the language of a page."""

from __future__ import annotations

from adaptive.occupations.letters import cyrillic_to_latin
from lti_tool.learner.digital.operations import bank, practice


def steps_of(task: str, locale: str) -> list[str]:
    """Return the small steps of a practice task, none where a language has none yet."""
    steps = practice().steps(task, locale.partition("_")[0])
    return [cyrillic_to_latin(step) if locale == "sr_Latn" else step for step in steps]


def say(key: str, locale: str) -> str:
    """Return a text of the bank; Serbian in Latin script is made from the Cyrillic."""
    text = bank().text(key, locale.partition("_")[0])
    return cyrillic_to_latin(text) if locale == "sr_Latn" else text

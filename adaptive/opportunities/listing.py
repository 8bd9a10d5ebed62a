"""One opportunity as people read it: what it is, who offers it, and how to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from adaptive.occupations.letters import cyrillic_to_latin
from adaptive.opportunities.model import Offer


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. needs: what one has to bring; first_step: how to begin."""

    title: str
    about: str
    needs: str = ""
    first_step: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """An organisation and its offices' addresses; never a person."""

    organisation: str
    url: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An offer with its words per language.

    age_from, age_to: who may take part, None for no limit. first_day: when it begins. example: it
    only shows what could be here. ended: it can be had no more.
    """

    offer: Offer
    contact: Contact
    texts: Mapping[str, Texts] = field(default_factory=dict)
    age_from: int | None = None
    age_to: int | None = None
    first_day: date | None = None
    example: bool = False
    ended: bool = False

    @property
    def id(self) -> str:
        """Return the id that its address carries."""
        return self.offer.id

    def words(self, language: str) -> tuple[str, Texts]:
        """Return the words for a reader, and the code of the language that they are in.

        Serbian in Latin script is written from Serbian. Without words in the reader's language
        come English ones, else those of the first language by alphabet.
        """
        base, _, script = language.partition("_")
        if base in self.texts:
            found = self.texts[base]
            if base == "sr" and script == "Latn":
                found = Texts(*map(cyrillic_to_latin, _parts(found)))
            return base, found
        code = "en" if "en" in self.texts else min(self.texts)
        return code, self.texts[code]

    def is_over(self, today: date) -> bool:
        """Whether it was ended, or its last day has passed."""
        last = self.offer.last_day
        return self.ended or (last is not None and last < today)


def _parts(texts: Texts) -> tuple[str, str, str, str]:
    return texts.title, texts.about, texts.needs, texts.first_step

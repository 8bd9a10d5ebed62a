"""Plain words for opportunities: kinds, places, languages, what is wrong with a field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import flask_babel
from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from adaptive.opportunities import Listing
from adaptive.places import Place, load_gazetteer
from lti_tool.opportunities.table import LineFault
from lti_tool.opportunities.values import Fault

KINDS: Mapping[str, Any] = {
    "job": _l("Job"),
    "traineeship": _l("Traineeship"),
    "course": _l("Course"),
    "service": _l("Advice and help"),
    "exchange": _l("Meet others online"),
    "visit": _l("Online visit at work"),
    "abroad": _l("Time abroad"),
}

FIELDS: Mapping[str, Any] = {
    "reference": _l("Your own number or name for it"),
    "kind": _l("Kind"),
    "organisation": _l("Organisation"),
    "url": _l("Web page"),
    "email": _l("E-mail of the office"),
    "phone": _l("Phone of the office"),
    "place": _l("Town"),
    "online": _l("Online"),
    "interests": _l("Interests"),
    "languages": _l("Languages"),
    "countries": _l("Countries"),
    "age_from": _l("Youngest age"),
    "age_to": _l("Oldest age"),
    "first_day": _l("First day"),
    "last_day": _l("Last day to apply"),
    "network": _l("For the whole network"),
    "title": _l("Title"),
    "about": _l("What it is"),
    "needs": _l("What you need"),
    "first_step": _l("The first step"),
}

STATES: Mapping[str, Any] = {
    "draft": _l("Draft"),
    "open": _l("Open"),
    "ended": _l("Ended"),
}

_FAULTS: Mapping[str, Callable[[str], Any]] = {
    "empty": lambda _value: _("Please fill this in."),
    "long": lambda value: _("This is too long. Use at most %(count)s letters.", count=value),
    "letters": lambda _value: _("There is a letter in it that we cannot store. Type it again."),
    "yes_no": lambda value: _("“%(value)s” is not known. Write yes or no.", value=value),
    "code": lambda value: _(
        "“%(value)s” is not known. Use the codes that the list names.", value=value
    ),
    "age": lambda value: _("“%(value)s” is no age. Write a number from 10 to 99.", value=value),
    "age_order": lambda _value: _("The oldest age is below the youngest. Change one of them."),
    "day": lambda value: _(
        "“%(value)s” is no date. Write year, month, day, such as 2027-03-31.", value=value
    ),
    "day_order": lambda _value: _("The last day is far before the first day. Change one of them."),
    "past": lambda value: _(
        "%(value)s has passed. Choose a later last day, or take it out.", value=value
    ),
    "kind": lambda _value: _("Choose one of the kinds."),
    "url": lambda value: _(
        "“%(value)s” is no safe web address. It begins with https://.", value=value
    ),
    "email": lambda value: _("“%(value)s” is no e-mail address. Correct it.", value=value),
    "phone": lambda value: _(
        "“%(value)s” is no phone number. Begin with + and the country’s number.", value=value
    ),
    "no_contact": lambda _value: _("Give a web page, an e-mail or a phone of the office."),
    "place": lambda value: _(
        "We do not know “%(value)s”. Name a larger town near it.", value=value
    ),
    "place_many": lambda value: _(
        "There are several towns like “%(value)s”. Write the whole name and the country, such as "
        "Komárno, SK.",
        value=value,
    ),
    "interests": lambda value: _(
        "“%(value)s” is no interest. Use the letters R I A S E C.", value=value
    ),
    "no_words": lambda _value: _("Write the texts in one language at least."),
    "taken": lambda value: _("“%(value)s” stands for another one already.", value=value),
    "twice": lambda value: _("“%(value)s” is twice in the file. Take one line out.", value=value),
    "cells": lambda value: _(
        "There are more cells than the %(count)s columns. Look for a missing quotation mark.",
        count=value,
    ),
    "file_large": lambda value: _(
        "The file is larger than %(count)s kB. Divide it into two.", count=value
    ),
    "file_long": lambda value: _(
        "The file has more than %(count)s lines. Divide it into two.", count=value
    ),
    "file_letters": lambda _value: _("This is not UTF-8. Save the file as “CSV UTF-8”."),
    "file_quotes": lambda _value: _("A quotation mark is open. Close it."),
    "file_empty": lambda _value: _("There is nothing in the file. Begin with the example."),
    "column_missing": lambda value: _("The column “%(value)s” is missing. Add it.", value=value),
    "column_unknown": lambda value: _(
        "The column “%(value)s” is not known. Rename it or take it out.", value=value
    ),
    "column_twice": lambda value: _(
        "The column “%(value)s” is there twice. Take one out.", value=value
    ),
    "too_many": lambda _value: _("Your list is full. End old ones first."),
}


def say(fault: Fault) -> str:
    """Return what is wrong and how to mend it."""
    return str(_FAULTS[fault.code](fault.value))


def say_line(found: LineFault) -> str:
    """Return the same with the line of the file, and the column as the file calls it."""
    words = say(found.fault)
    if not found.line:
        return words
    if not found.fault.field:
        return str(_("Line %(line)s: %(words)s", line=found.line, words=words))
    return str(
        _(
            "Line %(line)s, column %(column)s: %(words)s",
            line=found.line,
            column=found.fault.field,
            words=words,
        )
    )


def locale() -> str:
    """Return the code of the page's language."""
    return str(flask_babel.get_locale() or "en")


def language_name(code: str) -> str:
    """Return a language's name in the page's language, "Serbian" for sr."""
    return str(Locale.parse(locale()).languages.get(code, code))


def country_name(code: str) -> str:
    """Return a country's name in the page's language."""
    return str(Locale.parse(locale()).territories.get(code, code))


def language_names(codes: Iterable[str]) -> list[str]:
    """Return names of languages in alphabetical order of their codes."""
    return [language_name(code) for code in sorted(codes)]


def country_names(codes: Iterable[str]) -> list[str]:
    """Return names of countries in alphabetical order of their codes."""
    return [country_name(code) for code in sorted(codes)]


def dialled(phone: str) -> str:
    """Return a phone number as an address dials it (RFC 3966): digits, with + where it has one."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


def landmark(place: Place) -> Place | None:
    """Return a larger town near a place, to tell namesakes apart."""
    return load_gazetteer().landmark(place)


def place_name(place: Place) -> str:
    """Return a town with its country, such as "Szeged (Hungary)"."""
    town, country = place.shown(locale()), country_name(place.country)
    # Translators: a town and its country, such as "Szeged (Hungary)".
    return str(_("%(town)s (%(country)s)", town=town, country=country))


def listed(words: Iterable[str]) -> str:
    """Return names with commas between."""
    # Translators: stands between names in a list.
    return str(_(", ")).join(words)


def where(listing: Listing) -> str:
    """Return where it happens, in a few words."""
    offer = listing.offer
    if offer.place and offer.online:
        return str(_("%(place)s or online", place=place_name(offer.place)))
    if offer.place:
        return place_name(offer.place)
    return str(_("Online") if offer.online else _("In many places"))


def ages(listing: Listing) -> str:
    """Return for which ages it is, "" for all."""
    low, high = listing.age_from, listing.age_to
    if low and high and low == high:
        return str(_("For people who are %(age)s", age=low))
    if low and high:
        return str(_("For people from %(low)s to %(high)s", low=low, high=high))
    if low:
        return str(_("For people from %(low)s on", low=low))
    return str(_("For people up to %(high)s", high=high)) if high else ""


def last_day(listing: Listing, today: date) -> str:
    """Return until when it can be had, "" without an end."""
    end = listing.offer.last_day
    if end is None:
        return ""
    left = (end - today).days
    if left < 0 or listing.ended:
        return str(_("It has ended."))
    if left == 0:
        return str(_("Today is the last day to apply."))
    shown = flask_babel.format_date(end, "long")
    return str(
        ngettext(
            "Apply until %(date)s. %(num)s day is left.",
            "Apply until %(date)s. %(num)s days are left.",
            left,
            date=shown,
        )
    )

"""Opportunities near somebody, online and across borders: which fit, why, and those of the EU."""

from __future__ import annotations

from adaptive.opportunities.listing import Contact, Listing, Texts
from adaptive.opportunities.matching import match
from adaptive.opportunities.model import KINDS, WHERE, Ask, Match, Matches, Offer, Seeker
from adaptive.opportunities.network import load_network

__all__ = [
    "KINDS",
    "WHERE",
    "Ask",
    "Contact",
    "Listing",
    "Match",
    "Matches",
    "Offer",
    "Seeker",
    "Texts",
    "load_network",
    "match",
]

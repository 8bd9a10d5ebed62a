"""Interests: the item bank, the joint model of the answers, the next item, the honest profile."""

from __future__ import annotations

from adaptive.interests.bank import Bank, BankError, Item, languages, load_bank
from adaptive.interests.engine import Engine
from adaptive.interests.form import ITEMS, SCALES, AnswerError
from adaptive.interests.model import Model, ModelError, load_model
from adaptive.interests.profile import Note, Profile

__all__ = [
    "ITEMS",
    "SCALES",
    "AnswerError",
    "Bank",
    "BankError",
    "Engine",
    "Item",
    "Model",
    "ModelError",
    "Note",
    "Profile",
    "languages",
    "load_bank",
    "load_model",
]

"""Guides for mentors: six short units read from data, each with three questions to oneself."""

from __future__ import annotations

from adaptive.guides.library import CONTENT, Guides, Unit, load_guides

__all__ = ["CONTENT", "Guides", "Unit", "load_guides"]

"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present as an aware UTC datetime."""
    return datetime.now(UTC)

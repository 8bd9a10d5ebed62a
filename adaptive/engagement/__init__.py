"""Engagement: who may need a friendly word, by points that anybody can check."""

from __future__ import annotations

from adaptive.engagement.warning import (
    EarlyWarning,
    EngagementError,
    Event,
    Signals,
    Thresholds,
    signals_at,
    warn,
)

__all__ = [
    "EarlyWarning",
    "EngagementError",
    "Event",
    "Signals",
    "Thresholds",
    "signals_at",
    "warn",
]

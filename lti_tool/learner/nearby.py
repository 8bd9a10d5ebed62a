"""What a learner finds and keeps near them, as other rooms may read it."""

from __future__ import annotations

from lti_tool.learner.near.standing import standing_of

__all__ = ["standing_of"]

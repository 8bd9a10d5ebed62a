"""What every page shares: layout, macros, static files, locale, errors, security headers."""

from __future__ import annotations

from typing import cast

from flask import current_app

from lti_tool.services import Services


def services() -> Services:
    """Return the parts that this process shares."""
    return cast("Services", current_app.extensions["backontrack"])

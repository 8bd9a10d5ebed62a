"""How a platform comes to know us: an invite, Dynamic Registration, or values typed by hand."""

from __future__ import annotations

from lti_tool.lti.registration.failure import RegistrationFailed
from lti_tool.lti.registration.operations import add_platform, create_invite, register

__all__ = ["RegistrationFailed", "add_platform", "create_invite", "register"]

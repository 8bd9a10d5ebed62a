"""What the fault tests of the outbox stand on."""

from __future__ import annotations

from tests.lti_tool.outbox.conftest import gradebook, school, server, services

__all__ = ["gradebook", "school", "server", "services"]

"""The ways in which platforms are known to differ; the defaults are the standard's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def no_relaunch_url(_issuer: str, _message_hint: str | None) -> str | None:
    """The standard has no address at which a person can begin a launch again."""
    return None


@dataclass(frozen=True, slots=True)
class Quirks:
    """One flag for each difference; the product's file says why it sets it."""

    deep_link_url: bool = True
    """Deep Linking items carry a `url`."""
    deep_link_presentation: bool = True
    """Deep Linking items say where to open them (`iframe`, `window`)."""
    container_limit: int | None = None
    """How many line items or results a page to ask for; None: say nothing."""
    ungraded_progress: bool = True
    """A score message without a final grade leaves an existing grade alone."""
    empty_result_is_zero: bool = False
    """A result without `resultScore` stands for the grade 0."""
    roster_links_drop_role: bool = False
    """The roster's next links forget the role filter."""
    vendor_hosts: tuple[str, ...] = ()
    """Hosts of one vendor that speak for each other at registration; ".x" means any below x."""
    lone_deployment: str | None = None
    """The one deployment id of every registration, for admins who are not shown it."""
    relaunch_url: Callable[[str, str | None], str | None] = no_relaunch_url
    """Where a launch can be begun again in a window of its own, from issuer and message hint."""

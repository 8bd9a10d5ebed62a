"""The words between the dispatcher of the LTI services and their handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lti_tool.demo.site import Site


@dataclass(frozen=True, slots=True)
class Call:
    """One service request that found its handler. `scopes` is empty without a good token."""

    here: Site
    method: str
    tool: int
    course: int
    item: int
    scopes: frozenset[str]
    query: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; without a content type, Moodle writes its error document from the reason."""

    status: int
    body: str = ""
    content_type: str = ""
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handler:
    """Which paths, media types and methods a handler takes. `pattern` has groups."""

    pattern: str
    formats: tuple[str, ...]
    methods: tuple[str, ...]
    run: Callable[[Call], Reply]

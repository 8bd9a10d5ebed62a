"""Structured logs that cannot carry a person or a secret.

Allow-list first: a key that is not known is dropped, so a careless `log.info(…, name=…)` writes
nothing personal. What is left is searched for shapes of secrets. Of an exception its classes and
the lines of code are kept, not its message: databases repeat in it the values that they refuse.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "code", "reason", "status", "method", "route",
        "platform", "deployment", "tenant", "launch", "module", "context", "job", "state",
        "attempt", "duration_ms", "count", "run", "stream", "function", "error_class", "reference",
        "version", "host", "port", "requests", "rows", "exception", "kid", "key_state", "skew_s",
    }
)  # fmt: skip

_SECRETS = (
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*"), "[token]"),
    (re.compile(r"-----BEGIN[^-]*-----.*?(?:-----END[^-]*-----|$)", re.DOTALL), "[key]"),
    (re.compile(r"(?i)(wstoken|authorization|access_token|client_assertion|id_token|sesskey|"
                r"password|secret)([\"']?\s*[=:]\s*[\"']?)(bearer\s+)?[^\s&\"',}]+"),
     r"\1\2[secret]"),
    (re.compile(r"(?i)bearer\s+\S+"), "[secret]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"[\r\n\x00-\x08\x0b-\x1f]+"), " "),
)  # fmt: skip


def scrub(text: str) -> str:
    """Return `text` without tokens, keys, e-mail addresses and line breaks."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep only allowed keys and scrub their values (a structlog processor)."""
    return {
        key: scrub(value) if isinstance(value, str) else value
        for key, value in event.items()
        if key in ALLOWED_KEYS and isinstance(value, str | int | float | bool | None)
    }


_FRAMES = 12


def where(error: BaseException | None) -> str:
    """Return the classes of an exception and of its causes, with where each was raised.

    Of the way there our own code is kept; what libraries do among themselves helps nobody.
    """
    parts: list[str] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames[:-1] if "site-packages" not in frame.filename]
        lines = (
            f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"
            for frame in (*frames[-1:], *reversed(ours[-_FRAMES:]))
        )
        parts.append(f"{type(error).__name__} at {' < '.join(lines)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; because of ".join(parts)


class _ScrubbingFormatter(logging.Formatter):
    """Scrubs what libraries log through the standard module."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - the standard module's name
        return where(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def configure_logging(level: str = "INFO", *, human: bool = False) -> None:
    """Send our events and the libraries' warnings to standard error, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_ScrubbingFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # The demo has invented people only, and whoever runs it wants to see what broke.
            structlog.processors.format_exc_info
            if human
            else structlog.processors.ExceptionRenderer(lambda found: where(found[1])),
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        # Looked up each time, because test runners and daemons exchange it.
        logger_factory=lambda *_args: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """Return the logger; its events are short names such as `launch.refused`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger

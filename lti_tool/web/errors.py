"""Refusals that people can read: a code, what happened, what to do next, a reference."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from config.logging import get_logger

Text = Any
"""A lazy translation, or a plain string."""

log = get_logger()


class Refused(Exception):
    """Something that was asked for cannot be had; becomes a readable page, never a 500.

    `code` is short, stable and safe to log. The texts are lazy translations: what happened, what
    the learner can do, and what a teacher or admin can do where that differs. `again` is where the
    platform begins the launch anew, where that is known.
    """

    def __init__(
        self,
        code: str,
        *,
        title: Text,
        learner_help: Text,
        staff_help: Text | None = None,
        status: int = 400,
        retry_after: int | None = None,
        again: str | None = None,
    ) -> None:
        """Keep what the page needs."""
        super().__init__(code)
        self.code = code
        self.status = status
        self.title = title
        self.learner_help = learner_help
        self.staff_help = staff_help
        self.retry_after = retry_after
        self.again = again


def refusal_page(refused: Refused) -> Response:
    """Render a refusal and log its code with a reference that the page shows as well."""
    reference = secrets.token_hex(4)
    log.warning(
        "request.refused",
        code=refused.code,
        status=refused.status,
        route=request.endpoint,
        reference=reference,
    )
    response = make_response(
        render_template("error.html", refused=refused, reference=reference), refused.status
    )
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


_HTTP_TEXTS = {
    403: (
        _l("This page is not for you"),
        _l("Go back to your course and open the activity again."),
    ),
    404: (
        _l("This page does not exist"),
        _l("Check the address, or go back to your course and open the activity again."),
    ),
    405: (_l("This does not work here"), _l("Go back and try the button on the page.")),
    413: (_l("That was too much text"), _l("Go back, make the text shorter and send it again.")),
    429: (_l("Too many tries"), _l("Wait a minute and try again.")),
}
_ANY_TEXT = (_l("This did not work"), _l("Go back to your course and open the activity again."))


def init_errors(app: Flask) -> None:
    """Let every failure end in a page of ours."""

    @app.errorhandler(Refused)
    def _refused(refused: Refused) -> Response:
        return refusal_page(refused)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400 and error.response is not None:
            return make_response(error.get_response())
        title, help_text = _HTTP_TEXTS.get(status, _ANY_TEXT)
        return refusal_page(
            Refused(f"http_{status}", title=title, learner_help=help_text, status=status)
        )

    @app.errorhandler(OperationalError)
    def _database(error: OperationalError) -> Response:
        log.error("database.unavailable", error_class=type(error.orig).__name__)
        return refusal_page(
            Refused(
                "busy",
                title=_l("We could not save right now"),
                learner_help=_l("Nothing is lost. Wait a moment, then try again."),
                status=503,
                retry_after=10,
            )
        )

    @app.errorhandler(DataError)
    def _data(error: DataError) -> Response:
        # A NUL in an address or a form: PostgreSQL has no text with it and says so, SQLite finds
        # nothing under it.
        log.warning("database.text_refused", error_class=type(error.orig).__name__)
        title, help_text = _ANY_TEXT
        return refusal_page(Refused("text_refused", title=title, learner_help=help_text))

    @app.errorhandler(Exception)
    def _bug(error: Exception) -> Response:
        log.exception("request.failed", error_class=type(error).__name__, route=request.endpoint)
        return refusal_page(
            Refused(
                "internal",
                title=_l("Something went wrong on our side"),
                learner_help=_l(
                    "What you saved is safe. Open the activity again from your course."
                ),
                status=500,
            )
        )

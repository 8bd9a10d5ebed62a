"""Who is signed in to the practice LMS, and what a role may do there."""

from __future__ import annotations

import functools
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from lti_tool.demo.site import store
from lti_tool.demo.store import Row

View = Callable[..., ResponseReturnValue]


def needs(role: str = "", *, sesskey: bool = False) -> Callable[[View], View]:
    """Let a view be reached only by who is signed in; as "admin", only by the admin.

    `sesskey` asks for Moodle's own guard against forged requests, sent as form field or query.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401
            user = current_user()
            if user is None:
                wanted = request.full_path if request.method == "GET" else ""
                return redirect(url_for("pages.front", next=wanted))
            if role and user["siterole"] != role:
                abort(403, f"Only the {role} can do this. Sign in as {role} on the front page.")
            if sesskey:
                check_sesskey()
            return view(*args, **kwargs)

        return guarded

    return decorate


def check_sesskey() -> None:
    """Stop with 403 unless the request carries the session's key."""
    if not hmac.compare_digest(
        request.values.get("sesskey", "").encode(), session.get("sesskey", "-").encode()
    ):
        abort(403, "This form is from another sign-in. Go back, reload the page and try again.")


def sign_in(user: int) -> None:
    """Open a session of our own for a person."""
    session.clear()
    session.update(user=user, id=secrets.token_hex(8), sesskey=secrets.token_urlsafe(8))
    now = int(time.time())
    store().run(
        "UPDATE user SET lastaccess=?1, firstaccess=IIF(firstaccess, firstaccess, ?1) WHERE id=?2",
        now, user,
    )  # fmt: skip


def current_user() -> Row:
    """Return the row of who is signed in, or None."""
    if "user" not in g:
        g.user = store().one("SELECT * FROM user WHERE id=?", session.get("user", 0))
    return g.user


def role_in(course: int, user: Row) -> str | None:
    """Return a person's role in a course: a role short name, "admin", or None."""
    if user["siterole"] in {"admin", "manager"}:
        return str(user["siterole"])
    row = store().one(
        "SELECT role FROM enrolment WHERE course=? AND user=? AND status=0", course, user["id"]
    )
    return str(row["role"]) if row else None


def enter(course_id: int, *, editing: bool = False) -> tuple[Row, Row, str]:
    """Return course, user and role, or stop with 403/404.

    `editing` asks for the right to change the course, which the non-editing teacher has not.
    """
    course = store().one("SELECT * FROM course WHERE id=?", course_id)
    if course is None:
        abort(404, "There is no such course.")
    user = current_user()
    role = role_in(course_id, user)
    if role is None:
        abort(403, "You are not enrolled in this course.")
    if editing and role not in {"admin", "manager", "editingteacher"}:
        abort(403, "Only a teacher who may edit the course can do this.")
    store().run(
        "UPDATE enrolment SET lastaccess=? WHERE course=? AND user=?",
        int(time.time()), course_id, user["id"],
    )  # fmt: skip
    return course, user, role

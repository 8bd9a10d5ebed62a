"""The practice LMS as a Flask application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, render_template, request, session
from werkzeug.exceptions import HTTPException

from lti_tool.demo import admin, deep_linking, launch, pages, registration, services
from lti_tool.demo.access import current_user
from lti_tool.demo.keys import Keys
from lti_tool.demo.population import populate
from lti_tool.demo.site import EXTENSION, NAME, Site, plain
from lti_tool.demo.store import Store
from lti_tool.demo.ws import server

FILE = "practice-lms.sqlite3"


def create_practice_lms(data_dir: Path, public_url: str, tool_url: str) -> Flask:
    """Return the practice LMS that keeps its data in `data_dir`.

    `public_url` is its issuer (scheme, host and port); `tool_url` is only mentioned to the admin
    as the tool to connect. The first start makes an RSA key, people and courses.
    """
    store = Store(data_dir / FILE)
    if store.is_new:
        populate(store)
    app = Flask(__name__, static_url_path="/practice-static")
    app.extensions[EXTENSION] = Site(store, Keys(store), public_url.rstrip("/"), tool_url)
    app.config.update(
        SECRET_KEY=store.setting("session_secret"),
        SESSION_COOKIE_NAME="practice_session",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=4_000_000,
    )
    for part in (pages, admin, registration, launch, deep_linking, services, server):
        app.register_blueprint(part.blueprint)
    vars(app.json)["sort_keys"] = False  # Moodle's order reads better under the hood
    app.jinja_env.filters["plain"] = plain
    app.context_processor(_everywhere)
    app.register_error_handler(HTTPException, _explain)
    return app


def _everywhere() -> dict[str, Any]:
    return {
        "site_name": NAME,
        "person": current_user(),
        "sesskey": session.get("sesskey", ""),
    }


def _explain(error: HTTPException) -> tuple[str, int]:
    code, framed = error.code or 500, request.headers.get("Sec-Fetch-Dest") == "iframe"
    return render_template("demo/error.html", code=code, why=error.description, framed=framed), code

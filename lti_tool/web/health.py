"""For load balancers and watchdogs: does this process work?"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.web import services
from lti_tool.web.access import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public("says only whether the database answers")
def show() -> tuple[Response, int]:
    """Answer 200 when the database can be read, else 503."""
    try:
        with services().database.read_connection() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="database unavailable"), 503
    return jsonify(status="ok"), 200

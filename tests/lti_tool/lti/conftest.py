"""The tool with one registered platform, over a stand-in for the HTTP door."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from unittest import mock

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from config.database import Database
from config.http import HttpDoor
from config.settings import Settings
from lti_tool.learner.account.routes import blueprint as account
from lti_tool.learner.home.routes import blueprint as home
from lti_tool.lti.routes import blueprint as lti
from lti_tool.people.roles import Role
from lti_tool.services import Services, build_services
from lti_tool.web import app as web_app
from lti_tool.web.access import allow, current_launch
from lti_tool.web.statement import blueprint as statement
from tests.lti_tool.lti.platform import KeyServer, Platform


@pytest.fixture
def key_server() -> KeyServer:
    """What the HTTP door reaches in these tests."""
    return KeyServer()


@pytest.fixture
def services(settings: Settings, sqlite_database: Database, key_server: KeyServer) -> Services:
    """The shared parts, on SQLite."""
    return services_on(settings, sqlite_database, key_server)


def services_on(settings: Settings, database: Database, key_server: KeyServer) -> Services:
    """The shared parts over a stand-in for the HTTP door."""
    return replace(build_services(settings), database=database, door=cast("HttpDoor", key_server))


def build_app(settings: Settings, services: Services) -> Flask:
    """The protocol's room in the real frame, with a page behind the launch that names it."""
    entry = Blueprint("entry", __name__, url_prefix="/l/<launch_id>")

    @entry.route("/", methods=["GET", "POST"])
    @allow(*Role)
    def show() -> dict[str, object]:
        launch = current_launch()
        return {
            "id": launch.id,
            "tenant": launch.tenant_id,
            "user": launch.user_id,
            "context": launch.context_id,
            "link": launch.resource_link_id,
            "module": launch.module,
            "message": launch.message_type,
            "roles": sorted(launch.roles),
            "learner": launch.is_learner,
            "locale": launch.locale,
            "details": launch.details,
        }

    @entry.post("/language")
    @allow(*Role)
    def language() -> str:
        return ""

    @entry.get("/teacher")
    @allow(Role.INSTRUCTOR)
    def teacher() -> str:
        return "for teachers"

    @entry.get("/admin")
    @allow(Role.ADMIN)
    def admin() -> str:
        return "for admins"

    def register(app: Flask) -> None:
        app.register_blueprint(lti)
        # The frame's footer leads to these.
        app.register_blueprint(account)
        app.register_blueprint(home)
        app.register_blueprint(statement)
        app.register_blueprint(entry)

    with mock.patch.object(web_app, "register_rooms", register):
        return web_app.create_app(settings, services)


@pytest.fixture
def app(settings: Settings, services: Services) -> Flask:
    """The protocol in the application's frame."""
    return build_app(settings, services)


@pytest.fixture
def platform(services: Services, key_server: KeyServer) -> Platform:
    """A Moodle that is registered and active."""
    return Platform().register(services.database).serve_keys(key_server)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser."""
    return app.test_client()

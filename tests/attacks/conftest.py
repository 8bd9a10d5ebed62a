"""The whole application with platforms that launch into it, on either database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from config.database import Database
from config.settings import Settings
from lti_tool.web.app import create_app
from tests.attacks.house import Door, House
from tests.lti_tool.conftest import services
from tests.lti_tool.lti.conftest import services_on
from tests.lti_tool.lti.platform import Platform

__all__ = ["services"]


@pytest.fixture
def make_house(settings: Settings) -> Callable[[Database], House]:
    """Build the application with one registered platform on a database."""

    def make(database: Database) -> House:
        keys = Door()
        services = services_on(settings, database, keys)
        app: Flask = create_app(settings, services)
        platform = Platform().register(database).serve_keys(keys)
        return House(app, services, keys, platform)

    return make


@pytest.fixture
def house(make_house: Callable[[Database], House], sqlite_database: Database) -> House:
    """The application on SQLite."""
    return make_house(sqlite_database)


@pytest.fixture
def any_house(make_house: Callable[[Database], House], database: Database) -> House:
    """The application on either database."""
    return make_house(database)

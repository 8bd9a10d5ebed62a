"""What all commands share: settings from the environment, and one clear line for a failure."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import IO, Any, ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from config import migrations
from config.settings import SettingsError, load_settings
from lti_tool.lti.registration import RegistrationFailed
from lti_tool.people.tenants import TenantError
from lti_tool.services import Services, build_services
from lti_tool.serving import PortTaken

P = ParamSpec("P")
R = TypeVar("R")


class Failure(click.ClickException):
    """One clear line and exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line without usage text."""
        del file
        click.echo(self.format_message(), err=True)


def open_services() -> Services:
    """Build the application's parts from the environment."""
    try:
        return build_services(load_settings())
    except SettingsError as error:
        raise Failure(f"The settings are not usable:\n{error}") from None


def check_schema(services: Services) -> None:
    """Stop where the database is not at the revision that this version needs.

    Raises:
        Failure: one line with the mend.
    """
    database = services.database
    if database.path is not None and not database.path.exists():
        raise Failure(f"{database.path} does not exist yet; run: backontrack db upgrade")
    current, newest = migrations.current(database), migrations.head()
    if current != newest:
        raise Failure(
            f"The database's schema is at {current or 'nothing'}, this version needs {newest}. "
            "Back up, then run: backontrack db upgrade"
        )


def readable(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what an operator can mend into one line instead of a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (TenantError, PortTaken, RegistrationFailed, LookupError, ValueError) as error:
            raise Failure(str(error.args[0] if error.args else error)) from None
        except PermissionError as error:
            raise Failure(
                f"no permission to write {error.filename}; choose another place"
            ) from None
        except OSError as error:
            if error.filename is None:
                raise
            raise Failure(f"{error.filename} cannot be used: {error.strerror}") from None
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).splitlines()[0]
            raise Failure(
                f"The database cannot be used: {reason}. Try: backontrack doctor"
            ) from None

    return run

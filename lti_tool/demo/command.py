"""`backontrack demo`: the tool and the practice LMS side by side on this machine."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from config import migrations
from config.clock import utcnow
from config.http import HttpDoor, HttpError
from config.settings import Settings
from lti_tool.demo import programme, seed
from lti_tool.demo import run as lms
from lti_tool.demo.opportunities import add_examples
from lti_tool.lti.platforms import list_platforms
from lti_tool.lti.registration import create_invite
from lti_tool.people.tenants import add_tenant, list_tenants
from lti_tool.services import Services, build_services
from lti_tool.serving import check_port
from moodle_sync.pull.run import run_sync
from moodle_sync.sites import connect_site

PLACED = ("interests", "careers", "path", "mentor", "near", "mentoring")
"""The modules that the first course of the practice LMS shows."""
_START_SECONDS = 30
_SECRETS = "secrets.json"
_ENVIRONMENT = "env"
_PORTS = "ports.json"
_LOCK = "lock"


def forget(data: Path) -> None:
    """Remove the demo's own files from its folder; anything else in it stays.

    Raises:
        ClickException: a demo runs on this folder.
    """
    with _alone(data):
        lms.reset(data)
        for pattern in ("tool.db*", _SECRETS, _ENVIRONMENT, _PORTS, _LOCK):
            for path in data.glob(pattern):
                path.unlink()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep a second demo off the folder: each would take the other's data for its own."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / _LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"A demo runs on the data in {data}: stop it, or choose another folder with --data"
            ) from None
        yield


def _keep_ports(data: Path, port: int, lms_port: int) -> None:
    """Data know each other by the addresses that they were made with, as in any installation."""
    path = data / _PORTS
    if not path.exists():
        path.write_text(json.dumps([port, lms_port]))
    tools, lmses = json.loads(path.read_text())
    if (tools, lmses) != (port, lms_port):
        raise click.ClickException(
            f"The data in {data} belong to --port {tools} and --lms-port {lmses}. Use these ports, "
            "or another folder with --data, or forget the data with --reset"
        )


def demo_settings(data: Path, port: int, lms_port: int) -> Settings:
    """Return settings for a tool on 127.0.0.1 and an LMS on localhost: two sites to a browser."""
    keys = _own_secrets(data / _SECRETS)
    return Settings(
        public_url=f"http://127.0.0.1:{port}",
        secret_key=keys["secret_key"],
        seal_keys=(keys["seal_key"],),
        database_url=f"sqlite:///{data / 'tool.db'}",
        demo=True,
        allowed_hosts=(f"localhost:{lms_port}", f"127.0.0.1:{lms_port}"),
        log_level="WARNING",
    )


def _own_secrets(path: Path) -> dict[str, str]:
    if not path.exists():
        made = {name: secrets.token_urlsafe(48) for name in ("secret_key", "seal_key")}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as handle:
            json.dump(made, handle)
    found: dict[str, str] = json.loads(path.read_text())
    return found


def run(data: Path, *, port: int, lms_port: int, reload: bool = False) -> None:
    """Start both, connect them the first time, print one address, and wait for Ctrl-C.

    Raises:
        PortTaken: one of the ports is in use.
        PermissionError: the folder cannot be written.
        ClickException: the folder is in use, or its data belong to other ports.
    """
    _end_on_signals()
    try:
        check_port("127.0.0.1", port)
        check_port("127.0.0.1", lms_port, "--lms-port")
        with _alone(data):
            _keep_ports(data, port, lms_port)
            _run(data, port=port, lms_port=lms_port, reload=reload)
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def _run(data: Path, *, port: int, lms_port: int, reload: bool) -> None:
    settings = demo_settings(data.resolve(), port, lms_port)
    services = build_services(settings)
    _write_environment(settings, data / _ENVIRONMENT)
    migrations.upgrade(services.database)
    practice = lms.start(data, port=lms_port, tool_url=settings.public_url)
    try:
        with _tool(settings, port, reload=reload) as process:
            _wait_until_up(settings, process)
            _connect(services, practice)
            click.echo(
                f"\nBack on Track is running. Open  {practice.url}\n"
                "It is a practice LMS: sign in with one click as teacher, learner, mentor, "
                "coordinator or admin.\n"
                f"Data are kept in {data} (make demo-reset starts afresh). For the command line, "
                f"in another shell:  . {data / _ENVIRONMENT}; {sys.argv[0]} --help\n"
                "Ctrl-C stops it.\n"
            )
            process.wait()
            raise click.ClickException("The tool ended unexpectedly; see its messages above.")
    finally:
        practice.stop()
        services.database.dispose()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "BACKONTRACK_PUBLIC_URL": settings.public_url,
        "BACKONTRACK_SECRET_KEY": settings.secret_key.get_secret_value(),
        "BACKONTRACK_SEAL_KEYS": ",".join(key.get_secret_value() for key in settings.seal_keys),
        "BACKONTRACK_DATABASE_URL": settings.database_url,
        "BACKONTRACK_ALLOWED_HOSTS": ",".join(settings.allowed_hosts),
        "BACKONTRACK_LOG_LEVEL": settings.log_level,
        "BACKONTRACK_DEMO": "1",
    }


def _write_environment(settings: Settings, path: Path) -> None:
    """Let the commands of `backontrack` be tried on the demo: `. var/demo/env`."""
    lines = (
        f"export {name}={shlex.quote(value)}\n" for name, value in _environment(settings).items()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.writelines(lines)


@contextmanager
def _tool(settings: Settings, port: int, *, reload: bool) -> Iterator[subprocess.Popen[bytes]]:
    """The tool as a process of its own, as it would run anywhere else."""
    environment = os.environ | _environment(settings)
    command = [sys.executable, "-m", "lti_tool.cli", "serve", "--with-worker", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--reload"] if reload else command, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    host, _, port = settings.public_url.removeprefix("http://").partition(":")
    door = HttpDoor(allow_http=True, allowed_hosts=((host, int(port)),), user_agent="demo")
    for _attempt in range(_START_SECONDS * 10):
        if process.poll() is not None:
            raise click.ClickException("The tool ended right after its start; see its message.")
        try:
            if door.get(f"{settings.public_url}/healthz").status == 200:
                return
        except HttpError:
            pass
        time.sleep(0.1)
    raise click.ClickException(f"The tool did not answer within {_START_SECONDS} seconds.")


def _connect(services: Services, practice: lms.PracticeLms) -> None:
    """The first time only: register as an admin would, place activities as a teacher would."""
    with services.database.read() as session:
        known = bool(list_tenants(session))
    if known:
        return
    with services.database.write() as session:
        tenant = add_tenant(session, "practice", "Practice organisation", wants_names=True)
        add_examples(session, tenant.id, utcnow())
        code = create_invite(session, tenant.id, auto_approve=True, now=utcnow())
    address = f"{services.settings.public_url}/lti/register/{code}"
    connected = seed.connect(practice, address, PLACED)
    with services.database.write() as session:
        (platform,) = list_platforms(session)
        site = connect_site(
            session,
            services.seal,
            platform.tenant_id,
            platform.id,
            platform.issuer,
            practice.url,
            practice.ws_token,
        )
        site_id = site.id
    run_sync(services.database, services.door, services.seal, site_id)
    programme.populate(services, practice, connected.activities[0])


def _end_on_signals() -> None:
    """Treat being asked to stop like Ctrl-C, also where a shell started us in the background."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)

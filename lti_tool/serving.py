"""Running the application under gunicorn: threads, one process by default, a worker if wanted."""

from __future__ import annotations

import errno
import socket
from threading import Event, Thread
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from lti_tool.chores import keep_house
from lti_tool.outbox.worker import Worker
from lti_tool.services import Services


class PortTaken(Exception):
    """Another program listens on the port, or we may not; the message says why and what to do."""

    def __init__(self, host: str, port: int, error: OSError, option: str = "--port") -> None:
        """`option` is the command's option that chooses this port."""
        why = {
            errno.EADDRINUSE: f"port {port} is taken",
            errno.EACCES: f"port {port} needs more rights",
        }.get(error.errno or 0, f"cannot listen on {host}:{port} ({error.strerror})")
        super().__init__(f"{why}; choose another one with {option}")


def check_port(host: str, port: int, option: str = "--port") -> None:
    """Find out before the server does whether a port can be had.

    Raises:
        PortTaken: it cannot.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host, port, error, option) from None


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads. One process is right for SQLite; more pay off on PostgreSQL."""

    def __init__(self, app: Flask, services: Services, options: dict[str, Any]) -> None:
        """Keep what to serve; `run` starts it."""
        self._app = app
        self._services = services
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Return the application."""
        return self._app


def serve(
    app: Flask,
    services: Services,
    *,
    host: str,
    port: int,
    processes: int = 1,
    threads: int = 8,
    with_worker: bool = False,
    reload: bool = False,
) -> None:
    """Serve until a signal ends it.

    Raises:
        PortTaken: before anything is started.
    """
    check_port(host, port)

    def after_fork(_server: object, _worker: object) -> None:
        # A connection that was opened before the fork must not be shared by two processes.
        services.database.dispose()
        if with_worker:
            stop = Event()
            Thread(target=Worker(services).run, args=(stop,), daemon=True).start()
            Thread(target=keep_house, args=(services, stop), daemon=True).start()

    options = {
        "bind": f"{host}:{port}",
        "worker_class": "gthread",
        "workers": processes,
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": 10,
        "loglevel": "warning",
        "post_fork": after_fork,
        "reload": reload,
        "control_socket_disable": True,
    }
    Server(app, services, options).run()

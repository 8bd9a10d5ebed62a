"""Start and stop the practice LMS on a port of this machine."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lti_tool.demo.app import FILE, create_practice_lms
from lti_tool.demo.site import EXTENSION, Site
from lti_tool.serving import PortTaken


class _Quiet(WSGIRequestHandler):
    """Logs nothing: addresses carry registration tokens."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        pass


@dataclass(frozen=True, slots=True)
class PracticeLms:
    """A practice LMS that runs. `url` is its issuer and what a browser opens."""

    url: str
    app: Flask
    _server: BaseWSGIServer
    _thread: threading.Thread

    @property
    def site(self) -> Site:
        """The running site: store, keys, addresses."""
        found: Site = self.app.extensions[EXTENSION]
        return found

    @property
    def ws_token(self) -> str:
        """The token of the service account for the web services."""
        return self.site.store.setting("ws_token")

    def stop(self) -> None:
        """Stop serving and close the data file."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.site.store.close()


def start(
    data_dir: Path,
    host: str = "127.0.0.1",
    port: int = 5001,
    *,
    tool_url: str = "http://127.0.0.1:5000",
    public_url: str | None = None,
) -> PracticeLms:
    """Start the practice LMS in a thread and return its handle.

    Port 0 takes any free port. Without `public_url` the issuer is http://localhost:PORT: another
    site than the tool's 127.0.0.1, so that frames are truly cross-site.

    Raises:
        PortTaken: somebody listens there already.
        OSError: the folder cannot be written.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PortTaken(host, port, error, "--lms-port") from None
        listener.listen(128)
        port = listener.getsockname()[1]
        app = create_practice_lms(data_dir, public_url or f"http://localhost:{port}", tool_url)
        server = make_server(
            host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno()
        )
    thread = threading.Thread(
        target=server.serve_forever,
        kwargs={"poll_interval": 0.05},
        name="practice-lms",
        daemon=True,
    )
    thread.start()
    url = app.extensions[EXTENSION].url
    return PracticeLms(url, app, server, thread)


def reset(data_dir: Path) -> None:
    """Forget everything; the next start begins afresh. Call it only while nothing runs."""
    for path in data_dir.glob(f"{FILE}*"):
        path.unlink()

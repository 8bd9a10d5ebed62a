"""A bare Flask tool on PyLTI1p3 as its documentation shows it, with its keys cached.

It has no database: nonces live in the session cookie and are never consumed.
`python -m tests.bench.peers.bare_pylti1p3 PORT ISSUER CLIENT AUTH_URL KEYS_URL DEPLOYMENT`
"""

from __future__ import annotations

import sys

from flask import Flask, Response
from gunicorn.app.base import BaseApplication
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.launch_data_storage.base import LaunchDataStorage
from pylti1p3.tool_config import ToolConfDict


class Memory(LaunchDataStorage):  # type: ignore[type-arg]
    """Keeps the platform's keys in the process, as the library offers."""

    def __init__(self) -> None:
        """Begin empty."""
        self._values: dict[str, object] = {}

    def can_set_keys_expiration(self) -> bool:
        """No expiry is needed here."""
        return False

    def get_value(self, key: str) -> object:
        """Look a value up."""
        return self._values.get(key)

    def set_value(self, key: str, value: object, exp: int | None = None) -> None:
        """Keep a value."""
        self._values[key] = value

    def check_value(self, key: str) -> bool:
        """Whether there is one."""
        return key in self._values


def create_app(issuer: str, client: str, auth: str, keys: str, deployment: str) -> Flask:
    """Build the tool."""
    app = Flask(__name__)
    app.secret_key = "a-bench-secret-key-0123456789-abcdefghi"
    config = ToolConfDict(
        {
            issuer: [
                {
                    "client_id": client,
                    "auth_login_url": auth,
                    "auth_token_url": auth,
                    "key_set_url": keys,
                    "deployment_ids": [deployment],
                }
            ]
        }
    )
    memory = Memory()

    @app.post("/lti/login")
    def login() -> Response:
        request = FlaskRequest()
        begun = FlaskOIDCLogin(request, config)
        return begun.redirect(request.get_param("target_link_uri"))

    @app.post("/lti/launch")
    def launch() -> tuple[str, int, dict[str, str]]:
        taken = FlaskMessageLaunch(FlaskRequest(), config)
        taken.set_public_key_caching(memory)
        data = taken.get_launch_data()
        return "", 303, {"Location": f"/l/{data['sub']}/"}

    return app


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, port: str) -> None:
        self._app, self._port = app, port
        super().__init__()

    def load_config(self) -> None:
        """The same server options as ours."""
        for key, value in {
            "bind": f"127.0.0.1:{self._port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": 8,
            "loglevel": "warning",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Return the tool."""
        return self._app


if __name__ == "__main__":
    _Server(create_app(*sys.argv[2:]), sys.argv[1]).run()

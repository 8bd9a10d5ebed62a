"""Launches by lti-consumer-xblock, the platform side of Open edX.

It is AGPL and brings Django along, so it lives in an environment of its own, named by XBLOCK_VENV:

    python3 -m venv /some/where && /some/where/bin/pip install lti-consumer-xblock==11.4.4 \\
        cryptography
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_tool.services import Services
from tests.conformance.stage import Case, Stage, check, outcome
from tests.conformance.test_foreign import TABLE
from tests.lti_tool.lti.platform import Claims, KeyServer, Platform

PYTHON = Path(os.environ.get("XBLOCK_VENV", "/nowhere")) / "bin" / "python"
if not PYTHON.exists():
    pytest.skip(
        "XBLOCK_VENV names no environment with lti-consumer-xblock: Open edX was NOT tried",
        allow_module_level=True,
    )


@dataclass
class Campus(Platform):
    """The block behind a pipe."""

    product: str = "Open edX"

    def start(self) -> None:
        """Start the block's process."""
        self.process = subprocess.Popen(
            [str(PYTHON), str(Path(__file__).with_name("xblock_platform.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._send(
            {
                "iss": self.issuer,
                "login_url": f"{self.public_url}/lti/login",
                "launch_url": self.target,
                "client_id": self.client_id,
                "deployment_id": self.deployment_id,
                "key": self.key.as_pem(private=True).decode(),
                "kid": self.kid,
            }
        )

    def ask(self, op: str, **call: Any) -> dict[str, Any]:
        """Send one call and read its answer."""
        self._send({"op": op, **call})
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """End the process."""
        self.process.communicate(timeout=10)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def begin(self, client: FlaskClient, role: str, deep_linking: bool = False) -> dict[str, str]:
        """Log in and return the form that the block posts."""
        url = self.ask("login", role=role, deep_linking=deep_linking)["url"]
        answer = client.get("/lti/login", query_string=urlsplit(url).query)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        return self.ask("launch", role=role, deep_linking=deep_linking, query=query)

    def claims(self, nonce: str, **changes: Any) -> Claims:
        """The claims of the block's own token, changed."""
        self.ask("login", role="student", deep_linking=False)
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.target,
            "nonce": nonce,
            "state": "x",
            "lti_message_hint": "x",
            "login_hint": "6",
        }
        form = self.ask("launch", role="student", deep_linking=False, query=query)
        payload = form["id_token"].split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return {**found, **changes}


@pytest.fixture(scope="module")
def running() -> Iterator[Campus]:
    """The block's process, started once."""
    made = Campus()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def campus(running: Campus, services: Services, key_server: KeyServer) -> Campus:
    """An Open edX that is registered."""
    running.keys = running.ask("keys")["keys"]
    running.key_name, running.kid = "platform", "kid-1"
    return running.register(services.database).serve_keys(key_server)


@pytest.fixture
def stage(app: Flask, services: Services, key_server: KeyServer, campus: Campus) -> Stage:
    """A tool and an Open edX that launched once before."""
    made = Stage(app, services, key_server, campus)
    assert campus.launch(made.other_browser()).status_code == 303
    return made


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_launch_of_the_block(stage: Stage, case: Case) -> None:
    check(case, stage)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("student", ["learner"]),
        ("instructor", ["instructor"]),
        ("staff", ["instructor"]),
    ],
)
def test_resource_link_launch(
    campus: Campus, client: FlaskClient, role: str, expected: list[str]
) -> None:
    form = campus.begin(client, role)
    answer = campus.post(client, form["id_token"], form["state"])
    assert outcome(answer) is None
    page = client.get(answer.headers["Location"]).json
    assert (page["roles"], page["module"]) == (expected, "interests")


def test_deep_linking_launch(campus: Campus, client: FlaskClient) -> None:
    form = campus.begin(client, "instructor", deep_linking=True)
    answer = campus.post(client, form["id_token"], form["state"])
    assert outcome(answer) is None
    assert client.get(answer.headers["Location"]).json["message"] == "LtiDeepLinkingRequest"


def test_its_token_works_once(campus: Campus, client: FlaskClient) -> None:
    form = campus.begin(client, "student")
    kept = [(cookie.key, cookie.value) for cookie in client._cookies.values()]
    assert outcome(campus.post(client, form["id_token"], form["state"])) is None
    for name, value in kept:
        client.set_cookie(name, value, secure=True)
    assert outcome(campus.post(client, form["id_token"], form["state"])) == "nonce_used"


def test_its_token_is_for_its_own_login(campus: Campus, client: FlaskClient) -> None:
    first, second = campus.begin(client, "student"), campus.begin(client, "student")
    assert outcome(campus.post(client, first["id_token"], second["state"])) == "nonce_mismatch"


def test_its_changed_token_is_refused(campus: Campus, client: FlaskClient) -> None:
    form = campus.begin(client, "student")
    head, body, signature = form["id_token"].split(".")
    forged = f"{head}.{body}.{signature[:-6]}AAAAAA"
    assert outcome(campus.post(client, forged, form["state"])) == "signature_invalid"

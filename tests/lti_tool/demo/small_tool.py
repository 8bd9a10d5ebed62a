"""A very small LTI 1.3 tool with a server of its own, to test the practice LMS from outside."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

from config.http import HttpResponse
from lti_tool.demo.keys import door_for

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ALL_SCOPES = f"{AGS}lineitem {AGS}score {AGS}result.readonly {NRPS}"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


@dataclass
class SmallTool:
    """What the tool keeps: its key, its registration, and every post it received."""

    key: RSAKey
    url: str = ""
    registered: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    initiations: list[dict[str, str]] = field(default_factory=list)
    launches: list[dict[str, str]] = field(default_factory=list)
    auth: dict[str, str] = field(default_factory=dict)
    """Overrides for the authentication request."""
    items: list[dict[str, Any]] = field(default_factory=list)
    """What a Deep Linking response holds; empty: one item for each ticked box."""
    platform: dict[str, Any] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        """The registration request."""
        return {
            "application_type": "web",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": f"{self.url}/login",
            "redirect_uris": [f"{self.url}/launch"],
            "client_name": "Small tool",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": ALL_SCOPES,
            "https://purl.imsglobal.org/spec/lti-tool-configuration": {
                "domain": self.url.removeprefix("http://"),
                "target_link_uri": f"{self.url}/launch",
                "description": "A probe",
                "custom_parameters": {"Time Zone": "$Person.timeframe", "who": "$User.username"},
                "claims": ["iss", "sub", "name", "email"],
                "messages": [{"type": "LtiDeepLinkingRequest"}],
            },
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT by the tool's key."""
        return jwt.encode({"alg": "RS256", "kid": "tool", "typ": "JWT"}, claims, self.key)

    def token(self, scopes: str = ALL_SCOPES, **override: Any) -> HttpResponse:
        """Ask for an access token."""
        now = int(time.time())
        client = self.registered["client_id"]
        claims = {
            "iss": client,
            "sub": client,
            "aud": "x",
            "iat": now - 5,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
        } | override
        url = self.platform["token_endpoint"]
        return door_for(url).post(url, data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.sign(claims), "scope": scopes,
        })  # fmt: skip

    def call(self, method: str, url: str, *, token: str = "", accept: str = "*/*",
             kind: str = "", body: str | None = None) -> HttpResponse:  # fmt: skip
        """Call a service with a token (a good one unless told)."""
        bearer = token or self.token().json()["access_token"]
        headers = {"Authorization": f"Bearer {bearer}", "Accept": accept}
        if kind:
            headers["Content-Type"] = kind
        data = None if body is None else body.encode()
        return door_for(url).request(method, url, headers=headers, data=data)

    def claims(self, at: int = -1) -> dict[str, Any]:
        """The claims of a launch that arrived, checked with the platform's keys."""
        keys = KeySet.import_key_set(_get(self.platform["jwks_uri"]).json())
        return jwt.decode(self.launches[at]["id_token"], keys, algorithms=["RS256"]).claims


def _get(url: str) -> HttpResponse:
    return door_for(url).get(url)


def build(tool: SmallTool) -> Flask:
    """The tool's pages."""
    app = Flask(__name__)

    @app.get("/jwks")
    def jwks() -> Any:
        public = tool.key.as_dict(private=False)
        return jsonify({"keys": [{**public, "kid": "tool", "alg": "RS256", "use": "sig"}]})

    @app.get("/register")
    def ask() -> str:
        tool.asked = request.args.to_dict()
        return "<form method=post action=/register><button>Connect</button></form>"

    @app.post("/register")
    def register() -> str:
        tool.platform = _get(tool.asked["openid_configuration"]).json()
        answer = post_registration(tool)
        assert answer.status == 200, answer.text
        tool.registered = answer.json()
        return "done"

    @app.route("/login", methods=["GET", "POST"])
    def login() -> Any:
        sent = request.values.to_dict()
        tool.initiations.append(sent)
        query = {
            "scope": "openid", "response_type": "id_token", "response_mode": "form_post",
            "prompt": "none", "client_id": sent["client_id"], "redirect_uri": f"{tool.url}/launch",
            "login_hint": sent["login_hint"], "lti_message_hint": sent["lti_message_hint"],
            "state": "st", "nonce": secrets.token_hex(8),
        } | tool.auth  # fmt: skip
        query = {name: value for name, value in query.items() if value != "-"}
        return redirect(f"{tool.platform['authorization_endpoint']}?{urlencode(query)}")

    @app.post("/launch")
    def launch() -> str:
        tool.launches.append(request.form.to_dict())
        boxes = "".join(
            f'<input type=checkbox name=module value="{m}">' for m in ("interests", "careers")
        )
        return f"<form method=post action=/pick>{boxes}<button name=go value=1>Add</button></form>"

    @app.post("/pick")
    def pick() -> str:
        claims = tool.claims()
        chosen = [
            {
                "type": "ltiResourceLink", "title": f"Do {key}", "text": "A text",
                "custom": {"module": key}, "lineItem": {"scoreMaximum": 100, "tag": "progress"},
            }
            for key in request.form.getlist("module")
        ]  # fmt: skip
        answer = response_claims(tool, claims, tool.items or chosen)
        action = claims[DL + "deep_linking_settings"]["deep_link_return_url"]
        field = f'<input type=hidden name=JWT value="{tool.sign(answer)}">'
        return f'<form method=post action="{action.replace("&", "&amp;")}">{field}</form>'

    return app


def post_registration(tool: SmallTool, **override: Any) -> HttpResponse:
    """Send the registration request."""
    url = tool.platform["registration_endpoint"]
    headers = {"Authorization": f"Bearer {tool.asked['registration_token']}"}
    return door_for(url).post(url, json=tool.configuration() | override, headers=headers)


def response_claims(
    tool: SmallTool, claims: dict[str, Any], items: list[dict[str, Any]]
) -> dict[str, Any]:
    """The claims of a Deep Linking response."""
    now = int(time.time())
    return {
        "iss": tool.registered["client_id"], "aud": claims["iss"], "iat": now - 5,
        "exp": now + 60, "nonce": secrets.token_hex(8),
        LTI + "message_type": "LtiDeepLinkingResponse", LTI + "version": "1.3.0",
        LTI + "deployment_id": claims[LTI + "deployment_id"], DL + "content_items": items,
    }  # fmt: skip


class Server:
    """A Flask application on a free port."""

    def __init__(self, tool: SmallTool) -> None:
        self._server = make_server("127.0.0.1", 0, build(tool), threaded=True)
        tool.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

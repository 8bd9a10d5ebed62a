"""A platform for tests: it registers, answers logins, signs what a test tells it to, serves keys.

`Platform.token` takes mutators, so a table of bad tokens is a table of small functions.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from requests.structures import CaseInsensitiveDict
from werkzeug.test import TestResponse

from config.clock import utcnow
from config.database import Database
from config.http import HttpResponse
from config.http.errors import HttpError
from lti_tool.lti.models import Deployment
from lti_tool.lti.models import Platform as PlatformRow
from lti_tool.people.models import Tenant

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
REGISTRY = jws.JWSRegistry(
    algorithms=["RS256", "RS384", "RS512", "ES256", "HS256", "PS256"], strict_check_header=False
)

Claims = dict[str, Any]
Mutator = Callable[[Claims], Any]

_KEYS: dict[str, RSAKey] = {}


def rsa_key(name: str, bits: int = 2048) -> RSAKey:
    """A key by name; made once per test process, because making one takes long."""
    if name not in _KEYS:
        _KEYS[name] = RSAKey.generate_key(bits)
    return _KEYS[name]


def public_jwk(key: RSAKey | ECKey, kid: str, **members: Any) -> dict[str, Any]:
    """The public half as a platform would publish it."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "RS256", **members}


@dataclass
class KeyServer:
    """Stands in for the HTTP door: answers key set URLs and counts the questions."""

    answers: dict[str, Callable[[], HttpResponse]] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def get(self, url: str, **options: Any) -> HttpResponse:
        """Answer as the door would."""
        self.asked.append((url, options.get("headers") or {}))
        if url not in self.answers:
            raise AssertionError(f"nobody may ask {url}")
        return self.answers[url]()

    def count(self, url: str) -> int:
        """How often a URL was asked for."""
        return sum(1 for asked, _ in self.asked if asked == url)


def http_answer(
    body: bytes | str, status: int = 200, headers: dict[str, str] | None = None
) -> HttpResponse:
    """One answer of a platform."""
    return HttpResponse(
        status=status,
        reason="",
        headers=CaseInsensitiveDict(headers or {"Content-Type": "application/json"}),
        body=body.encode() if isinstance(body, str) else body,
        url="",
        elapsed=0.0,
    )


@dataclass
class Platform:
    """One registration as its platform sees it."""

    issuer: str = "https://moodle.example.org"
    client_id: str = "client-one"
    deployment_id: str = "1"
    product: str = "moodle"
    public_url: str = "http://127.0.0.1:5000"
    key_name: str = "platform"
    kid: str = "kid-1"
    row_id: str = ""
    tenant_id: str = ""
    etag: str | None = None
    keys: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Publish the key that signs."""
        if not self.keys:
            self.keys = [public_jwk(self.key, self.kid)]

    @property
    def key(self) -> RSAKey:
        """The private key that signs."""
        return rsa_key(self.key_name)

    @property
    def auth_url(self) -> str:
        """Where logins go; it has a query, which the tool must keep."""
        return f"{self.issuer}/mod/lti/auth.php?theme=plain"

    @property
    def jwks_url(self) -> str:
        """Where the public keys are."""
        return f"{self.issuer}/mod/lti/certs.php"

    @property
    def target(self) -> str:
        """The launch address of the tool."""
        return f"{self.public_url}/lti/launch"

    # Set-up.

    def register(self, database: Database, **columns: Any) -> Platform:
        """Store tenant (one per slug), registration and deployment."""
        slug = columns.pop("tenant", "partner")
        wants_names = columns.pop("wants_names", False)
        with database.write() as session:
            tenant = session.query(Tenant).filter_by(slug=slug).one_or_none()
            if tenant is None:
                tenant = Tenant(slug=slug, name=slug.title(), wants_names=wants_names)
                session.add(tenant)
                session.flush()
            values = {
                "issuer": self.issuer,
                "client_id": self.client_id,
                "name": "Moodle",
                "product": self.product,
                "auth_url": self.auth_url,
                "token_url": f"{self.issuer}/mod/lti/token.php",
                "jwks_url": self.jwks_url,
                "status": "active",
                **columns,
            }
            row = PlatformRow(tenant_id=tenant.id, **values)
            session.add(row)
            session.flush()
            session.add(
                Deployment(
                    tenant_id=tenant.id, platform_id=row.id, deployment_id=self.deployment_id
                )
            )
            self.row_id, self.tenant_id = row.id, tenant.id
        return self

    def serve_keys(self, server: KeyServer) -> Platform:
        """Answer for the key set, with a 304 where the ETag fits."""
        server.answers[self.jwks_url] = lambda: self._key_set(server.asked[-1][1])
        return self

    def _key_set(self, headers: Mapping[str, str]) -> HttpResponse:
        if self.etag and headers.get("If-None-Match") == self.etag:
            return http_answer("", 304)
        extra = {"ETag": self.etag} if self.etag else {}
        return http_answer(json.dumps({"keys": self.keys}), 200, extra)

    # Tokens.

    def claims(self, nonce: str, **changes: Any) -> Claims:
        """A valid launch of a learner, as Moodle 4.5 writes it."""
        now = utcnow().timestamp()
        return {
            "nonce": nonce,
            "iat": int(now),
            "exp": int(now) + 60,
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "6",
            "given_name": "Ágnes",
            "family_name": "Szabó",
            "name": "Ágnes Szabó",
            "email": "learner00001@example.org",
            LTI + "deployment_id": self.deployment_id,
            LTI + "target_link_uri": self.target,
            LTI + "version": "1.3.0",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "roles": [MEMBERSHIP + "Learner"],
            LTI + "context": {
                "id": "2",
                "label": "BOT1",
                "title": "Back on Track: first steps",
                "type": ["CourseSection"],
            },
            LTI + "resource_link": {"id": "1", "title": "What do I like doing?"},
            LTI + "lis": {"person_sourcedid": "SIS-77", "course_section_sourcedid": ""},
            LTI + "ext": {"user_username": "learner00001", "lms": "moodle-2"},
            LTI + "launch_presentation": {
                "locale": "hu",
                "document_target": "iframe",
                "return_url": f"{self.issuer}/mod/lti/return.php?course=2&sesskey=x",
            },
            LTI + "tool_platform": {"product_family_code": "moodle", "guid": "abc"},
            LTI + "custom": {"module": "interests", "locale": "$Person.timeframe"},
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitems": f"{self.issuer}/mod/lti/services.php/2/lineitems?type_id=1",
                "lineitem": f"{self.issuer}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{self.issuer}/mod/lti/services.php/CourseSection/2/"
                "bindings/1/memberships",
                "service_versions": ["1.0", "2.0"],
            },
            **changes,
        }

    def sign(
        self,
        claims: object,
        header: dict[str, Any] | None = None,
        key: Any = None,
    ) -> str:
        """Sign any payload under a header; None as a header value drops it."""
        merged = {"typ": "JWT", "alg": "RS256", "kid": self.kid, **(header or {})}
        merged = {name: value for name, value in merged.items() if value is not None}
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return jws.serialize_compact(merged, payload, key or self.key, registry=REGISTRY)

    # The browser's part.

    def login_params(self, **changes: Any) -> dict[str, str]:
        """What Moodle posts to begin a login."""
        params = {
            "iss": self.issuer,
            "login_hint": "6",
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
            "lti_message_hint": '{"cmid":13,"launchid":"ltilaunch1_1045843638"}',
            "target_link_uri": self.target,
            **changes,
        }
        return {name: value for name, value in params.items() if value is not None}

    def login(self, client: FlaskClient, method: str = "POST", **changes: Any) -> dict[str, str]:
        """Begin a login in a browser; returns the parameters of the redirect."""
        params = self.login_params(**changes)
        if method == "POST":
            answer = client.post("/lti/login", data=params)
        else:
            answer = client.get("/lti/login", query_string=params)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def launch(
        self,
        client: FlaskClient,
        mutate: Mutator | None = None,
        *,
        header: dict[str, Any] | None = None,
        key: Any = None,
        **claims: Any,
    ) -> TestResponse:
        """Log in and launch in one browser; `mutate` changes the claims, or returns others."""
        query = self.login(client)
        body: object = self.claims(query["nonce"], **claims)
        if mutate is not None:
            changed = mutate(body)  # type: ignore[arg-type]
            body = body if changed is None else changed
        token = self.sign(body, header, key)
        return self.post(client, token, query["state"])

    @staticmethod
    def post(client: FlaskClient, id_token: str, state: str, **extra: str) -> TestResponse:
        """Post the launch form."""
        return client.post("/lti/launch", data={"id_token": id_token, "state": state, **extra})


def unreachable(reason: str = "no connection") -> Callable[[], HttpResponse]:
    """An answer that never comes."""

    def fail() -> HttpResponse:
        raise HttpError(reason)

    return fail


def fresh_nonce() -> str:
    """A nonce of nobody."""
    return secrets.token_urlsafe(16)

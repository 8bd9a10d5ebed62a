"""A platform that nobody here wrote: lti1p3platform speaks, we only carry its words.

Its own tokens are posted as they are; for the table of bad launches its claims are changed and
signed again with its key.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request

from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, Claims, Platform


class _Conf(LTI1P3PlatformConfAbstract):
    """The library's configuration of one registration."""

    def init_platform_config(self, **kwargs: Any) -> None:
        """Take the platform that stands for it."""
        self.platform: LibraryPlatform = kwargs["platform"]

    def get_registration_by_params(self, **_kwargs: Any) -> Registration:
        """Return the one registration."""
        ours = self.platform
        made = Registration()
        made.set_iss(ours.issuer).set_client_id(ours.client_id)
        made.set_deployment_id(ours.deployment_id).set_launch_url(ours.target)
        made.set_deeplink_launch_url(ours.target)
        made.set_oidc_login_url(f"{ours.public_url}/lti/login")
        made.set_platform_private_key(ours.key.as_pem(private=True).decode())
        made.set_platform_public_key(ours.key.as_pem(private=False).decode())
        return made


class _Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, **kwargs: Any) -> None:
        """Keep the hint."""
        self._lti_message_hint = kwargs["hint"]

    def get_redirect(self, url: str) -> str:
        """Answer the address itself."""
        return url


class _Request(Request):
    def build_metadata(self, request: dict[str, Any]) -> Any:
        """Wrap the query that the tool redirected with."""
        return {"method": "GET", "form_data": {}, "get_data": request, "headers": {},
                "content_type": None, "path": "/auth", "json": None}  # fmt: skip


class _Launch(LTIAdvantageMessageLaunchAbstract):
    deep_linking = False
    role = MEMBERSHIP + "Learner"

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        """Say who launches what."""
        issuer = self._registration.get_iss()
        self.set_user_data("6", [self.role], full_name="Ágnes Szabó", email_address="a@example.org")
        self.set_launch_context_claim("2", ["CourseSection"], "Back on Track", "BOT1")
        self.set_custom_parameters_claim({"module": "interests"})
        self.set_launch_presentation_claim("iframe", f"{issuer}/course/2")
        self.set_ags(f"{issuer}/2/lineitems", f"{issuer}/2/lineitems/1", True, True, True)
        self.set_nrps(f"{issuer}/2/memberships")
        if self.deep_linking:
            self.set_dl(f"{issuer}/dl", "Pick", accept_types={"ltiResourceLink"})
        else:
            self.set_resource_link_claim("1", "An activity", "What do I like doing?")

    def render_launch_form(self, launch_data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Answer the form's fields."""
        return launch_data


@dataclass
class LibraryPlatform(Platform):
    """lti1p3platform behind the interface of our own test platform."""

    product: str = "generic"

    def __post_init__(self) -> None:
        """Publish the library's key set."""
        self.conf = _Conf(platform=self)
        registration = self.conf.get_registration()
        self.kid = str(registration.get_kid())
        self.keys = self.conf.get_jwks()["keys"]

    def login_params(self, **changes: Any) -> dict[str, str]:
        """What the library begins a login with."""
        login = _Login(None, self.conf)
        login.set_lti_message_hint(hint="activity-1")
        query = dict(parse_qsl(urlsplit(login.initiate_login("6")).query))
        merged = {**query, **changes}
        return {name: value for name, value in merged.items() if value is not None}

    def form(
        self, query: dict[str, str], *, role: str = "Learner", deep_linking: bool = False
    ) -> dict[str, str]:
        """The launch form that the library makes for the tool's redirect."""
        launch = _Launch(_Request(query), self.conf)
        launch.role, launch.deep_linking = MEMBERSHIP + role, deep_linking
        made = launch.lti_launch()
        return {"id_token": made["id_token"], "state": made["state"]}

    def claims(self, nonce: str, **changes: Any) -> Claims:
        """The claims of the library's own token, changed."""
        query = {"nonce": nonce, "state": "x", "redirect_uri": self.target,
                 "client_id": self.client_id}  # fmt: skip
        payload = self.form(query)["id_token"].split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert found[LTI + "version"] == "1.3.0"
        return {**found, **changes}

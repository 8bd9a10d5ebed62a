"""Reading a platform's OpenID configuration and refusing what does not belong together.

LTI Dynamic Registration 1.0 §3.3. The URL comes from whoever opened the invite, so everything that
it leads to has to be of the same origin: nobody may register an issuer that is not theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from config.http import HttpDoor, HttpError, HttpProtocolError, HttpRefused
from lti_tool.lti.quirks import for_product
from lti_tool.lti.registration.failure import RegistrationFailed
from lti_tool.lti.services.links import same_origin

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"

_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "registration_endpoint",
)
_MAX_BYTES = 200_000
_SECONDS = 10.0
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:[/?#]|$)", re.IGNORECASE)
_ORIGIN = re.compile(r"(https?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?)(?=[/?#]|$)")


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """What we use of a platform's configuration.

    `scopes`, `claims` and `messages` are what it offers, None where it does not say; `messages`
    maps a message type to its placements.
    """

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    product: str
    version: str
    name: str
    scopes: frozenset[str] | None
    claims: frozenset[str] | None
    messages: Mapping[str, tuple[str, ...]] | None


def origin(url: str) -> str | None:
    """Return scheme, host and port of a plain URL; None where it has anything unusual in it.

    What is returned is safe to stand in a header.
    """
    found = _ORIGIN.match(url)
    return found[1].lower() if found else None


def fetch_configuration(door: HttpDoor, url: str) -> PlatformConfiguration:
    """Fetch and read the configuration at `url`.

    Raises:
        RegistrationFailed: it cannot be had, is not one, or names foreign addresses.
    """
    try:
        response = door.get(
            url,
            headers={"Accept": "application/json"},
            deadline=_SECONDS,
            max_bytes=_MAX_BYTES,
        )
        document = response.json() if response.status == 200 else None
    except HttpProtocolError as error:
        raise RegistrationFailed("configuration_unreadable") from error
    except HttpError as error:
        # One code for refused and unreachable: a different one would tell a stranger which
        # addresses exist inside our network.
        raise RegistrationFailed("configuration_unreachable") from error
    if not isinstance(document, dict):
        raise RegistrationFailed("configuration_unreadable")
    configuration = read_configuration(document)
    check_belonging(configuration, url)
    for endpoint in _urls(configuration):
        try:
            door.check_url(endpoint)
        except HttpRefused as error:
            raise RegistrationFailed("configuration_foreign") from error
    return configuration


def read_configuration(document: Mapping[str, Any]) -> PlatformConfiguration:
    """Return the parts of a configuration, Moodle's as well as Canvas's.

    Raises:
        RegistrationFailed: something that we cannot do without is missing or of a wrong type.
    """
    required = [document.get(name) for name in ("issuer", *_ENDPOINTS)]
    if not all(isinstance(value, str) and 0 < len(value) <= 2000 for value in required):
        raise RegistrationFailed("configuration_incomplete")
    issuer, auth_url, token_url, jwks_url, registration_url = (str(value) for value in required)
    if len(issuer) > 255:
        raise RegistrationFailed("configuration_incomplete")
    methods = _strings(document.get("token_endpoint_auth_methods_supported"))
    if methods is not None and "private_key_jwt" not in methods:
        raise RegistrationFailed("configuration_method")
    platform = document.get(PLATFORM_CONFIGURATION)
    platform = platform if isinstance(platform, dict) else {}
    account = platform.get("https://canvas.instructure.com/lti/account_name")
    return PlatformConfiguration(
        issuer=issuer,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        registration_url=registration_url,
        product=str(platform.get("product_family_code") or "generic").strip().lower()[:64],
        version=str(platform.get("version") or "")[:64],
        name=str(account or urlsplit(issuer).hostname or issuer)[:200],
        scopes=_strings(document.get("scopes_supported")),
        claims=_strings(document.get("claims_supported")),
        messages=_messages(platform.get("messages_supported")),
    )


def check_belonging(configuration: PlatformConfiguration, url: str) -> None:
    """Check that the configuration at `url` speaks for its own issuer and origin only.

    The issuer has to be a prefix of `url`, up to a slash, so that two platforms in folders of one
    host stay apart. The endpoints have to be of that origin. Both may differ only inside the
    publicly known hosts of one vendor, when the configuration itself comes from such a host.

    Raises:
        RegistrationFailed: they do not belong together.
    """
    # HTTP clients take dot segments out of a path: `/one/../two/` begins like `/one/` and is not.
    if "?" in configuration.issuer or "#" in configuration.issuer or _DOTS.search(url):
        raise RegistrationFailed("configuration_foreign")
    family = for_product(configuration.product).vendor_hosts
    if family and all(_in_family(each, family) for each in (url, *_urls(configuration))):
        return
    if not url.startswith(configuration.issuer.rstrip("/") + "/"):
        raise RegistrationFailed("issuer_foreign")
    if not all(same_origin(each, url) for each in _urls(configuration)):
        raise RegistrationFailed("configuration_foreign")


def _urls(configuration: PlatformConfiguration) -> tuple[str, ...]:
    return (
        configuration.issuer,
        configuration.auth_url,
        configuration.token_url,
        configuration.jwks_url,
        configuration.registration_url,
    )


def _in_family(url: str, family: tuple[str, ...]) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return parts.scheme == "https" and any(
        host == name or (name.startswith(".") and host.endswith(name)) for name in family
    )


def _strings(value: object) -> frozenset[str] | None:
    if not isinstance(value, list):
        return None
    return frozenset(item for item in value if isinstance(item, str))


def _messages(value: object) -> dict[str, tuple[str, ...]] | None:
    """Return the offered messages; some platforms list bare names in place of objects."""
    if not isinstance(value, list):
        return None
    found: dict[str, tuple[str, ...]] = {}
    for entry in value:
        message = {"type": entry} if isinstance(entry, str) else entry
        if isinstance(message, dict) and isinstance(message.get("type"), str):
            placements = _strings(message.get("placements")) or frozenset()
            found[message["type"]] = tuple(sorted(placements))
    return found

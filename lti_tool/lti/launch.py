"""The second step of a launch: everything is checked, then one transaction lets somebody in.

The order matters. State and browser come first, because they cost nothing; then the signature;
then the claims; then the database, where the nonce is consumed in the same transaction as
everything that the launch writes. A launch that is refused leaves no row and no cookie.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.secrets import digest
from lti_tool.lti import claims as names
from lti_tool.lti.claims import Claims, read_claims
from lti_tool.lti.cookies import login_cookie
from lti_tool.lti.jwks import KeySource, PublicJwk
from lti_tool.lti.migration import read_migration
from lti_tool.lti.platforms import ACTIVE, PENDING, Registration
from lti_tool.lti.records import record_launch, use_nonce
from lti_tool.lti.refusals import Audience, LaunchRefused
from lti_tool.lti.roles import STAFF
from lti_tool.lti.runtime import Runtime
from lti_tool.lti.sessions import Entry, Launch, open_launch
from lti_tool.lti.state import State, read_state
from lti_tool.lti.verify import verify
from lti_tool.services import Services
from lti_tool.web.locale import known_locale

_LOGIN_REQUIRED = frozenset(
    {"login_required", "interaction_required", "account_selection_required"}
)


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is in."""

    launch: Launch
    secret: str = field(repr=False)
    state: State
    by_storage: bool
    """The browser was recognised by platform storage: it did not send our cookie back."""


@dataclass(frozen=True, slots=True)
class BrowserUnproven:
    """The cookie of the login did not come back; nothing was consumed yet.

    The page that answers asks platform storage where `state.storage_target` names it, and offers a
    window of its own otherwise.
    """

    registration: Registration
    state: State
    state_token: str
    id_token: str = field(repr=False)


def launch(
    services: Services,
    memory: Runtime,
    form: Mapping[str, str],
    cookies: Mapping[str, str],
    now: datetime,
    *,
    from_own_page: bool = False,
) -> Entered | BrowserUnproven:
    """Take the form that the platform posts.

    `form["browser"]` is what platform storage gave back to our own page. It counts only with
    `from_own_page`: on another site's form it would prove that its author once began a login, not
    that this browser did.

    Raises:
        LaunchRefused: with the code of the first thing that is wrong.
    """
    if "error" in form:
        required = form["error"] in _LOGIN_REQUIRED
        raise LaunchRefused("platform_login_required" if required else "platform_error")
    id_token = form.get("id_token", "")
    if not id_token:
        raise LaunchRefused("launch_incomplete")
    state_token = form.get("state", "")
    state = read_state(state_token, services.state_signer, now.timestamp())
    registration = _find(memory, state)
    try:
        proof = cookies.get(login_cookie(state.id))
        by_storage = proof is None and from_own_page and "browser" in form
        if by_storage:
            proof = form["browser"]
        if proof is None:
            return BrowserUnproven(registration, state, state_token, id_token)
        check_browser(proof, state)
        checked = verify(
            id_token,
            registration,
            state,
            lambda kid: _find_key(memory, registration, kid, now),
            now.timestamp(),
        )
        claims = read_claims(checked, wants_names=registration.wants_names)
        if checked.get(names.MIGRATION):
            claims.details.update(_migration(services, registration, checked))
        return _enter(services, registration, state, claims, by_storage, now)
    except LaunchRefused as refused:
        refused.platform_id = registration.id
        refused.frame_origins = registration.frame_origins
        raise


def check_browser(proof: str, state: State) -> None:
    """Refuse unless `proof` is the secret that the browser got when this login began.

    Raises:
        LaunchRefused: `browser_unknown`.
    """
    if not hmac.compare_digest(digest(proof), state.browser_hash):
        raise LaunchRefused("browser_unknown")


def _find(memory: Runtime, state: State) -> Registration:
    registration = memory.registrations.by_id(state.platform_id)
    if registration is None or registration.client_id != state.client_id:
        raise LaunchRefused("platform_mismatch")
    if registration.status != ACTIVE:
        pending = registration.status == PENDING
        raise LaunchRefused(
            "platform_pending" if pending else "platform_disabled",
            platform_id=registration.id,
            frame_origins=registration.frame_origins,
        )
    return registration


def _find_key(memory: Runtime, registration: Registration, kid: str, now: datetime) -> PublicJwk:
    source = KeySource(registration.tenant_id, registration.id, registration.jwks_url)
    return memory.key_sets.find(source, kid, now)


def _migration(
    services: Services, registration: Registration, checked: dict[str, Any]
) -> dict[str, Any]:
    with services.database.read_connection() as connection:
        found = read_migration(connection, services.seal, registration.tenant_id, checked)
    return {"lti1p1": found} if found else {}


def _enter(
    services: Services,
    registration: Registration,
    state: State,
    claims: Claims,
    by_storage: bool,
    now: datetime,
) -> Entered:
    try:
        with services.database.write_connection() as connection:
            use_nonce(connection, registration.id, claims.nonce, now)
            records = record_launch(connection, registration, claims, now)
            opened, secret = open_launch(
                connection,
                registration,
                Entry(
                    deployment_id=claims.deployment_id,
                    user_id=records.user_id,
                    context_id=records.context_id,
                    resource_link_id=records.resource_link_id,
                    module=records.module,
                    message_type=claims.message_type,
                    roles=claims.roles,
                    locale=records.locale
                    or known_locale(claims.settings.get("language"))
                    or claims.locale
                    or services.settings.default_locale,
                    return_url=claims.return_url,
                    details=_details(claims, state, services.settings.public_url),
                ),
                now,
            )
    except LaunchRefused as refused:
        refused.audience = Audience.STAFF if claims.roles & STAFF else Audience.LEARNER
        raise
    return Entered(opened, secret, state, by_storage)


def _details(claims: Claims, state: State, public_url: str) -> dict[str, object]:
    """Return the details of a launch, with the platform's own address for doing it again.

    Our own login with the same parameters is left out: it names the person.
    """
    if state.again is None or state.again.startswith(public_url):
        return claims.details
    return {**claims.details, "again": state.again}

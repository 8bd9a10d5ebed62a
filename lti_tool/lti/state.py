"""The signed state of a login: what the launch must agree with, carried by the browser.

Nothing is stored between login and launch, so a flood of logins costs no row (the lesson of
CVE-2026-34052). The state names platform, client, nonce, browser, deployment and target; the launch
is refused unless every one of them comes back the same (1EdTech Security Framework 1.1 §5.1.1.1,
§7.3.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from config.secrets import BadSignature, Signer
from lti_tool.lti.refusals import LaunchRefused

MAX_AGE = 300
"""Seconds between login and launch: the platform may have to ask for a password in between."""
_MAX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class State:
    """One login on its way."""

    id: str
    """Names the cookie of this login, so that two tabs do not overwrite each other's."""
    platform_id: str
    client_id: str
    nonce_hash: str
    browser_hash: str
    """SHA-256 of the secret that only the browser which began this login holds."""
    target: str
    deployment_id: str | None = None
    storage_target: str | None = None
    """The frame that keeps data for us (LTI Client Side postMessages), where offered."""
    again: str | None = None
    """Where the same launch can be begun anew, in a window of its own."""

    def sign(self, signer: Signer, now: float) -> str:
        """Return the token that travels as the `state` parameter."""
        payload = {
            "i": self.id,
            "p": self.platform_id,
            "c": self.client_id,
            "n": self.nonce_hash,
            "b": self.browser_hash,
            "t": self.target,
            "d": self.deployment_id,
            "s": self.storage_target,
            "a": self.again,
        }
        return signer.sign({key: value for key, value in payload.items() if value}, now)


def read_state(token: str, signer: Signer, now: float) -> State:
    """Return the state of a login that we began at most `MAX_AGE` seconds ago.

    Raises:
        LaunchRefused: `state_missing` or `state_invalid`.
    """
    if not token:
        raise LaunchRefused("state_missing")
    if len(token) > _MAX_LENGTH:
        raise LaunchRefused("state_invalid")
    try:
        payload = signer.read(token, now, MAX_AGE)
    except BadSignature as error:
        raise LaunchRefused("state_invalid") from error
    return State(
        id=payload["i"],
        platform_id=payload["p"],
        client_id=payload["c"],
        nonce_hash=payload["n"],
        browser_hash=payload["b"],
        target=payload["t"],
        deployment_id=payload.get("d"),
        storage_target=payload.get("s"),
        again=payload.get("a"),
    )

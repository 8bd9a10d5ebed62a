"""What the whole application shares, handed in rather than imported."""

from __future__ import annotations

from dataclasses import dataclass

from config.database import Database, forbid_open_transaction
from config.http import HttpDoor
from config.secrets import Seal, Signer
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """One per process; safe to use from every thread."""

    settings: Settings
    database: Database
    door: HttpDoor
    seal: Seal
    state_signer: Signer
    form_signer: Signer


def build_services(settings: Settings) -> Services:
    """Assemble the parts from the settings; opens nothing yet."""
    secret = settings.secret_key.get_secret_value()
    return Services(
        settings=settings,
        database=Database(settings.database_url),
        door=HttpDoor(
            allow_http=settings.demo,
            allowed_hosts=settings.http_allow_list,
            ca_bundle=str(settings.ca_bundle) if settings.ca_bundle else None,
            user_agent="BackOnTrack/0.1 (+LTI tool)",
            before_request=forbid_open_transaction,
        ),
        seal=Seal(key.get_secret_value() for key in settings.seal_keys),
        state_signer=Signer(secret, "lti state"),
        form_signer=Signer(secret, "form"),
    )

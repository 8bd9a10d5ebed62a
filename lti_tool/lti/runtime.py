"""What the protocol keeps in memory: one object per process and database."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from config.database import Database
from lti_tool.lti.jwks import KeySets
from lti_tool.lti.keys import KeyRing, key_ring
from lti_tool.lti.platforms import RegistrationCache
from lti_tool.services import Services


@dataclass(frozen=True, slots=True)
class Runtime:
    """Caches only: throwing it away loses time, never data."""

    registrations: RegistrationCache
    key_sets: KeySets
    keys: KeyRing


_runtimes: WeakKeyDictionary[Database, Runtime] = WeakKeyDictionary()
_lock = Lock()


def runtime(services: Services) -> Runtime:
    """Return this process's memory for the database of `services`."""
    found = _runtimes.get(services.database)
    if found is None:
        with _lock:
            found = _runtimes.get(services.database)
            if found is None:
                found = Runtime(
                    RegistrationCache(services.database),
                    KeySets(services.database, services.door),
                    key_ring(services),
                )
                _runtimes[services.database] = found
    return found

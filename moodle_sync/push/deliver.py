"""Sends what is due: look first, send in batches, find the one bad record, look again."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from config.clock import utcnow
from config.database import Database
from config.http import HttpDoor
from config.secrets import Seal
from moodle_sync.calls.site import get_site_info
from moodle_sync.client import MoodleClient
from moodle_sync.errors import Kind, MoodleError, SiteChanged
from moodle_sync.pace import PatientCaller, Politeness
from moodle_sync.pull.probe import check_identity
from moodle_sync.push.contact import MakeEvent, SendMessage, WriteNote
from moodle_sync.push.context import Handler, Push
from moodle_sync.push.enrolments import Enrol, Suspend
from moodle_sync.push.groups import GroupMember, MakeGroup
from moodle_sync.push.intents import (
    KINDS,
    Intent,
    Verdict,
    mark_sent,
    parked,
    settle,
    take,
)
from moodle_sync.push.progress import GiveEvidence, MakePlan, SetCompletion
from moodle_sync.sites import SiteStopped, find_site, token_place

HANDLERS: Mapping[str, Handler] = {
    "enrol": Enrol(),
    "suspend": Suspend(),
    "group": MakeGroup(),
    "group_member": GroupMember(),
    "event": MakeEvent(),
    "message": SendMessage(),
    "note": WriteNote(),
    "completion": SetCompletion(),
    "plan": MakePlan(),
    "evidence": GiveEvidence(),
}
_REFUSED = frozenset({Kind.VALIDATION, Kind.GONE, Kind.CONFIG, Kind.PARTIAL})


@dataclass(slots=True)
class DeliverySummary:
    """How many intents were settled how, by kind; `error` is what ended the delivery early."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    requests: int = 0
    error: str | None = None

    @property
    def total(self) -> Counter[str]:
        """The counts of all kinds together."""
        return sum(self.counts.values(), Counter())


def deliver(
    database: Database,
    door: HttpDoor,
    seal: Seal,
    site_id: str,
    *,
    limit: int = 200,
    politeness: Politeness | None = None,
    sleep: Callable[[float], None] = time.sleep,
    jitter: random.Random | None = None,
) -> DeliverySummary:
    """Send what is due for one site, at most `limit` of each kind.

    A refusal of one record parks that record alone. Anything that leaves the outcome open puts
    the records back, to be looked for before they are sent again. Raises `SiteUnknown`,
    `SiteStopped`.
    """
    jitter = jitter or random.Random()
    with database.read() as session:
        site = find_site(session, site_id)
        if site.state == "stopped":
            raise SiteStopped(site.stop_reason or "stopped")
        tenant_id, wwwroot, issuer = site.tenant_id, site.wwwroot, site.issuer
        waits = site.paused_until is not None and site.paused_until > utcnow()
        token = seal.open(site.sealed_token, token_place(tenant_id, site_id))
    summary = DeliverySummary()
    if waits:
        summary.error = "paused"
        return summary
    client = MoodleClient(door, wwwroot, token)
    reader = PatientCaller(client, politeness or Politeness(), sleep, jitter)
    push: Push | None = None
    try:
        for kind in KINDS:
            intents = take(database, (tenant_id, site_id), kind, limit)
            if not intents:
                continue
            verdicts: dict[Intent, Verdict] = {}
            try:
                if push is None:
                    info = get_site_info(reader)
                    check_identity(wwwroot, issuer, info.siteurl)
                    push = Push(database, tenant_id, site_id, info.user_id, reader, client)
                _deliver(push, HANDLERS[kind], intents, verdicts)
            finally:
                # What has no verdict when something broke goes back; `sent` stays as committed.
                open_end = {
                    intent: Verdict("waiting", "interrupted", sent=True)
                    for intent in intents
                    if intent not in verdicts
                }
                settle(database, tenant_id, {**verdicts, **open_end}, jitter)
                counter = summary.counts.setdefault(kind, Counter())
                counter.update(v.state for v in {**verdicts, **open_end}.values())
    except MoodleError as error:
        summary.error = f"{error.code} {error.function}".strip()
        _pause(database, site_id, error)
    except SiteChanged as error:
        summary.error = str(error)
        _stop(database, site_id, str(error))
    summary.requests = client.usage.requests
    return summary


def _deliver(
    push: Push, handler: Handler, intents: Sequence[Intent], verdicts: dict[Intent, Verdict]
) -> None:
    """Fill `verdicts`; a refusal while reading concerns one intent, not its neighbours."""
    _look(push, handler, intents, verdicts)
    todo = [intent for intent in intents if intent not in verdicts]
    for start in range(0, len(todo), handler.batch):
        held = mark_sent(push.database, push.tenant_id, todo[start : start + handler.batch])
        _send(push, handler, held, verdicts)
    if handler.proves:
        return
    unproven = [i for i in todo if verdicts.get(i, parked("")).state == "done"]
    for intent in unproven:
        del verdicts[intent]
    _look(push, handler, unproven, verdicts)
    for intent in unproven:
        verdicts.setdefault(intent, Verdict("waiting", "not there after sending", sent=True))


def _look(
    push: Push, handler: Handler, intents: Sequence[Intent], verdicts: dict[Intent, Verdict]
) -> None:
    if not intents:
        return
    try:
        verdicts.update(handler.look(push, intents))
    except MoodleError as error:
        if error.kind not in _REFUSED:
            raise
        if len(intents) == 1:
            verdicts[intents[0]] = parked(_reason(error))
            return
        middle = len(intents) // 2
        _look(push, handler, intents[:middle], verdicts)
        _look(push, handler, intents[middle:], verdicts)


def _send(
    push: Push, handler: Handler, intents: Sequence[Intent], verdicts: dict[Intent, Verdict]
) -> None:
    """Send a batch; halve it down to the record that Moodle refuses."""
    if not intents:
        return
    try:
        verdicts.update(handler.send(push, intents))
    except MoodleError as error:
        if error.kind not in _REFUSED:
            raise
        if len(intents) == 1:
            verdicts[intents[0]] = parked(_reason(error))
            return
        middle = len(intents) // 2
        _send(push, handler, intents[:middle], verdicts)
        _send(push, handler, intents[middle:], verdicts)


def _reason(error: MoodleError) -> str:
    return f"{error.code} ({error.function})"


def _pause(database: Database, site_id: str, error: MoodleError) -> None:
    """Leave the site alone for a while, or until somebody mends the account."""
    if error.kind is Kind.AUTH:
        _stop(database, site_id, f"{error.code}: {error.message}")
        return
    if error.kind is Kind.BUSY:
        with database.write() as session:
            site = find_site(session, site_id)
            site.paused_until = utcnow() + timedelta(seconds=min(error.retry_after or 300, 21_600))


def _stop(database: Database, site_id: str, reason: str) -> None:
    with database.write() as session:
        site = find_site(session, site_id)
        site.state, site.stop_reason = "stopped", reason[:255]

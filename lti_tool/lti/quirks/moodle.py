"""Moodle, as its release 4.5.6 behaves (mod/lti)."""

from __future__ import annotations

import json

from lti_tool.lti.quirks.flags import Quirks


def relaunch_url(issuer: str, message_hint: str | None) -> str | None:
    """Return the page of the activity that launches it again.

    The launch id in the message hint works once (mod/lti/auth.php drops it), so the same login
    cannot be repeated; launch.php makes a new one. The hint is JSON and names the course module.
    """
    try:
        hint = json.loads(message_hint or "")
    except ValueError:
        return None
    cmid = hint.get("cmid") if isinstance(hint, dict) else None
    if isinstance(cmid, bool) or not str(cmid).isascii() or not str(cmid).isdigit():
        return None
    return f"{issuer}/mod/lti/launch.php?id={cmid}&triggerview=0"


QUIRKS = Quirks(
    # With a `url` Moodle stores no tool type and matches the tool by domain at each launch, so
    # that two registrations of one tool on one site cross.
    deep_link_url=False,
    # Ignored since 4.3: the container comes from the tool's own settings.
    deep_link_presentation=False,
    # `/results?limit=` is a PHP error, and the Link headers of line items are hardly readable;
    # without a limit everything comes at once.
    container_limit=None,
    # `gradingProgress` other than FullyGraded stores an empty grade over an existing one.
    ungraded_progress=False,
    # A grade of 0 comes without resultScore and timestamp (`!empty(finalgrade)`).
    empty_result_is_zero=True,
    # The next link of memberships repeats limit and from, but not role.
    roster_links_drop_role=True,
    relaunch_url=relaunch_url,
)

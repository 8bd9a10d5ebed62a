"""What we hand to a Moodle admin: roles to import, a script that sets everything up, a list."""

from __future__ import annotations

import base64
import json
from importlib.resources import files
from xml.sax.saxutils import escape

from moodle_sync.doctor.needs import READING, Purpose, capabilities, functions, system_capabilities
from moodle_sync.pull.report_format import COLUMNS, FILTERS, SORTED

_LEVELS = {"backontrackrest": ("system",), "backontracksync": ("coursecat", "course")}


def role_xml(shortname: str, purposes: tuple[Purpose, ...] = READING) -> str:
    """Return a role as Moodle's own preset file.

    It is imported at Site administration > Users > Define roles > Add a new role > "Use role
    preset". `shortname` is backontrackrest (assign it in the system) or backontracksync (assign it
    at a course category). Raises `KeyError` for another.
    """
    levels = _LEVELS[shortname]
    system = shortname == "backontrackrest"
    wanted = system_capabilities(purposes) if system else capabilities(purposes)
    name = "Back on Track: web service" if system else "Back on Track: sync"
    allowed = [f"      <allow>{escape(capability)}</allow>" for capability in wanted]
    assigns = "<shortname>student</shortname>" if not system and "enrol" in purposes else ""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<role>",
            f"  <shortname>{shortname}</shortname>",
            f"  <name>{escape(name)}</name>",
            "  <description/>",
            "  <archetype/>",
            "  <contextlevels>",
            *(f"    <level>{level}</level>" for level in levels),
            "  </contextlevels>",
            f"  <allowassign>{assigns}</allowassign>",
            "  <allowoverride/>",
            "  <allowswitch/>",
            "  <allowview/>",
            "  <permissions>",
            *allowed,
            "  </permissions>",
            "</role>",
            "",
        ]
    )


def setup_script(purposes: tuple[Purpose, ...] = READING) -> str:
    """Return a PHP script for Moodle's command line that makes roles, account, service, report."""
    plan = {
        "system": system_capabilities(purposes),
        "category": capabilities(purposes),
        "functions": functions(purposes),
        "enrols": "enrol" in purposes,
        "columns": {name: {"id": c, "sorted": name in SORTED} for name, c in COLUMNS.items()},
        "filters": list(FILTERS),
    }
    text = files("moodle_sync.doctor").joinpath("setup.php").read_text(encoding="utf-8")
    return text.replace("@PLAN@", base64.b64encode(json.dumps(plan).encode()).decode())


def checklist(purposes: tuple[Purpose, ...] = READING) -> str:
    """Return the same as a list of steps for an admin who has no command line."""
    return "\n".join(
        [
            "1. Site administration > Advanced features: web services and custom reports on.",
            "2. Site administration > Server > Web services > Manage protocols: REST on.",
            "3. Users > Define roles: import backontrackrest.xml and backontracksync.xml.",
            "4. Make a user (manual accounts, long random password, e-mail filled in).",
            '5. Users > Assign system roles: "Back on Track: web service" for that user.',
            '6. The course category > Permissions > Assign roles: "Back on Track: sync" for it.',
            "7. Server > Web services > External services: add one for authorised users only,",
            "   leave the authorised user's date and IP empty, and add these functions:",
            *(f"     {function}" for function in functions(purposes)),
            "8. Server > Web services > Manage tokens: make a token (put an expiry date there).",
            '9. Reports > Custom reports: one on "Course participants", unique rows off, columns:',
            *(
                f"     {column}, heading {heading}" + (", sorted" if heading in SORTED else "")
                for heading, column in COLUMNS.items()
            ),
            f"   filters: {', '.join(FILTERS)}",
            "   condition: course category = the one of step 6, with subcategories",
            "   audience: the user of step 4, added by hand.",
        ]
    )

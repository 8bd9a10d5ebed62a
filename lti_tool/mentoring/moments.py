"""Days and times of mentoring as people read them: in the time of the mentee's country, and said
so.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from babel.dates import format_skeleton, format_time, get_timezone_location
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.mentoring.calendar import zone_of
from lti_tool.people.models import Tenant


def zone_of_tenant(session: Session, tenant_id: str) -> ZoneInfo:
    """Return the time zone of an organisation; for a pair that of the mentee's."""
    return zone_of(session.get_one(Tenant, tenant_id).country)


def moment_words(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment such as "Tue, 3 Mar, 18:00", in the language of the page."""
    local, here = moment.astimezone(zone), _locale()
    clock = format_time(local, "HH:mm", tzinfo=zone, locale=here)
    # Translators: a day and a time of day, such as "Tue, Mar 3 at 18:00".
    return str(_("%(day)s at %(time)s", day=day_words(local.date()), time=clock))


def day_words(day: date) -> str:
    """Return a day such as "Tue, 3 Mar", in the language of the page."""
    return str(format_skeleton("MMMEd", day, locale=_locale()))


def zone_words(zone: ZoneInfo) -> str:
    """Say in which country's time the times of a page are."""
    place = get_timezone_location(zone, locale=_locale())
    # Translators: the place is a country or a city, such as "Hungary Time".
    return str(_("All times are in this time zone: %(place)s.", place=place))


def _locale() -> Locale:
    return flask_babel.get_locale() or Locale("en")

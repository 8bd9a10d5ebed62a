"""The demo's opportunities are useful at once, and nobody can take them for real ones."""

from __future__ import annotations

from sqlalchemy import select

from adaptive.places import load_gazetteer
from config.clock import utcnow
from lti_tool.demo.opportunities import add_examples
from lti_tool.opportunities.models import Opportunity
from lti_tool.opportunities.reading import listings, offers
from tests.lti_tool.conftest import app, services, world

__all__ = ["app", "services", "world"]


def test_a_dozen_examples_in_several_countries(world):
    now = utcnow()
    with world.services.database.write() as session:
        add_examples(session, world.tenant_id, now)
    with world.services.database.read() as session:
        rows = session.scalars(select(Opportunity)).all()
        ids = [offer.id for offer in offers(session, world.tenant_id, now.date())]
        shown = listings(session, world.tenant_id, ids).values()
    assert len(rows) >= 12
    for row in rows:
        assert row.example
        assert "(example)" in row.organisation
        assert (row.email or row.url).partition("/course")[0].count(".example") == 1
        assert not row.phone
    assert {row.kind for row in rows} >= {"job", "course", "service", "exchange", "visit"}
    places = [load_gazetteer().get(row.place) for row in rows if row.place]
    assert len({place.country for place in places}) == 10
    assert sum(one.example for one in shown) == len(rows)

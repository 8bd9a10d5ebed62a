"""What the practice organisation offers: made-up examples in all ten countries, marked as such."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.opportunities.models import Opportunity
from lti_tool.opportunities.table import decode, import_all, read_table

_FILE = Path(__file__).with_name("opportunities.csv")
_DAYS_LEFT = {"shop": 6, "hut": 20, "bakery": 45}
"""Some end soon, counted from the first start; the others stay."""


def add_examples(session: Session, tenant_id: str, now: datetime) -> None:
    """Publish the examples for an organisation."""
    import_all(session, tenant_id, read_table(decode(_FILE.read_bytes())), now, open_now=True)
    for row in session.scalars(select(Opportunity).where(Opportunity.tenant_id == tenant_id)):
        row.example = True
        if row.reference in _DAYS_LEFT:
            row.last_day = now.date() + timedelta(days=_DAYS_LEFT[row.reference])

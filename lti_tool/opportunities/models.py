"""An opportunity of a partner organisation, with its words in each language."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow


class Opportunity(TenantRow, Base):
    """What one organisation offers or knows of. Nothing in it is about a person.

    state: "draft" (only staff see it), "open" or "ended". network: learners of all organisations
    may see it. place: the number of a town of the gazetteer. The other columns are as
    `adaptive.opportunities.Listing` describes them.
    """

    __tablename__ = "opportunity"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        Index(None, "state", "network"),
    )

    reference: Mapped[str | None] = mapped_column(String(64))
    """The organisation's own name of it in a file, so that a later import changes the same row."""
    state: Mapped[str] = mapped_column(String(8), default="draft")
    network: Mapped[bool] = mapped_column(default=False)
    example: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(16))
    organisation: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    place: Mapped[str | None] = mapped_column(String(16))
    online: Mapped[bool] = mapped_column(default=False)
    interests: Mapped[str] = mapped_column(String(6), default="")
    languages: Mapped[list[str]]
    countries: Mapped[list[str]]
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)

    words: Mapped[list[OpportunityWords]] = relationship(
        cascade="all, delete-orphan", order_by="OpportunityWords.language", lazy="selectin"
    )


class OpportunityWords(Base):
    """The words of an opportunity in one language (a code without script, such as sr)."""

    __tablename__ = "opportunity_words"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "opportunity_id"],
            ["opportunity.tenant_id", "opportunity.id"],
            ondelete="CASCADE",
        ),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    opportunity_id: Mapped[str] = mapped_column(ID, primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(String(1000))
    needs: Mapped[str] = mapped_column(String(300), default="")
    first_step: Mapped[str] = mapped_column(String(300), default="")

"""Tables of the organisations and their people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from config.ids import new_id


class TenantRow:
    """The key of every table that belongs to a tenant: (tenant_id, id).

    Foreign keys between such tables carry the tenant as well, so a row of one organisation cannot
    point to another one's.
    """

    @declared_attr
    @classmethod
    def tenant_id(cls) -> Mapped[str]:
        return mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)

    @declared_attr
    @classmethod
    def id(cls) -> Mapped[str]:
        return mapped_column(ID, primary_key=True, default=new_id)


class Tenant(Base):
    """A partner organisation."""

    __tablename__ = "tenant"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))
    default_locale: Mapped[str | None] = mapped_column(String(16))
    wants_names: Mapped[bool] = mapped_column(default=False)
    """Whether platforms may send names and e-mail; without it everybody is a number."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class User(TenantRow, Base):
    """A person as one platform knows them: issuer and `sub`, never an e-mail address."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("tenant_id", "platform_id", "sub"),
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    platform_id: Mapped[str] = mapped_column(ID)
    sub: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(200))
    """The platform's display name, only where the tenant wants names."""
    locale: Mapped[str | None] = mapped_column(String(16))
    """The language the person chose here; it wins over what the platform says."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    disabled_at: Mapped[datetime | None]


class Membership(Base):
    """A person's roles in one course, as the newest launch or roster said."""

    __tablename__ = "membership"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "context_id"], ["context.tenant_id", "context.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    context_id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    roles: Mapped[list[str]]
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)

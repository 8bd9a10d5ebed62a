"""Tables of the protocol: who may launch, from where, with which keys, and who is in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow

URL = String(2000)


def table_of(model: type[Base]) -> Table:
    """Return the Core table of a model, for prebuilt statements."""
    return cast("Table", model.__table__)


class Platform(TenantRow, Base):
    """A registration: one Moodle (issuer) that knows us by one client id."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    product: Mapped[str] = mapped_column(String(64), default="generic")
    """`product_family_code`; selects the file of quirks."""
    version: Mapped[str | None] = mapped_column(String(64))
    auth_url: Mapped[str] = mapped_column(URL)
    token_url: Mapped[str] = mapped_column(URL)
    jwks_url: Mapped[str] = mapped_column(URL)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    """pending (registered, not approved), active, or disabled."""
    allow_anonymous: Mapped[bool] = mapped_column(default=False)
    """Whether launches without `sub` get in; each of them is a new nobody."""
    algorithms: Mapped[list[str]] = mapped_column(default=lambda: ["RS256"])
    """The signature algorithms that this registration may use, of lti_tool.lti.jwks.ALGORITHMS."""
    frame_origins: Mapped[list[str]] = mapped_column(default=list)
    """Origins beside the issuer's own that may show us in a frame."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_launch_at: Mapped[datetime | None]


class Deployment(TenantRow, Base):
    """One placement of the registration inside the platform."""

    __tablename__ = "deployment"
    __table_args__ = (
        UniqueConstraint("tenant_id", "platform_id", "deployment_id"),
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    platform_id: Mapped[str] = mapped_column(ID)
    deployment_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Context(TenantRow, Base):
    """A course."""

    __tablename__ = "context"
    __table_args__ = (
        UniqueConstraint("tenant_id", "platform_id", "lti_id"),
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    platform_id: Mapped[str] = mapped_column(ID)
    lti_id: Mapped[str] = mapped_column(String(255))
    label: Mapped[str | None] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(String(255))
    lineitems_url: Mapped[str | None] = mapped_column(URL)
    memberships_url: Mapped[str | None] = mapped_column(URL)
    groups_url: Mapped[str | None] = mapped_column(URL)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class ResourceLink(TenantRow, Base):
    """An activity that a teacher placed; `module` is None until it says what it shows."""

    __tablename__ = "resource_link"
    __table_args__ = (
        UniqueConstraint("tenant_id", "platform_id", "lti_id"),
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
        ForeignKeyConstraint(["tenant_id", "context_id"], ["context.tenant_id", "context.id"]),
    )

    platform_id: Mapped[str] = mapped_column(ID)
    context_id: Mapped[str | None] = mapped_column(ID)
    """None where the platform launches outside any course."""
    lti_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(String(255))
    module: Mapped[str | None] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the teacher chose at Deep Linking, from the custom parameters."""
    deep_link_uuid: Mapped[str | None] = mapped_column(String(36))
    lineitem_url: Mapped[str | None] = mapped_column(URL)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class LaunchSession(TenantRow, Base):
    """Who is in, by one launch, in one tab; the cookie holds the secret, we hold its hash."""

    __tablename__ = "launch_session"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        ForeignKeyConstraint(["tenant_id", "context_id"], ["context.tenant_id", "context.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "resource_link_id"], ["resource_link.tenant_id", "resource_link.id"]
        ),
        UniqueConstraint("id"),
        Index(None, "expires_at"),
    )

    secret_hash: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[str] = mapped_column(ID)
    deployment_id: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[str] = mapped_column(ID)
    context_id: Mapped[str | None] = mapped_column(ID)
    resource_link_id: Mapped[str | None] = mapped_column(ID)
    message_type: Mapped[str] = mapped_column(String(64))
    roles: Mapped[list[str]]
    locale: Mapped[str] = mapped_column(String(16))
    return_url: Mapped[str | None] = mapped_column(URL)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What only this message needs: Deep Linking settings, the person under review."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class UsedNonce(Base):
    """A nonce that was consumed; the primary key makes consuming it twice impossible."""

    __tablename__ = "used_nonce"
    __table_args__ = (Index(None, "expires_at"),)

    platform_id: Mapped[str] = mapped_column(ID, primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]


class PlatformKeySet(Base):
    """The platform's public keys as last fetched, shared by all workers."""

    __tablename__ = "platform_key_set"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(ID, primary_key=True)
    jwks: Mapped[dict[str, Any]]
    etag: Mapped[str | None] = mapped_column(String(255))
    fetched_at: Mapped[datetime]
    attempted_at: Mapped[datetime]


class AccessToken(Base):
    """An access token of a platform, sealed, shared by all workers."""

    __tablename__ = "access_token"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(ID, primary_key=True)
    scopes: Mapped[str] = mapped_column(String(512), primary_key=True)
    """The scopes asked for, sorted, with spaces between."""
    sealed_token: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]


class ToolKey(Base):
    """A signing key of the tool; `kid` is its RFC 7638 thumbprint."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    """next (published, not yet used), active (signs), retiring (published until tokens die)."""
    public_jwk: Mapped[dict[str, Any]]
    sealed_private_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    state_since: Mapped[datetime] = mapped_column(default=utcnow)


class Invite(TenantRow, Base):
    """Leave to register one platform, once, before a date."""

    __tablename__ = "invite"

    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    auto_approve: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    platform_id: Mapped[str | None] = mapped_column(ID)


class LegacyKey(TenantRow, Base):
    """An LTI 1.1 consumer key of a platform that moves to LTI 1.3; its secret proves the move."""

    __tablename__ = "legacy_key"
    __table_args__ = (UniqueConstraint("tenant_id", "consumer_key"),)

    consumer_key: Mapped[str] = mapped_column(String(255))
    sealed_secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class LinkCode(TenantRow, Base):
    """A code by which somebody offers to be the same person on another platform."""

    __tablename__ = "link_code"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        UniqueConstraint("tenant_id", "user_id"),
    )

    user_id: Mapped[str] = mapped_column(ID)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]


class AccountLink(Base):
    """Users of several platforms who said that they are one person share a `person_id`."""

    __tablename__ = "account_link"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index(None, "tenant_id", "person_id"),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(ID)
    consented_at: Mapped[datetime]

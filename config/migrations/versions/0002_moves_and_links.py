"""LTI 1.1 consumer keys of platforms that move, and people who are the same on two platforms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "legacy_key",
        sa.Column("consumer_key", sa.String(length=255), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("created_at", database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_legacy_key_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_legacy_key")),
        sa.UniqueConstraint(
            "tenant_id", "consumer_key", name=op.f("uq_legacy_key_tenant_id_consumer_key")
        ),
    )
    op.create_table(
        "link_code",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["user.tenant_id", "user.id"],
            name=op.f("fk_link_code_tenant_id_user_id_user"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_link_code_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_link_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_link_code_code_hash")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_link_code_tenant_id_user_id")),
    )
    op.create_table(
        "account_link",
        sa.Column("tenant_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("consented_at", database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["user.tenant_id", "user.id"],
            name=op.f("fk_account_link_tenant_id_user_id_user"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_account_link_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_account_link")),
    )
    op.create_index(
        op.f("ix_account_link_tenant_id_person_id"), "account_link", ["tenant_id", "person_id"]
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("account_link")
    op.drop_table("link_code")
    op.drop_table("legacy_key")

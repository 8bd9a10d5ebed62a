"""Imported occupations and skills, and what learners say they can do already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from config import database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "occupation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("isco", sa.String(length=4), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("described", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupation")),
    )
    op.create_table(
        "occupation_dataset",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("imported_at", database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_occupation_dataset")),
    )
    op.create_table(
        "occupation_figure",
        sa.Column("occupation", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("occupation", "kind", "source", name=op.f("pk_occupation_figure")),
    )
    op.create_table(
        "occupation_index",
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", "place", name=op.f("pk_occupation_index")),
    )
    op.create_table(
        "skill",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reuse", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("skill_group", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
    )
    op.create_table(
        "occupation_label",
        sa.Column("occupation", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occupation"],
            ["occupation.id"],
            name=op.f("fk_occupation_label_occupation_occupation"),
        ),
        sa.PrimaryKeyConstraint(
            "occupation", "language", "place", name=op.f("pk_occupation_label")
        ),
    )
    op.create_table(
        "occupation_skill",
        sa.Column("occupation", sa.String(length=64), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("essential", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occupation"],
            ["occupation.id"],
            name=op.f("fk_occupation_skill_occupation_occupation"),
        ),
        sa.ForeignKeyConstraint(
            ["skill"], ["skill.id"], name=op.f("fk_occupation_skill_skill_skill")
        ),
        sa.PrimaryKeyConstraint("occupation", "skill", name=op.f("pk_occupation_skill")),
    )
    op.create_index(op.f("ix_occupation_skill_skill"), "occupation_skill", ["skill"], unique=False)
    op.create_table(
        "own_skill",
        sa.Column("tenant_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("said_at", database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["user.tenant_id", "user.id"],
            name=op.f("fk_own_skill_tenant_id_user_id_user"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_own_skill_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "skill", name=op.f("pk_own_skill")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("own_skill")
    op.drop_index(op.f("ix_occupation_skill_skill"), table_name="occupation_skill")
    op.drop_table("occupation_skill")
    op.drop_table("occupation_label")
    op.drop_table("skill")
    op.drop_table("occupation_index")
    op.drop_table("occupation_figure")
    op.drop_table("occupation_dataset")
    op.drop_table("occupation")

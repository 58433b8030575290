"""The PRO centre's people: their roles, the links that let them in first, and their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("email", name="pk_person"),
    )
    op.create_table(
        "person_link",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["email"], ["person.email"], name="fk_person_link_person"),
        sa.PrimaryKeyConstraint("email", name="pk_person_link"),
        sa.UniqueConstraint("link_hash", name="uq_person_link_link_hash"),
    )
    op.create_table(
        "staff_session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("began_at <= seen_at", name=op.f("ck_staff_session_seen")),
        sa.ForeignKeyConstraint(["email"], ["person.email"], name="fk_staff_session_person"),
        sa.PrimaryKeyConstraint("digest", name="pk_staff_session"),
    )
    op.create_index("ix_staff_session_email", "staff_session", ["email"])


def downgrade() -> None:
    op.drop_table("staff_session")
    op.drop_table("person_link")
    op.drop_table("person")

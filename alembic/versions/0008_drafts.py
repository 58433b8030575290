"""Instruments before they are published, answers to try them with, and tokens for scripts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instrument_draft",
        sa.Column("instrument", sa.String(40), nullable=False),
        sa.Column("version", sa.String(12), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("wordings", sa.JSON(), nullable=False),
        sa.Column("value_sets", sa.JSON(), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'in_review')", name=op.f("ck_instrument_draft_status")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_instrument_draft_revision")),
        sa.CheckConstraint(
            "(status = 'in_review') = (submitted_at IS NOT NULL)",
            name=op.f("ck_instrument_draft_submitted"),
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by IS NULL)",
            name=op.f("ck_instrument_draft_submitter"),
        ),
        sa.PrimaryKeyConstraint("instrument", "version", name="pk_instrument_draft"),
    )
    op.create_table(
        "rehearsal",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("instrument", sa.String(40), nullable=False),
        sa.Column("version", sa.String(12), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["email"], ["person.email"], name="fk_rehearsal_person"),
        sa.ForeignKeyConstraint(
            ["instrument", "version"],
            ["instrument_draft.instrument", "instrument_draft.version"],
            name="fk_rehearsal_instrument_draft",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("email", "instrument", "version", name="pk_rehearsal"),
    )
    op.create_table(
        "staff_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["email"], ["person.email"], name="fk_staff_token_person"),
        sa.PrimaryKeyConstraint("digest", name="pk_staff_token"),
        sa.UniqueConstraint("email", "name", name="uq_staff_token_email_name"),
    )


def downgrade() -> None:
    op.drop_table("staff_token")
    op.drop_table("rehearsal")
    op.drop_table("instrument_draft")

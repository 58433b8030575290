"""The patient's form: consent, who answered, codes for the clinic, and how a registry looks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("registry", sa.Column("colour", sa.String(length=7)))
    never = sa.false()
    op.add_column(
        "registry", sa.Column("shows_scores", sa.Boolean(), nullable=False, server_default=never)
    )
    op.add_column("order", sa.Column("consent", sa.Text()))
    op.add_column("order", sa.Column("consented_at", sa.DateTime(timezone=True)))
    op.create_index("ix_order_case", "order", ["registry_id", "case_id"])
    for name in ("device", "respondent", "relation"):
        op.add_column("draft", sa.Column(name, sa.String()))
    op.add_column("questionnaire_response", sa.Column("relation", sa.String()))
    op.add_column(
        "questionnaire_response",
        sa.Column("helped", sa.Boolean(), nullable=False, server_default=never),
    )
    op.create_table(
        "entry_code",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registry_id", "order_id"],
            ["order.registry_id", "order.id"],
            name="fk_entry_code_order",
        ),
        sa.PrimaryKeyConstraint("registry_id", "order_id", name="pk_entry_code"),
        sa.UniqueConstraint("code_hash", name="uq_entry_code_code_hash"),
    )
    op.create_table(
        "entry_try",
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name="ck_entry_try_tries"),
        sa.PrimaryKeyConstraint("who", name="pk_entry_try"),
    )


def downgrade() -> None:
    raise RuntimeError("responses say who answered: restore a backup instead")

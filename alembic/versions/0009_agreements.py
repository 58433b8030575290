"""What the PRO centre has agreed with those who own a questionnaire."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SAID = "id, instrument, holder, reference, valid_from, valid_to, added_at, added_by"
FROZEN = (
    ("agreement", f"UPDATE OF {SAID}"),
    ("agreement", "DELETE"),
    ("agreement_registry", "UPDATE"),
    ("agreement_registry", "DELETE"),
    ("agreement_file", "UPDATE"),
    ("agreement_file", "DELETE"),
)


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_agreement_valid")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_agreement_ended")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
    )
    op.create_index("ix_agreement_instrument", "agreement", ["instrument"])
    op.create_table(
        "agreement_registry",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registry_id"], ["registry.id"], name="fk_agreement_registry_registry"
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_agreement_registry_agreement"
        ),
        sa.PrimaryKeyConstraint("registry_id", "agreement_id", name="pk_agreement_registry"),
    )
    op.create_table(
        "agreement_file",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_agreement_file_agreement"
        ),
        sa.PrimaryKeyConstraint("agreement_id", name="pk_agreement_file"),
    )
    for table, act in FROZEN:
        _forbid(table, act)


def _forbid(table: str, act: str) -> None:
    """Make the database itself refuse to change what must never change."""
    name = f"{table}_no_{act.split()[0].lower()}"
    refusal = f"{table} never changes"
    if op.get_bind().dialect.name == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")
        return
    body = f"BEGIN RAISE EXCEPTION '{refusal}'; END"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    for table in ("agreement_file", "agreement_registry", "agreement"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table, act in FROZEN:
            op.execute(f"DROP FUNCTION {table}_no_{act.split()[0].lower()}()")

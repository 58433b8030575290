"""Value sets: published on their own, and named by registries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_value_set",
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("instrument", "id", "version", name="pk_published_value_set"),
        sa.UniqueConstraint("sha256", name="uq_published_value_set_sha256"),
    )
    for act in ("UPDATE", "DELETE"):
        _forbid("published_value_set", act)
    none = sa.Column("value_sets", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("registry", none)
    own_only = sa.Column("value_sets_sha256", sa.String(64), nullable=False, server_default="")
    op.add_column("scoring_run", own_only)


def _forbid(table: str, act: str) -> None:
    """Make the database itself refuse to change what must never change."""
    name = f"{table}_no_{act.lower()}"
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
    raise RuntimeError("results name these value sets: restore a backup instead")

"""The ledger of orders: when each was opened, its place, and when it is to be listed anew."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = """
UPDATE "order" SET place = numbered.place FROM (
  SELECT registry_id, id, row_number() OVER (PARTITION BY registry_id ORDER BY id) AS place
  FROM "order"
) AS numbered WHERE numbered.registry_id = "order".registry_id AND numbered.id = "order".id
"""
COUNT = """
UPDATE registry SET next_place = 1 + (
  SELECT count(*) FROM "order" WHERE "order".registry_id = registry.id
)
"""


def upgrade() -> None:
    first = sa.Column("next_place", sa.BigInteger(), nullable=False, server_default=sa.text("1"))
    op.add_column("registry", first)
    op.add_column("order", sa.Column("opened_at", sa.DateTime(timezone=True)))
    op.add_column("order", sa.Column("place", sa.BigInteger()))
    op.execute('UPDATE "order" SET opened_at = started_at')
    op.execute(NUMBER)
    op.execute(COUNT)
    kind = sa.DateTime(timezone=True).compile(op.get_bind().dialect)
    listed = "CONSTRAINT ck_order_listed CHECK (place IS NOT NULL OR due IS NOT NULL)"
    op.execute(f'ALTER TABLE "order" ADD COLUMN due {kind} {listed}')
    op.execute("""UPDATE "order" SET due = closes WHERE status IN ('open', 'started')""")
    _index("uq_order_place", "place", unique=True)
    _index("ix_order_due", "due", unique=False)


def _index(name: str, column: str, *, unique: bool) -> None:
    there = sa.text(f"{column} IS NOT NULL")
    columns = ["registry_id", column]
    op.create_index(
        name, "order", columns, unique=unique, sqlite_where=there, postgresql_where=there
    )


def downgrade() -> None:
    raise RuntimeError("registries hold places of this ledger: restore a backup instead")

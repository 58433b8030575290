"""Access: a client has several credentials, each with its end; what may be used once is noted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credential",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('secret', 'key', 'key_url')", name="ck_credential_kind"),
        sa.ForeignKeyConstraint(
            ["registry_id", "client_id"],
            ["client.registry_id", "client.id"],
            name="fk_credential_client",
        ),
        sa.PrimaryKeyConstraint("registry_id", "client_id", "id", name="pk_credential"),
    )
    op.execute(
        "INSERT INTO credential (registry_id, client_id, id, kind, content, added_at) "
        "SELECT registry_id, id, 'first', 'secret', secret_hash, created_at FROM client"
    )
    op.drop_column("client", "secret_hash")
    op.create_table(
        "used_once",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name="fk_used_once_registry"),
        sa.PrimaryKeyConstraint("registry_id", "digest", name="pk_used_once"),
    )
    op.create_index("ix_used_once_expires_at", "used_once", ["expires_at"])


def downgrade() -> None:
    raise RuntimeError("a client may have several secrets now: restore a backup instead")

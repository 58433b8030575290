"""Runs migrations on the connection that `app.db.migrate` hands over."""

from alembic import context

from app import models
from app.models import UtcTime


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our own column types by the type of the database's column."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.SQLModel.metadata,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

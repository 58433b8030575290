"""What is being written: instruments before they are published, and answers to try them with."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Text
from sqlmodel import Field, SQLModel

from app.models.shared import moment


class InstrumentDraft(SQLModel, table=True):
    """An instrument before it is published, as its authors left it: it need not be whole.

    The definition is JSON text; `wordings` holds such texts by language, `value_sets` by id.
    `decisions` holds what a file that was brought in did not say: {"path", "message"} each.
    `revision` is raised by each change; `editors` are all who made one. `remark` is what the
    last reviewer said who gave it back; it stays when the draft is handed in again.
    """

    __tablename__ = "instrument_draft"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'in_review')", name="status"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("(status = 'in_review') = (submitted_at IS NOT NULL)", name="submitted"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name="submitter"),
    )
    instrument: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=12)
    definition: str = Field(sa_type=Text)
    wordings: dict[str, str] = Field(sa_type=JSON)
    value_sets: dict[str, str] = Field(sa_type=JSON)
    decisions: list[dict[str, str]] = Field(sa_type=JSON)
    status: str
    revision: int
    editors: list[str] = Field(sa_type=JSON)
    begun_at: datetime = moment()
    changed_at: datetime = moment()
    submitted_at: datetime | None = moment(default=None)
    submitted_by: str | None = None
    remark: str = ""


class Rehearsal(SQLModel, table=True):
    """Answers that one of the staff fills in to try a draft: invented, and nobody's.

    `answers` holds a value by item; a null is a question that was left open on purpose.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (
        ForeignKeyConstraint(["email"], ["person.email"]),
        ForeignKeyConstraint(
            ["instrument", "version"],
            ["instrument_draft.instrument", "instrument_draft.version"],
            ondelete="CASCADE",
        ),
    )
    email: str = Field(primary_key=True, max_length=254)
    instrument: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=12)
    answers: dict[str, Any] = Field(sa_type=JSON)
    changed_at: datetime = moment()

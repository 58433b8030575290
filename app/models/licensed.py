"""What the PRO centre has agreed with those who own a questionnaire, and for which registries."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel

from app.models.shared import moment


class Agreement(SQLModel, table=True):
    """An agreement by which registries may use an instrument, from one day to another, both whole.

    It is ended, never removed, so that what was ordered under it can be explained.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_to", name="valid"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("ix_agreement_instrument", "instrument"),
    )
    id: UUID = Field(primary_key=True)
    instrument: str = Field(max_length=40)
    holder: str = Field(max_length=200)
    reference: str = Field(max_length=200)
    valid_from: date
    valid_to: date
    added_at: datetime = moment()
    added_by: str
    ended_at: datetime | None = moment(default=None)
    ended_by: str | None = None


class AgreementRegistry(SQLModel, table=True):
    """A registry that an agreement is for."""

    __tablename__ = "agreement_registry"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id"], ["registry.id"]),
        ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    )
    registry_id: str = Field(primary_key=True)
    agreement_id: UUID = Field(primary_key=True)


class AgreementFile(SQLModel, table=True):
    """The agreement as it was signed; kept apart, so that a list does not read it."""

    __tablename__ = "agreement_file"
    __table_args__ = (ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),)
    agreement_id: UUID = Field(primary_key=True)
    name: str = Field(max_length=100)
    media_type: str
    content: bytes = Field(sa_type=LargeBinary)

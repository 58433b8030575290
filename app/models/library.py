"""What was published: definitions, wordings and value sets, which never change."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from app.models.shared import moment


class PublishedInstrument(SQLModel, table=True):
    """A definition as it was published, value sets resolved; the document never changes."""

    __tablename__ = "instrument"
    __table_args__ = (
        CheckConstraint("status IN ('published', 'withdrawn')", name="status"),
        UniqueConstraint("sha256"),
    )
    id: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=12)
    major: int
    minor: int
    sha256: str = Field(max_length=64)
    document: str = Field(sa_type=Text)
    status: str
    published_at: datetime = moment()
    published_by: str


class PublishedWording(SQLModel, table=True):
    """A wording as it was published; a correction is a new revision."""

    __tablename__ = "wording"
    __table_args__ = (
        ForeignKeyConstraint(["instrument", "version"], ["instrument.id", "instrument.version"]),
        UniqueConstraint("sha256"),
        CheckConstraint("status IN ('official', 'unreviewed', 'placeholder')", name="status"),
        CheckConstraint("revision >= 1", name="revision"),
    )
    instrument: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=12)
    language: str = Field(primary_key=True, max_length=3)
    revision: int = Field(primary_key=True)
    sha256: str = Field(max_length=64)
    document: str = Field(sa_type=Text)
    status: str
    published_at: datetime = moment()
    published_by: str


class PublishedValueSet(SQLModel, table=True):
    """A value set as it was published; a correction is a new version."""

    __tablename__ = "published_value_set"
    __table_args__ = (UniqueConstraint("sha256"),)
    instrument: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=12)
    sha256: str = Field(max_length=64)
    document: str = Field(sa_type=Text)
    published_at: datetime = moment()
    published_by: str

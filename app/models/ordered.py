"""What registries ask of patients: cases, orders, codes for the tablet, and drafts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from app.models.shared import moment, now


class PatientCase(SQLModel, table=True):
    """A registry's own case. No name and no national identity number, ever."""

    __tablename__ = "patient_case"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id", "unit_id"], ["unit.registry_id", "unit.id"]),
        CheckConstraint("birth_year BETWEEN 1880 AND 2100", name="birth_year"),
        CheckConstraint("sex IN ('female', 'male', 'other', 'unknown')", name="sex"),
    )
    registry_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=64)
    unit_id: str
    birth_year: int | None = None
    sex: str | None = None
    index_date: date | None = None


class Order(SQLModel, table=True):
    """What a registry asked of a patient: which questionnaires, when, in which language.

    `instruments` holds {"instrument", "version", "definition_sha256", "wording_sha256"} for each,
    fixed when it was ordered, and the id of the "agreement" under which a licensed one was.
    `consent` is what the patient must agree to before anything is asked. The link's token is kept
    as HMAC-SHA-256 only.

    `place` is the order's number in the ledger; none while the ledger has not listed its last
    change. `due` is when the ledger is to list it anew: at that change, or when the window closes.
    """

    __tablename__ = "order"
    __table_args__ = (
        ForeignKeyConstraint(
            ["registry_id", "case_id"], ["patient_case.registry_id", "patient_case.id"]
        ),
        UniqueConstraint("registry_id", "external_id"),
        UniqueConstraint("registry_id", "receipt"),
        UniqueConstraint("link_hash"),
        CheckConstraint("status IN ('open', 'started', 'completed', 'cancelled')", name="status"),
        CheckConstraint(
            "status NOT IN ('started', 'completed') OR started_at IS NOT NULL", name="started"
        ),
        CheckConstraint("(status = 'completed') = (receipt IS NOT NULL)", name="receipt"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("opens < closes", name="window"),
        CheckConstraint("place IS NOT NULL OR due IS NOT NULL", name="listed"),
        Index("ix_order_case", "registry_id", "case_id"),
        Index(
            "uq_order_place",
            "registry_id",
            "place",
            unique=True,
            sqlite_where=text("place IS NOT NULL"),
            postgresql_where=text("place IS NOT NULL"),
        ),
        Index(
            "ix_order_due",
            "registry_id",
            "due",
            sqlite_where=text("due IS NOT NULL"),
            postgresql_where=text("due IS NOT NULL"),
        ),
    )
    registry_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    case_id: str
    external_id: str | None = Field(default=None, max_length=64)
    time_point: str = Field(max_length=40)
    instruments: list[dict[str, str]] = Field(sa_type=JSON)
    language: str = Field(max_length=3)
    opens: datetime = moment()
    closes: datetime = moment()
    status: str
    link_hash: bytes = Field(sa_type=LargeBinary)
    consent: str | None = Field(default=None, sa_type=Text)
    consented_at: datetime | None = moment(default=None)
    ordered_at: datetime = moment()
    opened_at: datetime | None = moment(default=None)
    started_at: datetime | None = moment(default=None)
    completed_at: datetime | None = moment(default=None)
    cancelled_at: datetime | None = moment(default=None)
    cancel_reason: str | None = None
    receipt: str | None = Field(default=None, max_length=12)
    place: int | None = Field(default=None, sa_type=BigInteger)
    due: datetime | None = moment(default_factory=now)


class Draft(SQLModel, table=True):
    """The answers so far of an order that is not sent: {instrument: {"answers", "missing", "at"}}.

    `device` is the visit that saved last; `respondent` and `relation` say who answers.
    """

    __tablename__ = "draft"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id", "order_id"], ["order.registry_id", "order.id"]),
    )
    registry_id: str = Field(primary_key=True)
    order_id: UUID = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JSON)
    device: str | None = None
    respondent: str | None = None
    relation: str | None = None
    updated_at: datetime = moment()


class EntryCode(SQLModel, table=True):
    """A short code by which an order is opened in a clinic, once; kept as a slow hash only."""

    __tablename__ = "entry_code"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id", "order_id"], ["order.registry_id", "order.id"]),
        UniqueConstraint("code_hash"),
    )
    registry_id: str = Field(primary_key=True)
    order_id: UUID = Field(primary_key=True)
    code_hash: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None)


class EntryTry(SQLModel, table=True):
    """How many codes were tried from one address, or from all, `since` a moment ago.

    `who` is a keyed hash of the address, or `*`; `known_at` is when a code last worked from there.
    """

    __tablename__ = "entry_try"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries"),)
    who: str = Field(primary_key=True, max_length=32)
    tries: int
    since: datetime = moment()
    known_at: datetime | None = moment(default=None)

"""What patients answered, what it is worth, and who did what: rows that are only added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from app.models.shared import moment


class QuestionnaireResponse(SQLModel, table=True):
    """What a patient answered to one questionnaire; never changed, only superseded.

    `helped` says that the patient answered with somebody's help, `relation` who answered instead.
    One that was collected elsewhere has no order and no wording; it has the registry's own id for
    it (`external_id`), and the hash of what was sent (`sent_sha256`).
    """

    __tablename__ = "questionnaire_response"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id", "order_id"], ["order.registry_id", "order.id"]),
        ForeignKeyConstraint(
            ["registry_id", "case_id"], ["patient_case.registry_id", "patient_case.id"]
        ),
        ForeignKeyConstraint(["instrument", "version"], ["instrument.id", "instrument.version"]),
        ForeignKeyConstraint(["wording_sha256"], ["wording.sha256"]),
        Index(
            "uq_questionnaire_response_once",
            "registry_id",
            "order_id",
            "instrument",
            unique=True,
            sqlite_where=text("supersedes IS NULL"),
            postgresql_where=text("supersedes IS NULL"),
        ),
        Index(
            "uq_questionnaire_response_external",
            "registry_id",
            "external_id",
            unique=True,
            sqlite_where=text("supersedes IS NULL"),
            postgresql_where=text("supersedes IS NULL"),
        ),
        Index("ix_questionnaire_response_case", "registry_id", "case_id"),
        CheckConstraint("mode IN ('web', 'paper', 'import')", name="mode"),
        CheckConstraint("(order_id IS NULL) = (external_id IS NOT NULL)", name="whence"),
        CheckConstraint("respondent IN ('self', 'proxy', 'staff')", name="respondent"),
    )
    registry_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    order_id: UUID | None = None
    case_id: str
    external_id: str | None = Field(default=None, max_length=64)
    sent_sha256: str | None = Field(default=None, max_length=64)
    instrument: str
    version: str
    wording_sha256: str | None = None
    language: str
    answers: dict[str, Any] = Field(sa_type=JSON)
    missing: dict[str, str] = Field(sa_type=JSON)
    mode: str
    respondent: str
    helped: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    relation: str | None = None
    started_at: datetime = moment()
    submitted_at: datetime = moment()
    supersedes: UUID | None = None


class ScoringRun(SQLModel, table=True):
    """One scoring of one response: append-only, numbered in the order of becoming visible.

    One of status `withdrawn` has no scores: it tells that its response counts no longer.
    `value_sets_sha256` stands for the value sets that the registry had named besides those of the
    definition; it is empty when there were none.
    """

    __tablename__ = "scoring_run"
    __table_args__ = (
        ForeignKeyConstraint(
            ["registry_id", "response_id"],
            ["questionnaire_response.registry_id", "questionnaire_response.id"],
        ),
        CheckConstraint("status IN ('scored', 'not_scored', 'withdrawn')", name="status"),
        Index("ix_scoring_run_instrument", "registry_id", "instrument", "seq"),
        Index("ix_scoring_run_response", "registry_id", "response_id", "seq"),
    )
    registry_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    response_id: UUID
    instrument: str
    version: str
    definition_sha256: str
    scoring_version: str
    value_sets_sha256: str = Field(max_length=64, sa_column_kwargs={"server_default": ""})
    status: str
    document: str = Field(sa_type=Text)


class Correction(SQLModel, table=True):
    """Why a response counts no longer: another amends it, or it was withdrawn. Once, append-only.

    `seq` is the number of the run by which the registry's feed tells of it.
    """

    __tablename__ = "correction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["registry_id", "response_id"],
            ["questionnaire_response.registry_id", "questionnaire_response.id"],
        ),
        CheckConstraint("kind IN ('amended', 'withdrawn')", name="kind"),
        CheckConstraint("(kind = 'amended') = (amended_by IS NOT NULL)", name="amended_by"),
    )
    registry_id: str = Field(primary_key=True)
    response_id: UUID = Field(primary_key=True)
    kind: str
    amended_by: UUID | None = None
    reason: str
    seq: int = Field(sa_type=BigInteger)
    at: datetime = moment()


class AuditEvent(SQLModel, table=True):
    """Who did what to which record, and when; append-only. `registry_id` is `-` for no registry."""

    __tablename__ = "audit_event"
    registry_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    at: datetime = moment()
    who: str
    what: str
    record: str

"""The tables. They never leave the process, and what must hold in them is held by the database."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def now() -> datetime:
    """Return the time, with its zone (UTC)."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def cursor(seq: int) -> str:
    """Return the text that stands for a place in a registry's feed; it sorts as the number does."""
    return f"{seq:020d}"


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, kept in UTC; SQLite would lose the zone and PostgreSQL would not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Refuse a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Give back the zone."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def table(model: type[SQLModel]) -> Table:
    """Return the table of a model, for a statement that is built once and run often."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def _time(**more: Any) -> Any:
    return Field(sa_type=UtcTime, **more)


class Registry(SQLModel, table=True):
    """A tenant: a medical quality registry. `next_seq` numbers its feed without gaps.

    `next_place` does the same for the ledger of its orders.

    `value_sets` holds the sets that it has named besides those of the definitions, each with the
    hash that was fixed when it was named: {"eq-5d-5l/uk-2026": sha256}. `colour` is that of its
    patients' pages, such as #1d5a5e; `shows_scores` lets patients see their own results.
    """

    __tablename__ = "registry"
    __table_args__ = (CheckConstraint("next_seq >= 1", name="next_seq"),)
    id: str = Field(primary_key=True, max_length=40)
    name: str
    orgnr: str | None = None
    next_seq: int = Field(default=1, sa_type=BigInteger)
    next_place: int = Field(
        default=1, sa_type=BigInteger, sa_column_kwargs={"server_default": text("1")}
    )
    value_sets: dict[str, str] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    colour: str | None = Field(default=None, max_length=7)
    shows_scores: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime = _time()


class Unit(SQLModel, table=True):
    """A hospital or department of a registry."""

    __tablename__ = "unit"
    __table_args__ = (ForeignKeyConstraint(["registry_id"], ["registry.id"]),)
    registry_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=40)
    name: str
    resh_id: str | None = None


class Client(SQLModel, table=True):
    """A registry's program, which asks the API; its secrets and keys are its credentials."""

    __tablename__ = "client"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id"], ["registry.id"]),
        UniqueConstraint("id"),
    )
    registry_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=60)
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime = _time()
    revoked_at: datetime | None = _time(default=None)


class Credential(SQLModel, table=True):
    """What a client shows who it is with, until `ends_at`; removed, it is gone from here.

    `content` is the argon2id hash of a secret, a public key (JWK), or the address of a set of keys.
    """

    __tablename__ = "credential"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id", "client_id"], ["client.registry_id", "client.id"]),
        CheckConstraint("kind IN ('secret', 'key', 'key_url')", name="kind"),
    )
    registry_id: str = Field(primary_key=True)
    client_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=60)
    kind: str
    content: str = Field(sa_type=Text)
    added_at: datetime = _time()
    ends_at: datetime | None = _time(default=None)


class UsedOnce(SQLModel, table=True):
    """The hash of something that may be used once, kept until it would have expired anyway."""

    __tablename__ = "used_once"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id"], ["registry.id"]),
        Index("ix_used_once_expires_at", "expires_at"),
    )
    registry_id: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    expires_at: datetime = _time()


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
    published_at: datetime = _time()
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
    published_at: datetime = _time()
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
    published_at: datetime = _time()
    published_by: str


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
    fixed when it was ordered. `consent` is what the patient must agree to before anything is asked.
    The link's token is kept as HMAC-SHA-256 only.

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
    opens: datetime = _time()
    closes: datetime = _time()
    status: str
    link_hash: bytes = Field(sa_type=LargeBinary)
    consent: str | None = Field(default=None, sa_type=Text)
    consented_at: datetime | None = _time(default=None)
    ordered_at: datetime = _time()
    opened_at: datetime | None = _time(default=None)
    started_at: datetime | None = _time(default=None)
    completed_at: datetime | None = _time(default=None)
    cancelled_at: datetime | None = _time(default=None)
    cancel_reason: str | None = None
    receipt: str | None = Field(default=None, max_length=12)
    place: int | None = Field(default=None, sa_type=BigInteger)
    due: datetime | None = _time(default_factory=now)


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
    updated_at: datetime = _time()


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
    made_at: datetime = _time()
    expires_at: datetime = _time()
    used_at: datetime | None = _time(default=None)


class EntryTry(SQLModel, table=True):
    """How many codes were tried from one address, or from all, `since` a moment ago.

    `who` is a keyed hash of the address, or `*`; `known_at` is when a code last worked from there.
    """

    __tablename__ = "entry_try"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries"),)
    who: str = Field(primary_key=True, max_length=32)
    tries: int
    since: datetime = _time()
    known_at: datetime | None = _time(default=None)


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
    started_at: datetime = _time()
    submitted_at: datetime = _time()
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
    at: datetime = _time()


class AuditEvent(SQLModel, table=True):
    """Who did what to which record, and when; append-only. `registry_id` is `-` for no registry."""

    __tablename__ = "audit_event"
    registry_id: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    at: datetime = _time()
    who: str
    what: str
    record: str


class Person(SQLModel, table=True):
    """Somebody at the PRO centre, known by e-mail address, with the roles they have.

    `password` is an argon2id hash; none until an invitation is accepted. `revoked_at` is when the
    access ended; the row stays, for the audit trail names it.
    """

    __tablename__ = "person"
    email: str = Field(primary_key=True, max_length=254)
    name: str = Field(max_length=100)
    roles: list[str] = Field(sa_type=JSON)
    password: str | None = None
    invited_at: datetime = _time()
    revoked_at: datetime | None = _time(default=None)


class PersonLink(SQLModel, table=True):
    """The link by which a person chooses a password, once; kept as HMAC-SHA-256 only."""

    __tablename__ = "person_link"
    __table_args__ = (
        ForeignKeyConstraint(["email"], ["person.email"]),
        UniqueConstraint("link_hash"),
    )
    email: str = Field(primary_key=True, max_length=254)
    link_hash: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime = _time()


class StaffSession(SQLModel, table=True):
    """A person who is logged in, by the hash of the cookie's text; gone when it has ended."""

    __tablename__ = "staff_session"
    __table_args__ = (
        ForeignKeyConstraint(["email"], ["person.email"]),
        CheckConstraint("began_at <= seen_at", name="seen"),
        Index("ix_staff_session_email", "email"),
    )
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    email: str = Field(max_length=254)
    began_at: datetime = _time()
    seen_at: datetime = _time()

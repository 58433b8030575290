"""Who Svar works for: registries, their units, and the programs that speak for them."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from app.models.shared import moment


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
    created_at: datetime = moment()


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
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)


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
    added_at: datetime = moment()
    ends_at: datetime | None = moment(default=None)


class UsedOnce(SQLModel, table=True):
    """The hash of something that may be used once, kept until it would have expired anyway."""

    __tablename__ = "used_once"
    __table_args__ = (
        ForeignKeyConstraint(["registry_id"], ["registry.id"]),
        Index("ix_used_once_expires_at", "expires_at"),
    )
    registry_id: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    expires_at: datetime = moment()

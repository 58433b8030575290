"""The PRO centre's people: who they are, how they come in, and who is here now."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from app.models.shared import moment


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
    invited_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)


class PersonLink(SQLModel, table=True):
    """The link by which a person chooses a password, once; kept as HMAC-SHA-256 only."""

    __tablename__ = "person_link"
    __table_args__ = (
        ForeignKeyConstraint(["email"], ["person.email"]),
        UniqueConstraint("link_hash"),
    )
    email: str = Field(primary_key=True, max_length=254)
    link_hash: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime = moment()


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
    began_at: datetime = moment()
    seen_at: datetime = moment()


class StaffToken(SQLModel, table=True):
    """A token by which a person's own script acts with that person's roles; kept as HMAC only."""

    __tablename__ = "staff_token"
    __table_args__ = (
        ForeignKeyConstraint(["email"], ["person.email"]),
        UniqueConstraint("email", "name"),
    )
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    email: str = Field(max_length=254)
    name: str = Field(max_length=60)
    made_at: datetime = moment()
    expires_at: datetime = moment()

"""Tokens by which a person's own scripts act with that person's roles; each is shown once."""

import re
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app import audit, security
from app.errors import Conflict, NotAuthentic, NotFound, Refused
from app.models import Person, StaffToken, now
from app.settings import Settings
from app.staff import get

BEGINS = "svar_centre_"
"""How a token begins, so that whoever finds one knows what it is, and a secret scanner does."""

DAYS, MOST_DAYS = 90, 365
MOST = 20
"""How many tokens a person has at a time."""

_NAME = re.compile(r"[\w. -]{1,60}")


def make(session: Session, settings: Settings, email: str, name: str, days: int, who: str) -> str:
    """Return the text of a new token, which is shown this once; its HMAC alone is kept.

    Raises NotFound for nobody, Refused for a name or a time that will not do, Conflict for
    somebody without access, for a name that is taken, and for one token too many.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise Refused("name", "write letters, digits, spaces, dots and hyphens: library git")
    if not 1 <= days <= MOST_DAYS:
        raise Refused("days", f"a token lasts 1 to {MOST_DAYS} days")
    if get(session, email).revoked_at is not None:
        raise Conflict(f"The access of {email} has ended.")
    session.exec(select(Person.email).where(Person.email == email).with_for_update()).one()
    held = of_person(session, email)
    if name in [one.name for one in held] or len(held) >= MOST:
        raise Conflict(f"There is a token {name} already, or there are {MOST}. Revoke one first.")
    text, at = f"{BEGINS}{security.new_secret()}", now()
    digest = security.keyed(settings, "staff-token", text)
    ends = at + timedelta(days=days)
    session.add(StaffToken(digest=digest, email=email, name=name, made_at=at, expires_at=ends))
    session.flush()
    _note(session, who, "token_made", f"{email}: {name}")
    return text


def of_person(session: Session, email: str) -> list[StaffToken]:
    """Return a person's tokens by name, those that have run out too."""
    query = select(StaffToken).where(StaffToken.email == email)
    return list(session.exec(query.order_by(col(StaffToken.name))))


def revoke(session: Session, email: str, name: str, who: str) -> None:
    """End a token at once; raises NotFound."""
    mine = (col(StaffToken.email) == email, col(StaffToken.name) == name)
    if session.connection().execute(delete(StaffToken).where(*mine)).rowcount != 1:
        raise NotFound(f"There is no token {name}.")
    _note(session, who, "token_revoked", f"{email}: {name}")


def by_token(session: Session, settings: Settings, text: str) -> Person:
    """Return whose token this is; raises NotAuthentic for one that is unknown or has run out."""
    found = session.get(StaffToken, security.keyed(settings, "staff-token", text))
    if found is None or found.expires_at <= now():
        raise NotAuthentic("The token is not one of the PRO centre's, or has run out.")
    return session.get_one(Person, found.email)


def _note(session: Session, who: str, what: str, record: str) -> None:
    audit.append(session, audit.NO_REGISTRY, who, f"staff.{what}", record)

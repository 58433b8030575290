"""The PRO centre's people: who is invited, what each may do, and who is logged in."""

import logging
import re
from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app import audit, security, tries
from app.access.signed import NotSigned
from app.db import Database, upsert
from app.errors import Conflict, NotAuthentic, NotFound, Refused
from app.models import Person, PersonLink, StaffSession, StaffToken, now
from app.settings import Settings

ROLES = {
    "reader": "reads the library",
    "author": "writes instruments, and hands them in for review",
    "reviewer": "approves what others have written",
    "administrator": "invites people, changes their roles, ends their access, and reads the audit",
}
"""What somebody may do. Each role reads the library; nobody sees an answer of a patient."""

DEMO = "@demo.invalid"
"""How the addresses of the demo's staff end, whose passwords everyone knows."""

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
LINK_LASTS = timedelta(hours=72)
SEEN_ANEW = timedelta(minutes=1)
"""A session's last use is written so often at most: to look at a page is mostly to read only."""

LEAST, MOST = 12, 200
"""How many signs a password has."""

TRIES_OF_ONE = 20
"""Passwords that may be wrong in a minute from one address."""
TRIES_OF_ACCOUNT = 10
"""The same for one account, from all addresses together where no password has worked yet."""
TRIES_ELSEWHERE = 200
"""The same for logins elsewhere, from all addresses together from which none has worked yet."""

log = logging.getLogger("svar.staff")

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


def as_email(text: str) -> str:
    """Return an e-mail address as it is kept, in small letters; raises Refused."""
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise Refused("email", "write an e-mail address, such as kari@example.org")
    return email


def as_roles(given: Collection[str]) -> list[str]:
    """Return roles in the order in which they are listed; raises Refused."""
    if unknown := sorted(set(given) - set(ROLES)):
        raise Refused("role", f"{', '.join(unknown)}: the roles are {', '.join(ROLES)}")
    if not given:
        raise Refused("role", f"choose at least one of {', '.join(ROLES)}")
    return [role for role in ROLES if role in given]


def get(session: Session, email: str) -> Person:
    """Return somebody who has or had access; raises NotFound."""
    person = session.get(Person, email)
    if person is None:
        raise NotFound(f"There is nobody with the address {email}.")
    return person


def everyone(session: Session) -> list[Person]:
    """Return all who have or had access, by address."""
    return list(session.exec(select(Person).order_by(col(Person.email))))


def invite(session: Session, email: str, name: str, roles: Collection[str], who: str) -> Person:
    """Invite somebody, or anew somebody whose access has ended; `link` lets them in.

    Raises Refused for what is no address or role, and Conflict for somebody who has access.
    """
    email, roles, name = as_email(email), as_roles(roles), " ".join(name.split())[:100]
    if email.endswith(DEMO) and who != "demo":
        raise Refused("email", f"those that end in {DEMO} are the demo's, and known to everyone")
    person = session.get(Person, email)
    if person is not None and person.revoked_at is None:
        raise Conflict(f"{email} has access already. Change the roles, or make a new link.")
    person = person or Person(email=email, name="", roles=[], invited_at=now())
    person.name, person.roles, person.password = name or email, roles, None
    person.invited_at, person.revoked_at = now(), None
    session.add(person)
    session.flush()
    _note(session, who, "invited", f"{email}: {', '.join(roles)}")
    return person


def link(session: Session, settings: Settings, email: str, who: str) -> str:
    """Return the address by which somebody chooses a password, once; earlier ones stop working.

    The password that there is works until then. Raises NotFound for nobody, and Conflict for
    somebody whose access has ended.
    """
    _with_access(session, email)
    token = security.new_link_token()
    digest = security.keyed(settings, "staff-link", token)
    values = {"link_hash": digest, "expires_at": now() + LINK_LASTS}
    upsert(session, PersonLink, {"email": email}, values)
    _note(session, who, "link_made", email)
    return f"{settings.public_url}/centre/invitation/{token}"


def by_link(session: Session, settings: Settings, token: str) -> Person:
    """Return whose link this is; raises NotFound for one that is unknown, used or too old."""
    digest = security.keyed(settings, "staff-link", token)
    query = select(PersonLink).where(
        PersonLink.link_hash == digest, col(PersonLink.expires_at) > now()
    )
    found = session.exec(query.with_for_update()).first()
    if found is None:
        raise NotFound("There is no such link, or it has been used, or is too old.")
    return session.get_one(Person, found.email)


def choose_password(session: Session, settings: Settings, token: str, password: str) -> Person:
    """Give the person of a link this password; the link is used, all sessions and tokens end.

    Raises NotFound as `by_link`, and Refused for a password that will not do.
    """
    person = by_link(session, settings, token)
    if not LEAST <= len(password) <= MOST or password.lower() in (person.email, person.name):
        raise Refused("password", f"has {LEAST} to {MOST} signs, and is not the address")
    person.password = security.hash_secret(password)
    session.add(person)
    _forget(session, person.email)
    _note(session, _who(person.email), "password_chosen", person.email)
    return person


def change_roles(session: Session, email: str, roles: Collection[str], who: str) -> None:
    """Give somebody these roles and no others, from their next request on.

    Raises NotFound, Conflict for somebody whose access has ended, and Refused as `as_roles`.
    """
    person, roles = _with_access(session, email), as_roles(roles)
    person.roles = roles
    session.add(person)
    _note(session, who, "roles_changed", f"{email}: {', '.join(roles)}")


def revoke(session: Session, email: str, who: str) -> None:
    """End somebody's access at once: password, link, sessions and tokens go; raises NotFound."""
    person = get(session, email)
    person.revoked_at, person.password = person.revoked_at or now(), None
    session.add(person)
    session.flush()  # from here on who is coming in waits, and then finds no access
    _forget(session, email)
    _note(session, who, "revoked", email)


def log_in(
    database: Database, settings: Settings, address: str, email: str, password: str
) -> tuple[Person, str]:
    """Return whose address and password these are, and the text of a new session's cookie.

    The try is counted first, in a transaction of its own, so that no one can try much at once.
    Raises TooMany, or NotAuthentic: in the same time, and in the same words, for a wrong password,
    an unknown address, and somebody without access.
    """
    email = email.strip().lower().replace("\0", "")[:254]
    one = tries.whose(settings, f"staff.{tries.place(address)}")
    account = tries.whose(settings, f"staff.account:{email}")
    limits = (one, TRIES_OF_ONE), (account, TRIES_OF_ACCOUNT)
    with database.write() as session:
        counted = tries.count(session, *limits, "Too many passwords were tried.")
    with database.read() as session:
        person = session.get(Person, email)
    digest = person.password if person else None
    if not security.is_password(digest, password[: MOST + 1]) or person is None:
        _note_failure(database, person)
        raise NotAuthentic("The address or the password is wrong.")
    with database.write() as session:
        _still(session, email, str(digest), password)
        tries.forgive(session, counted)
        return person, begin(session, settings, email)


def log_in_elsewhere(
    database: Database, settings: Settings, address: str, show: Callable[[], str]
) -> str:
    """Return the text of a new session's cookie for whoever an issuer shows, if they are invited.

    `show` gives their address; it is called when the try is counted, as by `log_in`. Raises
    TooMany, what `show` raises besides NotSigned, and NotAuthentic: in the same words for what is
    not signed as it should be, an unknown address, and somebody without access.
    """
    counted = _count_elsewhere(database, settings, address)
    person = None
    try:
        email = show().strip().lower().replace("\0", "")[:254]
    except NotSigned as error:
        log.warning("A login elsewhere was refused: %s", error)
    else:
        with database.write() as session:
            person = session.get(Person, email, with_for_update=True)
            if person is not None and person.revoked_at is None:
                tries.forgive(session, counted)
                return begin(session, settings, email)
    _note_failure(database, person)
    raise NotAuthentic("The login elsewhere shows nobody who is invited here.")


def _count_elsewhere(database: Database, settings: Settings, address: str) -> list[str]:
    one = tries.whose(settings, f"staff.{tries.place(address)}"), TRIES_OF_ONE
    every = tries.whose(settings, "staff.elsewhere"), TRIES_ELSEWHERE
    with database.write() as session:
        return tries.count(session, one, every, "Somebody tried to log in too often.")


def _still(session: Session, email: str, digest: str, password: str) -> None:
    """See that the password is the same still; hash it anew where its parameters are old."""
    fresh = security.hash_secret(password) if security.is_outdated(digest) else digest
    same = (col(Person.email) == email, col(Person.password) == digest)
    changed = update(Person).where(*same).values(password=fresh)
    if session.connection().execute(changed).rowcount != 1:
        raise NotAuthentic("The address or the password is wrong.")


def begin(session: Session, settings: Settings, email: str) -> str:
    """Begin a session of somebody who has shown who they are; return the text of its cookie.

    Sessions that have run out are forgotten.
    """
    token, at = security.new_secret(), now()
    old = col(StaffSession.began_at) < at - LONGEST
    session.connection().execute(delete(StaffSession).where(old))
    digest = security.keyed(settings, "staff", token)
    session.add(StaffSession(digest=digest, email=email, began_at=at, seen_at=at))
    _note(session, _who(email), "logged_in", email)
    return token


def see(database: Database, settings: Settings, token: str) -> None:
    """Let a session count as used now; raises NotAuthentic as `by_session`."""
    with database.read() as session:
        seen_at = _session(session, settings, token).seen_at
    if seen_at > now() - SEEN_ANEW:
        return
    with database.write() as session:
        found = _session(session, settings, token)
        found.seen_at = now()
        session.add(found)


def by_session(session: Session, settings: Settings, token: str) -> Person:
    """Return who is logged in with this cookie; raises NotAuthentic for one that has run out."""
    return session.get_one(Person, _session(session, settings, token).email)


def log_out(session: Session, settings: Settings, token: str) -> None:
    """End a session; raises NotAuthentic where there is none."""
    found = _session(session, settings, token)
    session.delete(found)
    _note(session, _who(found.email), "logged_out", found.email)


def _session(session: Session, settings: Settings, token: str) -> StaffSession:
    found = session.get(StaffSession, security.keyed(settings, "staff", token))
    at = now()
    if found is None or found.seen_at < at - IDLE or found.began_at < at - LONGEST:
        raise NotAuthentic("There is no session, or it has run out.")
    return found


def _with_access(session: Session, email: str) -> Person:
    person = get(session, email)
    if person.revoked_at is not None:
        raise Conflict(f"The access of {email} has ended. Invite them anew.")
    return person


def _forget(session: Session, email: str) -> None:
    connection = session.connection()
    connection.execute(delete(PersonLink).where(col(PersonLink.email) == email))
    connection.execute(delete(StaffSession).where(col(StaffSession.email) == email))
    connection.execute(delete(StaffToken).where(col(StaffToken.email) == email))


def _who(email: str) -> str:
    return f"staff:{email}"


def _note_failure(database: Database, person: Person | None) -> None:
    """Tell of a wrong password. An unknown address is not kept: it may be a password."""
    with database.write() as session:
        _note(session, "anyone", "login_failed", person.email if person else "unknown address")


def _note(session: Session, who: str, what: str, record: str) -> None:
    audit.append(session, audit.NO_REGISTRY, who, f"staff.{what}", record)

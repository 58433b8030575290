"""Short codes by which a questionnaire is opened in the clinic: made, used once, hard to guess."""

import hashlib
import hmac
import io
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session

from app import audit, course, orders, security, tries
from app.db import Database, upsert
from app.errors import NotFound
from app.models import EntryCode, Order, now, table
from app.settings import Settings

log = logging.getLogger("svar.codes")

LENGTH = 8
TRIES_OF_ONE = 20
"""Codes that may be wrong in a period from one address, which a whole clinic can have in common."""
TRIES_OF_ALL = 30
"""Codes that may be wrong in a period from all addresses together where no code has worked yet."""
ALL = "*"
WRONG = "Too many codes that do not work were tried."


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is handed out, this once."""

    code: str
    expires_at: datetime
    url: str


class NoSuchCode(NotFound):
    """Unknown, used, too old, or of an order that takes no answers: they all look the same."""


def make(session: Session, settings: Settings, registry_id: str, order_id: UUID, who: str) -> Code:
    """Return a new code for an order; an earlier one stops working.

    Eight of thirty characters give 30^8 = 6.6e11 codes. Where a thousand work at a time, who tries
    30 a minute without a pause finds one in some forty years. Who has the database and the secret
    key too, and 45 ms a try, goes through them all in nine hundred years on a core; a code works
    for half a day. Raises NotFound, or Closed when the order takes no answers any more.
    """
    number = security.new_receipt()
    digest = _hash(settings, number.replace("-", ""))
    order = orders.unsent(session, registry_id, order_id)
    made = now()
    expires = min(made + timedelta(hours=settings.code_hours), order.closes)
    key = {"registry_id": registry_id, "order_id": order_id}
    times = {"made_at": made, "expires_at": expires, "used_at": None}
    upsert(session, EntryCode, key, {"code_hash": digest, **times})
    audit.append(session, registry_id, who, "order.code_made", str(order_id))
    return Code(number, expires, f"{settings.public_url}/enter?code={number}")


def drawn(address: str) -> str:
    """Return an address as a QR code: a picture (SVG) that can stand alone or in a page."""
    import segno

    picture = io.BytesIO()
    code = segno.make_qr(address, error="m")
    code.save(picture, kind="svg", scale=4, light="#fff", xmldecl=False)
    return picture.getvalue().decode()


def read(typed: str) -> str:
    """Return a code as it is compared: in capitals, without spaces, hyphens and other signs."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def redeem(database: Database, settings: Settings, address: str, code: str) -> Order:
    """Return the order that a code (as `read` gives it) opens; the code is used by that.

    The try is counted before the code is looked at, in a transaction of its own, so that no one can
    try much at once; one that works is not counted in the end. Raises TooMany, or NoSuchCode.
    """
    with database.write() as session:
        who = tries.whose(settings, tries.place(address))
        counted = tries.count(session, (who, TRIES_OF_ONE), (ALL, TRIES_OF_ALL), WRONG)
    digest = _hash(settings, code)
    with database.write() as session:
        if order := _use(session, digest):
            tries.forgive(session, counted, lasting=(ALL,))
            return order
    log.warning("a code that does not work was tried, from %s", counted[0][:8])
    raise NoSuchCode("There is no such code.")


def _hash(settings: Settings, code: str) -> bytes:
    """Return what is kept of a code: it takes some 45 ms and 16 MB, whoever makes it.

    The salt is the service's own, so that a code can be found by its hash; it comes from the secret
    key, so that the database alone is of no use.
    """
    key = settings.secret_key.get_secret_value().encode()
    salt = hmac.digest(key, b"svar.code", hashlib.sha256)
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _use(session: Session, digest: bytes) -> Order | None:
    """Use up a code, if it works: one statement, so that of two who come at once one gets in."""
    if not _hold_order(session, digest):
        return None
    found = session.connection().execute(_claim(digest)).first()
    if found is None:
        return None
    audit.append(session, found.registry_id, "patient", "order.code_used", str(found.order_id))
    course.note_opened(session, found.registry_id, found.order_id)
    return orders.get(session, found.registry_id, found.order_id)


def _hold_order(session: Session, digest: bytes) -> bool:
    """Lock the order of a code, if there is one, as whoever makes its next code does: order first.

    Two that lock the same rows in another order would wait for each other.
    """
    order, code = table(Order), table(EntryCode)
    mine = (code.c.registry_id == order.c.registry_id) & (code.c.order_id == order.c.id)
    query = select(order.c.id).join(code, mine).where(code.c.code_hash == digest)
    return session.connection().execute(query.with_for_update(of=order)).first() is not None


def _claim(digest: bytes) -> ReturningUpdate[tuple[str, UUID]]:
    at, code, order = now(), table(EntryCode).c, table(Order).c
    takes_answers = select(order.id).where(
        order.registry_id == code.registry_id,
        order.id == code.order_id,
        order.status.in_(orders.TAKES_ANSWERS),
        order.opens <= at,
        order.closes > at,
    )
    return (
        update(table(EntryCode))
        .where(
            code.code_hash == digest,
            code.used_at.is_(None),
            code.expires_at > at,
            takes_answers.exists(),
        )
        .values(used_at=at)
        .returning(code.registry_id, code.order_id)
    )

"""What becomes of an order: it is opened, changed, cancelled, or gets a new link."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session

from app import audit, catalogue, licences, orders, security
from app.errors import Closed, Refused
from app.licences import Wanted
from app.models import Draft, Order, now, table
from app.settings import Settings

_order = table(Order).c

_NOTE_OPENED = (
    update(table(Order))
    .where(
        _order.registry_id == bindparam("registry"),
        _order.id == bindparam("of"),
        _order.opened_at.is_(None),
        _order.status == "open",
        _order.closes > bindparam("at"),
    )
    .values(opened_at=bindparam("at"), place=None, due=bindparam("at"))
)


def is_unopened(order: Order) -> bool:
    """Say whether an order that takes answers, now or later, was never opened."""
    return order.opened_at is None and orders.status(order) == "open"


def note_opened(session: Session, registry_id: str, order_id: UUID) -> None:
    """Note when an order was opened: the first time counts, and nothing else is changed."""
    mine = {"registry": registry_id, "of": order_id, "at": now()}
    session.connection().execute(_NOTE_OPENED, mine)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise; None stays as it is."""

    opens: datetime | date | None = None
    closes: datetime | date | None = None
    language: str | None = None


def change(
    session: Session, settings: Settings, registry_id: str, order_id: UUID, who: str, wish: Change
) -> Order:
    """Return an order with its window or language changed; what is so already changes nothing.

    The versions that were ordered stay, and the answers so far. Raises NotFound, Closed when the
    order takes no answers any more, or Refused, naming the field.
    """
    order = orders.unsent(session, registry_id, order_id)
    done = [
        what
        for what, changed in (
            ("order.window_changed", _window(settings, order, wish)),
            ("order.language_changed", _language(session, settings, order, wish.language)),
        )
        if changed
    ]
    if done:
        orders.changed(order, now())
        session.add(order)
        session.flush()
    for what in done:
        audit.append(session, registry_id, who, what, str(order_id))
    return order


def _window(settings: Settings, order: Order, wish: Change) -> bool:
    opens = orders.moment(settings, wish.opens, time.min) or order.opens
    closes = orders.moment(settings, wish.closes, time.max) or order.closes
    if (opens, closes) == (order.opens, order.closes):
        return False
    if opens != order.opens and order.status == "started":
        raise Refused("opens", "the patient has begun; only closes can be changed")
    orders.check_window(opens, closes)
    order.opens, order.closes = opens, closes
    return True


def _language(session: Session, settings: Settings, order: Order, language: str | None) -> bool:
    """Fix the wordings of the same versions in another language."""
    if language is None or language == order.language:
        return False
    if order.consent is not None:
        raise Refused(
            "language",
            f"the order asks for consent in {order.language}; cancel it, and order again with the "
            "text of the consent in the other language",
        )
    fixed = [_fixed(session, settings, order, one, language) for one in order.instruments]
    order.language, order.instruments = language, fixed
    return True


def _fixed(
    session: Session, settings: Settings, order: Order, one: Mapping[str, str], language: str
) -> dict[str, str]:
    instrument = catalogue.definition(session, one["definition_sha256"]).instrument
    wanted = Wanted("language", language)
    return {**one, **licences.words(session, settings, order.registry_id, instrument, wanted)}


def cancel(session: Session, registry_id: str, order_id: UUID, who: str, reason: str) -> Order:
    """Cancel an order that is not sent; its draft is dropped. Cancelling again changes nothing.

    Raises NotFound, or Closed when it is completed or has expired.
    """
    order = orders.locked(session, registry_id, order_id)
    if order.status == "cancelled":
        return order
    if orders.status(order) not in orders.TAKES_ANSWERS:
        raise Closed(orders.status(order))
    at = now()
    order.status, order.cancelled_at, order.cancel_reason = "cancelled", at, reason
    orders.changed(order, at)
    session.add(order)
    if draft := session.get(Draft, (registry_id, order_id)):
        session.delete(draft)
    session.flush()
    audit.append(session, registry_id, who, "order.cancelled", str(order_id))
    return order


def renew_link(
    session: Session, settings: Settings, registry_id: str, order_id: UUID, who: str
) -> tuple[Order, str]:
    """Return an order with a new link; the old one and visits by it end. For a link that was lost.

    Raises NotFound, or Closed when the order does not take answers any more.
    """
    order = orders.unsent(session, registry_id, order_id)
    token = security.new_link_token()
    order.link_hash = security.link_hash(settings, token)
    session.flush()
    audit.append(session, registry_id, who, "order.link_renewed", str(order_id))
    return order, f"{settings.public_url}/s/{token}"

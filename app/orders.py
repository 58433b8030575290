"""What a registry asked of a patient: order, hold, start, expire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, bindparam, desc, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app import audit, catalogue, licences, security
from app.db import upsert
from app.errors import Closed, Conflict, FieldError, NotFound, Refused
from app.licences import Wanted
from app.models import Draft, Order, PatientCase, PublishedWording, Registry, Unit, new_id, now
from app.settings import Settings

Status = Literal["open", "started", "completed", "expired", "cancelled"]
State = Literal["open", "started", "completed", "expired", "cancelled", "not open yet"]
Given = dict[str, str | int | date]

Asked = Sequence[Mapping[str, str]]
"""What is asked: for each instrument its version and wording by hash, and perhaps its language."""

TAKES_ANSWERS = ("open", "started")


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a registry asks for, already of the right shape; `case` holds only what was given."""

    case_id: str
    unit: str
    case: Given
    time_point: str
    instruments: Sequence[str]
    language: str
    opens: datetime | date | None
    closes: datetime | date | None
    external_id: str | None
    consent: str | None = None


def create(
    session: Session, settings: Settings, registry_id: str, who: str, new: NewOrder
) -> tuple[Order, str | None]:
    """Return the order and its link, which is shown this once; for a known external id, no link.

    Raises Refused, naming the field, for an unknown unit, instrument, version or language and for a
    window that is no window; Conflict when the external id stands for another order.
    """
    if again := _by_external_id(session, registry_id, new.external_id):
        return _the_same(session, settings, again, new), None
    opens, closes = _window(settings, new)
    places = range(len(new.instruments))
    fixed = [_fix(session, settings, registry_id, place, new) for place in places]
    token = security.new_link_token()
    order = Order(
        registry_id=registry_id,
        id=new_id(),
        case_id=new.case_id,
        external_id=new.external_id,
        time_point=new.time_point,
        instruments=fixed,
        language=new.language,
        opens=opens,
        closes=closes,
        consent=new.consent,
        status="open",
        link_hash=security.link_hash(settings, token),
        ordered_at=now(),
    )
    try:
        with session.begin_nested():
            _keep_case(session, registry_id, new)
            session.add(order)
    except IntegrityError:  # another request with the same external id came first
        again = _by_external_id(session, registry_id, new.external_id)
        return _the_same(session, settings, again, new), None
    audit.append(session, registry_id, who, "order.created", str(order.id))
    return order, f"{settings.public_url}/s/{token}"


def _by_external_id(session: Session, registry_id: str, external_id: str | None) -> Order | None:
    if external_id is None:
        return None
    query = select(Order).where(Order.registry_id == registry_id, Order.external_id == external_id)
    return session.exec(query).first()


def _the_same(session: Session, settings: Settings, order: Order | None, new: NewOrder) -> Order:
    assert order is not None  # noqa: S101 - the unique constraint found it
    opens = moment(settings, new.opens, time.min) or order.opens
    closes = moment(settings, new.closes, time.max) or order.closes
    differs = {
        "case.id": order.case_id != new.case_id,
        "time_point": order.time_point != new.time_point,
        "instruments": not _asks_for(order, new.instruments),
        "language": order.language != new.language,
        "opens": order.opens != opens,
        "closes": order.closes != closes,
        "consent": order.consent != new.consent,
    }
    case = case_of(session, order)
    given = {"unit_id": new.unit, **new.case}
    for name, value in given.items():
        differs[f"case.{name.removesuffix('_id')}"] = getattr(case, name) != value
    if other := [field for field, differ in differs.items() if differ]:
        message = (
            f"{new.external_id} is already the order {order.id}, and differs in "
            f"{', '.join(other)}. Use a new external_id, or leave it out."
        )
        raise Conflict(f"external_id: {message}", FieldError("external_id", message))
    return order


def _asks_for(order: Order, names: Sequence[str]) -> bool:
    """Say whether an order is for these instruments; a name without a version fits any."""
    there = [
        (one["instrument"], f"{one['instrument']}/{one['version']}") for one in order.instruments
    ]
    return len(there) == len(names) and all(map(tuple.__contains__, there, names))


def _window(settings: Settings, new: NewOrder) -> tuple[datetime, datetime]:
    opens = moment(settings, new.opens, time.min) or now()
    closes = moment(settings, new.closes, time.max) or opens + timedelta(days=settings.order_days)
    check_window(opens, closes)
    return opens, closes


def check_window(opens: datetime, closes: datetime) -> None:
    """See that a window is one; raises Refused."""
    if closes <= now():
        raise Refused("closes", f"{closes.isoformat()} has passed; give a time that is to come")
    if closes <= opens:
        raise Refused("closes", "must be later than opens")


def moment(settings: Settings, given: datetime | date | None, of_day: time) -> datetime | None:
    """A date alone means the whole of that day, where the service is."""
    if given is None:
        return None
    if not isinstance(given, datetime):
        given = datetime.combine(given, of_day, settings.zone)
    return given.astimezone(UTC)


def _fix(
    session: Session, settings: Settings, registry_id: str, place: int, new: NewOrder
) -> dict[str, str]:
    """Return what an order keeps of one instrument: its version and wording, fixed by hash."""
    name = new.instruments[place]
    field = f"instruments.{place}"
    if name.split("/")[0] in [one.split("/")[0] for one in new.instruments[:place]]:
        raise Refused(field, f"{name} stands twice; ask for it once")
    found = _find(session, field, name, new.language)
    wanted = Wanted(field, new.language)
    words = licences.words(session, settings, registry_id, found.instrument, wanted)
    return {
        "instrument": found.instrument.id,
        "version": found.instrument.version,
        "definition_sha256": found.sha256,
        **words,
    }


def _find(session: Session, field: str, name: str, language: str) -> catalogue.Published:
    instrument, _, version = name.partition("/")
    try:
        if version:
            return catalogue.orderable(session, instrument, version)
        return catalogue.latest(session, instrument, language)
    except NotFound as error:
        raise Refused(field, f"{error.detail} GET /api/v1/instruments lists them.") from None


def worded(session: Session, settings: Settings, order: Order, language: str) -> Asked:
    """Return what an order asks, in a language where there are words in it that may be sent.

    Where there are none, the words that were ordered stay. Only what was published before the order
    counts, so that its words do not change under the patient. Nothing is stored.
    """
    if language == order.language:
        return order.instruments
    return [_reworded(session, settings, order, one, language) for one in order.instruments]


def _reworded(
    session: Session, settings: Settings, order: Order, one: dict[str, str], language: str
) -> Mapping[str, str]:
    query = select(PublishedWording.sha256, PublishedWording.status).where(
        PublishedWording.instrument == one["instrument"],
        PublishedWording.version == one["version"],
        PublishedWording.language == language,
        PublishedWording.published_at <= order.ordered_at,
    )
    found = session.exec(query.order_by(desc(col(PublishedWording.revision)))).first()
    instrument = catalogue.definition(session, one["definition_sha256"]).instrument
    if found is None or not (settings.demo or licences.is_fit(instrument, found[1])):
        return one
    return one | {"wording_sha256": found[0], "language": language}


def _keep_case(session: Session, registry_id: str, new: NewOrder) -> None:
    """Insert the case, or bring a known one up to date with whatever this order says of it."""
    if session.get(Unit, (registry_id, new.unit)) is None:
        raise Refused("case.unit", f"{new.unit} is not a unit of this registry")
    key = {"registry_id": registry_id, "id": new.case_id}
    upsert(session, PatientCase, key, {"unit_id": new.unit, **new.case})


def get(session: Session, registry_id: str, order_id: UUID) -> Order:
    """Return a registry's order; raises NotFound for an unknown one and for another registry's."""
    order = session.get(Order, (registry_id, order_id))
    if order is None:
        raise NotFound(f"There is no order {order_id}.")
    return order


_AT_HAND = (
    select(Order, Draft, Registry)
    .join(Registry, col(Registry.id) == col(Order.registry_id))
    .join(
        Draft,
        and_(
            col(Draft.registry_id) == col(Order.registry_id), col(Draft.order_id) == col(Order.id)
        ),
        isouter=True,
    )
    .where(col(Order.registry_id) == bindparam("registry"), col(Order.id) == bindparam("of"))
)


def at_hand(
    session: Session, registry_id: str, order_id: UUID
) -> tuple[Order, Draft | None, Registry]:
    """Return an order as `get` does, with its draft and its registry, in one query.

    The session finds them again without asking, for as long as the caller keeps them.
    """
    found = session.exec(_AT_HAND, params={"registry": registry_id, "of": order_id}).first()
    if found is None:
        raise NotFound(f"There is no order {order_id}.")
    return found[0], found[1], found[2]


def case_of(session: Session, order: Order) -> PatientCase:
    """Return the case that an order is about."""
    return session.get_one(PatientCase, (order.registry_id, order.case_id))


def by_link(session: Session, settings: Settings, token: str) -> Order:
    """Return the order of a patient's link; raises NotFound. Changes nothing."""
    query = select(Order).where(Order.link_hash == security.link_hash(settings, token))
    order = session.exec(query).first()
    if order is None:
        raise NotFound("This link is not known.")
    return order


def status(order: Order, at: datetime | None = None) -> Status:
    """Return the word for where an order stands: an unsent one expires when its window closes."""
    return status_of(order.status, order.closes, at or now())


def status_of(kept: str, closes: datetime, at: datetime) -> Status:
    """Return the same from what is kept of an order."""
    return "expired" if kept in TAKES_ANSWERS and at >= closes else kept  # type: ignore[return-value]


def state(order: Order) -> State:
    """Return the status as a patient meets it: also whether the window is still to open."""
    return "not open yet" if status(order) == "open" and now() < order.opens else status(order)


def hold(session: Session, registry_id: str, order_id: UUID) -> Order:
    """Return an order that takes answers, locked until the transaction ends.

    Whoever saves or sends holds the order first, so nothing is saved after it was sent. Raises
    NotFound, or Closed with the state.
    """
    order = locked(session, registry_id, order_id)
    if state(order) not in TAKES_ANSWERS:
        raise Closed(state(order))
    return order


def unsent(session: Session, registry_id: str, order_id: UUID) -> Order:
    """Return an order that takes answers, now or when its window opens, locked as by `hold`.

    Raises NotFound, or Closed with the status.
    """
    order = locked(session, registry_id, order_id)
    if status(order) not in TAKES_ANSWERS:
        raise Closed(status(order))
    return order


def locked(session: Session, registry_id: str, order_id: UUID) -> Order:
    """Return an order, locked until the transaction ends; raises NotFound."""
    query = select(Order).where(Order.registry_id == registry_id, Order.id == order_id)
    order = session.exec(query.with_for_update()).first()
    if order is None:
        raise NotFound(f"There is no order {order_id}.")
    return order


def receipt_or_closed(session: Session, registry_id: str, order_id: UUID) -> str:
    """Return the receipt number of an order that was sent; raises NotFound or Closed otherwise."""
    order = get(session, registry_id, order_id)
    if order.receipt is None:
        raise Closed(state(order))
    return order.receipt


def changed(order: Order, at: datetime) -> None:
    """Let the ledger list an order anew; it takes the number when it is next read."""
    order.place, order.due = None, at


def start(session: Session, order: Order) -> None:
    """Note that the patient has begun, once; the order must be held."""
    if order.status == "open":
        at = now()
        order.status, order.started_at = "started", at
        order.opened_at = order.opened_at or at
        changed(order, at)
        empty: dict[str, Any] = {}
        draft = {"content": empty, "updated_at": at}
        key = {"registry_id": order.registry_id, "order_id": order.id}
        session.add(order)
        session.flush()
        session.connection().execute(insert(Draft), key | draft)


def consent(session: Session, order: Order) -> None:
    """Note that the patient agrees to what the order asks consent for; the order must be held."""
    order.consented_at = now()
    session.add(order)
    session.flush()
    audit.append(session, order.registry_id, "patient", "order.consented", str(order.id))

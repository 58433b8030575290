"""Demo mode: two made-up registries with orders to try, and a page that says how. Loopback only."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy import inspect, update
from sqlmodel import Session, col, select

from app import clients, orders, security, staff, valuation
from app.db import Database
from app.models import Client, Order, Person, Registry, Unit, now
from app.orders import NewOrder
from app.settings import HOUSE, Settings

router = APIRouter()
_templates = Jinja2Templates(HOUSE / "app" / "templates")


class DemoRegistry(NamedTuple):
    """A made-up registry with one unit and one client."""

    id: str
    name: str
    unit: str
    unit_name: str
    value_sets: tuple[str, ...] = ()
    colour: str | None = None
    shows_scores: bool = False

    @property
    def client_id(self) -> str:
        """The client's id, known to everyone."""
        return f"{self.id}-demo"

    @property
    def secret(self) -> str:
        """The client's secret, known to everyone."""
        return f"{self.id}-demo-secret"


REGISTRIES = (
    DemoRegistry(
        "hips",
        "Demo registry of hips",
        "oslo-ortho",
        "Oslo, orthopaedics",
        value_sets=("eq-5d-5l/uk-2026",),
        shows_scores=True,
    ),
    DemoRegistry(
        "knees",
        "Demo registry of knees",
        "bergen-ortho",
        "Bergen, orthopaedics",
        colour="#7a2e5d",
    ),
)


class DemoOrder(NamedTuple):
    """An order that is always there to be tried."""

    name: str
    registry: DemoRegistry
    instruments: tuple[str, ...]
    language: str
    what: str


HIPS, KNEES = REGISTRIES
ORDERS = (
    DemoOrder("rand-36-nb", HIPS, ("rand-36",), "nb", "RAND-36 in Norwegian"),
    DemoOrder("rand-12-nb", HIPS, ("rand-12",), "nb", "RAND-12 in Norwegian"),
    DemoOrder("eq-5d-5l-nb", HIPS, ("eq-5d-5l",), "nb", "EQ-5D-5L, placeholder in Norwegian"),
    DemoOrder("both-nb", HIPS, ("rand-12", "eq-5d-5l"), "nb", "RAND-12 and EQ-5D-5L in one go"),
    DemoOrder("rand-36-en", KNEES, ("rand-36",), "en", "RAND-36 in English"),
    DemoOrder("rand-12-en", KNEES, ("rand-12",), "en", "RAND-12 in English"),
)


class DemoPerson(NamedTuple):
    """Somebody made up at the PRO centre, with one role."""

    role: str

    @property
    def email(self) -> str:
        """The person's address, known to everyone."""
        return f"{self.role}{staff.DEMO}"

    @property
    def password(self) -> str:
        """The person's password, known to everyone."""
        return f"{self.role}-demo-password"


PEOPLE = tuple(map(DemoPerson, staff.ROLES))


class NotADemo(RuntimeError):
    """The database holds real registries, so nothing made up may be put into it."""


_demo_person = col(Person.email).endswith(staff.DEMO)
_demo_client = col(Client.id).in_([registry.client_id for registry in REGISTRIES])


def is_seeded(database: Database) -> bool:
    """Say whether a database holds the demo's clients or staff."""
    with database.read() as session:
        found = (select(Client.id).where(_demo_client), select(Person.email).where(_demo_person))
        return any(session.exec(query).first() is not None for query in found)


def refuse_real(database: Database) -> None:
    """Raise NotADemo for a database with a registry or staff that the demo did not make."""
    tables = inspect(database.engine)
    if not tables.has_table("registry"):
        return
    with database.read() as session:
        people = set(session.exec(select(Person.email))) if tables.has_table("person") else set()
        if people and not any(email.endswith(staff.DEMO) for email in people):
            raise NotADemo("This database holds real staff; the demo needs one of its own.")
        made = set(session.exec(select(Client.registry_id).where(_demo_client)))
        if set(session.exec(select(Registry.id))) - made:
            raise NotADemo("This database holds real registries; the demo needs one of its own.")


def seed(database: Database, settings: Settings) -> None:
    """Put the demo's registries, clients, orders and staff in place; what is there is left alone.

    An order that was sent, cancelled or has expired gets a successor. Raises NotADemo for a
    database that holds other registries.
    """
    refuse_real(database)
    with database.write() as session:
        for registry in REGISTRIES:
            _seed_registry(session, registry)
        for order in ORDERS:
            _seed_order(session, settings, order)
        for person in PEOPLE:
            _seed_person(session, person)


def _seed_person(session: Session, person: DemoPerson) -> None:
    if session.get(Person, person.email) is None:
        row = staff.invite(session, person.email, person.role.title(), [person.role], "demo")
        row.password = security.hash_secret(person.password)


def _seed_registry(session: Session, registry: DemoRegistry) -> None:
    if session.get(Registry, registry.id) is not None:
        return
    row = Registry(
        id=registry.id,
        name=registry.name,
        colour=registry.colour,
        shows_scores=registry.shows_scores,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    session.add(Unit(registry_id=registry.id, id=registry.unit, name=registry.unit_name))
    session.flush()
    client = clients.create(session, registry.id, registry.client_id, [*security.SCOPES], "demo")
    clients.add_secret(session, client, "demo", timedelta(0), registry.secret)
    for name in registry.value_sets:
        valuation.name(session, registry.id, name, "demo")


def _seed_order(session: Session, settings: Settings, demo: DemoOrder) -> None:
    made = list(_made(session, demo))
    if made and orders.status(made[-1]) in orders.TAKES_ANSWERS:
        return
    new = NewOrder(
        case_id=f"demo-{demo.name}",
        unit=demo.registry.unit,
        case={},
        time_point="demo",
        instruments=demo.instruments,
        language=demo.language,
        opens=None,
        closes=None,
        external_id=_external_id(demo, len(made) + 1),
    )
    order, _ = orders.create(session, settings, demo.registry.id, "demo", new)
    session.flush()
    digest = security.link_hash(settings, _token(settings, new.external_id or ""))
    key = (col(Order.registry_id) == order.registry_id, col(Order.id) == order.id)
    session.connection().execute(update(Order).where(*key).values(link_hash=digest))


def _made(session: Session, demo: DemoOrder) -> Iterator[Order]:
    query = select(Order).where(
        Order.registry_id == demo.registry.id, Order.case_id == f"demo-{demo.name}"
    )
    yield from session.exec(query.order_by(col(Order.id)))


def _external_id(demo: DemoOrder, number: int) -> str:
    return f"demo-{demo.name}-{number}"


def _token(settings: Settings, external_id: str) -> str:
    """Return a demo link's token: made from the secret, so that the page can show it again."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.digest(key, f"svar.demo:{external_id}".encode(), hashlib.sha256).hex()


@router.get("/", include_in_schema=False)
def what_to_try(request: Request) -> HTMLResponse:
    """Show the links, credentials and commands to try the service with."""
    settings: Settings = request.app.state.settings
    with request.app.state.database.read() as session:
        lines = [
            {
                "what": demo.what,
                "registry": demo.registry.id,
                "status": orders.status(order),
                "link": f"{settings.public_url}/s/{_token(settings, order.external_id or '')}",
            }
            for demo in ORDERS
            for order in list(_made(session, demo))[-1:]
        ]
    return _templates.TemplateResponse(
        request,
        "demo.html",
        {"orders": lines, "registries": REGISTRIES, "people": PEOPLE, "url": settings.public_url},
    )

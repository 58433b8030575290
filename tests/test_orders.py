"""What a registry asked of a patient: order, open, start, cancel, expire."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app import catalogue, course, orders, revisions
from app.db import Database
from app.errors import Closed, NotFound, Refused
from app.models import Draft, Order, PublishedWording, now
from app.orders import NewOrder
from app.settings import Settings
from tests.documents import INSTRUMENTS, read
from tests.flow import answer_and_send, nothing_stored

DAY = timedelta(days=1)


def asked(**more: Any) -> NewOrder:
    given: dict[str, Any] = {
        "case_id": "K7",
        "unit": "oslo-ortho",
        "case": {},
        "time_point": "3m",
        "instruments": ["rand-12"],
        "language": "nb",
        "opens": None,
        "closes": None,
        "external_id": None,
    }
    return NewOrder(**(given | more))


def place(database: Database, settings: Settings, **more: Any) -> tuple[UUID, str]:
    with database.write() as session:
        order, link = orders.create(session, settings, "hips", "tests", asked(**more))
    return order.id, str(link).rsplit("/", 1)[1]


def test_an_order_fixes_what_will_be_asked(database: Database, settings: Settings) -> None:
    order_id, _ = place(database, settings)
    with database.read() as session:
        (one,) = orders.get(session, "hips", order_id).instruments
        found = catalogue.get(session, "rand-12", "1.0")
        wording = catalogue.wording_row(session, "rand-12", "1.0", "nb")
    assert one["definition_sha256"] == found.sha256
    assert one["wording_sha256"] == wording.sha256


def test_what_was_ordered_stays_when_a_newer_version_comes(
    database: Database, settings: Settings
) -> None:
    order_id, _ = place(database, settings)
    document = read(INSTRUMENTS / "rand-12/1.0.json") | {"version": "1.1"}
    wording = read(INSTRUMENTS / "rand-12/1.0.nb.json") | {"version": "1.1"}
    with database.write() as session:
        catalogue.publish(session, document, {}, "me")
        revisions.publish(session, wording, "me")
    later, _ = place(database, settings)
    with database.read() as session:
        versions = [
            orders.get(session, "hips", id_).instruments[0]["version"] for id_ in (order_id, later)
        ]
    assert versions == ["1.0", "1.1"]


def test_a_version_without_any_wording_is_not_ordered(
    database: Database, settings: Settings
) -> None:
    document = read(INSTRUMENTS / "rand-12/1.0.json") | {"version": "1.1"}
    with database.write() as session:
        catalogue.publish(session, document, {}, "me")
    with nothing_stored(database), pytest.raises(Refused, match="it has none"):
        place(database, settings, instruments=["rand-12/1.1"])
    order_id, _ = place(database, settings)
    with database.read() as session:
        assert orders.get(session, "hips", order_id).instruments[0]["version"] == "1.0"


def test_a_withdrawn_version_is_not_ordered(database: Database, settings: Settings) -> None:
    with database.write() as session:
        catalogue.definition_row(session, "rand-36", "1.0").status = "withdrawn"
    try:
        for name in ("rand-36", "rand-36/1.0"):
            with nothing_stored(database), pytest.raises(Refused, match=r"instruments\.0"):
                place(database, settings, instruments=[name])
    finally:
        with database.write() as session:
            catalogue.definition_row(session, "rand-36", "1.0").status = "published"


def test_a_link_leads_to_its_order_and_changes_nothing(
    database: Database, settings: Settings
) -> None:
    order_id, token = place(database, settings)
    with nothing_stored(database), database.read() as session:
        assert orders.by_link(session, settings, token).id == order_id
        assert orders.get(session, "hips", order_id).status == "open"


def test_an_unknown_link_leads_nowhere(database: Database, settings: Settings) -> None:
    with database.read() as session:
        for token in ("", "x", "\0", "æ"):
            with pytest.raises(NotFound):
                orders.by_link(session, settings, token)


def order_with(**more: Any) -> Order:
    window = {"opens": now() - DAY, "closes": now() + DAY}
    return Order(**(window | {"status": "open"} | more))


@pytest.mark.parametrize(
    ("order", "status", "state"),
    [
        (order_with(), "open", "open"),
        (order_with(opens=now() + DAY / 2), "open", "not open yet"),
        (order_with(status="started"), "started", "started"),
        (order_with(closes=now() - DAY / 2), "expired", "expired"),
        (order_with(status="started", closes=now() - DAY / 2), "expired", "expired"),
        (order_with(status="completed", closes=now() - DAY / 2), "completed", "completed"),
        (order_with(status="cancelled", closes=now() - DAY / 2), "cancelled", "cancelled"),
    ],
)
def test_where_an_order_stands(order: Order, status: str, state: str) -> None:
    assert (orders.status(order), orders.state(order)) == (status, state)


def test_an_order_expires_the_moment_its_window_closes() -> None:
    order = order_with()
    assert orders.status(order, order.closes - timedelta(microseconds=1)) == "open"
    assert orders.status(order, order.closes) == "expired"


def test_an_order_is_begun_once(database: Database, settings: Settings) -> None:
    order_id, _ = place(database, settings)
    for _ in range(2):
        with database.write() as session:
            orders.start(session, orders.hold(session, "hips", order_id))
    with database.read() as session:
        order = orders.get(session, "hips", order_id)
        assert order.started_at is not None
        assert len(session.exec(select(Draft)).all()) == 1
    assert order.status == "started"


def test_an_order_that_takes_no_answers_cannot_be_held(
    database: Database, settings: Settings
) -> None:
    sent, _ = place(database, settings)
    answer_and_send(database, sent)
    early, _ = place(database, settings, opens=now() + DAY)
    for order_id, state in ((sent, "completed"), (early, "not open yet")):
        with database.write() as session, pytest.raises(Closed, match=state):
            orders.hold(session, "hips", order_id)


def test_no_registry_reaches_anothers_order(database: Database, settings: Settings) -> None:
    order_id, _ = place(database, settings)
    with nothing_stored(database), database.write() as session:
        for registry, id_ in (("knees", order_id), ("hips", uuid4())):
            for act in (
                lambda r, i: orders.get(session, r, i),
                lambda r, i: orders.hold(session, r, i),
                lambda r, i: orders.receipt_or_closed(session, r, i),
                lambda r, i: course.cancel(session, r, i, "tests", "why"),
                lambda r, i: course.renew_link(session, settings, r, i, "tests"),
            ):
                with pytest.raises(NotFound):
                    act(registry, id_)


def test_a_receipt_is_for_what_was_sent(database: Database, settings: Settings) -> None:
    order_id, _ = place(database, settings)
    with database.read() as session, pytest.raises(Closed, match="open"):
        orders.receipt_or_closed(session, "hips", order_id)
    receipt = answer_and_send(database, order_id)
    with database.read() as session:
        assert orders.receipt_or_closed(session, "hips", order_id) == receipt


def test_the_case_of_an_order(database: Database, settings: Settings) -> None:
    order_id, _ = place(database, settings, case={"birth_year": 1950})
    with database.read() as session:
        case = orders.case_of(session, orders.get(session, "hips", order_id))
    assert (case.id, case.birth_year) == ("K7", 1950)


def test_the_newest_revision_of_a_wording_is_asked(database: Database, settings: Settings) -> None:
    wording = read(INSTRUMENTS / "rand-12/1.0.nb.json") | {"revision": 2, "title": "Ny"}
    with database.write() as session:
        revisions.publish(session, wording, "me")
    order_id, _ = place(database, settings)
    with database.read() as session:
        digest = orders.get(session, "hips", order_id).instruments[0]["wording_sha256"]
        query = select(PublishedWording.revision).where(PublishedWording.sha256 == digest)
        assert session.exec(query).one() == 2

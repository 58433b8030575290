"""POST /api/v1/orders: a registry asks a patient."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from app import orders
from app.db import Database
from app.models import AuditEvent, Order, PatientCase, now
from app.settings import Settings
from tests.conftest import Party, settings_for
from tests.flow import answer_and_send, counts, nothing_stored, refusal

ORDERS = "/api/v1/orders"
KEYS = (
    "id status link case unit time_point instruments language opens closes external_id ordered_at "
    "opened_at started_at completed_at cancelled_at cancel_reason consented_at receipt"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_order_is_made_and_its_link_is_shown(hips: Party) -> None:
    order = hips.order(external_id="x1")
    assert list(order) == KEYS.split()
    assert order["status"] == "open"
    assert order["instruments"] == [{"instrument": "rand-36", "version": "1.0"}]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/s/[\w-]{32}", order["link"])


def test_an_order_says_what_was_asked(hips: Party) -> None:
    body = {"time_point": "1y", "language": "en", "external_id": "x", "instruments": ["rand-12"]}
    order = hips.order(**body)
    assert (order["case"], order["unit"]) == ("MCE-1017", "oslo-ortho")
    assert order["time_point"] == "1y"
    assert order["language"] == "en"
    assert order["external_id"] == "x"
    assert order["instruments"] == [{"instrument": "rand-12", "version": "1.0"}]
    assert order["receipt"] is order["started_at"] is order["cancelled_at"] is None


def test_an_order_stays_open_for_thirty_days_unless_told(hips: Party) -> None:
    order = hips.order()
    assert at(order["closes"]) - at(order["opens"]) == timedelta(days=30)
    assert abs(at(order["opens"]) - now()) < timedelta(minutes=1)


def test_times_are_told_in_utc_now_as_later(hips: Party) -> None:
    order = hips.order(opens="2040-06-01T12:00:00+02:00", closes="2040-06-02T12:00:00+02:00")
    assert order["opens"] == "2040-06-01T10:00:00Z"
    assert hips.get(f"{ORDERS}/{order['id']}").json() == order | {"link": None}


def test_a_date_is_the_whole_of_that_day_in_oslo(hips: Party) -> None:
    summer = hips.order(opens="2040-06-01", closes="2040-06-01")
    assert summer["opens"] == "2040-05-31T22:00:00Z"
    assert summer["closes"] == "2040-06-01T21:59:59.999999Z"
    assert hips.order(opens="2040-01-01")["opens"] == "2039-12-31T23:00:00Z"


def test_a_date_is_read_in_the_services_own_zone(database: Database, settings: Settings) -> None:
    far = settings_for(settings.database_url, timezone="Pacific/Auckland")
    day = datetime(2040, 6, 1, tzinfo=UTC).date()
    asked = orders.NewOrder("c", "oslo-ortho", {}, "3m", ["rand-36"], "nb", day, day, None)
    with database.write() as session:
        order, _ = orders.create(session, far, "hips", "tests", asked)
    assert order.opens == datetime(2040, 5, 31, 12, tzinfo=UTC)


def test_several_instruments_and_a_named_version_may_be_asked_for(hips: Party) -> None:
    order = hips.order(instruments=["rand-12/1.0", "rand-36"])
    assert [one["instrument"] for one in order["instruments"]] == ["rand-12", "rand-36"]


def test_the_link_is_kept_as_a_hash_only(hips: Party, database: Database) -> None:
    link = hips.order()["link"]
    token = link.rsplit("/", 1)[1]
    with database.read() as session:
        order = session.exec(select(Order)).one()
    assert len(order.link_hash) == 32
    assert token not in repr(order.model_dump())


def test_each_order_has_a_link_of_its_own(hips: Party) -> None:
    links = {hips.order()["link"] for _ in range(3)}
    assert len(links) == 3


def test_the_audit_trail_says_who_ordered(hips: Party, database: Database) -> None:
    order = hips.order()
    with database.read() as session:
        line = session.exec(select(AuditEvent).where(AuditEvent.registry_id == "hips")).one()
    assert (line.who, line.what, line.record) == ("client:hips-test", "order.created", order["id"])


def test_the_case_is_kept_without_a_name(hips: Party, database: Database) -> None:
    facts = {"birth_year": 1950, "sex": "female", "index_date": "2026-08-01"}
    hips.order(case={"id": "K 7/æ", "unit": "oslo-ortho", **facts})
    with database.read() as session:
        case = session.exec(select(PatientCase)).one()
    assert case.model_dump(mode="json") == {
        "registry_id": "hips",
        "id": "K 7/æ",
        "unit_id": "oslo-ortho",
        **facts,
    }


def test_a_later_order_brings_the_case_up_to_date_and_keeps_the_rest(
    hips: Party, database: Database
) -> None:
    hips.order(case={"id": "K7", "unit": "oslo-ortho", "sex": "male", "birth_year": 1950})
    hips.order(case={"id": "K7", "unit": "oslo-ortho", "sex": "female", "index_date": "2026-08-01"})
    with database.read() as session:
        case = session.exec(select(PatientCase)).one()
    assert (case.sex, case.birth_year, str(case.index_date)) == ("female", 1950, "2026-08-01")


def test_a_fact_of_the_case_may_be_taken_back(hips: Party, database: Database) -> None:
    hips.order(case={"id": "K7", "unit": "oslo-ortho", "birth_year": 1950})
    hips.order(case={"id": "K7", "unit": "oslo-ortho", "birth_year": None})
    with database.read() as session:
        assert session.exec(select(PatientCase)).one().birth_year is None


def test_two_registries_may_use_the_same_case_and_external_id(hips: Party, knees: Party) -> None:
    ours, theirs = hips.order(external_id="x1"), knees.order(external_id="x1")
    assert ours["id"] != theirs["id"]
    assert theirs["unit"] == "bergen-ortho"


def test_the_same_external_id_again_is_the_same_order_without_its_link(
    hips: Party, database: Database
) -> None:
    whole: dict[str, Any] = {"external_id": "x1", "opens": "2040-06-01", "closes": "2040-07-01"}
    first = hips.order(**whole)
    with nothing_stored(database):
        again = hips.post(ORDERS, json=hips.order_body(**whole))
    assert again.status_code == 200
    assert again.json() == first | {"link": None}


def test_a_repeated_order_may_leave_out_or_name_what_was_fixed(hips: Party) -> None:
    first = hips.order(external_id="x1", opens="2040-06-01")
    body = hips.order_body(external_id="x1", instruments=["rand-36/1.0"])
    again = hips.post(ORDERS, json=body)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])


def test_a_repeated_order_that_is_sent_is_shown_as_it_stands(
    hips: Party, database: Database
) -> None:
    first = hips.order(external_id="x1")
    receipt = answer_and_send(database, first["id"])
    again = hips.post(ORDERS, json=hips.order_body(external_id="x1"))
    assert (again.status_code, again.json()["receipt"]) == (200, receipt)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("case.id", {"case": {"id": "other", "unit": "oslo-ortho"}}),
        ("time_point", {"time_point": "1y"}),
        ("instruments", {"instruments": ["rand-12"]}),
        ("instruments", {"instruments": ["rand-36", "rand-12"]}),
        ("instruments", {"instruments": ["rand-36/1.1"]}),
        ("language", {"language": "en"}),
        ("opens", {"opens": "2040-06-01"}),
        ("closes", {"closes": "2040-06-01"}),
    ],
)
def test_the_same_external_id_for_something_else_is_a_conflict(
    hips: Party, database: Database, field: str, other: dict[str, Any]
) -> None:
    first = hips.order(external_id="x1")
    with nothing_stored(database):
        answer = hips.post(ORDERS, json=hips.order_body(external_id="x1") | other)
    assert refusal(answer, 409) == ["external_id"]
    assert f"differs in {field}." in answer.json()["detail"]
    assert first["id"] in answer.json()["detail"]


def test_an_order_that_another_request_made_meanwhile_is_found(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hips.order(external_id="x1")
    look, calls = orders._by_external_id, iter([True, False])
    monkeypatch.setattr(
        orders, "_by_external_id", lambda *asked: None if next(calls) else look(*asked)
    )
    before = counts(database)
    again = hips.post(ORDERS, json=hips.order_body(external_id="x1"))
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert counts(database) == before


@pytest.mark.demo
def test_a_placeholder_may_be_tried_in_demo_mode(hips: Party) -> None:
    order = hips.order(instruments=["eq-5d-5l"])
    assert order["instruments"] == [{"instrument": "eq-5d-5l", "version": "1.0"}]


def test_a_stranger_orders_nothing(stranger: Party, database: Database) -> None:
    with nothing_stored(database):
        refusal(stranger.post(ORDERS, json=stranger.order_body()), 401)

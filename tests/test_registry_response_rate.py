"""GET /api/v1/response-rate: how many answered, of those who could have."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.db import Database
from app.models import Order
from app.rates import COUNTED, LEFT_OUT
from tests.conftest import Party, path_of
from tests.flow import answer, answer_and_send, nothing_stored, refusal

RATE = "/api/v1/response-rate"
CLOSED = datetime(2026, 9, 1, tzinfo=UTC)
Outcome = Callable[[Party, Database, dict[str, Any]], object]

OUTCOMES: dict[str, Outcome] = {
    "completed": lambda hips, db, order: answer_and_send(db, order["id"]),
    "partial": lambda hips, db, order: answer(db, order["id"]),
    "opened_only": lambda hips, db, order: hips.http.get(path_of(order["link"])),
    "never_opened": lambda hips, db, order: None,
    "cancelled_before_opening": lambda hips, db, order: cancel(hips, order),
    "cancelled_after_opening": lambda hips, db, order: open_and_cancel(hips, order),
}


def cancel(hips: Party, order: dict[str, Any]) -> None:
    assert hips.post(f"/api/v1/orders/{order['id']}/cancel").status_code == 200


def open_and_cancel(hips: Party, order: dict[str, Any]) -> None:
    hips.http.get(path_of(order["link"]))
    cancel(hips, order)


def was(
    hips: Party,
    database: Database,
    outcome: str,
    opens: str = "2026-08-01T00:00:00+02:00",
    **more: Any,
) -> None:
    """Order, let the order come to what is told, and move its window to where it is over."""
    order = hips.order(**more)
    OUTCOMES[outcome](hips, database, order)
    window = {"opens": datetime.fromisoformat(opens), "closes": CLOSED}
    with database.write() as session:
        of = update(Order).where(col(Order.id) == UUID(order["id"])).values(**window)
        session.connection().execute(of)


def groups(party: Party, **params: Any) -> list[dict[str, Any]]:
    answered = party.get(RATE, params=params)
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["groups"]
    return found


def rates(party: Party, *names: str, **params: Any) -> list[tuple[Any, ...]]:
    return [tuple(group[name] for name in names) for group in groups(party, **params)]


def test_every_order_counts_as_one_thing_and_the_denominator_is_spelled_out(
    hips: Party, database: Database
) -> None:
    for outcome in OUTCOMES:
        was(hips, database, outcome)
    was(hips, database, "completed")
    hips.order()
    answer_and_send(database, hips.order()["id"])
    (group,) = groups(hips, by="instrument")
    assert group == {
        "instrument": "rand-36",
        "time_point": None,
        "unit": None,
        "period": None,
        "ordered": 9,
        "cancelled_before_opening": 1,
        "not_yet_closed": 2,
        "denominator": 6,
        "completed": 2,
        "partial": 1,
        "opened_only": 1,
        "never_opened": 1,
        "cancelled_after_opening": 1,
        "rate": 2 / 6,
    }
    assert hips.get(RATE).json()["denominator"] == (
        "ordered - cancelled_before_opening - not_yet_closed = "
        "completed + partial + opened_only + never_opened + cancelled_after_opening"
    )


def test_the_parts_of_a_group_add_up(hips: Party, database: Database) -> None:
    for outcome in ("completed", "partial", "cancelled_before_opening"):
        was(hips, database, outcome)
    (group,) = groups(hips)
    assert group["ordered"] == sum(group[part] for part in (*LEFT_OUT, *COUNTED))
    assert group["denominator"] == sum(group[part] for part in COUNTED)


def test_where_nobody_could_have_answered_there_is_no_rate(hips: Party) -> None:
    answer_later = hips.order()
    assert answer_later["status"] == "open"
    assert rates(hips, "ordered", "denominator", "rate") == [(1, 0, None)]


def test_without_orders_there_are_no_groups(hips: Party) -> None:
    assert groups(hips) == []


def test_an_order_counts_once_for_each_instrument_only_where_they_are_told_apart(
    hips: Party, database: Database
) -> None:
    was(hips, database, "completed", instruments=["rand-12", "rand-36"])
    was(hips, database, "never_opened", instruments=["rand-36"])
    both = [("rand-12", 1, 1.0), ("rand-36", 2, 0.5)]
    assert rates(hips, "instrument", "ordered", "rate", by="instrument") == both
    assert rates(hips, "instrument", "ordered", by="time_point") == [(None, 2)]
    assert rates(hips, "instrument", "ordered", instrument="rand-12") == [("rand-12", 1)]


def test_a_period_is_a_month_or_a_quarter_where_the_service_is(
    hips: Party, database: Database
) -> None:
    for opens in ("2025-12-15T00:00:00Z", "2026-06-30T21:59:59Z", "2026-06-30T22:00:00Z"):
        was(hips, database, "completed", opens)
    months = [("2025-12", 1), ("2026-06", 1), ("2026-07", 1)]
    assert rates(hips, "period", "ordered", by="period") == months
    quarters = [("2025-Q4", 1), ("2026-Q2", 1), ("2026-Q3", 1)]
    assert rates(hips, "period", "ordered", by="period", period="quarter") == quarters


def test_orders_are_chosen_by_the_day_on_which_they_open(hips: Party, database: Database) -> None:
    for opens in ("2026-06-30T21:59:59Z", "2026-06-30T22:00:00Z"):
        was(hips, database, "completed", opens)
    assert rates(hips, "period", "ordered", opens_from="2026-07-01") == [("2026-07", 1)]
    assert rates(hips, "period", "ordered", opens_to="2026-06-30") == [("2026-06", 1)]
    assert rates(hips, "period", opens_from="2026-07-02") == []


def test_orders_are_chosen_by_unit_and_time_point(hips: Party, database: Database) -> None:
    was(hips, database, "completed", time_point="3m")
    was(hips, database, "completed", time_point="1y")
    told = rates(hips, "time_point", "unit", "ordered", time_point="1y", unit="oslo-ortho")
    assert told == [("1y", "oslo-ortho", 1)]
    assert groups(hips, unit="nowhere") == []
    apart = rates(hips, "time_point", "unit", by=["unit", "time_point"])
    assert apart == [("1y", "oslo-ortho"), ("3m", "oslo-ortho")]


def test_the_table_holds_the_same_and_no_formula(hips: Party, database: Database) -> None:
    was(hips, database, "completed", time_point="=1+1")
    answered = hips.get(RATE, headers={"Accept": "text/csv"})
    assert answered.headers["content-type"].startswith("text/csv")
    head, row = csv.reader(answered.text.splitlines())
    (group,) = groups(hips)
    assert head == list(group)
    shown = {name: str(value) for name, value in group.items()} | {"time_point": "'=1+1"}
    assert dict(zip(head, row, strict=True)) == shown


def test_nothing_stands_in_the_table_where_there_is_no_rate(hips: Party) -> None:
    hips.order()
    answered = hips.get(RATE, headers={"Accept": "text/csv"}, params={"by": "unit"})
    assert answered.text.splitlines()[1] == ",,oslo-ortho,,1,0,1,0,0,0,0,0,0,"


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("by.0", {"by": "colour"}),
        ("period", {"period": "week"}),
        ("instrument", {"instrument": "sf-36"}),
        ("opens_from", {"opens_from": "1.8.2026"}),
        ("opens_to", {"opens_to": "0001-01-01"}),
        ("unit", {"unit": "\0"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_wrong_parameter_is_named(hips: Party, field: str, params: dict[str, Any]) -> None:
    assert refusal(hips.get(RATE, params=params), 422) == [field]


def test_another_format_is_not_offered(hips: Party) -> None:
    refusal(hips.get(RATE, headers={"Accept": "text/html"}), 406)


def test_a_registry_counts_its_own_orders_only(hips: Party, knees: Party) -> None:
    hips.order()
    assert groups(knees) == []
    knees.order()
    assert rates(knees, "unit", "ordered") == [("bergen-ortho", 1)]


def test_a_stranger_counts_nothing(stranger: Party, database: Database) -> None:
    with nothing_stored(database):
        refusal(stranger.get(RATE), 401)

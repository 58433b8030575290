"""POST /form/{number}/save: each answer is saved as it is given; the newer one counts."""

from dataclasses import replace
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import orders, security
from app.db import Database
from app.security import Visit
from app.settings import Settings
from tests.conftest import HERE, PlaceOrder
from tests.flow import nothing_stored
from tests.visits import begin, draft_in, order_in
from tests.walk import submit, visit


@pytest.fixture
def order(place_order: PlaceOrder) -> tuple[UUID, str]:
    return place_order(["rand-12"])


def saves(client: TestClient, number: int, **fields: object) -> dict[str, object]:
    """Save as the page does while it stays open; return what it is told."""
    form = visit(client, f"/form/{number}").form
    assert form is not None
    sent = form.hidden | {name.replace("_at_", "."): str(value) for name, value in fields.items()}
    answer = client.post(f"/form/{number}/save", data=sent)
    assert answer.status_code == 200
    told: dict[str, object] = answer.json()
    return told


def other_device(app: FastAPI, link: str) -> TestClient:
    other = TestClient(app, HERE, follow_redirects=False)
    visit(other, link)
    return other


NOTHING = {"saved": [], "older": [], "elsewhere": False, "wrong": []}


def test_an_answer_is_saved_while_the_page_stays_open(
    client: TestClient, database: Database, order: tuple[UUID, str]
) -> None:
    begin(client, order[1])
    assert saves(client, 1, rand_1=2) == NOTHING | {"saved": ["rand_1"]}
    assert draft_in(database, order[0])["rand-12"]["answers"] == {"rand_1": 2}


def test_what_the_page_had_already_is_left_alone(
    client: TestClient, database: Database, order: tuple[UUID, str]
) -> None:
    begin(client, order[1])
    saves(client, 1, rand_1=2)
    with nothing_stored(database):
        assert saves(client, 1, rand_1=2) == NOTHING
        assert saves(client, 1) == NOTHING


def test_what_is_no_answer_is_told_and_nothing_is_lost(
    client: TestClient, database: Database, order: tuple[UUID, str]
) -> None:
    begin(client, order[1])
    saves(client, 1, rand_1=2)
    assert saves(client, 1, rand_1=7) == NOTHING | {"wrong": ["rand_1"]}
    assert draft_in(database, order[0])["rand-12"]["answers"] == {"rand_1": 2}


def test_the_newer_of_two_devices_counts_and_the_older_is_told(
    client: TestClient, app: FastAPI, database: Database, order: tuple[UUID, str]
) -> None:
    begin(client, order[1])
    tablet = other_device(app, order[1])
    assert saves(client, 1, rand_1=2)["elsewhere"] is False
    assert 'id="elsewhere"' not in client.get("/form/1").text
    assert saves(tablet, 1, rand_1=3) == NOTHING | {"saved": ["rand_1"], "elsewhere": True}
    assert 'id="elsewhere"' in client.get("/form/1").text
    late = saves(
        client, 1, rand_1=4, age_at_rand_1=60_000
    )  # given before the tablet's, and sent after it
    assert late == {"saved": ["rand_1"], "older": ["rand_1"], "elsewhere": True, "wrong": []}
    assert draft_in(database, order[0])["rand-12"]["answers"] == {"rand_1": 3}
    assert saves(client, 1, rand_1=5, age_at_rand_1=0)["older"] == []
    assert draft_in(database, order[0])["rand-12"]["answers"] == {"rand_1": 5}


@pytest.mark.parametrize("age", ["x", "-5", "9" * 12])
def test_an_age_that_is_none_counts_as_now(
    client: TestClient, database: Database, order: tuple[UUID, str], age: str
) -> None:
    begin(client, order[1])
    assert saves(client, 1, rand_1=2, age_at_rand_1=age)["saved"] == ["rand_1"]


def test_a_page_that_was_open_all_along_overwrites_nothing_that_it_did_not_change(
    client: TestClient, app: FastAPI, database: Database, place_order: PlaceOrder
) -> None:
    order_id, link = place_order(["rand-36"])
    begin(client, link)
    submit(client, visit(client, "/form/3"), {"q3": 1})
    stale = visit(client, "/form/3")
    tablet = other_device(app, link)
    submit(tablet, visit(tablet, "/form/3"), {"q3": 2})
    submit(client, stale, {"q4": 3}, "grid")
    assert draft_in(database, order_id)["rand-36"]["answers"] == {"q3": 2, "q4": 3}


def test_what_was_answered_elsewhere_meanwhile_is_not_asked_to_be_skipped(
    client: TestClient, app: FastAPI, database: Database, order: tuple[UUID, str]
) -> None:
    stale = begin(client, order[1])
    tablet = other_device(app, order[1])
    submit(tablet, visit(tablet, "/form/1"), {"rand_1": 2})
    assert submit(client, stale, {}).title.startswith("Spørsmål 2 av 12")
    assert draft_in(database, order[0])["rand-12"]["answers"] == {"rand_1": 2}


def test_each_answer_counts_from_when_it_was_given(
    client: TestClient, app: FastAPI, database: Database, place_order: PlaceOrder
) -> None:
    order_id, link = place_order(["rand-36"])
    begin(client, link)
    tablet = other_device(app, link)
    saves(tablet, 3, q3=1, q4=1)
    late = saves(client, 3, q3=2, q4=2, age_at_q3=60_000, age_at_q4=0)
    assert late["older"] == ["q3"]
    assert draft_in(database, order_id)["rand-36"]["answers"] == {"q3": 1, "q4": 2}


def test_a_grid_saves_all_that_stands_in_it_and_asks_once_for_the_rest(
    client: TestClient, database: Database, place_order: PlaceOrder
) -> None:
    order_id, link = place_order(["rand-36"])
    begin(client, link)
    page = submit(client, visit(client, "/form/13"), {"q13": 1, "q15": 2}, "grid")
    assert page.title.startswith("Hoppe over")
    assert "2 av spørsmålene" in client.get("/form/13/skip?all=1").text
    page = submit(client, page, {})
    assert page.title.startswith("Spørsmål 17 av 36")
    part = draft_in(database, order_id)["rand-36"]
    assert part["answers"] == {"q13": 1, "q15": 2}
    assert part["missing"] == {"q14": "skipped", "q16": "skipped"}
    assert visit(client, "/form/13/skip?all=1").title.startswith("Spørsmål 17 av 36")
    page = submit(client, visit(client, "/form/13?from=check"), {"q14": 1}, "grid")
    assert page.title.startswith("Spørsmål 1 av 36")


def test_enter_goes_to_what_is_still_open_in_a_group_and_then_on(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-36"])
    begin(client, link)
    page = submit(client, visit(client, "/form/17"), {"q17": 1}, "any")
    assert page.title.startswith("Spørsmål 18 av 36")
    page = submit(client, page, {"q18": 1, "q19": 1}, "any")
    assert page.title.startswith("Spørsmål 20 av 36")
    page = submit(client, visit(client, "/form/13"), {}, "any")
    assert page.title.startswith("Hoppe over spørsmål 13")


def test_a_visit_may_be_made_to_last_while_a_page_stays_open(
    client: TestClient, order: tuple[UUID, str]
) -> None:
    visit(client, order[1])
    answer = client.get("/form/stay")
    assert answer.status_code == 204
    assert "svar_visit=" in answer.headers["set-cookie"]


def test_a_visit_that_is_over_cannot_be_made_to_last(
    client: TestClient, settings: Settings, database: Database, order: tuple[UUID, str]
) -> None:
    over = replace(Visit.of(order_in(database, order[0])), began=0)
    client.cookies.set(security.VISIT, security.sign_visit(settings, over))
    assert client.get("/form/stay").status_code == 401
    assert orders.status(order_in(database, order[0])) == "open"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": HERE}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({}, 200),
    ],
)
def test_a_form_from_a_page_elsewhere_is_refused(
    client: TestClient, order: tuple[UUID, str], headers: dict[str, str], status: int
) -> None:
    begin(client, order[1])
    form = visit(client, "/form/1").form
    assert form is not None
    sent = form.hidden | {"rand_1": "1"}
    assert client.post("/form/1/save", data=sent, headers=headers).status_code == status

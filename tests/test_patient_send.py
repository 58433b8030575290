"""The patient sends: from link to receipt, once."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from app.db import Database
from app.models import QuestionnaireResponse
from tests.conftest import PlaceOrder
from tests.flow import nothing_stored
from tests.visits import ALL_OF_RAND_12, begin, csrf, order_in
from tests.walk import submit, visit, walk


def test_a_questionnaire_is_answered_from_link_to_receipt(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    given = {name: code for name, code in ALL_OF_RAND_12.items() if name != "rand_5"}
    receipt = walk(client, link, given)
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", receipt)
    assert order_in(database, order_id).receipt == receipt
    with database.read() as session:
        kept = session.exec(select(QuestionnaireResponse)).one()
    assert (kept.answers, kept.missing) == (given, {"rand_5": "skipped"})


@pytest.mark.demo
def test_two_questionnaires_are_answered_in_one_go(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    _, link = place_order(["rand-12", "eq-5d-5l"])
    walk(client, link, ALL_OF_RAND_12 | {"mo": 1, "sc": 2, "ua": 3, "pd": 4, "vas": 70})
    with database.read() as session:
        kept = {one.instrument: one for one in session.exec(select(QuestionnaireResponse))}
    assert kept["rand-12"].answers == ALL_OF_RAND_12
    assert kept["eq-5d-5l"].missing == {"ad": "skipped"}
    assert kept["eq-5d-5l"].answers["vas"] == 70


@pytest.mark.demo
def test_the_last_page_shows_each_answer_in_its_words(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["eq-5d-5l"])
    page = begin(client, link)
    for _ in range(8):
        page = submit(client, page, {"mo": 1, "sc": 2, "ua": 3, "pd": 4, "vas": 70})
    assert page.title.startswith("Se over svarene dine")
    text = client.get("/form/check").text
    for words in ("Ingen problemer", "Litt problemer", "Ikke besvart", ">70<"):
        assert words in text


def test_sending_twice_gives_the_same_receipt_and_stores_nothing_twice(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    _, link = place_order(["rand-12"])
    visit(client, link)
    hidden = csrf(client)
    receipt = walk(client, link, ALL_OF_RAND_12)
    with nothing_stored(database):
        again = client.post("/form/send", data=hidden)
    assert again.headers["location"] == "/form/receipt"
    assert visit(client, "/form/receipt").receipt == receipt


def test_what_is_sent_leads_to_its_receipt_from_every_page(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    _, link = place_order(["rand-12"])
    visit(client, link)
    hidden = csrf(client)
    receipt = walk(client, link, ALL_OF_RAND_12)
    for path in (link, "/form/", "/form/3", "/form/3/skip", "/form/check"):
        page = visit(client, path)
        assert (page.receipt, page.forms) == (receipt, 0)
    with nothing_stored(database):
        for path in ("/form/", "/form/3", "/form/3/skip"):
            answer = client.post(path, data=hidden | {"rand_2b": "1"})
            assert answer.headers["location"] == "/form/receipt"


def test_there_is_no_receipt_before_sending(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-12"])
    visit(client, link)
    assert client.get("/form/receipt").headers["location"] == "/form/"
    assert client.post("/form/send", data=csrf(client)).headers["location"] == "/form/"

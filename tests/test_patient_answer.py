"""The patient answers: saved, skipped, changed, and told when it is no answer."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.conftest import PlaceOrder
from tests.flow import nothing_stored
from tests.visits import ALL_OF_RAND_12, begin, csrf, draft_in, order_in
from tests.walk import PageReader, follow, submit, visit


def test_an_answer_is_saved_and_shown_again(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    page = begin(client, link)
    page = submit(client, page, {"rand_1": 3})
    assert page.title.startswith("Spørsmål 2 av 12")
    assert draft_in(database, order_id)["rand-12"]["answers"] == {"rand_1": 3}
    form = visit(client, "/form/1").form
    assert form is not None
    assert form.chosen == {"rand_1": "3"}


def test_without_an_answer_one_is_asked_and_the_question_is_skipped(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    page = submit(client, begin(client, link), {})
    assert page.title.startswith("Hoppe over spørsmål 1 av 12?")
    assert "/form/1" in page.links
    assert draft_in(database, order_id) == {}
    page = submit(client, page, {})
    assert page.title.startswith("Spørsmål 2 av 12")
    assert draft_in(database, order_id)["rand-12"]["missing"] == {"rand_1": "skipped"}


def test_begin_goes_on_where_the_patient_left_off(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    page = submit(client, begin(client, link), {"rand_1": 3})
    submit(client, page, {"rand_2a": 1})
    welcome = visit(client, link)
    assert "2 av 12" in client.get("/form/").text
    assert submit(client, welcome, {}).title.startswith("Spørsmål 3 av 12")


def test_whoever_answers_has_begun_though_the_welcome_page_was_passed_by(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    visit(client, link)
    submit(client, visit(client, "/form/5"), {"rand_3b": 1})
    assert draft_in(database, order_id)["rand-12"]["answers"] == {"rand_3b": 1}
    assert order_in(database, order_id).status == "started"


def test_a_change_from_the_last_page_leads_back_to_it(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    page = begin(client, link)
    for _ in range(13):
        page = submit(client, page, ALL_OF_RAND_12)
    assert page.title.startswith("Se over svarene dine")
    assert page.links.count("/form/5?from=check") == 1
    page = submit(client, visit(client, "/form/5?from=check"), {"rand_3b": 1})
    assert page.title.startswith("Se over svarene dine")
    assert draft_in(database, order_id)["rand-12"]["answers"]["rand_3b"] == 1
    form = visit(client, "/form/5?from=check").form
    assert form is not None
    page = follow(client, client.post(form.action, data=form.hidden))
    assert page.form is not None
    assert page.form.action == "/form/5/skip?from=check"
    assert "/form/5?from=check" in page.links
    assert submit(client, page, {}).title.startswith("Se over svarene dine")
    assert "Ikke besvart" in client.get("/form/check").text


def test_back_leads_to_the_page_before(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    assert "/form/" in visit(client, "/form/1").links
    assert "/form/3" in visit(client, "/form/4").links
    assert "/form/check" in visit(client, "/form/4?from=check").links


def test_the_last_page_leads_to_the_first_question_that_is_open(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    submit(client, begin(client, link), {"rand_1": 1})
    assert client.get("/form/check").headers["location"] == "/form/2"
    answer = client.post("/form/send", data=csrf(client))
    assert (answer.status_code, answer.headers["location"]) == (303, "/form/2")


WRONG = {
    "not on offer": [("rand_1", "6")],
    "a missing code": [("rand_1", "9")],
    "words": [("rand_1", "god")],
    "a fraction": [("rand_1", "1.5")],
    "below nothing": [("rand_1", "-1")],
    "digits of another script": [("rand_1", "٣")],
    "more than can be": [("rand_1", "9" * 5000)],
    "two answers": [("rand_1", "1"), ("rand_1", "2")],
    "a null byte": [("rand_1", "\0")],
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_answer_is_told_and_nothing_is_lost(
    client: TestClient, place_order: PlaceOrder, database: Database, fields: list[tuple[str, str]]
) -> None:
    order_id, link = place_order(["rand-12"])
    submit(client, begin(client, link), {"rand_1": 4})
    hidden = csrf(client)
    answer = client.post("/form/1", data=hidden | {"rand_1": [value for _, value in fields]})
    page = PageReader(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Feil: Spørsmål 1 av 12")
    assert "#answer-rand_1" in page.links
    assert 'id="answer-rand_1"' in answer.text
    assert page.form is not None
    assert page.form.chosen == {"rand_1": "4"}
    assert draft_in(database, order_id)["rand-12"]["answers"] == {"rand_1": 4}


def test_the_answer_to_another_question_is_no_answer(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    begin(client, link)
    answer = client.post("/form/1", data=csrf(client) | {"rand_5": "1"})
    assert answer.headers["location"] == "/form/1/skip"
    assert draft_in(database, order_id) == {}


@pytest.mark.demo
@pytest.mark.parametrize("text", ["101", "-1", "7.5", "7,5", "sju"])
def test_a_number_off_the_scale_is_told_and_stays_in_its_box(
    client: TestClient, place_order: PlaceOrder, text: str
) -> None:
    _, link = place_order(["eq-5d-5l"])
    begin(client, link)
    answer = client.post("/form/6", data=csrf(client) | {"vas": text})
    assert answer.status_code == 422
    assert f'value="{text}"' in answer.text
    assert "Tallet må være et helt tall fra 0 til 100" in answer.text


@pytest.mark.demo
@pytest.mark.parametrize("number", [0, 50, 100])
def test_the_scale_takes_whole_numbers_and_is_empty_before(
    client: TestClient, place_order: PlaceOrder, database: Database, number: int
) -> None:
    order_id, link = place_order(["eq-5d-5l"])
    begin(client, link)
    page = visit(client, "/form/6")
    assert page.form is not None
    assert page.form.offers == {"vas": [""]}
    submit(client, page, {"vas": number})
    assert draft_in(database, order_id)["eq-5d-5l"]["answers"] == {"vas": number}
    again = visit(client, "/form/6").form
    assert again is not None
    assert again.chosen == {"vas": str(number)}


ODD: dict[str, Callable[[TestClient, str, dict[str, str]], Any]] = {
    "many fields": lambda c, p, h: c.post(p, data=h | {f"f{n}": "1" for n in range(5000)}),
    "a file": lambda c, p, h: c.post(p, data=h, files={"rand_1": b"1"}),
    "JSON": lambda c, p, h: c.post(p, json=h),
    "no body": lambda c, p, h: c.post(p),
    "no text": lambda c, p, h: c.post(p, content=b"\xff\xfe&%zz=%ff&csrf=%00"),
    "too much": lambda c, p, h: c.post(p, content=b"a" * 300_000),
}


@pytest.mark.parametrize("path", ["/form/", "/form/1", "/form/1/skip", "/form/send"])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_a_body_that_no_page_sends_is_refused_with_a_page(
    client: TestClient, place_order: PlaceOrder, database: Database, path: str, odd: Any
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    hidden = csrf(client)
    with nothing_stored(database):
        answer = odd(client, path, hidden)
    assert answer.status_code in {400, 403, 413}
    assert "Åpne lenken" in answer.text or "åpne lenken" in answer.text

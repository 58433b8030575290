"""The patient's door, page by page, as a browser without JavaScript meets it."""

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from starlette.testclient import TestClient

from app.db import Database
from app.patient import pages
from app.settings import Settings
from app.texts import texts_in
from tests.conftest import PlaceOrder
from tests.flow import nothing_stored
from tests.visits import begin, csrf, order_in
from tests.walk import PageReader, visit


def test_a_link_leads_to_the_welcome_page_and_leaves_the_address(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order()
    answer = client.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/form/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "max-age" not in cookie
    assert "expires" not in cookie
    assert link.removeprefix("/s/") not in client.get("/form/").text


def test_opening_a_link_changes_nothing(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order()
    with nothing_stored(database):
        assert client.head(link).status_code == 303
        assert client.get(link).status_code == 303
        assert client.get("/form/").status_code == 200
        assert client.get("/form/1").status_code == 200
    assert order_in(database, order_id).status == "open"


@pytest.mark.parametrize("path", ["/s/no-such-link", "/s/", "/nonsense", "/", "/form/x/y"])
def test_an_unknown_link_gets_a_page_that_says_what_to_do(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Vi finner ikke siden" in answer.text
    assert "åpne lenken" in answer.text


def test_over_https_the_cookie_travels_over_nothing_else(
    app: FastAPI, client: TestClient, place_order: PlaceOrder, settings: Settings
) -> None:
    _, link = place_order()
    app.state.settings = settings.model_copy(update={"public_url": "https://svar.example"})
    assert "secure" in client.get(link).headers["set-cookie"].lower()


def test_the_welcome_page_says_what_is_to_come(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-36"])
    visit(client, link)
    text = client.get("/form/").text
    for part in ("RAND-36", "36 spørsmål", "omtrent 8 minutter", "hoppe over", "lagres underveis"):
        assert part in text
    assert "utviklet ved RAND" in text


@pytest.mark.parametrize(("language", "words"), [("nb", "Spørsmål 1 av 12"), ("en", "Question 1")])
def test_the_pages_are_in_the_language_of_the_order(
    client: TestClient, place_order: PlaceOrder, language: str, words: str
) -> None:
    _, link = place_order(["rand-12"], language=language)
    page = begin(client, link)
    assert page.language == language
    assert page.title.startswith(words)


def test_in_a_language_without_texts_the_pages_are_in_bokmal_and_the_questions_are_marked(
    client: TestClient, place_order: PlaceOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, link = place_order(["rand-12"], language="en")
    monkeypatch.setattr(pages, "texts_in", lambda _, zone: texts_in("xx", zone))
    page = begin(client, link)
    assert page.language == "nb"
    assert '<div lang="en">' in client.get("/form/1").text


def test_each_question_stands_with_its_stem_and_all_its_answers_and_none_chosen(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-36"])
    begin(client, link)
    for number in range(1, 37):
        text = client.get(f"/form/{number}").text
        form = PageReader(text).form
        assert form is not None
        assert (form.current or next(iter(form.offers))) == f"q{number}"
        assert len(form.offers[f"q{number}"]) >= 2
        assert not form.chosen
        assert ('id="stem"' in text) == (number in {*range(3, 20), *range(23, 32), *range(33, 37)})


def test_every_page_of_the_way_has_one_form_and_goes_on_by_its_first_button(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    addresses = ["/form/", "/form/1", "/form/12", "/form/1/skip"]
    titles = set()
    for address in addresses:
        page = visit(client, address)
        assert (page.forms, page.buttons) == (1, ["submit"])
        titles.add(page.title)
    assert len(titles) == len(addresses)


@pytest.mark.demo
def test_a_placeholder_is_marked_on_every_page_that_shows_it(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["eq-5d-5l"])
    begin(client, link)
    for number in range(1, 7):
        assert "ikke den offisielle ordlyden" in client.get(f"/form/{number}").text
    assert "ikke den offisielle ordlyden" in client.get("/form/").text


def test_what_is_not_a_placeholder_has_no_mark(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    assert "offisielle ordlyden" not in client.get("/form/1").text + client.get("/form/").text


@pytest.mark.parametrize(
    "path", ["/form/0", "/form/13", "/form/01", "/form/x", "/form/" + "9" * 5000]
)
def test_a_question_that_is_not_there_is_not_found(
    client: TestClient, place_order: PlaceOrder, path: str
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    assert client.get(path).status_code == 404
    assert client.post(path, data=csrf(client)).status_code == 404
    assert client.get(f"{path}/skip").status_code == 404


def test_a_page_asks_the_database_once_for_all_it_shows(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    begin(client, place_order()[1])
    client.get("/form/check")  # what is published is remembered from here on
    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert client.get("/form/1").status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in asked if "BEGIN" not in statement] == ["SELECT"]

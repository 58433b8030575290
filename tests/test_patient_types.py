"""Each type of question, asked and answered in a browser without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.conftest import Party, PlaceOrder
from tests.visits import begin, draft_in
from tests.walk import PageReader, follow, submit, visit, walk
from tests.worded import publish_small

Ask = Callable[[str], PageReader]


@pytest.fixture
def ask(client: TestClient, database: Database, place_order: PlaceOrder) -> Ask:
    """Order one of the small definitions, and begin."""

    def asking(name: str) -> PageReader:
        with database.write() as session:
            publish_small(session, name)
        return begin(client, place_order([name])[1])

    return asking


ANSWERED: list[tuple[str, dict[str, object], dict[str, Any]]] = [
    ("yes-no", {"q1": 1, "q2": 0}, {"q1": 1, "q2": 0}),
    ("numeric-rating", {"pain": 7}, {"pain": 7}),
    ("multiple-choice", {"q1": 1, "where": 3}, {"q1": 1, "where": [3]}),
    ("number", {"q1": 1, "weight": "72,5", "steps": "12 000"}, {"weight": 72.5, "steps": 12000}),
    ("number", {"q1": 1, "weight": "72.50", "steps": 0}, {"weight": 72.5, "steps": 0}),
    (
        "date",
        {"q1": 1, "operated.d": 1, "operated.m": "02", "operated.y": 1999},
        {"operated": "1999-02-01"},
    ),
    (
        "free-text",
        {"q1": 1, "trade": " <b>Snekker</b> ", "story": "Én\r\nto"},
        {"trade": "<b>Snekker</b>", "story": "Én\nto"},
    ),
]


@pytest.mark.parametrize(("name", "given", "kept"), ANSWERED)
def test_what_is_answered_reaches_the_registry(
    client: TestClient,
    ask: Ask,
    hips: Party,
    name: str,
    given: dict[str, object],
    kept: dict[str, Any],
) -> None:
    ask(name)
    walk(client, "/form/", given)
    (result,) = hips.results()
    found = result["response"]["answers"]
    assert {item: found[item] for item in kept} == kept
    assert result["provenance"]["status"] == "scored"


WRONG: list[tuple[str, int, dict[str, str], str]] = [
    ("number", 2, {"weight": "7"}, "Tallet må være fra 20 til 300"),
    ("number", 2, {"weight": "mye"}, "Tallet må være fra 20 til 300"),
    ("number", 2, {"weight": "72,55"}, "Tallet må være fra 20 til 300"),
    ("date", 2, {"operated.d": "31", "operated.m": "2", "operated.y": "1999"}, "Skriv en dato"),
    ("date", 2, {"operated.d": "x", "operated.m": "2", "operated.y": "1999"}, "Skriv en dato"),
    ("date", 2, {"operated.d": "", "operated.m": "2", "operated.y": "1949"}, "Skriv en dato"),
    ("free-text", 2, {"trade": "x" * 41}, "Teksten er for lang"),
    ("multiple-choice", 2, {"where": "4"}, "Velg ett eller flere"),
]


@pytest.mark.parametrize(("name", "number", "given", "message"), WRONG)
def test_what_is_no_answer_is_told_beside_what_was_written(
    client: TestClient, ask: Ask, name: str, number: int, given: dict[str, str], message: str
) -> None:
    ask(name)
    form = visit(client, f"/form/{number}").form
    assert form is not None
    answer = client.post(form.action, data=form.hidden | given)
    assert answer.status_code == 422
    page = PageReader(answer.text)
    assert page.title.startswith("Feil: Spørsmål 2 av ")
    assert answer.text.count(message) == 2  # in the summary, and beside the box
    assert page.form is not None
    if name != "multiple-choice":
        assert {key: value for key, value in given.items() if value} == page.form.chosen


def test_several_answers_are_kept_in_the_order_they_are_shown_on_the_last_page(
    client: TestClient, ask: Ask
) -> None:
    ask("multiple-choice")
    form = visit(client, "/form/2").form
    assert form is not None
    client.post(form.action, data=form.hidden | {"where": ["3", "1"]})
    form = visit(client, "/form/2").form
    assert form is not None
    assert form.hidden["was.where"] == "3 1"
    submit(client, visit(client, "/form/1"), {"q1": 2})
    submit(client, visit(client, "/form/who"), {})
    text = client.get("/form/check").text
    assert text.index("place 1") < text.index("place 3")


def test_markup_in_an_answer_is_shown_and_never_run(client: TestClient, ask: Ask) -> None:
    ask("free-text")
    submit(client, visit(client, "/form/2"), {"trade": "<script>x</script>"})
    assert "<script>x" not in client.get("/form/2").text
    assert "&lt;script&gt;x" in client.get("/form/2").text


def test_an_answer_that_is_emptied_may_be_skipped(
    client: TestClient, ask: Ask, database: Database, place_order: PlaceOrder
) -> None:
    with database.write() as session:
        publish_small(session, "number")
    order_id, link = place_order(["number"])
    begin(client, link)
    submit(client, visit(client, "/form/2"), {"weight": 70})
    form = visit(client, "/form/2").form
    assert form is not None
    assert form.chosen == {"weight": "70"}
    page = follow(client, client.post(form.action, data=form.hidden | {"weight": ""}))
    assert page.title.startswith("Hoppe over spørsmål 2 av 3")
    submit(client, page, {})
    assert draft_in(database, order_id)["number"]["missing"] == {"weight": "skipped"}


def test_a_statement_is_read_and_not_counted(client: TestClient, ask: Ask, hips: Party) -> None:
    page = ask("statement")
    assert page.title.startswith("Før spørsmål 1 av 1")
    page = submit(client, page, {})
    assert page.title.startswith("Spørsmål 1 av 1")
    walk(client, "/form/", {"q1": 1})
    (result,) = hips.results()
    assert (result["response"]["answers"], result["response"]["missing"]) == ({"q1": 1}, {})


def test_what_is_left_out_is_passed_and_not_counted_and_said_to_be_not_shown(
    client: TestClient, ask: Ask, hips: Party
) -> None:
    page = ask("show-when")
    assert page.title.startswith("Spørsmål 1 av 1")
    page = submit(client, page, {"q1": 1})
    assert page.title.startswith("Spørsmål 2 av 2")
    page = submit(client, page, {"q2": 3})
    page = submit(client, page, {"where": 2})
    page = submit(client, page, {"which_hand": "Venstre"})
    page = submit(client, page, {})
    assert page.title.startswith("Se over svarene dine")
    page = submit(client, visit(client, "/form/1?from=check"), {"q1": 0})
    assert page.title.startswith("Se over svarene dine")
    assert "Venstre" not in client.get("/form/check").text
    assert submit(client, page, {}).receipt
    (result,) = hips.results()
    assert result["response"]["answers"] == {"q1": 0}
    out = dict.fromkeys(("q2", "where", "which_hand"), "not_shown")
    assert result["response"]["missing"] == out
    assert result["scores"]["trouble"]["value"] is None


def test_a_change_that_brings_questions_leads_to_the_first_of_them(
    client: TestClient, ask: Ask
) -> None:
    page = submit(client, ask("show-when"), {"q1": 0})
    page = submit(client, page, {})
    assert page.title.startswith("Se over svarene dine")
    page = submit(client, visit(client, "/form/1?from=check"), {"q1": 1})
    assert page.title.startswith("Spørsmål 2 av 2")


def test_the_address_of_a_question_that_is_left_out_leads_to_one_that_is_asked(
    client: TestClient, ask: Ask
) -> None:
    ask("show-when")
    assert visit(client, "/form/3").title.startswith("Spørsmål 1 av 1")

"""Before sending, the patient says who has answered; and agrees, where the order asks for that."""

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.conftest import Party, PlaceOrder, path_of
from tests.flow import nothing_stored, refusal
from tests.visits import ALL_OF_RAND_12, begin, draft_in, order_in
from tests.walk import PageReader, follow, submit, visit, walk

CONSENT = "Svarene kan brukes til forskning.\nDu kan trekke dette tilbake."


def at_who(client: TestClient, place_order: PlaceOrder) -> PageReader:
    """Answer everything, and come to the question of who has answered."""
    page = begin(client, place_order(["rand-12"])[1])
    for _ in range(12):
        page = submit(client, page, ALL_OF_RAND_12)
    assert page.title.startswith("Hvem har svart")
    assert page.form is not None
    assert not page.form.chosen
    return page


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"respondent": "self"}, ("self", False, None)),
        ({"respondent": "helped"}, ("self", True, None)),
        ({"respondent": "proxy", "relation": "child"}, ("proxy", False, "child")),
        ({"respondent": "self", "relation": "child"}, ("self", False, None)),
    ],
)
def test_the_registry_is_told_who_has_answered(
    client: TestClient,
    place_order: PlaceOrder,
    hips: Party,
    said: dict[str, object],
    told: tuple[str, bool, str | None],
) -> None:
    page = submit(client, at_who(client, place_order), said)
    assert page.title.startswith("Se over svarene dine")
    assert submit(client, page, {}).receipt
    (result,) = hips.results()
    response = result["response"]
    assert (response["respondent"], response["helped"], response["relation"]) == told


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "Velg hvem som har svart"),
        ({"respondent": "nobody"}, "Velg hvem som har svart"),
        ({"respondent": "proxy"}, "Velg hvem det er som har svart"),
        ({"respondent": "proxy", "relation": "a cat"}, "Velg hvem det er som har svart"),
    ],
)
def test_who_has_answered_must_be_said(
    client: TestClient, place_order: PlaceOrder, said: dict[str, str], message: str
) -> None:
    form = at_who(client, place_order).form
    assert form is not None
    answer = client.post("/form/who", data=form.hidden | said)
    assert answer.status_code == 422
    assert answer.text.count(message) == 2
    assert PageReader(answer.text).title.startswith("Feil: Hvem har svart")
    assert visit(client, "/form/check").title.startswith("Hvem har svart")
    assert follow(client, client.post("/form/send", data=form.hidden)).title.startswith("Hvem")


def test_who_has_answered_stands_on_the_last_page_and_can_be_changed(
    client: TestClient, place_order: PlaceOrder
) -> None:
    submit(client, at_who(client, place_order), {"respondent": "proxy", "relation": "friend"})
    text = client.get("/form/check").text
    assert "Noen andre har svart for meg (En venn eller nabo)" in text
    page = visit(client, "/form/who?from=check")
    assert page.form is not None
    assert page.form.chosen == {"respondent": "proxy", "relation": "friend"}
    page = submit(client, page, {"respondent": "self"})
    assert page.title.startswith("Se over svarene dine")
    assert "En venn eller nabo" not in client.get("/form/check").text


def test_who_comes_again_with_everything_answered_goes_on_at_the_end(
    client: TestClient, place_order: PlaceOrder
) -> None:
    page = at_who(client, place_order)
    assert submit(client, visit(client, "/form/"), {}).title.startswith("Hvem har svart")
    submit(client, page, {"respondent": "self"})
    assert submit(client, visit(client, "/form/"), {}).title.startswith("Se over svarene dine")


def with_consent(hips: Party) -> tuple[str, str]:
    order = hips.order(instruments=["rand-12"], consent=CONSENT.replace("\n", " "))
    return order["id"], path_of(order["link"])


def test_nothing_is_asked_or_kept_before_the_patient_agrees(
    client: TestClient, database: Database, hips: Party
) -> None:
    _, link = with_consent(hips)
    page = visit(client, link)
    assert page.form is not None
    assert page.form.offers == {"consent": ["yes"]}
    assert not page.form.chosen
    assert "Svarene kan brukes til forskning." in client.get("/form/").text
    with nothing_stored(database):
        for path in ("/form/1", "/form/1/skip", "/form/who", "/form/check"):
            assert client.get(path).headers["location"] == "/form/"
        for path in ("/form/1", "/form/1/skip", "/form/1/save", "/form/who"):
            answer = client.post(path, data=page.form.hidden | {"rand_1": "1"})
            assert answer.headers["location"] == "/form/"
        answer = client.post("/form/", data=page.form.hidden)
    assert answer.status_code == 422
    assert answer.text.count("Kryss av for at du samtykker") == 2
    assert PageReader(answer.text).title.startswith("Feil: ")


def test_the_registry_is_told_when_the_patient_agreed(
    client: TestClient, database: Database, hips: Party
) -> None:
    order_id, link = with_consent(hips)
    assert hips.get(f"/api/v1/orders/{order_id}").json()["consented_at"] is None
    page = submit(client, visit(client, link), {"consent": "yes"})
    assert page.title.startswith("Spørsmål 1 av 12")
    assert hips.get(f"/api/v1/orders/{order_id}").json()["consented_at"]
    again = visit(client, "/form/").form
    assert again is not None
    assert not again.offers
    assert walk(client, link, ALL_OF_RAND_12)


def test_an_order_without_consent_asks_for_none(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    begin(client, link)
    assert order_in(database, order_id).consented_at is None
    assert draft_in(database, order_id) == {}


def test_a_repeated_order_with_another_consent_is_another_order(hips: Party) -> None:
    hips.order(external_id="a", consent="Ja til forskning")
    body = hips.order_body(external_id="a", consent="Nei til forskning")
    assert refusal(hips.post("/api/v1/orders", json=body), 409) == ["external_id"]

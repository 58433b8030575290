"""The patient's copy: every question and answer as they were sent, while the visit lasts."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import revisions
from app.db import Database
from app.settings import Settings
from tests.conftest import HERE, PlaceOrder
from tests.documents import INSTRUMENTS, read
from tests.flow import nothing_stored
from tests.visits import (
    ALL_OF_RAND_12,
    change,
    change_registry,
    come_as,
    come_to_send,
    order_in,
    supersede,
)
from tests.walk import visit, walk

COPY, RECEIPT = "/form/copy", "/form/receipt"


class Rows(HTMLParser):
    """Reads a list of terms: each question with its answer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._reads = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"dt", "dd"}:
            self._reads += 1
            self.said.append("")

    def handle_endtag(self, tag: str) -> None:
        self._reads -= tag in {"dt", "dd"}

    def handle_data(self, data: str) -> None:
        if self._reads:
            self.said[-1] += data

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return list(zip(self.said[::2], self.said[1::2], strict=True))


def test_the_copy_holds_every_question_and_answer_in_the_wordings_own_words(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-36"])
    given: dict[str, int] = {f"q{number}": 1 for number in range(1, 37) if number != 5}
    receipt = walk(client, link, given | {"q1": 3})
    text = client.get(COPY).text
    wording = read(INSTRUMENTS / "rand-36/1.0.nb.json")
    items = {
        item["id"]: wording["options"][item["options"]]
        for item in read(INSTRUMENTS / "rand-36/1.0.json")["items"]
    }
    assert Rows(text).pairs == [
        (asked, {"q1": items["q1"]["3"], "q5": "Hoppet over"}.get(name, items[name]["1"]))
        for name, asked in wording["items"].items()
    ]
    for stem in wording["stems"].values():
        assert text.count(f">{stem}<") == 1
    for words in (wording["title"], wording["credit"], receipt, "Kopi av svarene dine", "Sendt "):
        assert words in text


@pytest.mark.demo
def test_several_questionnaires_are_in_one_copy_in_their_order(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12", "eq-5d-5l"])
    walk(client, link, ALL_OF_RAND_12 | {"mo": 1, "sc": 2, "ua": 3, "pd": 4, "vas": 70})
    text = client.get(COPY).text
    assert 0 < text.index(">RAND-12") < text.index(">EQ-5D-5L")
    assert text.count("Dette er ikke den offisielle ordlyden.") == 1
    answers = [answer for _, answer in Rows(text).pairs[12:]]
    assert answers[-2:] == ["Hoppet over", "70"]
    assert "Middels problemer" in answers


def test_what_did_not_concern_the_patient_stands_in_the_words_that_said_so(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["gs-peq"])
    items = read(INSTRUMENTS / "gs-peq/1.0.json")["items"]
    aside = {item["id"]: item["options"] for item in items if item.get("not_applicable") == [9]}
    walk(client, link, dict.fromkeys(aside, 9))
    wording = read(INSTRUMENTS / "gs-peq/1.0.nb.json")
    expected = {
        wording["items"][name]: wording["options"][options]["9"] for name, options in aside.items()
    }
    found = dict(Rows(client.get(COPY).text).pairs)
    assert expected
    assert {asked: answer for asked, answer in found.items() if answer != "Hoppet over"} == expected


def test_a_question_that_was_not_shown_is_not_in_the_copy(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    hidden = ("rand_2a", "rand_2b")
    supersede(
        database,
        order_id,
        answers={name: code for name, code in ALL_OF_RAND_12.items() if name not in hidden},
        missing=dict.fromkeys(hidden, "not_shown"),
    )
    text = client.get(COPY).text
    wording = read(INSTRUMENTS / "rand-12/1.0.nb.json")
    assert len(Rows(text).pairs) == 10
    for name in hidden:
        assert wording["items"][name] not in text


def test_the_copy_shows_what_was_answered_last(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    supersede(database, order_id, answers=ALL_OF_RAND_12 | {"rand_1": 5})
    first = Rows(client.get(COPY).text).pairs[0]
    assert first[1] == read(INSTRUMENTS / "rand-12/1.0.nb.json")["options"]["health"]["5"]


def test_the_words_are_those_that_were_asked_even_if_they_were_corrected_since(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    wording = read(INSTRUMENTS / "rand-12/1.0.nb.json")
    with database.write() as session:
        revisions.publish(session, wording | {"revision": 9, "title": "Ny"}, "me")
    assert f">{wording['title']}<" in client.get(COPY).text


def test_the_copy_changes_nothing_and_asks_for_nothing(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    with nothing_stored(database):
        page = visit(client, COPY)
    assert page.forms == 0
    assert "/form/receipt" in page.links


def test_the_receipt_names_the_registry_and_leads_to_the_copy(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    change_registry(database, "hips", name="Vårt <hofte>register")
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    assert COPY in visit(client, RECEIPT).links
    assert "Svarene går til Vårt &lt;hofte&gt;register." in client.get(RECEIPT).text
    assert "Vårt" not in client.get(COPY).text


def test_before_sending_there_is_no_copy(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-12"])
    visit(client, link)
    assert client.get(COPY).headers["location"] == RECEIPT


def test_when_the_link_is_opened_again_later_it_shows_no_answers(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    receipt = come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    at = order_in(database, order_id).completed_at
    assert at is not None
    change(database, order_id, completed_at=at - timedelta(minutes=1))
    page = visit(client, link)
    assert page.receipt == receipt
    assert COPY not in page.links
    assert client.get(COPY).headers["location"] == RECEIPT


def test_on_a_device_that_is_handed_round_there_is_no_copy(
    client: TestClient, place_order: PlaceOrder, database: Database, settings: Settings
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    client.cookies.clear()
    order = order_in(database, order_id)
    come_as(client, settings, order)
    assert client.get(COPY).status_code == 200
    client.cookies.clear()
    come_as(client, settings, order, shared=True)
    assert client.get(COPY).headers["location"] == RECEIPT
    assert COPY not in client.get(RECEIPT).text


def test_when_the_link_was_replaced_the_visit_sees_no_copy(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    change(database, order_id, link_hash=b"another link")
    assert client.get(COPY).status_code == 401


def test_nobody_sees_anybody_elses_copy(
    client: TestClient, app: FastAPI, place_order: PlaceOrder, database: Database
) -> None:
    _, mine = place_order(["rand-12"])
    _, theirs = place_order(["rand-36"], registry="knees")
    walk(client, mine, ALL_OF_RAND_12)
    assert "RAND-12" in client.get(COPY).text
    walk(client, theirs, {"q1": 1})
    text = client.get(COPY).text
    assert "RAND-36" in text
    assert "RAND-12" not in text
    stranger = TestClient(app, HERE, follow_redirects=False)
    assert stranger.get(COPY).status_code == 401


def test_a_shared_key_opens_only_its_own_registrys_copy(
    client: TestClient, place_order: PlaceOrder, database: Database, settings: Settings
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    client.cookies.clear()
    come_as(client, settings, order_in(database, order_id), registry_id="knees")
    assert client.get(COPY).status_code == 404

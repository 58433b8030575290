"""Sent twice, at once, late, or while it is saved or cancelled: an order is completed once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import cycle

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from app import orders, responses
from app.db import Database
from app.errors import Closed
from app.models import Order, PatientCase, QuestionnaireResponse, ScoringRun
from tests.conftest import Party
from tests.sending import PATIENCE, RECEIPT, Ready, at_once, ready, still_waits

SENT = (303, RECEIPT)
GONE = (410, None)


@pytest.fixture
def one(database: Database) -> Ready:
    """An order that only remains to be sent."""
    (made,) = ready(database, "hips", 1)
    return made


class Tab:
    """A tab of the patient's browser; tabs may be used at the same time."""

    def __init__(self, app: FastAPI, one: Ready) -> None:
        self.http = TestClient(app, follow_redirects=False)
        self.one = one

    def post(self, path: str, **fields: object) -> tuple[int, str | None]:
        """Send a form; return the status, and where the answer leads."""
        answer = self.http.post(path, content=self.one.body(**fields), headers=self.one.headers)
        return answer.status_code, answer.headers.get("location")

    def send(self) -> tuple[int, str | None]:
        return self.post("/form/send")

    def receipt(self) -> str:
        return self.http.get(RECEIPT, headers=self.one.headers).text


@pytest.fixture
def tab(app: FastAPI, one: Ready) -> Tab:
    return Tab(app, one)


@pytest.fixture
def other_tab(app: FastAPI, one: Ready) -> Tab:
    return Tab(app, one)


def stored(database: Database) -> tuple[int, int]:
    """Return how many responses and how many runs there are."""
    with database.read() as session:
        responses = session.exec(select(QuestionnaireResponse)).all()
        return len(responses), len(session.exec(select(ScoringRun)).all())


def answers_to(database: Database, one: Ready) -> dict[str, int]:
    """Return the answers of an order's response."""
    query = select(QuestionnaireResponse).where(QuestionnaireResponse.order_id == one.order_id)
    with database.read() as session:
        return session.exec(query).one().answers


def test_a_double_click_sends_once(database: Database, tab: Tab, other_tab: Tab) -> None:
    assert at_once(tab.send, other_tab.send) == [SENT, SENT]
    assert stored(database) == (1, 1)
    assert tab.receipt() == other_tab.receipt()


def test_many_clicks_at_once_send_once(app: FastAPI, database: Database, one: Ready) -> None:
    assert at_once(*[Tab(app, one).send for _ in range(8)]) == [SENT] * 8
    assert stored(database) == (1, 1)


def test_sending_again_after_a_lost_answer_gives_the_same_receipt(
    database: Database, tab: Tab, other_tab: Tab
) -> None:
    tab.send()  # and the answer is lost on the way
    receipt = tab.receipt()
    assert other_tab.send() == SENT
    assert other_tab.receipt() == receipt
    assert stored(database) == (1, 1)


def test_a_second_tab_that_saves_after_sending_is_told_so(
    database: Database, tab: Tab, other_tab: Tab
) -> None:
    other_tab.post("/form/1", q1=2)
    assert tab.send() == SENT
    assert other_tab.post("/form/1", q1=5) == SENT
    assert other_tab.send() == SENT
    assert answers_to(database, tab.one)["q1"] == 2
    assert stored(database) == (1, 1)


def test_a_cancelled_order_is_not_sent(database: Database, hips: Party, tab: Tab) -> None:
    hips.post(f"/api/v1/orders/{tab.one.order_id}/cancel")
    assert tab.send() == GONE
    assert stored(database) == (0, 0)


def test_sent_and_cancelled_at_once_only_one_of_them_happens(
    database: Database, app: FastAPI, hips: Party
) -> None:
    def cancel(one: Ready) -> int:
        party = replace(hips, http=TestClient(app))
        status: int = party.post(f"/api/v1/orders/{one.order_id}/cancel").status_code
        return status

    every = ready(database, "hips", 12)
    sent = 0
    for one in every:
        outcome = at_once(Tab(app, one).send, partial(cancel, one))
        assert outcome in ([SENT, 409], [GONE, 200])
        sent += outcome[0] == SENT
    assert stored(database) == (sent, sent)


@pytest.mark.parametrize("_turn", range(4))
def test_answers_saved_while_sending_are_in_the_response_or_were_refused(
    database: Database, app: FastAPI, one: Ready, _turn: int
) -> None:
    saved: dict[str, list[int]] = {"q1": [], "q2": []}
    begun = threading.Event()

    def save(item: str) -> None:
        tab = Tab(app, one)
        for code in cycle((1, 2, 3)):
            if tab.post(f"/form/{item[1:]}", **{item: code}) == SENT:
                return
            saved[item].append(code)
            begun.set()

    def send() -> None:
        assert begun.wait(PATIENCE)
        assert Tab(app, one).send() == SENT

    at_once(send, partial(save, "q1"), partial(save, "q2"))
    answers = answers_to(database, one)
    last = {item: codes[-1] for item, codes in saved.items() if codes}
    assert last.items() <= answers.items()


def test_a_submit_waits_for_an_answer_that_is_being_saved(
    database: Database, tab: Tab, one: Ready
) -> None:
    with ThreadPoolExecutor() as pool:
        with database.write() as session:
            order = orders.hold(session, one.visit.registry_id, one.order_id)
            responses.save(session, order, responses.steps(session, order)[0], 5)
            sending = pool.submit(tab.send)
            assert still_waits(sending)
        assert sending.result(PATIENCE) == SENT
    assert answers_to(database, one)["q1"] == 5


def test_an_answer_waits_for_the_submit_before_it_and_is_refused(
    database: Database, one: Ready
) -> None:
    def save() -> None:
        with database.write() as session:
            orders.hold(session, one.visit.registry_id, one.order_id)

    with ThreadPoolExecutor() as pool:
        with database.write() as session:
            responses.submit(session, one.visit)
            saving = pool.submit(save)
            assert still_waits(saving)
        with pytest.raises(Closed, match="completed"):
            saving.result(PATIENCE)


def test_two_orders_for_the_same_new_case_at_once_make_one_case(
    database: Database, app: FastAPI, hips: Party
) -> None:
    for turn in range(5):
        case = {"id": f"new-{turn}", "unit": hips.unit, "birth_year": 1950}
        parties = [replace(hips, http=TestClient(app)) for _ in range(4)]
        made = at_once(*[partial(party.order, case=case) for party in parties])
        assert len({order["id"] for order in made}) == 4
    with database.read() as session:
        assert len(session.exec(select(PatientCase)).all()) == 5


def test_the_same_external_id_at_once_makes_one_order(
    database: Database, app: FastAPI, hips: Party
) -> None:
    for turn in range(5):
        parties = [replace(hips, http=TestClient(app)) for _ in range(4)]
        body = hips.order_body(external_id=f"x{turn}")
        answers = at_once(*[partial(one.post, "/api/v1/orders", json=body) for one in parties])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 3}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sum(answer.json()["link"] is not None for answer in answers) == 1
    with database.read() as session:
        assert len(session.exec(select(Order)).all()) == 5


def test_the_same_external_id_for_two_cases_at_once_makes_one_order_and_one_conflict(
    database: Database, app: FastAPI, hips: Party
) -> None:
    for turn in range(5):
        bodies = [
            hips.order_body(external_id=f"x{turn}", case={"id": f"{turn}-{n}", "unit": hips.unit})
            for n in range(3)
        ]
        asks = [
            partial(replace(hips, http=TestClient(app)).post, "/api/v1/orders", json=body)
            for body in bodies
        ]
        assert sorted(answer.status_code for answer in at_once(*asks)) == [201, 409, 409]
    with database.read() as session:
        cases = {one.id for one in session.exec(select(PatientCase))}
        assert cases == {one.case_id for one in session.exec(select(Order))}

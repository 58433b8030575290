"""The life of a questionnaire response: save a draft, send it, score it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app import catalogue, course, orders, responses
from app.db import Database
from app.errors import Closed, NotAuthentic, NotFound, Refused
from app.models import AuditEvent, Draft, Order, QuestionnaireResponse, ScoringRun, now
from app.responses import Given, Unfinished
from app.security import Visit
from scoring import Scorer
from tests.conftest import Party, PlaceOrder
from tests.documents import instrument, shipped
from tests.flow import answer, answer_and_send, nothing_stored, send


@pytest.fixture
def order(place_order: PlaceOrder) -> UUID:
    return place_order(["rand-12"])[0]


def save(database: Database, order_id: UUID, number: int, code: int | None) -> None:
    with database.write() as session:
        order = orders.hold(session, "hips", order_id)
        orders.start(session, order)
        responses.save(session, order, responses.steps(session, order)[number - 1], code)


def draft(database: Database, order_id: UUID) -> Given:
    with database.read() as session:
        row = responses.draft(session, orders.get(session, "hips", order_id))
        content: Given = row.content if row else {}
    return {
        name: {"answers": part["answers"], "missing": part["missing"]}
        for name, part in content.items()
    }


def set_order(database: Database, **values: Any) -> None:
    with database.write() as session:
        statement = update(Order).where(col(Order.id).is_not(None)).values(**values)
        session.connection().execute(statement)


def test_the_questions_stand_in_their_order(database: Database, place_order: PlaceOrder) -> None:
    both, _ = place_order(["rand-12", "rand-36"])
    with database.read() as session:
        way = responses.steps(session, orders.get(session, "hips", both))
    assert [step.number for step in way] == list(range(1, 49))
    assert [way[0].item.id, way[11].item.id, way[12].item.id] == ["rand_1", "rand_7", "q1"]
    assert way[0].codes == (1, 2, 3, 4, 5)
    assert way[12].wording.instrument == "rand-36"
    assert way[0].item.id in way[0].page.items


def test_an_answer_is_kept_and_may_be_replaced(database: Database, order: UUID) -> None:
    assert draft(database, order) == {}
    save(database, order, 1, 2)
    save(database, order, 2, 1)
    assert draft(database, order)["rand-12"]["answers"] == {"rand_1": 2, "rand_2a": 1}
    save(database, order, 1, 5)
    assert draft(database, order)["rand-12"]["answers"] == {"rand_1": 5, "rand_2a": 1}


def test_a_question_may_be_skipped_and_answered_after_all(database: Database, order: UUID) -> None:
    save(database, order, 1, None)
    assert draft(database, order)["rand-12"] == {"answers": {}, "missing": {"rand_1": "skipped"}}
    save(database, order, 1, 3)
    assert draft(database, order)["rand-12"] == {"answers": {"rand_1": 3}, "missing": {}}
    save(database, order, 1, None)
    assert draft(database, order)["rand-12"] == {"answers": {}, "missing": {"rand_1": "skipped"}}


@pytest.mark.parametrize("code", [0, 6, 9, -1, 10**9])
def test_a_code_that_is_not_on_offer_is_refused(database: Database, order: UUID, code: int) -> None:
    save(database, order, 1, 2)
    with pytest.raises(Refused, match="rand_1"):
        save(database, order, 1, code)
    assert draft(database, order)["rand-12"]["answers"] == {"rand_1": 2}


def test_what_is_answered_or_skipped_is_done(database: Database, order: UUID) -> None:
    save(database, order, 1, 2)
    save(database, order, 2, None)
    given = draft(database, order)
    with database.read() as session:
        way = responses.steps(session, orders.get(session, "hips", order))
    assert [responses.is_done(given, step) for step in way[:3]] == [True, True, False]
    assert [responses.answer_to(given, step) for step in way[:3]] == [2, None, None]
    assert responses.answer_to({}, way[0]) is None


def test_answers_are_sent_whole(database: Database, order: UUID) -> None:
    answer(database, order, rand_2a=3, skip=["rand_5"])
    receipt = send(database, order)
    with database.read() as session:
        kept = session.exec(select(QuestionnaireResponse)).one()
        there = orders.get(session, "hips", order)
        assert session.exec(select(Draft)).first() is None
    assert kept.answers["rand_2a"] == 3
    assert kept.missing == {"rand_5": "skipped"}
    assert (kept.order_id, kept.language, kept.mode) == (order, "nb", "web")
    assert (there.status, there.receipt) == ("completed", receipt)
    assert kept.started_at == there.started_at
    assert kept.submitted_at == there.completed_at


def test_sending_is_noted_in_the_audit_trail(database: Database, order: UUID) -> None:
    answer_and_send(database, order)
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.what == "order.completed")
        line = session.exec(query).one()
    assert (line.registry_id, line.who, line.record) == ("hips", "patient", str(order))


def test_sent_twice_is_the_same_receipt_and_nothing_twice(database: Database, order: UUID) -> None:
    receipt = answer_and_send(database, order)
    with nothing_stored(database):
        assert send(database, order) == receipt


@pytest.mark.parametrize("last", [0, 1, 11])
def test_an_unfinished_draft_is_not_sent(database: Database, order: UUID, last: int) -> None:
    with database.write() as session:
        orders.start(session, orders.hold(session, "hips", order))
    for number in range(1, last + 1):
        save(database, order, number, 1)
    with nothing_stored(database), pytest.raises(Unfinished) as caught:
        send(database, order)
    assert caught.value.where == str(last + 1)
    with database.read() as session:
        assert orders.get(session, "hips", order).status == "started"


def test_the_first_open_question_counts_through_all_instruments(
    database: Database, place_order: PlaceOrder
) -> None:
    both, _ = place_order(["rand-12", "rand-36"])
    for number in (*range(1, 13), 14):
        save(database, both, number, None)
    with pytest.raises(Unfinished) as caught:
        send(database, both)
    assert caught.value.where == "13"


def test_two_instruments_are_sent_together(
    database: Database, place_order: PlaceOrder, hips: Party
) -> None:
    both, _ = place_order(["rand-12", "rand-36"])
    answer_and_send(database, both)
    with database.read() as session:
        found = session.exec(select(QuestionnaireResponse)).all()
    assert {one.instrument for one in found} == {"rand-12", "rand-36"}
    assert len({one.submitted_at for one in found}) == 1
    assert [int(one["cursor"]) for one in hips.results()] == [1, 2]


def test_an_order_that_was_not_begun_cannot_be_sent(database: Database, order: UUID) -> None:
    with nothing_stored(database), pytest.raises(Closed, match="open"):
        send(database, order)


def test_an_unknown_order_cannot_be_sent(database: Database, order: UUID) -> None:
    answer(database, order)
    for registry, order_id in (("hips", uuid4()), ("knees", order)):
        with nothing_stored(database), pytest.raises(NotFound):
            send(database, order_id, registry=registry)


def test_what_comes_too_late_is_not_taken(database: Database, order: UUID) -> None:
    answer(database, order)
    past = now() - timedelta(seconds=1)
    set_order(database, opens=past - timedelta(days=1), closes=past)
    with nothing_stored(database), pytest.raises(Closed, match="expired"):
        send(database, order)
    with pytest.raises(Closed, match="expired"):
        save(database, order, 1, 1)


def test_what_is_sent_by_a_link_that_was_replaced_is_not_taken(
    database: Database, order: UUID
) -> None:
    answer(database, order)
    with database.read() as session:
        older = replace(Visit.of(orders.get(session, "hips", order)), link="an older link")
    with (
        nothing_stored(database),
        pytest.raises(NotAuthentic, match="replaced"),
        database.write() as session,
    ):
        responses.submit(session, older)


def test_what_was_cancelled_is_not_sent(database: Database, order: UUID) -> None:
    answer(database, order)
    with database.write() as session:
        course.cancel(session, "hips", order, "tests", "why")
    with nothing_stored(database), pytest.raises(Closed, match="cancelled"):
        send(database, order)


def test_answers_that_cannot_be_scored_are_kept(
    database: Database,
    order: UUID,
    hips: Party,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    canary = "rand_1 was answered with 4"

    def fails(*_: object) -> None:
        raise ArithmeticError(canary)

    monkeypatch.setattr(Scorer, "score_one", fails)
    receipt = answer_and_send(database, order, rand_1=4)
    with database.read() as session:
        assert session.exec(select(QuestionnaireResponse)).one().answers["rand_1"] == 4
        assert session.exec(select(ScoringRun)).one().status == "not_scored"
        assert orders.get(session, "hips", order).receipt == receipt
    (result,) = hips.results()
    assert (result["scores"], result["provenance"]["status"]) == (None, "not_scored")
    assert result["response"]["answers"]["rand_1"] == 4
    assert f"response {result['response']['id']} could not be scored" in caplog.text
    assert "ArithmeticError" in caplog.text
    assert canary not in caplog.text


def test_what_is_not_applicable_is_neither_an_answer_nor_skipped(
    database: Database, place_order: PlaceOrder, hips: Party
) -> None:
    order, _ = place_order(["gs-peq"])
    answer(database, order, skip={"gkv_2"}, gkv_1=9, gkv_3=5)
    assert draft(database, order)["gs-peq"]["answers"]["gkv_1"] == 9  # as the patient chose it
    send(database, order)
    (result,) = hips.results()
    response, scores = result["response"], result["scores"]
    assert response["missing"] == {"gkv_1": "not_applicable", "gkv_2": "skipped"}
    assert not {"gkv_1", "gkv_2"} & set(response["answers"])
    assert scores["top_1"] == {"value": None, "answered": 0, "items": 1}
    assert scores["top_3"] == {"value": 1.0, "answered": 1, "items": 1}
    assert provenance_of(response["answers"]) == result["provenance"]["answers_sha256"]


def provenance_of(answers: dict[str, int]) -> str:
    return catalogue.sha256(catalogue.canonical(answers))


def test_a_band_stands_beside_the_value_that_it_names(
    database: Database, place_order: PlaceOrder, hips: Party
) -> None:
    order, _ = place_order(["who-5"], language="en")
    answer(database, order, skip={"q1"})
    send(database, order)
    order, _ = place_order(["who-5"], language="en", time_point="12m")
    answer(database, order, q1=3, q2=3, q3=3, q4=3, q5=3)
    send(database, order)
    lacking, whole = (result["scores"]["percent"] for result in hips.results())
    assert lacking == {"value": None, "answered": 4, "items": 5, "band": None}
    bands = {one.label for one in instrument(shipped("who-5")).scores[1].bands}
    assert whole["value"] == 60.0
    assert whole["band"] in bands

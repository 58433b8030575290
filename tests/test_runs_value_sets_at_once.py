"""A registry names a value set while its patients send answers: from one result on, it is there."""

import threading
from itertools import pairwise
from uuid import UUID

import pytest

from app import orders, responses, valuation
from app.db import Database
from app.security import Visit
from tests.conftest import Party
from tests.flow import answer, send
from tests.sending import A_WHILE, at_once
from tests.test_runs_value_sets import STATE, indices, rescore
from tests.test_valuation import UK, name

pytestmark = pytest.mark.demo


def test_named_while_answers_are_sent_it_is_there_from_one_result_on(
    hips: Party, database: Database
) -> None:
    waiting = [hips.order(instruments=["eq-5d-5l"])["id"] for _ in range(16)]
    for order in waiting:
        answer(database, order, **STATE)
    some_are_sent = threading.Event()

    def send_all(mine: list[str]) -> None:
        for order in mine:
            send(database, order)
            some_are_sent.set()

    def name_it() -> None:
        some_are_sent.wait()
        name(database)

    at_once(lambda: send_all(waiting[::2]), lambda: send_all(waiting[1::2]), name_it)
    results = hips.results()
    has = ["index_uk_2026" in one["scores"] for one in results]
    assert len(has) == 16
    assert has[0] is False
    assert all(before <= after for before, after in pairwise(has))
    for one, with_uk in zip(results, has, strict=True):
        assert ("uk-2026" in one["provenance"]["value_sets"]) is with_uk
    assert rescore(database) == has.count(False)
    newest = {one["response"]["id"]: one for one in hips.results()}
    assert all("index_uk_2026" in one["scores"] for one in newest.values())


def test_whoever_names_a_set_waits_for_what_is_being_sent(hips: Party, database: Database) -> None:
    """So that no result without the index comes after one that has it."""
    order = hips.order(instruments=["eq-5d-5l"])["id"]
    answer(database, order, **STATE)
    sent_but_open, named = threading.Event(), threading.Event()

    def submit() -> None:
        with database.write() as session:
            responses.submit(session, Visit.of(orders.get(session, "hips", UUID(order))))
            sent_but_open.set()
            assert not named.wait(A_WHILE)

    def name_it() -> None:
        sent_but_open.wait()
        name(database)
        named.set()

    at_once(submit, name_it)
    assert indices(*hips.results()) == ["index_no_2024"]


def test_what_is_sent_while_a_set_is_named_waits_and_has_it(
    hips: Party, database: Database
) -> None:
    order = hips.order(instruments=["eq-5d-5l"])["id"]
    answer(database, order, **STATE)
    named_but_open, was_sent = threading.Event(), threading.Event()

    def name_it() -> None:
        with database.write() as session:
            valuation.name(session, "hips", UK, "cli")
            named_but_open.set()
            assert not was_sent.wait(A_WHILE)

    def submit() -> None:
        named_but_open.wait()
        send(database, order)
        was_sent.set()

    at_once(name_it, submit)
    assert indices(*hips.results()) == ["index_no_2024", "index_uk_2026"]

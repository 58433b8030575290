"""POST /api/v1/responses with NDJSON: a batch, in which each line is its own response."""

import json
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from app import imports
from app.db import Database
from app.models import QuestionnaireResponse, ScoringRun
from app.registry import import_batches
from scoring import Scorer
from tests.collected import LINES, RESPONSES, batch, imported, line, post, rand_36
from tests.conftest import Party, settings_for
from tests.flow import nothing_stored, refusal

PHQ_9 = [f"q{number}" for number in range(1, 10)]


@pytest.mark.counted  # on PostgreSQL in a way of its own
def test_each_line_is_stored_and_told_of_in_order(hips: Party, database: Database) -> None:
    bodies = [rand_36(person) for person in range(5)] + [line(f"p{n}") for n in range(40)]
    made = batch(hips, *bodies)
    assert [one["line"] for one in made] == list(range(1, 46))
    assert {one["status"] for one in made} == {201}
    assert [one["response"]["external_id"] for one in made] == [b["external_id"] for b in bodies]
    results = {one["response"]["id"]: one for one in hips.results()}
    assert [results[one["response"]["id"]]["response"]["answers"] for one in made] == [
        one["answers"] for one in bodies
    ]


def test_a_response_of_a_batch_is_scored_as_one_that_is_sent_alone(hips: Party) -> None:
    bodies = [rand_36(person) for person in range(4)] + [
        line(f"phq {code}", instrument="phq-9", answers=dict.fromkeys(PHQ_9, code))
        for code in (0, 3)
    ]
    batch(hips, *bodies)
    for body in bodies:
        post(hips, body | {"external_id": f"{body['external_id']} alone"})
    found = {one["response"]["external_id"]: one["scores"] for one in hips.results()}
    assert len(found) == 12
    assert all(found[b["external_id"]] == found[f"{b['external_id']} alone"] for b in bodies)


def test_one_bad_line_stops_nothing_and_says_what_is_wrong_with_it(hips: Party) -> None:
    wrong: list[Any] = [
        "{",
        "[]",
        line("p2", language="NORSK", extra=1),
        line("p2", case={"id": "1", "unit": "nowhere"}),
        line("p2", answers={"mo": 7}),
        line("p1", answers={"mo": 2}),
    ]
    made = batch(hips, line("p1"), *wrong, line("p1"), line("p2"))
    assert [one["status"] for one in made] == [201, 400, 422, 422, 422, 422, 409, 200, 201]
    named = [[e["field"] for e in one["problem"]["errors"]] for one in made if "problem" in one]
    fields = ["body"], ["body"], ["language", "extra"], ["case.unit"], ["answers.mo"]
    assert named == [*fields, ["external_id"]]
    assert made[7]["response"] == made[0]["response"] | {"outcome": "unchanged"}
    assert len(hips.results()) == 2


def test_a_batch_that_is_sent_again_stores_nothing_twice(hips: Party, database: Database) -> None:
    bodies = [rand_36(person) for person in range(12)]
    first = batch(hips, *bodies)
    with nothing_stored(database):
        again = batch(hips, *bodies)
    assert {one["status"] for one in again} == {200}
    assert [one["response"]["id"] for one in again] == [one["response"]["id"] for one in first]


def test_a_dry_run_tells_of_each_line_and_stores_nothing(hips: Party, database: Database) -> None:
    with nothing_stored(database):
        tried = batch(hips, line("p1"), line("p1"), line("p2", mode="fax"), dry_run=True)
    assert [one["status"] for one in tried] == [200, 200, 422]
    assert [one["response"]["outcome"] for one in tried[:2]] == ["valid", "valid"]
    assert tried[0]["response"]["scores"]["vas"]["value"] == 80


def test_a_case_may_come_and_move_within_a_batch(hips: Party) -> None:
    told = {"id": "N1", "unit": "oslo-ortho"}
    batch(hips, line("p1", case=told | {"index_date": "2025-01-01"}), line("p2", case=told))
    assert {one["response"]["index_date"] for one in hips.results()} == {"2025-01-01"}


def test_what_cannot_be_scored_is_kept_and_concerns_nobody_else(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_one = Scorer.score_one

    def fails(scorer: Scorer, answers: Any) -> Any:
        return score_one(scorer, answers) if answers["mo"] != 3 else 1 / 0

    monkeypatch.setattr(Scorer, "score", lambda *_: 1 / 0)
    monkeypatch.setattr(Scorer, "score_one", fails)
    made = batch(hips, *(line(f"p{n}", answers={"mo": n}) for n in range(1, 6)))
    assert {one["status"] for one in made} == {201}
    told = [one["provenance"]["status"] for one in hips.results()]
    assert told == ["scored", "scored", "not_scored", "scored", "scored"]


def test_what_was_told_before_a_batch_breaks_is_durable_and_nothing_else(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, calls = imports.store, iter(range(100))

    def breaks(*given: Any) -> Any:
        found = store(*given)
        if next(calls) == 1:
            raise LookupError
        return found

    monkeypatch.setattr(imports, "store", breaks)
    monkeypatch.setattr(import_batches, "CHUNK", dict.fromkeys(import_batches.CHUNK, 3))
    text = "\n".join(json.dumps(line(f"p{n}")) for n in range(8))
    answer = hips.post(RESPONSES, content=text.encode(), headers=LINES)
    assert len(answer.text.splitlines()) == 3
    with database.read() as session:
        kept = session.exec(select(QuestionnaireResponse)).all()
        assert len(session.exec(select(ScoringRun)).all()) == 3
    assert [one.external_id for one in kept] == ["p0", "p1", "p2"]


def test_a_batch_has_a_limit_of_its_own(
    hips: Party, client: TestClient, database: Database
) -> None:
    assert settings_for("sqlite://").import_megabytes == 32
    body = json.dumps(line("p1")).encode()
    with nothing_stored(database):
        answer = hips.post(RESPONSES, content=body * 1000, headers=hips.headers)
    refusal(answer, 413)
    assert len(batch(hips, *1000 * [body.decode()])) == 1000


def test_each_registry_has_its_own(
    hips: Party, knees: Party, stranger: Party, database: Database
) -> None:
    mine = imported(hips)
    (other,) = batch(knees, line(unit="bergen-ortho"))
    assert other["response"]["id"] != mine
    with nothing_stored(database):
        (wrong,) = batch(knees, line("p2", unit="oslo-ortho"))
        answer = stranger.post(RESPONSES, content=json.dumps(line()).encode(), headers=LINES)
    assert wrong["problem"]["errors"][0]["field"] == "case.unit"
    assert refusal(answer, 401) == []

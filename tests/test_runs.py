"""Scoring again: a later result, and every earlier one stays."""

import json
import logging
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

import scoring
from app import catalogue, runs
from app.db import Database
from app.errors import NotFound
from app.models import AuditEvent, ScoringRun
from scoring import Scorer
from tests.conftest import Party
from tests.documents import INSTRUMENTS, Document, read
from tests.flow import answer_and_send, nothing_stored

Seen = list[tuple[int, int]]


def rescored(version: str = "1.1") -> Document:
    """Return RAND-12 where physical functioning wants all its items, and the rest is the same."""
    document = read(INSTRUMENTS / "rand-12/1.0.json") | {"version": version}
    for score in document["scores"]:
        if score["id"] == "physical_functioning":
            score["missing"] = "all"
            score["missing_options"] = []
    for example in document["examples"]:
        expected, given = example["expected"], example["answers"]
        if "physical_functioning" in expected and not {"rand_2a", "rand_2b"} <= given.keys():
            expected["physical_functioning"] = None
            if "missing_rule" in example:
                del expected["physical_functioning"]
    return document


def publish(database: Database, document: Document) -> catalogue.Published:
    with database.write() as session:
        return catalogue.publish(session, document, {}, "me")


def rescore(database: Database, version: str = "1.1") -> tuple[int, Seen]:
    seen: Seen = [*runs.rescore(database, "rand-12", version, "me")]
    return max((done for done, _ in seen), default=0), seen


def sent(party: Party, database: Database, **more: Any) -> str:
    order = party.order(instruments=["rand-12"])
    answer_and_send(database, order["id"], registry=party.registry, **more)
    return str(order["id"])


def value(result: dict[str, Any]) -> float | None:
    found: float | None = result["scores"]["physical_functioning"]["value"]
    return found


def test_a_response_is_scored_again_and_the_older_result_stays(
    hips: Party, database: Database
) -> None:
    sent(hips, database, skip=["rand_2b"])
    (before,) = hips.results()
    new = publish(database, rescored())
    assert rescore(database) == (1, [(1, 1)])
    older, newer = hips.results()
    assert older == before
    assert (value(older), value(newer)) == (0.0, None)
    assert newer["provenance"]["supersedes"] == older["cursor"]
    assert newer["provenance"]["definition_sha256"] == new.sha256
    assert newer["provenance"]["definition_version"] == "1.1"


def test_what_was_answered_is_the_same_after_scoring_again(hips: Party, database: Database) -> None:
    sent(hips, database)
    publish(database, rescored())
    rescore(database)
    older, newer = hips.results()
    assert newer["response"] == older["response"]
    assert newer["response"]["version"] == "1.0"
    kept = ("wording_sha256", "answers_sha256", "scoring_version")
    assert all(newer["provenance"][name] == older["provenance"][name] for name in kept)


def test_a_second_time_there_is_nothing_to_do(hips: Party, database: Database) -> None:
    sent(hips, database)
    publish(database, rescored())
    rescore(database)
    with nothing_stored(database):
        assert rescore(database) == (0, [])


def test_scoring_by_what_it_was_scored_by_does_nothing(hips: Party, database: Database) -> None:
    sent(hips, database)
    with nothing_stored(database):
        assert rescore(database, "1.0") == (0, [])


def test_one_may_go_back_to_an_earlier_version(hips: Party, database: Database) -> None:
    sent(hips, database, skip=["rand_2b"])
    publish(database, rescored())
    rescore(database)
    rescore(database, "1.0")
    results = hips.results()
    assert [value(one) for one in results] == [0.0, None, 0.0]
    assert results[2]["provenance"]["supersedes"] == results[1]["cursor"]


def test_it_goes_in_batches_through_every_registry(
    hips: Party, knees: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for party, number in ((hips, 3), (knees, 1)):
        for _ in range(number):
            sent(party, database)
    publish(database, rescored())
    monkeypatch.setattr(runs, "BATCH", 2)
    assert rescore(database) == (4, [(2, 4), (3, 4), (4, 4)])
    assert [len(party.results()) for party in (hips, knees)] == [6, 2]


def test_stopped_half_way_it_goes_on_where_it_was(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        sent(hips, database)
    publish(database, rescored())
    monkeypatch.setattr(runs, "BATCH", 1)

    assert list(islice(runs.rescore(database, "rand-12", "1.1", "me"), 2)) == [(1, 3), (2, 3)]
    assert len(hips.results()) == 5
    assert rescore(database) == (1, [(1, 1)])
    superseded = [one["provenance"]["supersedes"] for one in hips.results()[3:]]
    assert superseded == [f"{number:020d}" for number in (1, 2, 3)]


def test_two_who_score_again_at_once_do_it_once(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(hips, database)
    publish(database, rescored())
    look = runs._waiting

    def late(*asked: Any) -> list[int]:
        """Look, and let another one do it all before this one goes on."""
        found = look(*asked)
        with monkeypatch.context() as other:
            other.setattr(runs, "_waiting", look)
            rescore(database)
        return found

    with monkeypatch.context() as slow:
        slow.setattr(runs, "_waiting", late)
        rescore(database)
    assert len(hips.results()) == 2


def test_answers_to_another_major_version_are_left_alone(hips: Party, database: Database) -> None:
    sent(hips, database)
    publish(database, rescored("2.0"))
    with nothing_stored(database):
        assert rescore(database, "2.0") == (0, [])


def test_answers_to_another_instrument_are_left_alone(hips: Party, database: Database) -> None:
    answer_and_send(database, hips.order(instruments=["rand-36"])["id"])
    publish(database, rescored())
    with nothing_stored(database):
        assert rescore(database) == (0, [])


def test_a_new_scoring_version_scores_everything_again(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(hips, database)
    monkeypatch.setattr(scoring, "VERSION", "2")
    assert rescore(database, "1.0") == (1, [(1, 1)])
    assert hips.results()[1]["provenance"]["scoring_version"] == "2"


def test_what_could_not_be_scored_is_scored_when_it_can(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Scorer, "score_one", lambda *_: 1 / 0)
        sent(hips, database)
    assert rescore(database, "1.0") == (1, [(1, 1)])
    before, after = hips.results()
    assert (before["provenance"]["status"], before["scores"]) == ("not_scored", None)
    assert after["provenance"]["status"] == "scored"
    assert value(after) is not None


def test_an_unknown_version_is_not_found(database: Database) -> None:
    for instrument, version in (("rand-12", "1.9"), ("sf-36", "1.0")):
        with pytest.raises(NotFound):
            runs.rescore(database, instrument, version, "me")


def test_scoring_again_is_noted_in_the_registrys_trail_and_the_centres(
    hips: Party, database: Database
) -> None:
    sent(hips, database)
    new = publish(database, rescored())
    rescore(database)
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.what == "responses.rescored")
        lines = session.exec(query.order_by(col(AuditEvent.registry_id))).all()
    assert [(line.registry_id, line.who, line.record) for line in lines] == [
        ("-", "me", "rand-12/1.1"),
        ("hips", "me", f"1 runs to {new.sha256}"),
    ]


def test_the_kept_row_says_what_its_document_says(hips: Party, database: Database) -> None:
    sent(hips, database)
    publish(database, rescored())
    rescore(database)
    with database.read() as session:
        rows = session.exec(select(ScoringRun).order_by(col(ScoringRun.seq))).all()
    assert [row.seq for row in rows] == [1, 2]
    for row in rows:
        document = json.loads(row.document)
        told = document["provenance"]
        assert UUID(document["response"]["id"]) == row.response_id
        assert told["definition_sha256"] == row.definition_sha256
        assert (told["definition_version"], told["status"]) == (row.version, row.status)
        assert int(document["cursor"]) == row.seq


def test_a_failure_is_logged_without_the_answers(
    hips: Party,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(Scorer, "score_one", lambda _, answers: answers["rand_1 = canary"])
    with caplog.at_level(logging.DEBUG):
        sent(hips, database)
    assert "could not be scored" in caplog.text
    assert "KeyError: 'rand_1 = canary'" not in caplog.text

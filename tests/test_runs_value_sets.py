"""A registry's results carry the indices of the value sets that it named, and no other's do."""

from itertools import islice
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

import scoring
from app import catalogue, runs, shelf, valuation
from app.db import Database
from app.models import ScoringRun
from scoring import Scorer
from tests.conftest import Party
from tests.documents import INSTRUMENTS, Document, read
from tests.flow import answer_and_send, nothing_stored
from tests.test_runs import sent
from tests.test_valuation import DENMARK, UK, digest, name, uk, unname
from tests.test_valuation import publish as publish_set

pytestmark = pytest.mark.demo

NORWAY = "eq-5d-5l/no-2024"
STATE: dict[str, Any] = {"mo": 2, "sc": 1, "ua": 1, "pd": 1, "ad": 1, "vas": 80}
OWN = ["index_no_2024", "vas", "level_sum"]
UK_SCORE = {"value": 0.968, "answered": 5, "items": 5}
"""21111 by the UK's 2026 set: 1 - .032."""


def answered(party: Party, database: Database, **more: Any) -> None:
    order = party.order(instruments=["eq-5d-5l"])
    answer_and_send(database, order["id"], registry=party.registry, **STATE | more)


def rescore(database: Database, version: str = "1.0") -> int:
    return max((done for done, _ in runs.rescore(database, "eq-5d-5l", version, "me")), default=0)


def indices(result: dict[str, Any]) -> list[str]:
    return [one for one in result["scores"] if one.startswith("index_")]


def test_the_definitions_own_set_is_always_there(hips: Party, database: Database) -> None:
    answered(hips, database)
    (result,) = hips.results()
    assert list(result["scores"]) == OWN
    norway = read(INSTRUMENTS / f"value-sets/{NORWAY}.json")
    assert result["provenance"]["value_sets"] == {
        "no-2024": {"sha256": digest(norway), "doi": norway["doi"]}
    }


def test_a_set_that_is_named_gives_one_more_index_and_says_where_from(
    hips: Party, database: Database
) -> None:
    name(database)
    answered(hips, database)
    (result,) = hips.results()
    assert list(result["scores"]) == [*OWN, "index_uk_2026"]
    assert result["scores"]["index_uk_2026"] == UK_SCORE
    told = result["provenance"]["value_sets"]
    assert list(told) == ["no-2024", "uk-2026"]
    assert told["uk-2026"] == {"sha256": digest(uk()), "doi": uk()["doi"]}


def test_the_hashes_lead_to_the_documents(hips: Party, stranger: Party, database: Database) -> None:
    name(database)
    answered(hips, database)
    told = hips.results()[0]["provenance"]["value_sets"]
    assert len(told) == 2
    for one, used in told.items():
        document = stranger.get(f"/api/v1/value-sets/eq-5d-5l/{one}")
        assert used == {"sha256": digest(document.json()), "doi": document.json()["doi"]}
        assert document.headers["etag"] == f'"{used["sha256"]}"'


def test_another_registry_has_none_of_it(hips: Party, knees: Party, database: Database) -> None:
    name(database)
    for party in (hips, knees, hips):
        answered(party, database)
    assert [indices(one) for one in hips.results()] == [["index_no_2024", "index_uk_2026"]] * 2
    (theirs,) = knees.results()
    assert list(theirs["scores"]) == OWN
    assert list(theirs["provenance"]["value_sets"]) == ["no-2024"]


def test_each_registry_has_its_own(hips: Party, knees: Party, database: Database) -> None:
    name(database, UK, "hips")
    name(database, DENMARK, "knees")
    for party in (hips, knees):
        answered(party, database)
    found = {party.registry: indices(*party.results()) for party in (hips, knees)}
    assert found == {
        "hips": ["index_no_2024", "index_uk_2026"],
        "knees": ["index_no_2024", "index_dk_2021"],
    }


def test_the_order_in_which_sets_are_named_makes_no_difference(
    hips: Party, database: Database
) -> None:
    for first, second in ((UK, DENMARK), (DENMARK, UK)):
        name(database, first)
        name(database, second)
        answered(hips, database)
        unname(database, UK)
        unname(database, DENMARK)
    one, other = hips.results()
    assert indices(one) == ["index_no_2024", "index_dk_2021", "index_uk_2026"]
    assert one["scores"] == other["scores"]
    assert len(set(kept(database))) == 1


def kept(database: Database) -> list[str]:
    with database.read() as session:
        return list(
            session.exec(select(ScoringRun.value_sets_sha256).order_by(col(ScoringRun.seq)))
        )


def test_a_set_that_the_definition_has_is_not_added_twice(hips: Party, database: Database) -> None:
    name(database, NORWAY)
    answered(hips, database)
    (result,) = hips.results()
    assert list(result["scores"]) == OWN
    assert list(result["provenance"]["value_sets"]) == ["no-2024"]
    assert kept(database) == [""]


def test_a_set_of_another_instrument_changes_nothing(hips: Party, database: Database) -> None:
    name(database, "eq-5d-3l/uk-1997")
    answered(hips, database)
    assert indices(*hips.results()) == ["index_no_2024"]


def test_an_instrument_without_health_states_is_left_as_it_is(
    hips: Party, database: Database
) -> None:
    name(database)
    sent(hips, database)
    (result,) = hips.results()
    assert result["provenance"]["value_sets"] == {}
    assert indices(result) == []
    assert kept(database) == [""]


def test_an_incomplete_state_has_no_index_by_any_set(hips: Party, database: Database) -> None:
    name(database)
    answered(hips, database, skip=["pd"])
    scores = hips.results()[0]["scores"]
    none = {"value": None, "answered": 4, "items": 5}
    assert [scores["index_no_2024"], scores["index_uk_2026"]] == [none, none]


def test_answers_are_kept_when_a_named_set_cannot_be_used(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(database)
    with monkeypatch.context() as broken:
        broken.setattr(valuation, "_valued", {})
        broken.setattr(valuation, "with_value_sets", lambda *_: 1 / 0)
        answered(hips, database)
    assert rescore(database) == 1
    before, after = hips.results()
    assert (before["provenance"]["status"], before["scores"]) == ("not_scored", None)
    assert before["provenance"]["value_sets"] == {}
    assert before["response"]["answers"] == STATE
    assert after["scores"]["index_uk_2026"] == UK_SCORE


def test_no_scores_have_no_value_sets(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scorer, "score_one", lambda *_: 1 / 0)
    answered(hips, database)
    assert hips.results()[0]["provenance"]["value_sets"] == {}


def test_earlier_responses_get_the_index_when_they_are_scored_again(
    hips: Party, database: Database
) -> None:
    answered(hips, database)
    name(database)
    assert rescore(database) == 1
    older, newer = hips.results()
    assert indices(older) == ["index_no_2024"]
    assert newer["scores"] == older["scores"] | {"index_uk_2026": UK_SCORE}
    assert newer["response"] == older["response"]
    assert newer["provenance"]["supersedes"] == older["cursor"]
    assert list(newer["provenance"]["value_sets"]) == ["no-2024", "uk-2026"]


def test_a_second_time_there_is_nothing_to_do(hips: Party, database: Database) -> None:
    answered(hips, database)
    name(database)
    rescore(database)
    with nothing_stored(database):
        assert rescore(database) == 0


def test_what_has_the_index_already_is_passed_over(hips: Party, database: Database) -> None:
    answered(hips, database)
    name(database)
    answered(hips, database)
    assert rescore(database) == 1
    assert [one["provenance"]["supersedes"] for one in hips.results()] == [
        None,
        None,
        "0" * 19 + "1",
    ]


def test_a_registry_that_named_nothing_is_passed_over(
    hips: Party, knees: Party, database: Database
) -> None:
    for party in (hips, knees):
        answered(party, database)
    name(database)
    assert rescore(database) == 1
    assert [len(party.results()) for party in (hips, knees)] == [2, 1]


def test_naming_what_the_definition_has_scores_nothing_again(
    hips: Party, database: Database
) -> None:
    answered(hips, database)
    name(database, NORWAY)
    name(database, "eq-5d-3l/uk-1997")
    with nothing_stored(database):
        assert rescore(database) == 0


def test_an_index_that_is_taken_back_is_left_out_when_scored_again(
    hips: Party, database: Database
) -> None:
    name(database)
    answered(hips, database)
    unname(database)
    assert rescore(database) == 1
    assert [indices(one)[1:] for one in hips.results()] == [["index_uk_2026"], []]


def test_a_corrected_set_scores_again_when_it_is_named_again(
    hips: Party, database: Database
) -> None:
    name(database)
    answered(hips, database)
    coefficients = uk()["coefficients"] | {"MO2": -0.042}
    publish_set(database, uk(version="1.1", coefficients=coefficients))
    with nothing_stored(database):
        assert rescore(database) == 0
    name(database)
    assert rescore(database) == 1
    before, after = hips.results()
    values = [one["scores"]["index_uk_2026"]["value"] for one in (before, after)]
    assert values == [0.968, 0.958]
    hashes = {one["provenance"]["value_sets"]["uk-2026"]["sha256"] for one in (before, after)}
    assert len(hashes) == 2


def test_a_run_from_before_sets_could_be_named_had_the_definitions_own(
    hips: Party, database: Database
) -> None:
    answered(hips, database)
    columns = (
        "registry_id, response_id, instrument, version, definition_sha256, scoring_version, "
        "status, document"
    )
    with database.write() as session:
        source = f"SELECT {columns}, 2 FROM scoring_run"
        insert = text(f"INSERT INTO scoring_run ({columns}, seq) {source}")
        assert session.connection().execute(insert).rowcount == 1
        session.connection().execute(text("UPDATE registry SET next_seq = 3 WHERE id = 'hips'"))
    assert kept(database) == ["", ""]
    with nothing_stored(database):
        assert rescore(database) == 0
    name(database)
    assert rescore(database) == 1


def later() -> Document:
    """Return a MINOR version of EQ-5D-5L; nothing but its number is another."""
    return read(INSTRUMENTS / "eq-5d-5l/1.0.json") | {"version": "1.1"}


def test_a_new_definition_keeps_the_registrys_sets(hips: Party, database: Database) -> None:
    name(database)
    answered(hips, database)
    with database.write() as session:
        catalogue.publish(session, later(), shelf.value_sets(INSTRUMENTS), "me")
    assert rescore(database, "1.1") == 1
    before, after = hips.results()
    assert after["provenance"]["definition_version"] == "1.1"
    assert after["scores"] == before["scores"]
    assert after["provenance"]["value_sets"] == before["provenance"]["value_sets"]


def test_stopped_half_way_it_goes_on_where_it_was(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        answered(hips, database)
    name(database)
    monkeypatch.setattr(runs, "BATCH", 1)

    assert len(list(islice(runs.rescore(database, "eq-5d-5l", "1.0", "me"), 2))) == 2
    assert rescore(database) == 1
    superseded = [one["provenance"]["supersedes"] for one in hips.results()[3:]]
    assert superseded == [f"{number:020d}" for number in (1, 2, 3)]


def test_what_was_made_before_is_used_again(hips: Party, database: Database) -> None:
    name(database)
    answered(hips, database)
    with database.read() as session:
        definition = catalogue.get(session, "eq-5d-5l", "1.0")
        named = valuation.named_by(session, "hips")
        first = valuation.valued(session, definition, named)
    closed = Session()
    assert valuation.valued(closed, definition, named) is first
    assert valuation.valued(closed, definition, {}).scorer is definition.scorer


def test_a_named_set_does_not_change_the_definition_that_is_shown(
    hips: Party, database: Database
) -> None:
    name(database)
    answered(hips, database)
    definition = hips.get("/api/v1/instruments/eq-5d-5l/1.0").json()
    assert list(definition["value_sets"]) == ["no-2024"]
    assert hips.results()[0]["provenance"]["definition_sha256"] == digest(definition)


def test_a_new_scoring_version_scores_with_the_registrys_sets(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(database)
    answered(hips, database)
    monkeypatch.setattr(scoring, "VERSION", "2")
    assert rescore(database) == 1
    assert hips.results()[1]["scores"]["index_uk_2026"] == UK_SCORE

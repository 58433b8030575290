"""GET /api/v1/results/change: what became of each case between two time points."""

import csv
import io
import json
from typing import Any

import pytest

from app import changes, valuation
from app.db import Database
from app.registry import change
from tests.conftest import Party
from tests.flow import answer_and_send, nothing_stored, refusal

PATH = "/api/v1/results/change"
ASKED = {"instrument": "rand-12", "from": "pre", "to": "12m"}


def visit(
    party: Party, database: Database, case: str, point: str, name: str = "rand-12", **given: Any
) -> None:
    """Order for a case at a time point, answer and send."""
    who = {"id": case, "unit": party.unit}
    order = party.order(case=who, time_point=point, instruments=[name])
    answer_and_send(database, order["id"], registry=party.registry, **given)


def view(party: Party, **params: Any) -> dict[str, Any]:
    answer = party.get(PATH, params=ASKED | params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def table(party: Party, **params: Any) -> list[dict[str, str]]:
    answer = party.get(PATH, params=ASKED | params, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_a_case_with_both_time_points_is_a_pair(hips: Party, database: Database) -> None:
    visit(hips, database, "A", "pre", rand_1=5)
    visit(hips, database, "A", "12m", rand_1=1)
    visit(hips, database, "B", "pre")
    visit(hips, database, "C", "12m")
    visit(hips, database, "D", "3m")
    found = view(hips)
    assert (found["instrument"], found["version"]) == ("rand-12", "1.0")
    assert (found["only_before"], found["only_after"], found["mcids"]) == (1, 1, {})
    (pair,) = found["pairs"]
    assert (pair["case"], pair["pchc"], pair["before"]["unit"]) == ("A", None, "oslo-ortho")
    results = {one["response"]["id"]: one for one in hips.results()}
    before, after = (results[pair[end]["response_id"]]["scores"] for end in ("before", "after"))
    assert list(pair["scores"]) == list(before)
    for name, score in pair["scores"].items():
        assert score["before"] == before[name]["value"]
        assert score["after"] == after[name]["value"]
        assert score["change"] == score["after"] - score["before"]
    assert pair["scores"]["general_health"]["change"] > 0


def test_a_value_that_is_missing_has_no_change(hips: Party, database: Database) -> None:
    visit(hips, database, "A", "pre", skip=["rand_1"])
    visit(hips, database, "A", "12m")
    (pair,) = view(hips)["pairs"]
    score = pair["scores"]["general_health"]
    assert (score["before"], score["change"]) == (None, None)
    assert score["after"] is not None
    (row,) = table(hips)
    assert (row["general_health_before"], row["general_health_change"]) == ("", "")
    assert float(row["general_health_after"]) == score["after"]


def test_of_several_results_the_one_sent_last_counts(hips: Party, database: Database) -> None:
    visit(hips, database, "A", "pre", rand_1=1)
    visit(hips, database, "A", "pre", rand_1=5)
    visit(hips, database, "A", "12m")
    last = hips.results(time_point="pre")[-1]["response"]["id"]
    (pair,) = view(hips)["pairs"]
    assert pair["before"]["response_id"] == last


def test_an_earlier_answer_that_is_read_later_does_not_count() -> None:
    first, second = (_document(at) for at in ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"))
    kept = changes._by_case(_plain(), [[first, second]])
    assert kept["A"].submitted_at == "2026-01-02T00:00:00Z"


def _plain() -> Any:
    from tests.documents import instrument, shipped

    return instrument(shipped("rand-12"))


def _document(at: str) -> str:
    response = {"case": "A", "unit": "u", "id": at, "submitted_at": at, "answers": {}}
    return json.dumps({"response": response, "scores": None})


def test_what_could_not_be_scored_has_no_values() -> None:
    found = changes.between(_plain(), [[_document("1")]], [[_document("2")]])
    assert len(found.pairs) == 1
    assert all(str(one.change.tolist()) == "[nan]" for one in found.scores.values())


@pytest.mark.demo
def test_an_eq_5d_has_its_paretian_classification(hips: Party, database: Database) -> None:
    for case, before, after in (("A", 3, 1), ("B", 1, 3), ("C", 1, 1)):
        visit(hips, database, case, "pre", "eq-5d-5l", mo=before, vas=60)
        visit(hips, database, case, "12m", "eq-5d-5l", mo=after, vas=75)
    visit(hips, database, "D", "pre", "eq-5d-5l", skip=["mo"], vas=60)
    visit(hips, database, "D", "12m", "eq-5d-5l", vas=60)
    pairs = view(hips, instrument="eq-5d-5l")["pairs"]
    assert [pair["pchc"] for pair in pairs] == ["improve", "worsen", "no problems", None]
    assert pairs[0]["scores"]["vas"]["change"] == 15
    assert [row["pchc"] for row in table(hips, instrument="eq-5d-5l")] == (
        ["improve", "worsen", "no problems", ""]
    )


@pytest.mark.demo
def test_who_reached_a_published_smallest_important_change_is_told(
    hips: Party, database: Database
) -> None:
    with database.write() as session:
        valuation.name(session, "hips", "eq-5d-3l/uk-1997", "a test")
    visit(hips, database, "A", "pre", "eq-5d-3l", mo=2, vas=60)
    visit(hips, database, "A", "12m", "eq-5d-3l", mo=1, vas=69)
    found = view(hips, instrument="eq-5d-3l")
    assert found["mcids"]["pickard-2007-vas-lower"]["amount"] == 7
    assert found["mcids"]["pickard-2007-vas-upper"]["amount"] == 12
    assert found["mcids"]["walters-2005-index"]["score"] == "index_uk_1997"
    (pair,) = found["pairs"]
    assert pair["scores"]["vas"]["reached"] == {
        "pickard-2007-vas-lower": "improved",
        "pickard-2007-vas-upper": "unchanged",
    }
    assert pair["scores"]["index_uk_1997"]["reached"]["walters-2005-index"] == "improved"
    (row,) = table(hips, instrument="eq-5d-3l")
    assert row["vas_reached_pickard_2007_vas_upper"] == "unchanged"
    assert row["index_uk_1997_reached_walters_2005_index"] == "improved"


def test_no_text_of_the_csv_is_a_formula(hips: Party, database: Database) -> None:
    for point in ("pre", "12m"):
        visit(hips, database, "=1+1", point)
    assert [row["case"] for row in table(hips)] == ["'=1+1"]
    assert view(hips)["pairs"][0]["case"] == "=1+1"


@pytest.mark.parametrize("form", ["json", "csv"])
def test_pairs_come_in_pieces(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(change, "PIECE", 2)
    for case in "ABC":
        for point in ("pre", "12m"):
            visit(hips, database, case, point)
    found = view(hips)["pairs"] if form == "json" else table(hips)
    assert [one["case"] for one in found] == ["A", "B", "C"]


def test_without_pairs_there_is_a_header(hips: Party) -> None:
    assert view(hips)["pairs"] == []
    answer = hips.get(PATH, params=ASKED | {"format": "csv"})
    assert answer.text.startswith("case,before_response_id,")
    assert len(answer.text.splitlines()) == 1


def test_a_unit_may_be_asked_for(hips: Party, database: Database) -> None:
    for point in ("pre", "12m"):
        visit(hips, database, "A", point)
    assert len(view(hips, unit="oslo-ortho")["pairs"]) == 1
    assert view(hips, unit="elsewhere")["pairs"] == []


def test_more_than_can_be_paired_is_refused(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST", 1)
    for case in "AB":
        visit(hips, database, case, "pre")
    with nothing_stored(database):
        answer = hips.get(PATH, params=ASKED)
    assert refusal(answer, 422) == ["unit"]
    assert "more than 1 results at pre" in answer.json()["detail"]


def test_another_registry_and_a_stranger_see_no_pair(
    hips: Party, knees: Party, stranger: Party, database: Database
) -> None:
    for point in ("pre", "12m"):
        visit(hips, database, "A", point)
    assert view(knees)["pairs"] == []
    refusal(stranger.get(PATH, params=ASKED), 401)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("instrument", "sf-36"),
        ("instrument", None),
        ("from", None),
        ("to", None),
        ("from", "\0"),
        ("version", "9.9"),
        ("format", "sav"),
        ("after", "12m"),
    ],
)
def test_what_is_wrong_is_named(
    hips: Party, database: Database, field: str, value: str | None
) -> None:
    asked = {name: one for name, one in (ASKED | {field: value}).items() if one is not None}
    with nothing_stored(database):
        assert refusal(hips.get(PATH, params=asked), 422) == [field]


def test_a_format_that_is_not_offered_is_refused(hips: Party) -> None:
    refusal(hips.get(PATH, params=ASKED, headers={"Accept": "text/html"}), 406)

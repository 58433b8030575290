"""POST /api/v1/responses: answers that were collected elsewhere, one response at a time."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from app import valuation
from app.db import Database
from app.models import (
    AuditEvent,
    Order,
    PatientCase,
    PublishedInstrument,
    QuestionnaireResponse,
    Unit,
    now,
)
from tests.collected import RESPONSES, imported, line, post, rand_36
from tests.conftest import Party
from tests.documents import SMALL, read, scorer
from tests.flow import answer_and_send, nothing_stored, refusal
from tests.test_runs import publish

DAY = ZoneInfo("Europe/Oslo")


def test_what_was_answered_on_paper_is_checked_scored_and_comes_in_the_feed(
    hips: Party, database: Database
) -> None:
    case = {"id": "MCE-1", "unit": "oslo-ortho", "index_date": "2025-11-01", "birth_year": 1950}
    answer = post(hips, line(case=case))
    assert answer.status_code == 201
    made = answer.json()
    assert (made["external_id"], made["outcome"]) == ("p1", "stored")
    (result,) = hips.results()
    assert result["response"] == {
        "id": made["id"],
        "order": None,
        "external_id": "p1",
        "case": "MCE-1",
        "unit": "oslo-ortho",
        "time_point": "3m",
        "index_date": "2025-11-01",
        "instrument": "eq-5d-5l",
        "version": "1.0",
        "language": "nb",
        "mode": "paper",
        "respondent": "self",
        "helped": False,
        "relation": None,
        "started_at": "2026-01-31T09:00:00Z",
        "submitted_at": "2026-01-31T09:00:00Z",
        "answers": {"mo": 1, "sc": 1, "ua": 2, "pd": 2, "ad": 1, "vas": 80},
        "missing": {},
        "amends": None,
        "reason": None,
    }
    assert result["scores"]["vas"]["value"] == 80
    assert result["scores"]["index_no_2024"]["value"] < 1
    assert result["provenance"]["wording_sha256"] is None
    with database.read() as session:
        assert session.exec(select(PatientCase)).one().birth_year == 1950
        assert session.exec(select(Order)).first() is None
        acts = [
            (one.who, one.record)
            for one in session.exec(select(AuditEvent))
            if made["id"] in one.record
        ]
    assert acts == [("client:hips-test", made["id"])]


def test_a_response_scores_the_same_imported_as_answered_here(
    hips: Party, database: Database
) -> None:
    body = rand_36(1)
    answer_and_send(
        database,
        hips.order()["id"],
        skip=scorer_items() - body["answers"].keys(),
        **body["answers"],
    )
    assert post(hips, body).status_code == 201
    here, elsewhere = hips.results()
    assert here["scores"] == elsewhere["scores"]
    for part in ("answers", "missing"):
        assert here["response"][part] == elsewhere["response"][part]


def scorer_items() -> set[str]:
    return {f"q{number}" for number in range(1, 37)}


def test_the_same_again_is_the_same_response_and_stores_nothing(
    hips: Party, database: Database
) -> None:
    made = imported(hips)
    turned = dict(reversed(line().items()))
    for body in (line(), turned, line(version="1.0"), line(case=line()["case"] | {"sex": None})):
        with nothing_stored(database):
            again = post(hips, body)
        assert (again.status_code, again.json()["id"]) == (200, made)
        assert again.json()["outcome"] == "unchanged"


def test_the_same_again_is_the_same_when_the_case_has_moved_on(
    hips: Party, database: Database
) -> None:
    with database.write() as session:
        session.add(Unit(registry_id="hips", id="moss", name="moss"))
    made = imported(hips)
    imported(hips, external_id="p2", case={"id": "MCE-1017", "unit": "moss", "sex": "male"})
    assert post(hips, line()).json()["id"] == made


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("case.id", {"case": {"id": "other", "unit": "oslo-ortho"}}),
        ("case.birth_year", {"case": {"id": "MCE-1017", "unit": "oslo-ortho", "birth_year": 1951}}),
        ("answers, missing", {"answers": {"mo": 1}}),
        ("respondent, relation", {"respondent": "proxy", "relation": "child"}),
        ("submitted_at", {"submitted_at": "2026-01-30"}),
        ("instrument, version", {"instrument": "phq-9", "answers": {}, "version": "1.0"}),
    ],
)
def test_an_external_id_that_stands_for_something_else_says_what_differs(
    hips: Party, database: Database, field: str, more: dict[str, Any]
) -> None:
    made = imported(hips)
    with nothing_stored(database):
        answer = post(hips, line(**more))
    assert refusal(answer, 409) == ["external_id"]
    assert made in answer.json()["detail"]
    assert field.split(", ")[0] in answer.json()["detail"]


SURE = {"mo": 1, "sc": 1, "ua": 2, "pd": 2, "ad": 1, "vas": 80}
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"answers": SURE | {"mo": 6, "vas": 101, "xx": 1}},
        ["answers.mo", "answers.vas", "answers.xx"],
    ),
    ({"answers": SURE | {"mo": True}}, ["answers.mo"]),
    ({"answers": SURE | {"mo": None}}, ["answers.mo"]),
    ({"missing": {"mo": "skipped", "yy": "skipped"}}, ["missing.mo", "missing.yy"]),
    ({"answers": {}, "missing": {"mo": "not_shown"}}, ["missing.mo"]),
    ({"answers": {}, "missing": {"mo": "not_applicable"}}, ["missing.mo"]),
    ({"answers": {}, "missing": {"mo": "lost"}}, ["missing.mo"]),
    ({"case": {"id": "MCE-1017", "unit": "bergen-ortho"}}, ["case.unit"]),
    ({"case": {"id": "01017012345", "unit": "oslo-ortho"}}, ["case.id"]),
    ({"instrument": "sf-36"}, ["instrument"]),
    ({"version": "7.0"}, ["version"]),
    ({"mode": "web"}, ["mode"]),
    ({"respondent": "proxy"}, ["relation"]),
    ({"relation": "child"}, ["relation"]),
    ({"submitted_at": (now() + timedelta(hours=2)).isoformat()}, ["submitted_at"]),
    ({"submitted_at": (now() + timedelta(days=2)).date().isoformat()}, ["submitted_at"]),
    ({"extra": 1}, ["extra"]),
    (
        {
            "case": {"id": "MCE-1017", "unit": "bergen-ortho"},
            "respondent": "proxy",
            "submitted_at": (now() + timedelta(days=2)).date().isoformat(),
            "answers": SURE | {"mo": 6},
        },
        ["case.unit", "relation", "submitted_at", "answers.mo"],
    ),
]


@pytest.mark.parametrize(("more", "fields"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    hips: Party, database: Database, more: dict[str, Any], fields: list[str]
) -> None:
    with nothing_stored(database):
        assert refusal(post(hips, line(**more)), 422) == fields


@pytest.mark.parametrize(
    ("answers", "field"), [(b'{"\\ud800": 1}', "answers.?"), (b'{"mo": "\\ud800"}', "answers")]
)
def test_texts_that_cannot_be_stored_are_refused(
    hips: Party, database: Database, answers: bytes, field: str
) -> None:
    body = json.dumps(line(answers="here")).encode().replace(b'"here"', answers)
    with nothing_stored(database):
        answer = hips.post(RESPONSES, content=body, headers={"Content-Type": "application/json"})
    assert refusal(answer, 422) == [field]


def test_a_withdrawn_instrument_takes_no_answers(hips: Party, database: Database) -> None:
    document = read(SMALL / "show-when.json")
    name, version = document["id"], document["version"]
    publish(database, document)
    with database.write() as session:
        session.get_one(PublishedInstrument, (name, version)).status = "withdrawn"
    for more, field in (({"version": version}, "version"), ({}, "instrument")):
        answer = post(hips, line(instrument=name, answers={}, **more))
        assert refusal(answer, 422) == [field]


def test_a_date_alone_is_kept_as_the_beginning_of_that_day(hips: Party) -> None:
    today = now().astimezone(DAY).date().isoformat()
    imported(hips, submitted_at=today)
    assert hips.results()[0]["response"]["submitted_at"] == f"{today}T00:00:00Z"


def test_who_answered_is_kept_as_it_is_of_the_form(hips: Party) -> None:
    imported(hips, external_id="p1", respondent="helped")
    imported(hips, external_id="p2", respondent="proxy", relation="parent")
    kept = [one["response"] for one in hips.results()]
    who = [(one["respondent"], one["helped"], one["relation"]) for one in kept]
    assert who == [("self", True, None), ("proxy", False, "parent")]


def test_what_the_answers_before_leave_out_is_not_shown_and_takes_no_answer(
    hips: Party, database: Database
) -> None:
    document = read(SMALL / "show-when.json")
    publish(database, document)
    items = scorer(SMALL / "show-when.json").instrument.in_order()
    (asked, codes) = next(iter(next(one for one in items if one.show_when).show_when.items()))
    later = next(one.id for one in items if one.show_when)
    instrument = scorer(SMALL / "show-when.json").instrument
    other = next(code for code in instrument.codes(instrument.asked(asked)) if code not in codes)
    some: dict[str, Any] = {"instrument": document["id"], "language": "en"}
    wrong = post(hips, line(answers={asked: other, later: 1}, **some))
    assert refusal(wrong, 422) == [f"answers.{later}"]
    imported(hips, answers={asked: other}, missing={later: "not_shown"}, **some)
    assert hips.results()[0]["response"]["missing"][later] == "not_shown"


def test_a_dry_run_says_what_would_be_stored_and_stores_nothing(
    hips: Party, database: Database
) -> None:
    with nothing_stored(database):
        tried = post(hips, line(answers={"mo": 1, "vas": 80}), dry_run=True)
        wrong = post(hips, line(answers={"mo": 9}), dry_run=True)
    assert tried.status_code == 200
    said = tried.json()
    assert (said["id"], said["outcome"]) == (None, "valid")
    assert said["missing"] == dict.fromkeys(["ad", "pd", "sc", "ua"], "skipped")
    assert said["scores"]["vas"]["value"] == 80
    assert said["scores"]["index_no_2024"]["value"] is None
    assert refusal(wrong, 422) == ["answers.mo"]
    made = imported(hips)
    assert post(hips, line(), dry_run=True).json()["id"] == made


def test_the_registrys_value_sets_are_used_as_for_the_form(hips: Party, database: Database) -> None:
    with database.write() as session:
        valuation.name(session, "hips", "eq-5d-5l/uk-2026", "tests")
    imported(hips)
    assert "index_uk_2026" in hips.results()[0]["scores"]
    assert "index_uk_2026" in post(hips, line("p2"), dry_run=True).json()["scores"]


def test_each_registry_has_its_own_ids_and_units(
    hips: Party, knees: Party, stranger: Party, database: Database
) -> None:
    mine = imported(hips)
    assert imported(knees, unit="bergen-ortho") != mine
    with nothing_stored(database):
        assert refusal(post(knees, line("p2")), 422) == ["case.unit"]
        assert refusal(post(stranger, line("p2")), 401) == []
    assert [one["response"]["id"] for one in hips.results()] == [mine]


def test_what_was_collected_elsewhere_is_in_the_table_with_what_was_not(
    hips: Party, database: Database
) -> None:
    imported(hips)
    answer = hips.get("/api/v1/results", params={"instrument": "eq-5d-5l", "format": "csv"})
    (row,) = answer.text.splitlines()[1:]
    assert '"p1"' in row
    assert '"paper"' in row


def test_an_import_brings_the_case_up_to_date_with_what_it_says(
    hips: Party, database: Database
) -> None:
    told = {"id": "MCE-1017", "unit": "oslo-ortho"}
    imported(hips, external_id="p1", case=told | {"sex": "female", "index_date": "2025-01-01"})
    imported(hips, external_id="p2", case=told | {"birth_year": 1944})
    with database.read() as session:
        case = session.exec(select(PatientCase)).one()
        rows = session.exec(select(QuestionnaireResponse)).all()
    assert (case.sex, case.birth_year) == ("female", 1944)
    assert [row.order_id for row in rows] == [None, None]
    assert {one["response"]["index_date"] for one in hips.results()} == {"2025-01-01"}

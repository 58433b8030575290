"""GET /api/v1/results: a registry pulls what was answered and scored."""

import hashlib
import json
import re
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from app import feed
from app.db import Database
from app.models import AuditEvent
from tests.conftest import Party
from tests.flow import answer_and_send, nothing_stored, refusal

RESULTS = "/api/v1/results"
STREAM = {"Accept": "application/x-ndjson"}
RESPONSE = (
    "id order external_id case unit time_point index_date instrument version language mode "
    "respondent helped relation started_at submitted_at answers missing amends "
    "reason"
)
PROVENANCE = (
    "status definition_version definition_sha256 value_sets wording_sha256 answers_sha256 "
    "scoring_version scored_at supersedes"
)
RAND_36 = (
    "physical_functioning role_physical role_emotional energy_fatigue emotional_well_being "
    "social_functioning pain general_health health_change pcs_orthogonal mcs_orthogonal "
    "pcs_oblique mcs_oblique pcs_unweighted mcs_unweighted"
)


def sent(hips: Party, database: Database, *instruments: str, **more: Any) -> dict[str, Any]:
    """Order, answer and send; return the order."""
    order = hips.order(instruments=list(instruments or ["rand-12"]))
    answer_and_send(database, order["id"], registry=hips.registry, **more)
    return order


def lines(answer: Any) -> list[dict[str, Any]]:
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def digest(document: object) -> str:
    """Return the hash as a registry reproduces it, with Python's own json."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_result_is_the_document_that_was_promised(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-36", skip=["q5"])
    (result,) = hips.results()
    assert list(result) == ["cursor", "registry", "response", "scores", "provenance"]
    assert result["registry"] == "hips"
    assert re.fullmatch("[0-9]{20}", result["cursor"])
    assert list(result["response"]) == RESPONSE.split()
    assert list(result["provenance"]) == PROVENANCE.split()
    assert list(result["scores"]) == RAND_36.split()
    for score in result["scores"].values():
        assert list(score) == ["value", "answered", "items"]
        assert isinstance(score["value"], float)


def test_a_result_says_whose_answers_these_are(hips: Party, database: Database) -> None:
    case = {"id": "K7", "unit": "oslo-ortho", "index_date": "2026-08-01"}
    order = hips.order(case=case, instruments=["rand-12"], language="en", time_point="1y")
    answer_and_send(database, order["id"], rand_2a=3, skip=["rand_5"])
    response = hips.results()[0]["response"]
    told = {name: response[name] for name in ("order", "case", "unit", "time_point", "index_date")}
    assert told == {"order": order["id"], "time_point": "1y"} | {
        "case": "K7",
        "unit": "oslo-ortho",
        "index_date": "2026-08-01",
    }
    assert (response["instrument"], response["version"]) == ("rand-12", "1.0")
    assert (response["language"], response["mode"], response["respondent"]) == ("en", "web", "self")


def test_a_result_holds_the_answers_and_what_was_skipped(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-12", rand_2a=3, skip=["rand_5"])
    response = hips.results()[0]["response"]
    assert response["answers"]["rand_2a"] == 3
    assert response["missing"] == {"rand_5": "skipped"}
    assert len(response["answers"]) == 11
    assert response["index_date"] is None


def test_times_are_in_utc_and_in_their_order(hips: Party, database: Database) -> None:
    sent(hips, database)
    result = hips.results()[0]
    times = [
        result["response"]["started_at"],
        result["response"]["submitted_at"],
        result["provenance"]["scored_at"],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)
    assert times == sorted(times)


def test_the_hashes_can_be_reproduced(hips: Party, stranger: Party, database: Database) -> None:
    sent(hips, database, "rand-36", skip=["q1"])
    result = hips.results()[0]
    told = result["provenance"]
    definition = stranger.get("/api/v1/instruments/rand-36/1.0").json()
    wording = stranger.get("/api/v1/instruments/rand-36/1.0/wording/nb").json()
    assert told["definition_sha256"] == digest(definition)
    assert told["wording_sha256"] == digest(wording)
    assert told["answers_sha256"] == digest(result["response"]["answers"])
    assert (told["definition_version"], told["scoring_version"]) == ("1.0", "1")
    assert (told["status"], told["supersedes"]) == ("scored", None)


def test_scores_are_those_of_the_answers(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-36", q3=3, q4=3, q5=3, q6=3, q7=3, q8=3, q9=3, q10=3, q11=3, q12=1)
    functioning = hips.results()[0]["scores"]["physical_functioning"]
    assert functioning == {"value": 90.0, "answered": 10, "items": 10}


@pytest.mark.demo
def test_a_health_states_index_is_the_published_one(hips: Party, database: Database) -> None:
    sent(hips, database, "eq-5d-5l", vas=80)
    scores = hips.results()[0]["scores"]
    assert scores["index_no_2024"] == {"value": 1.0, "answered": 5, "items": 5}
    assert scores["vas"] == {"value": 80.0, "answered": 1, "items": 1}


def test_a_score_that_cannot_be_given_is_null_and_says_why(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-36", skip=["q20", "q32"])
    scores = hips.results()[0]["scores"]
    assert scores["social_functioning"] == {"value": None, "answered": 0, "items": 2}
    assert scores["mcs_orthogonal"]["value"] is None
    assert scores["pain"]["value"] is not None


def test_two_instruments_of_one_order_are_two_results(hips: Party, database: Database) -> None:
    order = sent(hips, database, "rand-12", "rand-36")
    results = hips.results()
    assert [one["response"]["instrument"] for one in results] == ["rand-12", "rand-36"]
    assert {one["response"]["order"] for one in results} == {order["id"]}
    assert results[0]["response"]["id"] != results[1]["response"]["id"]


def test_pages_follow_one_another_without_a_gap(hips: Party, database: Database) -> None:
    orders = [sent(hips, database)["id"] for _ in range(3)]
    first = hips.get(RESULTS, params={"limit": 2}).json()
    assert list(first) == ["results", "next", "more"]
    assert first["more"] is True
    assert first["next"] == first["results"][-1]["cursor"]
    second = hips.get(RESULTS, params={"limit": 2, "after": first["next"]}).json()
    assert second["more"] is False
    got = [one["response"]["order"] for one in first["results"] + second["results"]]
    assert got == orders


def test_a_page_that_ends_exactly_at_the_end_has_no_more(hips: Party, database: Database) -> None:
    for _ in range(2):
        sent(hips, database)
    page = hips.get(RESULTS, params={"limit": 2}).json()
    assert (len(page["results"]), page["more"]) == (2, False)


def test_after_the_last_there_is_nothing_until_there_is_more(
    hips: Party, database: Database
) -> None:
    sent(hips, database)
    last = hips.get(RESULTS).json()["next"]
    empty = hips.get(RESULTS, params={"after": last}).json()
    assert empty == {"results": [], "next": last, "more": False}
    sent(hips, database)
    assert [one["cursor"] > last for one in hips.results(after=last)] == [True]


def test_a_feed_without_results_begins_at_nought(hips: Party) -> None:
    assert hips.get(RESULTS).json() == {"results": [], "next": "0" * 20, "more": False}
    answer = hips.get(RESULTS, headers=STREAM)
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_stream_holds_the_same_documents(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-12", "rand-36")
    sent(hips, database, skip=["rand_5"])
    answer = hips.get(RESULTS, headers=STREAM)
    assert lines(answer) == hips.results()
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.text.endswith("}\n")


@pytest.mark.parametrize("accept", ["Application/X-NDJSON", "text/html, application/x-ndjson"])
def test_the_stream_is_asked_for_by_name(hips: Party, accept: str) -> None:
    answer = hips.get(RESULTS, headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/x-ndjson"


JSON = ["*/*", "application/*", "application/json", "application/json, application/x-ndjson;q=0.5"]


@pytest.mark.parametrize("accept", [*JSON, "text/html, */*;q=0.1", ""])
def test_whoever_asks_for_no_stream_gets_json(hips: Party, accept: str) -> None:
    answer = hips.get(RESULTS, headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "accept", ["text/html", "æ", ";;;", "application/x-ndjson;q=0", "application/json;q=much"]
)
def test_what_is_not_offered_is_refused_with_what_is(
    hips: Party, database: Database, accept: str
) -> None:
    with nothing_stored(database):
        answer = hips.get(RESULTS, headers={b"Accept": accept.encode()})
    refusal(answer, 406)
    assert "application/x-ndjson" in answer.json()["detail"]


def test_a_stream_may_begin_anywhere_and_end_after_some(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 2)
    for _ in range(5):
        sent(hips, database)
    every = hips.results()
    at = {"after": every[0]["cursor"]}
    assert lines(hips.get(RESULTS, params=at, headers=STREAM)) == every[1:]
    assert lines(hips.get(RESULTS, params=at | {"limit": 3}, headers=STREAM)) == every[1:4]
    assert lines(hips.get(RESULTS, params=at | {"limit": 9}, headers=STREAM)) == every[1:]


def test_one_instrument_may_be_asked_for(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-12", "rand-36")
    sent(hips, database, "rand-36")
    for headers in ({}, STREAM):
        answer = hips.get(RESULTS, params={"instrument": "rand-36"}, headers=headers)
        found = lines(answer) if headers else answer.json()["results"]
        assert [one["response"]["instrument"] for one in found] == ["rand-36", "rand-36"]
    assert hips.results(instrument="eq-5d-5l") == []


def test_another_registry_sees_nothing_of_it(hips: Party, knees: Party, database: Database) -> None:
    sent(hips, database)
    assert knees.results() == []
    assert knees.get(RESULTS, headers=STREAM).content == b""
    sent(knees, database)
    assert [one["registry"] for one in knees.results()] == ["knees"]
    assert [one["registry"] for one in hips.results()] == ["hips"]


def test_each_registry_counts_for_itself(hips: Party, knees: Party, database: Database) -> None:
    for party in (hips, knees, hips):
        sent(party, database)
    assert [int(one["cursor"]) for one in hips.results()] == [1, 2]
    assert [int(one["cursor"]) for one in knees.results()] == [1]


@pytest.mark.parametrize("headers", [{}, STREAM])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("after", "42"),
        ("after", "x"),
        ("after", "\0"),
        ("after", "٠" * 20),
        ("after", "9" * 20),
        ("after", "0" + "9" * 19),
        ("after", "9" * 41),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1000001"),
        ("limit", "9" * 5000),
        ("limit", "many"),
        ("instrument", "sf-36"),
        ("instrument", "RAND 36"),
        ("instrument", "\0"),
        ("form_at", "csv"),
        ("format", "xlsx"),
        ("version", "one"),
        ("time_point", "\0"),
        ("unit", ""),
        ("language", "Bokmål"),
        ("mode", "fax"),
        ("submitted_from", "yesterday"),
        ("submitted_to", "2026-13-01"),
        ("labels", "Bokmål"),
        ("bom", "true"),
    ],
)
def test_a_wrong_parameter_is_named(
    hips: Party, database: Database, headers: dict[str, str], field: str, value: str
) -> None:
    with nothing_stored(database):
        answer = hips.get(RESULTS, params={field: value}, headers=headers)
    assert refusal(answer, 422) == [field]


def test_a_cursor_that_the_feed_has_not_reached_is_refused(
    hips: Party, knees: Party, database: Database
) -> None:
    sent(hips, database)
    (result,) = hips.results()
    assert hips.results(after=result["cursor"]) == []
    assert refusal(knees.get(RESULTS, params={"after": result["cursor"]}), 422) == ["after"]
    assert refusal(hips.get(RESULTS, params={"after": f"{2**63 - 1:020d}"}), 422) == ["after"]


def test_more_than_a_page_holds_is_a_stream(hips: Party) -> None:
    assert refusal(hips.get(RESULTS, params={"limit": 10_001}), 422) == ["limit"]
    assert hips.get(RESULTS, params={"limit": 10_001}, headers=STREAM).status_code == 200


def test_no_cursor_at_all_is_the_beginning(hips: Party, database: Database) -> None:
    sent(hips, database)
    assert len(hips.results(after="")) == 1


def test_a_pull_is_noted_in_the_audit_trail(hips: Party, database: Database) -> None:
    assert hips.get(RESULTS, params={"after": f"{0:020d}"}).status_code == 200
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.registry_id == "hips")
        line = session.exec(query.order_by(col(AuditEvent.id))).one()
    assert (line.who, line.what, line.record) == ("client:hips-test", "results.read", "after 0")


def test_a_stranger_pulls_nothing(stranger: Party, database: Database, hips: Party) -> None:
    sent(hips, database)
    refusal(stranger.get(RESULTS), 401)
    refusal(stranger.get(RESULTS, headers=STREAM), 401)


def test_a_link_is_no_way_to_the_results(hips: Party, client: TestClient) -> None:
    order = hips.order()
    client.get("/" + order["link"].split("/", 3)[3])
    refusal(client.get(RESULTS), 401)

"""POST /api/v1/score/…: answers in, scores out, for a registry that collects elsewhere."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col
from starlette.types import Message

import scoring
from app import valuation
from app.db import Database
from app.models import PublishedInstrument
from tests.conftest import Party
from tests.documents import scorer, shipped_definitions
from tests.files import answers, from_csv
from tests.flow import nothing_stored, refusal
from tests.worded import publish_small

PATH = "/api/v1/score"
CSV, NDJSON = "text/csv", "application/x-ndjson"
EQ = {"mo": 2, "sc": 1, "ua": 2, "pd": 3, "ad": 1, "vas": 75}


def score(party: Party, instrument: str, people: list[Any], **params: Any) -> Any:
    return party.post(f"{PATH}/{instrument}", json={"answers": people}, params=params)


def table(party: Party, instrument: str, text: str | bytes, kind: str = CSV, **params: Any) -> Any:
    return party.post(
        f"{PATH}/{instrument}", content=text, headers={"Content-Type": kind}, params=params
    )


def scores(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["scores"]
    return found


def rows(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith(CSV):
        return from_csv(answer.text)
    return [json.loads(line) for line in answer.text.splitlines()]


def message(answer: Any, place: int = 0) -> str:
    found: str = answer.json()["errors"][place]["message"]
    return found


# JSON


@pytest.mark.parametrize("path", shipped_definitions(), ids=lambda path: path.parent.name)
def test_people_get_the_scores_that_the_engine_gives(hips: Party, path: Path) -> None:
    name = path.parent.name
    people = [answers(name), {}]
    expected = [scorer(path).score_one(person) for person in people]
    assert scores(score(hips, name, people)) == expected


def test_what_the_scores_come_from_is_told(hips: Party, knees: Party) -> None:
    body = score(hips, "eq-5d-5l", [EQ]).json()
    published = hips.get("/api/v1/instruments/eq-5d-5l").json()["instruments"][0]
    value_set = hips.get("/api/v1/value-sets/eq-5d-5l/no-2024")
    assert list(body) == (
        ["instrument", "version", "definition_sha256", "scoring_version", "value_sets", "scores"]
    )
    assert (body["instrument"], body["version"]) == ("eq-5d-5l", "1.0")
    assert body["definition_sha256"] == published["sha256"]
    assert body["scoring_version"] == scoring.VERSION
    digest = value_set.headers["etag"].strip('"')
    assert body["value_sets"] == {"no-2024": {"sha256": digest, "doi": value_set.json()["doi"]}}
    assert body["scores"][0]["index_no_2024"] == {"value": 0.817685, "answered": 5, "items": 5}
    assert score(knees, "eq-5d-5l", [EQ]).json() == body


def test_what_is_not_answered_is_left_out_or_null_and_never_zero(hips: Party) -> None:
    left_out = {item: code for item, code in EQ.items() if item != "ad"}
    one, other = scores(score(hips, "eq-5d-5l", [left_out, EQ | {"ad": None}]))
    assert one == other
    assert one["index_no_2024"] == {"value": None, "answered": 4, "items": 5}


def test_a_missing_code_is_no_answer(hips: Party) -> None:
    one, other = scores(score(hips, "eq-5d-5l", [EQ | {"ad": 9}, EQ | {"ad": None}]))
    assert one == other


def test_a_score_with_bands_says_in_which_it_is(hips: Party) -> None:
    (one,) = scores(score(hips, "gad-7", [dict.fromkeys(answers("gad-7"), 2)]))
    assert one["total"] == {"value": 14.0, "answered": 7, "items": 7, "band": "moderate"}


def test_a_whole_number_may_be_written_with_a_point(hips: Party) -> None:
    one, other = scores(score(hips, "eq-5d-5l", [EQ, EQ | {"mo": 2.0}]))
    assert one == other


def test_nobody_gets_no_scores(hips: Party) -> None:
    assert scores(score(hips, "rand-36", [])) == []


def test_the_missing_rule_may_be_replaced_where_the_instrument_lets_one(hips: Party) -> None:
    person = {"q3": 3}
    assert scores(score(hips, "rand-36", [person]))[0]["physical_functioning"]["value"] is None
    (one,) = scores(score(hips, "rand-36", [person], missing_rule="any"))
    assert one["physical_functioning"] == {"value": 100.0, "answered": 1, "items": 10}


@pytest.mark.parametrize("kind", ["application/json", CSV])
def test_a_missing_rule_that_is_not_offered_is_refused(hips: Party, kind: str) -> None:
    answer = table(hips, "eq-5d-5l", "mo\n", kind, missing_rule="any")
    assert refusal(answer, 422) == ["missing_rule"]
    assert "Without ?missing_rule each score goes by its own" in message(answer)


@pytest.mark.parametrize(
    ("person", "fields", "remedy"),
    [
        ({"mo": 7}, ["answers.1.mo"], "7 is not one of its codes (1, 2, 3, 4, 5)"),
        ({"vas": 101}, ["answers.1.vas"], "101 is not one of its codes (0 to 100)"),
        ({"mo": "2"}, ["answers.1.mo"], '"2" is not one of its codes'),
        ({"mo": 2.5}, ["answers.1.mo"], "2.5 is not one of its codes"),
        ({"mo": True}, ["answers.1.mo"], "true is not one of its codes"),
        ({"mo": [2]}, ["answers.1.mo"], "[2] is not one of its codes"),
        ({"mo": 10**40}, ["answers.1.mo"], "1e+40 is not one of its codes"),
        ({"MO": 2}, ["answers.1.MO"], "is not an item of eq-5d-5l (there is mo)"),
        ({"x" * 99: 2}, [f"answers.1.{'x' * 40}"], "is not an item of eq-5d-5l"),
        ({"mo": 6, "sc": 0}, ["answers.1.mo", "answers.1.sc"], "6 is not one of its codes"),
        ([2], ["answers.1"], 'give an object such as {"q1": 2}'),
    ],
)
def test_what_is_no_answer_is_named_by_person_and_item(
    hips: Party, database: Database, person: Any, fields: list[str], remedy: str
) -> None:
    with nothing_stored(database):
        answer = score(hips, "eq-5d-5l", [EQ, person, EQ])
    assert refusal(answer, 422) == fields
    assert remedy in message(answer)


def test_of_very_many_mistakes_the_first_are_named_and_all_are_counted(hips: Party) -> None:
    answer = score(hips, "eq-5d-5l", [{"mo": 7}] * 1001)
    assert refusal(answer, 422) == [f"answers.{place}.mo" for place in range(100)]
    assert "1,001 are wrong in all, of which 100 are named" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, "body"),
        (b"{", 400, "body"),
        (b'{"answers": [{"mo": 1, "mo": 2}]}', 400, "body"),
        (b'{"answers": [{"mo": NaN}]}', 400, "body"),
        (b"[" * 5000, 400, "body"),
        (b'{"answers": ' + b"[" * 800 + b"]" * 800 + b"}", 422, "answers.0"),
        (b"[]", 422, "body"),
        (b"{}", 422, "answers"),
        (b'{"answers": {"mo": 1}}', 422, "answers"),
        (b'{"answers": [], "version": "1.0"}', 422, "version"),
        (b'{"answers": [' + b"{}," * 10_000 + b"{}]}", 422, "answers"),
    ],
)
def test_a_body_that_is_none_is_refused(hips: Party, body: bytes, status: int, field: str) -> None:
    assert refusal(table(hips, "eq-5d-5l", body, "application/json"), status) == [field]


@pytest.mark.parametrize("option", ["map=a=mo", "absent=mo", "missing=9", "answered=true"])
def test_json_takes_no_options_of_tables(hips: Party, option: str) -> None:
    answer = hips.post(f"{PATH}/eq-5d-5l?{option}", json={"answers": [EQ]})
    assert refusal(answer, 422) == [option.split("=")[0]]


def test_json_that_is_too_large_to_be_taken_apart_is_to_be_sent_as_a_table(hips: Party) -> None:
    answer = table(hips, "eq-5d-5l", b" " * ((8 << 20) + 1), "application/json")
    assert refusal(answer, 413) == []
    assert "send NDJSON or CSV" in answer.json()["detail"]


# Value sets


def test_more_value_sets_give_more_indices(hips: Party, stranger: Party) -> None:
    answer = score(hips, "eq-5d-5l", [EQ], value_set=["uk-2026", "no-2024", "uk-2026"])
    (one,) = scores(answer)
    assert {"index_no_2024", "index_uk_2026"} == {name for name in one if name.startswith("index")}
    uk = stranger.get("/api/v1/value-sets/eq-5d-5l/uk-2026").headers["etag"].strip('"')
    assert answer.json()["value_sets"]["uk-2026"]["sha256"] == uk
    listed = table(hips, "eq-5d-5l", "mo,sc,ua,pd,ad,vas\n", value_set="uk-2026")
    assert listed.headers["svar-value-sets"] == "no-2024 uk-2026"


def test_all_value_sets_may_be_asked_for(hips: Party, stranger: Party) -> None:
    every = stranger.get("/api/v1/value-sets?instrument=eq-5d-5l").json()["value_sets"]
    answer = score(hips, "eq-5d-5l", [EQ], value_set="all")
    assert sorted(answer.json()["value_sets"]) == sorted(one["id"] for one in every)
    assert len(every) > 20


def test_the_sets_that_a_registry_named_are_not_added_unasked(
    hips: Party, database: Database
) -> None:
    before = score(hips, "eq-5d-5l", [EQ]).json()
    with database.write() as session:
        valuation.name(session, "hips", "eq-5d-5l/uk-2026", "me")
    assert score(hips, "eq-5d-5l", [EQ]).json() == before


@pytest.mark.parametrize(
    ("instrument", "name", "remedy"),
    [
        ("eq-5d-5l", "uk-2025", "uk-2026"),
        ("eq-5d-5l", "x", "GET /api/v1/value-sets lists them"),
        ("eq-5d-y-3l", "uk-2026", "no value set for eq-5d-y-3l"),
        ("rand-36", "all", "there are no value sets for rand-36"),
        ("rand-36", "uk-2026", "there are no value sets for rand-36"),
    ],
)
def test_a_value_set_that_is_not_there_is_refused_and_what_is_near_is_told(
    hips: Party, instrument: str, name: str, remedy: str
) -> None:
    answer = score(hips, instrument, [], value_set=name)
    assert refusal(answer, 422) == ["value_set"]
    assert remedy in message(answer)


# Which version, and for whom


def test_a_withdrawn_version_scores_only_when_it_is_named(hips: Party, database: Database) -> None:
    with database.write() as session:
        publish_small(session, "sum")
        mine = col(PublishedInstrument.id) == "sum"
        statement = update(PublishedInstrument).where(mine).values(status="withdrawn")
        session.connection().execute(statement)
    answer = score(hips, "sum", [])
    assert refusal(answer, 404) == []
    assert "name the one you mean" in answer.json()["detail"]
    assert scores(score(hips, "sum/1.0", [{}]))[0]["total"]["value"] is None


@pytest.mark.parametrize("name", ["sf-36", "rand-36/9.9"])
def test_what_is_not_there_is_not_found(hips: Party, name: str) -> None:
    assert refusal(score(hips, name, []), 404) == []


@pytest.mark.parametrize(
    ("name", "field"),
    [("RAND", "instrument_id"), ("rand-36/1", "version"), ("%00", "instrument_id")],
)
def test_what_is_no_name_is_refused(hips: Party, name: str, field: str) -> None:
    assert refusal(score(hips, name, []), 422) == [field]


def test_a_stranger_is_not_answered_whatever_is_sent(stranger: Party, database: Database) -> None:
    with nothing_stored(database):
        assert refusal(score(stranger, "eq-5d-5l", [EQ]), 401) == []
        assert refusal(table(stranger, "eq-5d-5l", "mo\n"), 401) == []


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "multipart/form-data"])
def test_a_body_of_another_type_is_not_read(hips: Party, kind: str) -> None:
    answer = table(hips, "eq-5d-5l", "mo\n", kind)
    assert refusal(answer, 415) == []
    assert "application/json, application/x-ndjson or text/csv" in answer.json()["detail"]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_body_is_not_read(hips: Party, coding: str) -> None:
    headers = {"Content-Type": CSV, "Content-Encoding": coding}
    answer = hips.post(f"{PATH}/eq-5d-5l", content=b"\x1f\x8b", headers=headers)
    assert refusal(answer, 415) == []
    assert "no Content-Encoding is read" in answer.json()["detail"]


# What stays behind: nothing


def test_a_body_may_be_larger_here_than_elsewhere_but_has_its_limit(
    hips: Party, app: FastAPI
) -> None:
    limit = app.state.settings.score_megabytes << 20
    line = "1,1,1,1,1,1\n"
    text = "mo,sc,ua,pd,ad,vas\n" + line * (300_000 // len(line))
    assert len(text) > app.state.settings.body_kilobytes * 1024
    assert table(hips, "eq-5d-5l", text).status_code == 200
    beyond = table(hips, "eq-5d-5l", b"a" * (limit + 1))
    assert refusal(beyond, 413) == []


@pytest.mark.parametrize("sent", ["json", "csv", "wrong"])
def test_nothing_is_stored_and_nothing_logged_but_the_count(
    hips: Party, database: Database, caplog: pytest.LogCaptureFixture, sent: str
) -> None:
    canary = "canary-case-4711"
    csv = f"case,mo,sc,ua,pd,ad,vas\n{canary},2,1,2,3,1,{'x' if sent == 'wrong' else 75}\n"
    with caplog.at_level(logging.DEBUG), nothing_stored(database):
        people = {"json": lambda: score(hips, "eq-5d-5l", [EQ])}
        answer = people.get(sent, lambda: table(hips, "eq-5d-5l", csv))()
    assert answer.status_code == (422 if sent == "wrong" else 200)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("svar")]
    count = "client:hips-test: 1 of eq-5d-5l 1.0 to score"
    assert [line for line in said if line == count] == ([] if sent == "wrong" else [count])
    assert len(said) == (1 if sent == "wrong" else 2)
    for secret in (canary, "0.817685", "75"):
        assert not any(secret in line.split(" ms")[0].rsplit(" ", 1)[0] for line in said)


def test_scoring_waits_for_no_one_who_writes(hips: Party, database: Database) -> None:
    with database.write() as session:
        session.connection()
        assert table(hips, "eq-5d-5l", "mo,sc,ua,pd,ad,vas\n").status_code == 200


def test_whoever_sends_slowly_keeps_no_other_request_waiting(hips: Party, app: FastAPI) -> None:
    said: list[Message] = []
    held: list[tuple[int, int]] = []
    parts = [b"mo,sc,ua,pd,ad,vas\n1,1,1", b",1,1,100\n"]

    async def receive() -> Message:
        held.append((app.state.turns.borrowed_tokens, app.state.scorings.borrowed_tokens))
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Message) -> None:
        said.append(message)

    token = hips.headers["Authorization"].encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "POST",
        "path": f"{PATH}/eq-5d-5l",
        "query_string": b"",
        "headers": [(b"content-type", CSV.encode()), (b"authorization", token)],
    }
    asyncio.run(app(scope, receive, send))
    assert said[0]["status"] == 200
    assert b"".join(part.get("body", b"") for part in said[1:]).splitlines()[1] == b"1,100,5"
    assert held == [(0, 1), (0, 1)]


# The description


def test_the_examples_can_be_sent_as_they_are_and_give_what_is_said(
    hips: Party, app: FastAPI
) -> None:
    described = app.openapi()["paths"]["/api/v1/score/{instrument_id}"]["post"]
    sent = described["requestBody"]["content"]
    said = described["responses"]["200"]["content"]
    assert set(sent) == set(said) == {"application/json", NDJSON, CSV}
    for kind in (NDJSON, CSV):
        answer = table(hips, "eq-5d-5l", sent[kind]["example"], kind)
        assert answer.status_code == 200, answer.text
        assert answer.text.startswith(said[kind]["example"])
    assert len(scores(hips.post(f"{PATH}/eq-5d-5l", json=sent["application/json"]["example"]))) == 2

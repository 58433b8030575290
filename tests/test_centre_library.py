"""/centre/: the library, an instrument's page, and its examples run."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import event, update
from sqlmodel import col
from starlette.testclient import TestClient

from app import catalogue, library, shelf
from app.db import Database
from app.library import Compared, Entry, Wish
from app.models import PublishedInstrument
from app.settings import HOUSE, Settings
from tests.benched import draft
from tests.conftest import Party
from tests.documents import SMALL, read
from tests.flow import answer_and_send
from tests.staffed import come_as
from tests.test_doors import STAFF
from tests.worded import publish_small


@pytest.fixture
def reader(client: TestClient, database: Database, settings: Settings) -> TestClient:
    come_as(client, database, settings, "reader")
    return client


def ids(page: Any) -> list[str]:
    assert page.status_code == 200, page.text
    return [part.split('"')[0] for part in page.text.split('href="/centre/instruments/')[1:]]


def test_the_list_has_every_instrument_and_who_ordered_it(
    reader: TestClient, hips: Party, knees: Party, database: Database
) -> None:
    hips.order(instruments=["rand-12", "who-5"], language="en")
    hips.order(instruments=["rand-12"])
    knees.order(instruments=["rand-12"])
    with database.read() as session:
        found = {one.instrument.id: one for one in library.entries(session)}
    page = reader.get("/centre/")
    assert ids(page) == sorted(found)
    assert len(found) > 10
    assert found["rand-12"].used_by == {"hips": 2, "knees": 1}
    assert "2 bestillinger" in page.text
    assert ids(reader.get("/centre/?registry=knees")) == ["rand-12"]
    assert ids(reader.get("/centre/?registry=hips&words=world+health")) == ["who-5"]
    assert ids(reader.get("/centre/?kind=PREM")) == ["gs-peq"]
    assert "rand-36" in ids(reader.get("/centre/?language=nb&status=published"))
    assert ids(reader.get("/centre/?licence=free&words=EQ-5D")) == []


WORDS = some.text(max_size=3)


@given(WORDS, some.sampled_from(["", "PROM", "PREM"]), some.sampled_from(["", "nb"]))
def test_a_narrower_wish_finds_no_more(words: str, kind: str, language: str) -> None:
    entry = known()
    if Wish(words, kind, language).fits(entry):
        assert Wish(words).fits(entry)
        assert Wish(kind=kind).fits(entry)
        assert Wish(language=language).fits(entry)
    assert Wish().fits(entry)


@cache
def known() -> Entry:
    one = shelf.load(HOUSE / "instruments", "who-5").instrument
    return Entry(one, "published", 1, {"en": "unreviewed"}, {})


def test_an_instruments_page_has_all_there_is_about_it(
    reader: TestClient, hips: Party, database: Database
) -> None:
    hips.order(instruments=["rand-12"])
    newest, exact = (
        reader.get(f"/centre/instruments/rand-12{version}").text for version in ("", "/1.0")
    )
    for words in ("Gå opp trappen", "instrument publ", "hips", "RAND", "Én bestilling", "SHA-256"):
        assert (words in newest) is (words != "instrument publ"), words
    assert newest.count("<table") == exact.count("<table")
    assert "Rettighetshaveren har ikke godkjent denne ordlyden" in exact
    english = reader.get("/centre/instruments/rand-12/1.0?language=en").text
    assert "Climbing several flights" in english
    assert reader.get("/centre/instruments/rand-12/1.0?language=pl").status_code == 404
    eq = reader.get("/centre/instruments/eq-5d-5l").text
    assert "plassholder" in eq
    assert "no-2024" in eq
    assert "uk-2026" in eq
    with database.write() as session:
        gone = update(PublishedInstrument).where(col(PublishedInstrument.id) == "who-5")
        session.connection().execute(gone.values(status="withdrawn"))
    assert "trukket tilbake" in reader.get("/centre/instruments/who-5").text


def test_a_version_tells_what_is_otherwise_than_in_the_one_before(
    reader: TestClient, database: Database
) -> None:
    small = read(SMALL / "mean-all.json")
    for version, name in (("1.0", "A name"), ("1.1", "Another name"), ("1.2", "A name")):
        with database.write() as session:
            catalogue.publish(session, small | {"version": version, "name": name}, {}, "me")
    first, second = (reader.get(f"/centre/instruments/mean-all/1.{minor}").text for minor in (0, 1))
    assert "Endret siden" not in first
    assert "Endret siden versjon 1.0" in second
    assert "MINOR" in second
    assert "Another name" in second.split("Endret siden", 1)[1]
    assert "Endret siden versjon 1.1" in reader.get("/centre/instruments/mean-all").text


def test_the_examples_are_run_and_both_values_shown(
    reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/centre/instruments/who-5/1.0/examples"
    page = reader.get(path).text
    assert "Alle eksemplene gir det de skal" in page
    assert '<li>q1: 5 = <span lang="en">All of the time</span></li>' in page
    monkeypatch.setattr(library, "TOLERANCE", -1.0)  # nothing is near enough
    wrong = reader.get(path).text
    assert "gir ikke det" in wrong
    assert '<strong class="wrong">Nei</strong>' in wrong


def test_a_score_that_is_not_given_is_the_same_only_as_none() -> None:
    assert Compared("a", None, None).same
    assert not Compared("a", None, 1.0).same
    assert not Compared("a", 1.0, None).same
    assert Compared("a", 1.0, 1.0 + 1e-12).same


TYPES = ("date", "eq-vas", "free-text", "multiple-choice", "number", "statement", "yes-no")


def test_every_type_of_question_is_shown_with_words_and_without(
    reader: TestClient, database: Database
) -> None:
    with database.write() as session:
        for name in TYPES:
            catalogue.publish(session, read(SMALL / f"{name}.json"), {}, "a colleague")
    for name in TYPES:
        page = reader.get(f"/centre/instruments/{name}")
        assert (page.status_code, "Det er ingen ordlyd ennå" in page.text) == (200, True), name
    with database.write() as session:
        for name in TYPES:
            publish_small(session, name)
    for name in TYPES:
        page = reader.get(f"/centre/instruments/{name}")
        assert (page.status_code, "ordlyd publisert" in page.text) == (200, True), name
    assert "a test" in page.text


COUNTED = "SELECT scoring_run.seq, scoring_run.version \nFROM"
"""What may be read of responses: which of them a new version could score again, to be counted."""
ANSWERS = ("questionnaire_response", "scoring_run", " draft", "patient_case", "correction")


@pytest.fixture
def asked(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database."""
    statements: list[str] = []

    def listen(*of: Any) -> None:
        statements.append(of[2])

    event.listen(database.engine, "before_cursor_execute", listen)
    yield statements
    event.remove(database.engine, "before_cursor_execute", listen)


def test_no_page_of_the_centre_reads_what_a_patient_answered(
    client: TestClient, database: Database, settings: Settings, hips: Party, asked: list[str]
) -> None:
    answer_and_send(database, hips.order(instruments=["rand-12"])["id"])
    draft(database, "mean-all")
    csrf = come_as(client, database, settings, "administrator", "author", "reviewer")
    asked.clear()
    for route in sorted(STAFF, key=lambda route: (route == "POST /centre/logout", route)):
        name = "mean-all" if "/drafts/" in route else "rand-12"
        known = re.sub("{instrument(_id)?}", name, route).replace("{version}", "1.0")
        method, path = known.replace("{language}", "nb").replace("{number}", "1").split()
        answer = client.request(method, path, data={"csrf": csrf} if method == "POST" else None)
        mine = 403 if route.endswith("/publish") else 200  # who handed it in does not approve it
        assert answer.status_code in (200, 303, 404, 422, mine), route
    assert any("person" in statement for statement in asked)
    assert any('"order"' in statement for statement in asked)
    read = [one for one in asked if re.search(rf"\b({'|'.join(ANSWERS)})\b", one)]
    assert [one for one in read if not one.startswith(COUNTED)] == []

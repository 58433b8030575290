"""GET /api/v1/instruments…: what can be ordered, open to anyone."""

import json
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from app import catalogue, revisions
from app.db import Database
from app.models import PublishedInstrument, PublishedWording, now
from tests.conftest import Party
from tests.documents import INSTRUMENTS, read, resolved, shipped_definitions, shipped_wordings
from tests.flow import refusal

PATH = "/api/v1/instruments"
SHIPPED = [path.parent.name for path in shipped_definitions()]


def entries(stranger: Party, path: str = PATH) -> list[dict[str, Any]]:
    answer = stranger.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["instruments"]
    return found


def publish_rand_12(database: Database, version: str) -> None:
    document = read(INSTRUMENTS / "rand-12/1.0.json") | {"version": version}
    with database.write() as session:
        catalogue.publish(session, document, {}, "me")


def test_anyone_may_list_them(stranger: Party) -> None:
    found = entries(stranger)
    assert [one["id"] for one in found] == SHIPPED
    languages = [path.name.split(".")[2] for path in shipped_wordings()]
    assert [text["language"] for one in found for text in one["wordings"]] == languages
    for one in found:
        assert list(one) == (
            ["id", "version", "name", "kind", "status", "licence", "sha256", "wordings"]
        )
        assert set(one["wordings"][0]) == {"language", "revision", "status", "sha256"}


def test_a_placeholder_is_called_one(stranger: Party) -> None:
    (eq5d,) = entries(stranger, f"{PATH}/eq-5d-5l")
    assert eq5d["licence"] == "licensed"
    assert [wording["status"] for wording in eq5d["wordings"]] == ["placeholder", "placeholder"]


def test_versions_of_one_instrument_come_newest_first(stranger: Party, database: Database) -> None:
    publish_rand_12(database, "1.10")
    publish_rand_12(database, "1.9")
    found = entries(stranger, f"{PATH}/rand-12")
    assert [one["version"] for one in found] == ["1.10", "1.9", "1.0"]


def test_a_withdrawn_version_is_called_so(stranger: Party, database: Database) -> None:
    publish_rand_12(database, "1.1")
    with database.write() as session:
        mine = col(PublishedInstrument.version) == "1.1"
        statement = update(PublishedInstrument).where(mine).values(status="withdrawn")
        session.connection().execute(statement)
    found = entries(stranger, f"{PATH}/rand-12")
    assert [one["status"] for one in found] == ["withdrawn", "published"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_definition_is_given_as_it_was_published(stranger: Party, name: str) -> None:
    answer = stranger.get(f"{PATH}/{name}/1.0")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == resolved(INSTRUMENTS / name / "1.0.json")


@pytest.mark.parametrize("path", ["rand-36/1.0", "eq-5d-5l/1.0", "rand-36/1.0/wording/nb"])
def test_the_hash_is_that_of_the_bytes(stranger: Party, path: str) -> None:
    answer = stranger.get(f"{PATH}/{path}")
    digest = catalogue.sha256(answer.text)
    assert answer.headers["etag"] == f'"{digest}"'
    canonical = json.dumps(answer.json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert answer.text == canonical


def test_a_wording_is_given_as_it_was_published(stranger: Party) -> None:
    answer = stranger.get(f"{PATH}/rand-36/1.0/wording/nb")
    assert answer.json() == read(INSTRUMENTS / "rand-36/1.0.nb.json")


def test_the_newest_revision_of_a_wording_is_given(stranger: Party, database: Database) -> None:
    document = read(INSTRUMENTS / "rand-12/1.0.nb.json") | {"revision": 2, "title": "Ny tittel"}
    with database.write() as session:
        revisions.publish(session, document, "me")
    path = f"{PATH}/rand-12/1.0/wording/nb"
    assert stranger.get(path).json()["title"] == "Ny tittel"
    nb = entries(stranger, f"{PATH}/rand-12")[0]["wordings"][-1]
    assert stranger.get(path).headers["etag"] == f'"{nb["sha256"]}"'


def test_an_earlier_revision_of_a_wording_is_still_there(
    stranger: Party, database: Database
) -> None:
    document = read(INSTRUMENTS / "rand-12/1.0.nb.json") | {"revision": 2, "title": "Ny tittel"}
    with database.write() as session:
        revisions.publish(session, document, "me")
    listed = stranger.get("/api/v1/instruments/rand-12").json()["instruments"][0]["wordings"]
    assert [(w["language"], w["revision"]) for w in listed] == [("en", 1), ("nb", 1), ("nb", 2)]
    path = "/api/v1/instruments/rand-12/1.0/wording/nb"
    first = stranger.get(f"{path}?revision=1")
    assert first.json()["title"] == read(INSTRUMENTS / "rand-12/1.0.nb.json")["title"]
    assert first.headers["etag"] == f'"{listed[1]["sha256"]}"'
    assert refusal(stranger.get(f"{path}?revision=3"), 404) == []


def keep_official(session: Session, instrument: str) -> None:
    """Keep an official wording of an instrument, as the PRO centre does under its licence."""
    text = session.exec(select(PublishedWording.document)).first() or ""
    row = PublishedWording(
        instrument=instrument,
        version="1.0",
        language="nb",
        revision=2,
        sha256="f" * 64,
        document=text,
        status="official",
        published_at=now(),
        published_by="me",
    )
    session.add(row)


@pytest.mark.parametrize("instrument", ["eq-5d-5l", "koos"])
def test_a_wording_that_is_licensed_or_may_be_is_not_for_anyone(
    stranger: Party, hips: Party, database: Database, instrument: str
) -> None:
    path = f"{PATH}/{instrument}/1.0/wording/nb"
    assert stranger.get(path).json()["status"] == "placeholder"
    with database.write() as session:
        keep_official(session, instrument)
    refusal(stranger.get(path), 404)
    refusal(hips.get(path), 404)
    assert "licensed" in stranger.get(path).json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["sf-36", "sf-36/1.0", "rand-36/9.9", "rand-36/1.0/wording/fi", "sf-36/1.0/wording/nb"],
)
def test_what_is_not_there_is_not_found(stranger: Party, path: str) -> None:
    refusal(stranger.get(f"{PATH}/{path}"), 404)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("instrument_id", "RAND"),
        ("instrument_id", "%00"),
        ("instrument_id", "rand-36%0a"),
        ("instrument_id", "a" * 41),
        ("instrument_id", "%F0%9F%98%80/1.0"),
        ("version", "rand-36/1"),
        ("version", "rand-36/0.1"),
        ("version", "rand-36/1.0%00"),
        ("version", "rand-36/1." + "9" * 20),
        ("language", "rand-36/1.0/wording/NB"),
        ("language", "rand-36/1.0/wording/%00"),
    ],
)
def test_what_is_no_name_is_refused(stranger: Party, field: str, path: str) -> None:
    assert refusal(stranger.get(f"{PATH}/{path}"), 422) == [field]

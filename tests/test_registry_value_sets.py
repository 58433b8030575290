"""GET /api/v1/value-sets…: what a registry can name, open to anyone."""

import json
from collections import Counter
from typing import Any

import pytest

from app import catalogue, valuation
from app.db import Database
from tests.conftest import Party
from tests.documents import VALUE_SETS, read, shipped_value_sets
from tests.flow import nothing_stored, refusal

PATH = "/api/v1/value-sets"
ENTRY = "id instrument version country year type checked note citation doi sha256"
UK = VALUE_SETS / "eq-5d-5l/uk-2026.json"


def entries(party: Party, **params: str) -> list[dict[str, Any]]:
    answer = party.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["value_sets"]
    return found


def publish_later(database: Database, *versions: str) -> None:
    with database.write() as session:
        for version in versions:
            document = read(UK) | {"version": version, "note": f"As of {version}"}
            valuation.publish(session, document, "me")


def test_anyone_may_list_every_value_set_that_is_shipped(
    hips: Party, knees: Party, stranger: Party
) -> None:
    found = entries(stranger)
    names = [f"{one['instrument']}/{one['id']}" for one in found]
    assert names == sorted(f"{path.parent.name}/{path.stem}" for path in shipped_value_sets())
    assert len(names) > 150
    assert entries(hips) == entries(knees) == found


def test_an_entry_says_what_the_document_says(stranger: Party) -> None:
    found = entries(stranger)
    assert found
    for one in found:
        document = read(VALUE_SETS / one["instrument"] / f"{one['id']}.json")
        assert list(one) == ENTRY.split()
        assert one["sha256"] == catalogue.sha256(catalogue.canonical(document))
        assert all(one[name] == document[name] for name in ENTRY.split()[:-1])


def test_a_value_set_in_dispute_is_called_so_and_the_note_says_why(stranger: Party) -> None:
    disputed = [one for one in entries(stranger) if one["checked"] == "disputed"]
    assert disputed
    assert all(one["note"] for one in disputed)


def test_the_sets_of_one_instrument_may_be_asked_for(stranger: Party) -> None:
    every = Counter(one["instrument"] for one in entries(stranger))
    assert len(every) == 3
    for instrument, number in every.items():
        found = entries(stranger, instrument=instrument)
        assert [one["instrument"] for one in found] == [instrument] * number


def test_an_instrument_without_value_sets_has_none(stranger: Party) -> None:
    assert entries(stranger, instrument="rand-36") == []


def test_versions_of_one_set_come_newest_first(stranger: Party, database: Database) -> None:
    publish_later(database, "1.10", "1.9")
    found = [one for one in entries(stranger) if one["id"] == "uk-2026"]
    assert [one["version"] for one in found] == ["1.10", "1.9", "1.0"]


@pytest.mark.parametrize("name", ["eq-5d-5l/no-2024", "eq-5d-3l/uk-1997", "eq-5d-5l/uk-2012-cw"])
def test_a_value_set_is_given_as_it_was_published(
    hips: Party, knees: Party, stranger: Party, name: str
) -> None:
    answer = stranger.get(f"{PATH}/{name}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == read(VALUE_SETS / f"{name}.json")
    assert hips.get(f"{PATH}/{name}").text == knees.get(f"{PATH}/{name}").text == answer.text


def test_the_hash_is_that_of_the_bytes_and_of_the_list(stranger: Party) -> None:
    answer = stranger.get(f"{PATH}/eq-5d-5l/no-2024")
    digest = catalogue.sha256(answer.text)
    assert answer.headers["etag"] == f'"{digest}"'
    assert digest in [one["sha256"] for one in entries(stranger) if one["id"] == "no-2024"]
    canonical = json.dumps(answer.json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert answer.text == canonical


def test_the_newest_version_is_given_and_the_earlier_ones_are_still_there(
    stranger: Party, database: Database
) -> None:
    publish_later(database, "1.10", "1.9")
    path = f"{PATH}/eq-5d-5l/uk-2026"
    assert stranger.get(path).json()["version"] == "1.10"
    for version in ("1.0", "1.9"):
        assert stranger.get(path, params={"version": version}).json()["version"] == version
    refusal(stranger.get(path, params={"version": "1.2"}), 404)


def test_what_is_not_there_is_not_found_and_what_is_near_is_told(stranger: Party) -> None:
    for name in ("eq-5d-5l/uk-2025", "eq-5d-6l/uk-2026", "rand-36/uk-2026"):
        answer = stranger.get(f"{PATH}/{name}")
        assert refusal(answer, 404) == []
        assert f"There is no value set {name}." in answer.json()["detail"]
    near = stranger.get(f"{PATH}/eq-5d-5l/uk-2025").json()["detail"]
    assert "eq-5d-5l/uk-2026" in near
    far = stranger.get(f"{PATH}/x/y").json()["detail"]
    assert "GET /api/v1/value-sets lists them" in far


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("instrument", "?instrument=EQ-5D"),
        ("instrument", "?instrument=eq-5d-6l"),
        ("instrument", "?instrument=%00"),
        ("instrument", f"?instrument={'a' * 41}"),
        ("instrumnet", "?instrumnet=eq-5d-5l"),
        ("instrument_id", "/EQ-5D/no-2024"),
        ("value_set_id", "/eq-5d-5l/NO"),
        ("value_set_id", "/eq-5d-5l/%00"),
        ("value_set_id", f"/eq-5d-5l/{'a' * 41}"),
        ("version", "/eq-5d-5l/no-2024?version=1"),
        ("version", "/eq-5d-5l/no-2024?version=1.0%00"),
    ],
)
def test_what_is_no_name_is_refused(
    stranger: Party, database: Database, field: str, path: str
) -> None:
    with nothing_stored(database):
        assert refusal(stranger.get(PATH + path), 422) == [field]

"""`svar registry value-set …`: name a value set, take it back, see which are named."""

import re

import pytest

from app.db import Database
from tests.conftest import Party
from tests.documents import VALUE_SETS, read
from tests.flow import answer_and_send, nothing_stored
from tests.test_cli import environment as environment
from tests.test_cli import fails, works
from tests.test_valuation import DENMARK, UK, lines, name, named, publish, uk

COMMAND = ("registry", "value-set")


def test_a_set_is_named_and_its_paper_is_told(database: Database) -> None:
    said = works(*COMMAND, "add", "hips", UK)
    assert uk()["citation"] in said
    assert f"doi:{uk()['doi']}" in said
    assert "svar rescore --instrument eq-5d-5l" in said
    assert list(named(database)) == [UK]
    assert lines(database) == [("cli", "value_set.named", f"{UK}/1.0")]


@pytest.mark.demo
def test_what_is_told_to_be_done_next_does_it(hips: Party, database: Database) -> None:
    answer_and_send(database, hips.order(instruments=["eq-5d-5l"])["id"])
    said = works(*COMMAND, "add", "hips", UK)
    (again,) = re.findall(r"svar (rescore .*)", said)
    assert "Scored 1 responses" in works(*again.replace("…", "1.0").split())
    assert "index_uk_2026" in hips.results()[-1]["scores"]


def test_a_set_in_dispute_is_told_to_be_with_its_note() -> None:
    note = read(VALUE_SETS / "eq-5d-5l/jo-2024-cw.json")["note"]
    assert f"DISPUTED: {note}" in works(*COMMAND, "add", "hips", "eq-5d-5l/jo-2024-cw")
    assert "DISPUTED" not in works(*COMMAND, "add", "hips", UK)
    assert "Note: " not in works(*COMMAND, "add", "hips", UK)


def test_a_note_is_told_without_a_dispute_too() -> None:
    document = read(VALUE_SETS / "eq-5d-5l/uk-2012-cw.json")
    assert document["note"]
    assert f"Note: {document['note']}" in works(*COMMAND, "add", "hips", "eq-5d-5l/uk-2012-cw")


@pytest.mark.parametrize("kind", ["url", "isbn"])
def test_a_paper_without_a_doi_is_told_by_what_it_has(kind: str) -> None:
    documents = [read(path) for path in sorted(VALUE_SETS.glob("*/*.json"))]
    found = [one for one in documents if one["doi"] is None and one.get(kind)]
    assert found
    said = works(*COMMAND, "add", "hips", f"{found[0]['instrument']}/{found[0]['id']}")
    assert found[0][kind] in said


def test_a_set_is_taken_back(database: Database) -> None:
    name(database)
    assert UK in works(*COMMAND, "remove", "hips", UK)
    assert named(database) == {}
    assert lines(database)[-1] == ("cli", "value_set.unnamed", UK)


def test_the_sets_of_a_registry_are_listed(database: Database) -> None:
    assert "hips has named none" in works(*COMMAND, "list", "hips")
    name(database)
    name(database, DENMARK)
    name(database, "eq-5d-5l/se-2022", "knees")
    said = works(*COMMAND, "list", "hips")
    assert re.findall(r"^eq-5d-\S+", said, re.MULTILINE) == [DENMARK, UK]
    assert uk()["citation"] in said
    assert "is published" not in said


def test_a_newer_version_of_a_set_is_told_of(database: Database) -> None:
    name(database)
    publish(database, uk(version="1.1"))
    assert "Version 1.1 is published; add the set again" in works(*COMMAND, "list", "hips")
    assert f"{UK} 1.1" in works(*COMMAND, "add", "hips", UK)
    assert "is published" not in works(*COMMAND, "list", "hips")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"add spine {UK}", "There is no registry spine"),
        (f"remove spine {UK}", "There is no registry spine"),
        ("list spine", "There is no registry spine"),
        ("add hips eq-5d-5l/uk-2025", f"Near to it: {UK}"),
        ("add hips uk-2026", f"Near to it: {UK}"),
        (f"remove hips {UK}", "it has named: none"),
        ("add hips", "Missing argument 'INSTRUMENT/ID'"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_stored(
    database: Database, command: str, said: str
) -> None:
    with nothing_stored(database):
        told = re.sub(r"[\s│]+", " ", fails(*COMMAND, *command.split()))
    assert said in told
    assert named(database) == {}

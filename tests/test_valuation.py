"""Value sets are published once and frozen; a registry names those it wants besides."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from app import catalogue, shelf, valuation
from app.db import Database
from app.errors import Frozen, NotFound
from app.models import AuditEvent, PublishedValueSet
from app.settings import HOUSE
from scoring import NotValid
from tests.documents import INSTRUMENTS, VALUE_SETS, Document, read, shipped_value_sets
from tests.flow import nothing_stored
from tests.sending import at_once

UK = "eq-5d-5l/uk-2026"
DENMARK = "eq-5d-5l/dk-2021"


def uk(**changed: object) -> Document:
    return read(VALUE_SETS / f"{UK}.json") | changed


def digest(document: Document) -> str:
    return catalogue.sha256(catalogue.canonical(document))


def publish(database: Database, document: Document) -> None:
    with database.write() as session:
        valuation.publish(session, document, "me")


def name(database: Database, value_set: str = UK, registry: str = "hips") -> str:
    """Name a value set; return the version that was taken."""
    with database.write() as session:
        return valuation.name(session, registry, value_set, "cli").version


def unname(database: Database, value_set: str = UK, registry: str = "hips") -> None:
    with database.write() as session:
        valuation.unname(session, registry, value_set, "cli")


def named(database: Database, registry: str = "hips") -> dict[str, str]:
    with database.read() as session:
        return valuation.named_by(session, registry)


def lines(database: Database, registry: str = "hips") -> list[tuple[str, str, str]]:
    with database.read() as session:
        mine = col(AuditEvent.registry_id) == registry
        query = select(AuditEvent).where(mine, col(AuditEvent.what).startswith("value_set."))
        found = session.exec(query.order_by(col(AuditEvent.id))).all()
    return [(line.who, line.what, line.record) for line in found]


def test_every_shipped_value_set_is_published_as_it_is(database: Database) -> None:
    with database.read() as session:
        rows = session.exec(select(PublishedValueSet)).all()
    assert len(rows) == len(shipped_value_sets()) > 150
    for row in rows:
        document = read(VALUE_SETS / row.instrument / f"{row.id}.json")
        assert json.loads(row.document) == document
        assert (row.version, row.sha256) == (document["version"], digest(document))
        assert row.sha256 == catalogue.sha256(row.document)


def test_publishing_the_folder_again_changes_nothing(database: Database) -> None:
    with nothing_stored(database), database.write() as session:
        shelf.publish_folder(session, HOUSE / "instruments", "me")


def test_what_is_published_is_not_checked_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valuation, "publish", None)
    with database.write() as session:
        shelf._publish_value_sets(session, INSTRUMENTS, "me")


def test_the_same_again_changes_nothing(database: Database) -> None:
    with nothing_stored(database):
        publish(database, dict(reversed(uk().items())))


def test_the_same_version_with_another_content_is_frozen(database: Database) -> None:
    with nothing_stored(database), pytest.raises(Frozen, match=r"uk-2026/1\.0 is .* new version"):
        publish(database, uk(note="Another note"))


def test_what_is_no_value_set_is_not_published(database: Database) -> None:
    with nothing_stored(database), pytest.raises(NotValid, match="unknown here"):
        publish(database, uk(id="uk-2027", coefficients=uk()["coefficients"] | {"XY": 1.0}))


def test_a_new_version_is_published_beside_the_earlier_one(database: Database) -> None:
    publish(database, uk(version="1.10", note="Corrected"))
    with database.read() as session:
        newest = valuation.row(session, "eq-5d-5l", "uk-2026")
        assert (newest.version, newest.published_by) == ("1.10", "me")
        assert valuation.row(session, "eq-5d-5l", "uk-2026", "1.0").sha256 == digest(uk())
    assert lines(database, "-")[-1] == ("me", "value_set.published", f"{UK}/1.10")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of instruments with one value set, which is published."""
    shutil.copytree(INSTRUMENTS / "rand-12", tmp_path / "rand-12")
    (tmp_path / "value-sets/eq-5d-5l").mkdir(parents=True)
    shutil.copy(VALUE_SETS / f"{UK}.json", tmp_path / "value-sets/eq-5d-5l")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "changed", "why"),
    [
        ("uk-2026", {"note": "Another note"}, "another content"),
        ("uk-2027", {"id": "uk-2028"}, "must be named eq-5d-5l/uk-2028.json"),
        ("uk-2027", {"id": "uk-2027", "checked": "by me"}, "checked"),
    ],
)
def test_a_file_that_cannot_be_published_is_named(
    database: Database, folder: Path, file: str, changed: Document, why: str
) -> None:
    path = folder / "value-sets/eq-5d-5l" / f"{file}.json"
    path.write_text(json.dumps(uk(**changed)))
    with (
        nothing_stored(database),
        pytest.raises(shelf.NotPublished, match=f"{path}: .*{why}"),
        database.write() as session,
    ):
        shelf.publish_folder(session, folder, "me")


def test_a_set_that_is_added_to_a_folder_is_published(database: Database, folder: Path) -> None:
    path = folder / "value-sets/eq-5d-5l/uk-2027.json"
    path.write_text(json.dumps(uk(id="uk-2027")))
    with database.write() as session:
        shelf.publish_folder(session, folder, "me")
        assert valuation.row(session, "eq-5d-5l", "uk-2027").sha256 == digest(uk(id="uk-2027"))


def test_a_registry_has_named_nothing_until_it_does(database: Database) -> None:
    assert named(database) == {}
    name(database)
    assert named(database) == {UK: digest(uk())}
    assert named(database, "knees") == {}


def test_what_is_named_and_unnamed_is_noted_in_the_audit_trail(database: Database) -> None:
    name(database)
    name(database, DENMARK)
    unname(database)
    assert list(named(database)) == [DENMARK]
    assert lines(database) == [
        ("cli", "value_set.named", f"{UK}/1.0"),
        ("cli", "value_set.named", f"{DENMARK}/1.0"),
        ("cli", "value_set.unnamed", UK),
    ]
    assert lines(database, "knees") == []


def test_naming_again_changes_nothing(database: Database) -> None:
    name(database)
    with nothing_stored(database):
        name(database)
    assert list(named(database)) == [UK]


def test_a_corrected_set_is_used_when_it_is_named_again(database: Database) -> None:
    name(database)
    publish(database, uk(version="1.1", note="Corrected"))
    assert named(database) == {UK: digest(uk())}
    with database.read() as session:
        ((there, newest),) = valuation.of_registry(session, "hips")
    assert (there.version, newest) == ("1.0", "1.1")
    assert name(database) == "1.1"
    assert named(database) == {UK: digest(uk(version="1.1", note="Corrected"))}
    assert lines(database)[-1] == ("cli", "value_set.named", f"{UK}/1.1")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("eq-5d-5l/uk-2025", UK),
        ("uk-2026", UK),
        ("eq-5d-5l/denmark-2021", DENMARK),
        (f"{UK}/1.0", UK),
        ("?", "GET /api/v1/value-sets lists them"),
        ("", "GET /api/v1/value-sets lists them"),
    ],
)
def test_an_unknown_set_is_not_named_and_what_is_near_to_it_is_told(
    database: Database, wanted: str, told: str
) -> None:
    with nothing_stored(database), pytest.raises(NotFound, match="There is no value set") as caught:
        name(database, wanted)
    assert told in caught.value.detail
    assert named(database) == {}


def test_what_was_not_named_cannot_be_taken_back(database: Database) -> None:
    with nothing_stored(database), pytest.raises(NotFound, match="it has named: none"):
        unname(database)
    name(database, DENMARK)
    name(database, registry="knees")
    with nothing_stored(database), pytest.raises(NotFound, match=f"it has named: {DENMARK}"):
        unname(database)


def test_an_unknown_registry_names_nothing(database: Database) -> None:
    for act in (name, unname):
        with nothing_stored(database), pytest.raises(NotFound, match="no registry spine"):
            act(database, registry="spine")
    with database.read() as session, pytest.raises(NotFound, match="no registry spine"):
        valuation.of_registry(session, "spine")


def test_two_who_name_at_once_do_not_undo_each_other(database: Database) -> None:
    sets = [UK, DENMARK, "eq-5d-5l/se-2022", "eq-5d-3l/uk-1997"]
    at_once(*[partial(name, database, one) for one in sets])
    assert sorted(named(database)) == sorted(sets)


def test_what_is_read_under_a_hash_is_read_once(database: Database) -> None:
    with database.read() as session:
        (first,) = valuation.of_hashes(session, [digest(uk())])
    closed = Session()
    (again,) = valuation.of_hashes(closed, [digest(uk())])
    assert again is first

"""Publishing instruments with every check, and finding them again."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from app import catalogue, revisions, shelf
from app.db import Database
from app.errors import Frozen, NotFound
from app.models import AuditEvent, PublishedInstrument
from app.settings import HOUSE
from scoring import NotValid
from tests.documents import BAD, INSTRUMENTS, SMALL, Document, read, shipped_definitions
from tests.flow import counts, nothing_stored

RAND_12 = INSTRUMENTS / "rand-12/1.0.json"
NB = INSTRUMENTS / "rand-12/1.0.nb.json"


def small(**changed: Any) -> Document:
    return read(SMALL / "mean-all.json") | changed


def wording(**changed: Any) -> Document:
    return read(NB) | changed


def publish(database: Database, document: Document) -> catalogue.Published:
    with database.write() as session:
        return catalogue.publish(session, document, {}, "me")


def publish_wording(database: Database, document: Document) -> None:
    with database.write() as session:
        revisions.publish(session, document, "me")


def test_the_hashed_text_is_canonical() -> None:
    assert catalogue.canonical({"b": 1, "a": ["æ", 1.5]}) == '{"a":["æ",1.5],"b":1}'
    assert catalogue.sha256("æ") == hashlib.sha256(b"\xc3\xa6").hexdigest()


def test_a_definition_is_published_and_found(database: Database) -> None:
    made = publish(database, small())
    with database.read() as session:
        found = catalogue.get(session, "mean-all", "1.0")
        row = catalogue.definition_row(session, "mean-all", "1.0")
        again = catalogue.definition(session, made.sha256)
    assert found.sha256 == made.sha256 == again.sha256 == catalogue.sha256(row.document)
    assert (row.major, row.minor, row.status, row.published_by) == (1, 0, "published", "me")
    assert [item.id for item in made.way] == ["q1", "q2", "q3"]


def test_publishing_is_noted_in_the_audit_trail(database: Database) -> None:
    publish(database, small())
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.what == "instrument.published")
        lines = {(line.registry_id, line.who, line.record) for line in session.exec(query)}
    assert ("-", "me", "mean-all/1.0") in lines


def test_the_same_again_changes_nothing(database: Database) -> None:
    publish(database, small())
    with nothing_stored(database):
        publish(database, dict(reversed(small().items())))
        publish_wording(database, wording())
        with database.write() as session:
            names = shelf.publish_folder(session, HOUSE / "instruments", "me")
    assert names == [f"{path.parent.name}/1.0" for path in shipped_definitions()]
    assert {"eq-5d-5l/1.0", "rand-12/1.0", "rand-36/1.0"} < set(names)


def test_the_same_version_with_another_content_is_frozen(database: Database) -> None:
    publish(database, small())
    with nothing_stored(database), pytest.raises(Frozen, match="new version"):
        publish(database, small(name="Another name"))


def test_a_minor_version_may_score_otherwise(database: Database) -> None:
    publish(database, small())
    publish(database, small(version="1.1", name="Another name"))
    with database.read() as session:
        assert catalogue.latest(session, "mean-all", "en").instrument.version == "1.1"


@pytest.mark.parametrize(
    "changed",
    [
        {"items": [*small()["items"][:2], small()["items"][2] | {"missing_codes": [9]}]},
        {"pages": [{"id": "all", "stem": True, "items": ["q1", "q2", "q3"]}]},
        {"pages": [{"id": "all", "stem": False, "items": ["q2", "q1", "q3"]}]},
        {"option_sets": {"level": [3, 2, 1, 0]}},
    ],
)
def test_a_minor_version_may_not_ask_something_else(database: Database, changed: Document) -> None:
    publish(database, small())
    with nothing_stored(database), pytest.raises(Frozen, match=r"new MAJOR version: 2\.0"):
        publish(database, small(version="1.1") | changed)
    publish(database, small(version="2.0") | changed)


def test_the_newest_version_is_found_by_number_not_by_letter(database: Database) -> None:
    for version in ("1.2", "1.10", "1.9"):
        publish(database, small(version=version))
    with database.read() as session:
        assert catalogue.latest(session, "mean-all", "en").instrument.version == "1.10"
        found = [one.instrument.version for one, _ in catalogue.versions(session, "mean-all")]
    assert found == ["1.10", "1.9", "1.2"]


def test_a_withdrawn_version_is_not_the_newest(database: Database) -> None:
    publish(database, small())
    publish(database, small(version="1.1"))
    with database.write() as session:
        mine = (
            col(PublishedInstrument.id) == "mean-all",
            col(PublishedInstrument.version) == "1.1",
        )
        statement = update(PublishedInstrument).where(*mine).values(status="withdrawn")
        session.connection().execute(statement)
        assert catalogue.latest(session, "mean-all", "en").instrument.version == "1.0"


@pytest.mark.parametrize("folder", ["rules", "shape"])
def test_a_broken_definition_is_not_published(database: Database, folder: str) -> None:
    paths = sorted((BAD / folder).glob("*.json"))
    assert paths
    before = counts(database)
    for path in paths:
        with pytest.raises(NotValid):
            publish(database, read(path))
    assert counts(database) == before


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"scores": 5},
        {"scores": [5]},
        {"scores": [{"method": "value-set", "value_set": [1]}]},
        {"scores": [{"method": "value-set", "value_set": {"a": 1}}]},
    ],
)
def test_whatever_comes_is_judged_and_not_stumbled_over(broken: Document) -> None:
    with pytest.raises(NotValid):
        catalogue.check(broken, {})


def test_value_sets_are_written_into_what_names_them() -> None:
    value_sets = shelf.value_sets(INSTRUMENTS)
    document = read(INSTRUMENTS / "eq-5d-5l/1.0.json")
    resolved = catalogue.resolve(document, value_sets)
    assert list(resolved["value_sets"]) == ["no-2024"]
    assert resolved["value_sets"]["no-2024"] == value_sets["eq-5d-5l/no-2024"]
    assert "value_sets" not in document
    assert catalogue.resolve(read(RAND_12), value_sets)["value_sets"] == {}


def test_a_definition_without_its_value_set_is_not_valid() -> None:
    with pytest.raises(NotValid, match="no-2024"):
        catalogue.check(read(INSTRUMENTS / "eq-5d-5l/1.0.json"), {})


def test_a_wording_needs_its_definition(database: Database) -> None:
    for changed in ({"instrument": "sf-36"}, {"version": "1.9"}):
        with nothing_stored(database), pytest.raises(NotFound):
            publish_wording(database, wording(**changed))


def test_a_wording_must_have_every_text(database: Database) -> None:
    items = wording()["items"]
    del items["rand_5"]
    with nothing_stored(database), pytest.raises(NotValid, match=r"items\.rand_5"):
        publish_wording(database, wording(revision=2, items=items))
    with nothing_stored(database), pytest.raises(NotValid, match="title"):
        publish_wording(database, wording(revision=2, title=""))


def test_a_corrected_wording_is_a_new_revision(database: Database) -> None:
    with nothing_stored(database), pytest.raises(Frozen, match="Raise the revision"):
        publish_wording(database, wording(title="Ny"))
    publish_wording(database, wording(title="Ny", revision=2))
    with database.read() as session:
        row = catalogue.wording_row(session, "rand-12", "1.0", "nb")
        rows = catalogue.wordings(session, "rand-12", "1.0")
        assert catalogue.wording_of(session, row.sha256).title == "Ny"
    assert row.revision == 2
    assert [(one.language, one.revision) for one in rows] == [("en", 1), ("nb", 2)]


def test_a_minor_versions_wording_begins_with_the_same_words(database: Database) -> None:
    publish(database, read(RAND_12) | {"version": "1.1"})
    other = {"version": "1.1", "items": wording()["items"] | {"rand_5": "Something else"}}
    with nothing_stored(database), pytest.raises(Frozen, match="Publish the same words first"):
        publish_wording(database, wording(**other))
    publish_wording(database, wording(version="1.1"))
    publish_wording(database, wording(**other, revision=2))


def test_an_older_revision_may_come_later_and_is_not_the_newest(database: Database) -> None:
    publish_wording(database, wording(revision=3))
    publish_wording(database, wording(revision=2, title="Ny"))
    with database.read() as session:
        assert catalogue.wording_row(session, "rand-12", "1.0", "nb").revision == 3


def test_what_is_not_there_is_not_found(database: Database) -> None:
    with database.read() as session:
        for look in (
            lambda: catalogue.get(session, "rand-12", "9.9"),
            lambda: catalogue.latest(session, "sf-36", "en"),
            lambda: catalogue.versions(session, "sf-36"),
            lambda: catalogue.wording_row(session, "rand-12", "1.0", "fi"),
        ):
            with pytest.raises(NotFound):
                look()
        assert catalogue.exists(session, "rand-12")
        assert not catalogue.exists(session, "sf-36")


def test_a_new_folder_is_published_whole(database: Database, tmp_path: Path) -> None:
    (tmp_path / "mean-all").mkdir()
    (tmp_path / "mean-all/1.0.json").write_text(json.dumps(small()))
    with database.write() as session:
        assert shelf.publish_folder(session, tmp_path, "me") == ["mean-all/1.0"]
        assert catalogue.exists(session, "mean-all")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("rand-12/1.0.json", r"definition rand-12 1\.0, [0-9]+ examples reproduced"),
        ("eq-5d-5l/1.0.json", r"definition eq-5d-5l 1\.0, [0-9]+ examples reproduced"),
        ("rand-12/1.0.nb.json", r"wording of rand-12 1\.0 in nb"),
        ("value-sets/eq-5d-5l/no-2024.json", "value set no-2024, 3125 health states"),
        ("norms/rand-36/us-1990.json", "norm us-1990 of rand-36, 8 rows"),
        (
            "mcids/eq-5d-3l/pickard-2007-vas.json",
            "smallest important change pickard-2007-vas of eq-5d-3l/vas",
        ),
    ],
)
def test_a_file_is_checked_for_what_it_is(name: str, what: str) -> None:
    assert re.fullmatch(what, shelf.check_file(INSTRUMENTS / name))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("", "is not JSON"),
        ("[]", "must be a JSON object"),
        ("[" * 100_000, "lists and objects in each other"),
        ("9" * 5000, "is not JSON"),
        ('{"coefficients": {}}', "id: is lacking; add it"),
        ('{"rows": []}', "country: is lacking; add it"),
        ('{"amount": 1}', "method: is lacking; add it"),
        ('{"language": "nb", "version": "a/b"}', "version: "),
        ('{"language": "nb", "version": "\\u0000"}', "version: "),
        ('{"id": "x"}', "version: is lacking; add it"),
    ],
)
def test_a_file_that_is_wrong_is_told_why(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "1.0.json"
    path.write_text(text)
    with pytest.raises(NotValid, match=problem):
        shelf.check_file(path)


def test_a_name_that_stands_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "1.0.json"
    path.write_text('{"id": "a", "id": "b"}')
    with pytest.raises(NotValid, match="id: stands twice"):
        shelf.check_file(path)


def test_a_file_of_the_folder_that_is_wrong_is_named(database: Database, tmp_path: Path) -> None:
    (tmp_path / "mean-all").mkdir()
    (tmp_path / "mean-all/1.0.json").write_text(json.dumps(small(name="")))
    with (
        nothing_stored(database),
        pytest.raises(shelf.NotPublished, match=r"1\.0\.json: name"),
        database.write() as session,
    ):
        shelf.publish_folder(session, tmp_path, "me")


def test_a_minor_version_beside_its_major_must_ask_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "mean-all"
    folder.mkdir()
    (folder / "1.0.json").write_text(json.dumps(small()))
    (folder / "1.0.nb.json").write_text('{"language": "nb"}')
    later = folder / "1.1.json"
    later.write_text(json.dumps(small(version="1.1", name="Another name")))
    assert "1.1" in shelf.check_file(later)
    later.write_text(json.dumps(small(version="1.1", recall_period="last year")))
    with pytest.raises(Frozen, match="new MAJOR"):
        shelf.check_file(later)


def test_a_file_that_is_not_utf_8_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "1.0.json"
    path.write_bytes(b'{"name": "\xff"}')
    with pytest.raises(NotValid, match="is not UTF-8"):
        shelf.check_file(path)


def test_a_wording_wants_its_definition_beside_it(tmp_path: Path) -> None:
    path = Path(shutil.copy(NB, tmp_path))
    with pytest.raises(FileNotFoundError):
        shelf.check_file(path)


def test_what_stands_under_a_hash_is_read_once(database: Database) -> None:
    made = publish(database, small(name="Read once"))
    with database.read() as session:
        first = catalogue.definition(session, made.sha256)
    closed = Session()
    assert catalogue.definition(closed, made.sha256) is first

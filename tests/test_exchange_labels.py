"""The official words of a questionnaire, from the file of labels that comes with its licence."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app import catalogue
from app.db import Database
from app.exchange import labels, workbook
from app.exchange.labels import Said
from app.settings import HOUSE, Settings
from scoring import NotValid, Wording
from tests.conftest import SECRET_KEY
from tests.documents import SMALL, read, shipped_wordings
from tests.licensed import EQ, made_up
from tests.staffed import come_as
from tests.test_cli import fails, works
from tests.worded import wording_for

LIKE = Wording.model_validate(read(HOUSE / "instruments" / EQ / "1.0.nb.json"))
SAID = Said("nb", "Made up for tests", "Made up for tests.")
COMMAND = ("instruments", "labels", "--instrument", f"{EQ}/1.0", "--language")
WHOSE = ("--source", "Made up", "--version-note", "tests 1")


def test_every_place_has_its_label_and_what_is_said_of_them_stands_beside() -> None:
    made = Wording.model_validate(labels.wording(made_up(LIKE), LIKE, SAID))
    assert dict(labels.places(made)) == {
        place: f"Made up: {place}" for place, _ in labels.places(LIKE)
    }
    assert (made.status, made.revision, made.language) == ("official", LIKE.revision + 1, "nb")
    assert (made.source, made.credit) == (SAID.source, SAID.credit)
    assert labels.wording(made_up(made), made, SAID) == made.model_dump(
        mode="json", exclude_unset=True
    )
    corrected = labels.wording(made_up(made, title="Made up anew"), made, SAID)
    assert corrected["revision"] == LIKE.revision + 2
    other = labels.wording(made_up(LIKE), LIKE, SAID._replace(language="se"))
    assert (other["language"], other["revision"]) == ("se", 1)


def test_a_unit_has_its_label_too_and_a_spreadsheet_is_as_good() -> None:
    like = Wording.model_validate(wording_for(read(SMALL / "number.json")))
    rows = [{"place": place, "text": f"Made up: {place}"} for place, _ in labels.places(like)]
    sheet = workbook.write({"labels": (("place", "text"), rows)})
    made = Wording.model_validate(labels.wording(sheet, like, SAID))
    assert made.units
    assert all(text.startswith("Made up: units.") for text in made.units.values())


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ({"items.mo": None}, "items.mo", "has no label"),
        ({"items.mo": ""}, "items.mo", "has no text"),
        ({"items.mo": "Plassholder: gange"}, "items.mo", "is a placeholder"),
        ({"options.mobility.6": "Made up"}, "options.mobility.6", "is no place of this wording"),
        ({"credit": "Made up"}, "credit", "is no place of this wording"),
    ],
)
def test_a_label_that_will_not_do_is_named(
    change: dict[str, str | None], place: str, why: str
) -> None:
    with pytest.raises(NotValid) as caught:
        labels.wording(made_up(LIKE, **change), LIKE, SAID)
    (problem,) = caught.value.problems
    assert place in problem.path
    assert why in problem.message


def test_a_label_that_stands_twice_is_named_by_its_row() -> None:
    with pytest.raises(NotValid) as caught:
        labels.wording(made_up(LIKE) + b"items.mo;Made up\n", LIKE, SAID)
    rows = len(list(labels.places(LIKE)))
    assert [str(one) for one in caught.value.problems] == [
        f"row {rows + 2}, items.mo: stands twice; keep one"
    ]


def test_of_an_empty_file_every_place_is_missing() -> None:
    with pytest.raises(NotValid) as caught:
        labels.wording(b"", LIKE, SAID)
    assert len(list(caught.value.problems)) == len(list(labels.places(LIKE)))


def test_every_placeholder_that_is_shipped_would_be_known_as_one() -> None:
    found = [Wording.model_validate(read(path)) for path in shipped_wordings()]
    ours = [one for one in found if one.status == "placeholder"]
    assert len(ours) > 10
    for one in ours:
        assert one.revision == 1, "the next is taken where a centre has loaded official words"
        with pytest.raises(NotValid, match="is a placeholder"):
            labels.wording(made_up(one, **dict(labels.places(one))), one, SAID)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(made_up(LIKE))
    return path


@pytest.mark.usefixtures("environment")
def test_when_the_labels_are_loaded_the_placeholder_disappears(
    client: TestClient, database: Database, settings: Settings, file: Path
) -> None:
    come_as(client, database, settings, "reader")
    assert "Gange" in client.get(f"/centre/instruments/{EQ}?language=nb").text
    assert "revision 2, official" in works(*COMMAND, "nb", *WHOSE, file)
    assert "revision 2, official" in works(*COMMAND, "nb", *WHOSE, file)
    page = client.get(f"/centre/instruments/{EQ}/1.0?language=nb").text
    assert "Made up: items.mo" in page
    assert "Gange" not in page
    with database.read() as session:
        row = catalogue.wording_row(session, EQ, "1.0", "nb")
    made = json.loads(row.document)
    assert (made["source"], row.published_by) == ("Made up – tests 1", "cli")
    assert made["credit"] == "EQ-5D is a trade mark of the EuroQol Research Foundation."
    open_to_all = ("wording/nb", "codebook", "codebook?language=nb", "fhir", "fhir?language=nb")
    for path in open_to_all:
        assert "Made up" not in client.get(f"/api/v1/instruments/{EQ}/1.0/{path}").text, path


@pytest.mark.usefixtures("environment")
def test_a_template_has_every_place_to_fill_in() -> None:
    told = works(*COMMAND, "nb").splitlines()
    assert told[0] == "place,placeholder,text"
    assert {line.split(",")[0] for line in told[1:]} == {place for place, _ in labels.places(LIKE)}


def a_library(folder: Path) -> Path:
    (folder / EQ).mkdir(parents=True)
    for name in ("1.0.json", "1.0.nb.json"):
        (folder / EQ / name).write_bytes((HOUSE / "instruments" / EQ / name).read_bytes())
    sets = folder / "value-sets" / EQ
    sets.mkdir(parents=True)
    for path in (HOUSE / "instruments" / "value-sets" / EQ).glob("no-2024.json"):
        (sets / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_words_may_be_kept_in_a_folder_of_instruments_instead(
    tmp_path: Path, file: Path
) -> None:
    into = a_library(tmp_path / "library")
    assert works(*COMMAND, "nb", "--into", into).startswith("place,placeholder,text")
    credit = ("--credit", "© Made up")
    assert "1.0.nb.json" in works(*COMMAND, "nb", *WHOSE, *credit, "--into", into, file)
    made = read(into / EQ / "1.0.nb.json")
    assert (made["status"], made["revision"], made["credit"]) == ("official", 2, "© Made up")
    assert "✓" in works("instruments", "check", into / EQ / "1.0.nb.json")


def test_what_cannot_be_loaded_is_told(tmp_path: Path, file: Path) -> None:
    into = a_library(tmp_path / "library")
    there = ("--into", into)
    assert "--source" in fails(*COMMAND, "nb", *there, file)
    assert "No such file" in fails(*COMMAND, "nb", *WHOSE, *there, tmp_path / "none.csv")
    unknown = ("instruments", "labels", "--instrument", "sf-36/1.0", "--language", "nb")
    assert "no instrument sf-36/1.0" in fails(*unknown, *there)
    before = read(into / EQ / "1.0.nb.json")
    (tmp_path / "wrong.csv").write_bytes(made_up(LIKE, title="placeholder"))
    assert "row 2, title" in fails(*COMMAND, "nb", *WHOSE, *there, tmp_path / "wrong.csv")
    assert read(into / EQ / "1.0.nb.json") == before
    assert "language" in fails(*COMMAND, "../x", *WHOSE, *there, file)
    (into / EQ / "1.0.se.json").mkdir()
    assert "1.0.se.json: Is a directory" in fails(*COMMAND, "nb", *WHOSE, *there, file)
    (into / EQ / "1.0.se.json").rmdir()
    (into / EQ / "1.0.nb.json").unlink()
    assert "has no wording to take the places from" in fails(*COMMAND, "nb", *there)

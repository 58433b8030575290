"""The commands that review instruments, and bring them in and out."""

import json
from pathlib import Path

import pytest

from tests.documents import INSTRUMENTS, read
from tests.test_cli import fails, svar, works

WHO = INSTRUMENTS / "who-5"


def written(folder: Path, name: str, document: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_two_versions_are_compared_by_name_or_by_file(tmp_path: Path) -> None:
    newer = read(WHO / "1.0.json") | {"version": "1.1", "recall_period": "1 week"}
    said = works("instruments", "diff", "who-5/1.0", written(tmp_path, "newer.json", newer))
    assert "MAJOR  Recall period: was 2 weeks, is now 1 week." in said
    assert "MAJOR: What is asked changed (recall_period)" in said
    assert "who-5 1.0 with these changes is version 2.0." in said
    newer |= {"recall_period": "2 weeks", "name": "WHO5"}
    said = works("instruments", "diff", "who-5/1.0", written(tmp_path, "newer.json", newer))
    assert "minor  Name: was WHO-5 Well-Being Index, is now WHO5." in said
    assert "is version 1.1." in said


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("gad-7/1.0", "who-5 and gad-7 are two instruments"),
        ("who-5/9.9", "who-5/9.9.json: No such file"),
        (
            INSTRUMENTS / "who-5/1.0.en.json",
            "1.0.en.json: id: is lacking; add it; kind: is lacking",
        ),
    ],
)
def test_what_cannot_be_compared_is_told(other: object, why: str) -> None:
    assert why in fails("instruments", "diff", "who-5/1.0", other)


def test_the_shipped_instruments_are_reviewed_with_reasons() -> None:
    said = works("instruments", "lint", INSTRUMENTS)
    assert "who-5/1.0.json: 0 remarks" in said
    assert "items.gkv_11.not_applicable: waiting offers none\n        A question about care" in said
    assert svar("instruments", "lint", "--strict", INSTRUMENTS / "gs-peq").exit_code == 1
    assert svar("instruments", "lint", "--strict", WHO / "1.0.json").exit_code == 0


def test_what_cannot_be_reviewed_is_told(tmp_path: Path) -> None:
    assert "no definitions in" in fails("instruments", "lint", tmp_path)
    written(tmp_path, "who-5/1.0.json", read(WHO / "1.0.json"))
    written(tmp_path, "who-5/1.0.en.json", {"language": "en"})
    assert "A wording beside" in fails("instruments", "lint", tmp_path)


def test_an_instrument_goes_out_and_comes_in_as_a_spreadsheet(tmp_path: Path) -> None:
    book = tmp_path / "rand-12.xlsx"
    assert "rand-12 1.0 as xlsx" in works("instruments", "export", "rand-12", "-o", book)
    said = works("instruments", "import", book, "--into", tmp_path / "library")
    assert said.count("wrote ") == 3
    works("instruments", "check", *sorted((tmp_path / "library").glob("*/*.json")))
    works("instruments", "import", book, "--into", tmp_path / "library")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("export", "no-such", "-o", "{}/x.xlsx"), "There is no instrument no-such"),
        (("export", "who-5", "-o", "{}/gone/x.xlsx"), "No such file"),
        (("export", "who-5", "-o", "{}/x", "--instruments", "{}/bad"), "document: is not JSON"),
        (("export", "who-5", "-o", "{}/x", "--to", "fhir"), "who-5 1.0 has no wording in nb"),
        (("import", "{}/gone.csv", "--into", "{}"), "gone.csv: No such file"),
        (("import", "{}/bad/who-5/1.0.json", "--into", "{}"), "1.0.json: document: is not JSON"),
        (("import", "{}/fhir.json", "--into", "{}"), "fhir.json: Questionnaire: has no item"),
        (("import", WHO / "1.0.en.json", "--into", "{}"), "bring the definition in first, or with"),
        (("export", "who-5", "-o", "{}", "--to", "json", "--instruments", "{}/bad"), "not JSON"),
        (("import", "{}/evil.json", "--draft", "--into", "{}/to"), "id: is lacking or wrong"),
    ],
)
def test_what_cannot_go_out_or_come_in_is_told(
    tmp_path: Path, words: tuple[object, ...], why: str
) -> None:
    written(tmp_path, "bad/who-5/1.0.json", {}).write_text("{", encoding="utf-8")
    written(tmp_path, "fhir.json", {"resourceType": "Questionnaire"})
    written(tmp_path, "evil.json", read(WHO / "1.0.json") | {"id": "../../evil"})
    before = sorted(tmp_path.rglob("*"))
    assert why in fails("instruments", *(str(word).format(tmp_path) for word in words))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_draft_is_written_only_where_it_is_asked_for(tmp_path: Path) -> None:
    half = read(WHO / "1.0.json") | {"examples": []}
    files = written(tmp_path, "half.json", half), WHO / "1.0.en.json"
    said = fails("instruments", "import", *files, "--into", tmp_path / "to")
    assert "mend: definition: examples" in said
    assert "mend: wording en: document: is checked as soon as its definition is right" in said
    assert not (tmp_path / "to").exists()
    result = svar("instruments", "import", *files, "--draft", "--into", tmp_path / "to")
    assert result.exit_code == 3
    assert read(tmp_path / "to/who-5/1.0.json") == half


@pytest.mark.parametrize("form", ["zip", "json"])
def test_an_instrument_goes_out_and_comes_in_as_its_documents(tmp_path: Path, form: str) -> None:
    there, library = tmp_path / f"out.{form}", tmp_path / "library"
    assert f"eq-5d-5l 1.0 as {form}" in works(
        "instruments", "export", "eq-5d-5l", "-o", there, "--to", form
    )
    files = sorted(there.glob("**/*.json")) if form == "json" else [there]
    assert works("instruments", "import", *files, "--into", library).count("wrote ") == 4
    for path in library.glob("**/*.json"):
        assert read(path) == read(INSTRUMENTS / path.relative_to(library))
    assert (library / "value-sets/eq-5d-5l/no-2024.json").exists()
    works("instruments", "export", "eq-5d-5l", "-o", tmp_path / "again.zip", "--to", "zip")
    works("instruments", "export", "eq-5d-5l", "-o", tmp_path / "more.zip", "--to", "zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "more.zip").read_bytes()


def test_a_questionnaire_of_fhir_comes_in_as_a_draft_with_what_is_to_be_decided(
    tmp_path: Path,
) -> None:
    file, library = tmp_path / "bundle.json", tmp_path / "library"
    works("instruments", "export", "rand-12", "-o", file, "--to", "helsenorge")
    said = fails("instruments", "import", file, "--into", library)
    assert "decide: scores: are not told; write by which method they are made" in said
    assert "mend: definition: kind: is lacking; add it" in said
    assert not library.exists()
    result = svar("instruments", "import", file, "--draft", "--into", library)
    assert (result.exit_code, result.stdout.count("wrote ")) == (3, 3)
    assert read(library / "rand-12/1.0.nb.json")["status"] == "unreviewed"


def test_what_a_table_leaves_open_is_to_be_decided(tmp_path: Path) -> None:
    table = tmp_path / "pain.csv"
    table.write_text("id,type\nq1,eq_vas\n", encoding="utf-8")
    said = fails("instruments", "import", table, "--into", tmp_path)
    assert "decide: instrument.licence: is not told" in said
    assert "mend: definition: items.q1.direction: is lacking; add it" in said


def test_what_is_there_is_replaced_only_where_it_is_asked_for(tmp_path: Path) -> None:
    works("instruments", "import", WHO / "1.0.json", "--into", tmp_path)
    changed = read(WHO / "1.0.json") | {"name": "WHO5"}
    file = written(tmp_path, "changed.json", changed)
    said = fails("instruments", "import", file, "--into", tmp_path)
    assert "is there with other content; raise the version, or replace it" in said
    works("instruments", "import", file, "--into", tmp_path, "--replace")
    newer = written(tmp_path, "newer.json", changed | {"version": "1.1", "recall_period": "now"})
    assert "new MAJOR version: 2.0" in fails("instruments", "import", newer, "--into", tmp_path)


def test_an_instrument_goes_out_as_fhir(tmp_path: Path) -> None:
    file = tmp_path / "q.json"
    works("instruments", "export", "rand-12", "-o", file, "--to", "fhir", "--base", "https://a.no")
    assert read(file)["url"] == "https://a.no/api/v1/instruments/rand-12/1.0"
    works("instruments", "export", "rand-12/1.0", "-o", file, "--to", "helsenorge")
    assert len(read(file)["entry"]) == 2

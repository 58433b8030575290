"""`svar value-sets` lists them, and `svar score --value-set` adds an index by each."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from app.settings import HOUSE
from tests.documents import VALUE_SETS, read
from tests.files import answers, from_csv, refused, scored, svar, write

NORWAY = read(VALUE_SETS / "eq-5d-5l" / "no-2024.json")
NOTE = "Two packages differ in AD4."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped instruments, Norway's value set, and two made-up ones, one of them in dispute."""
    folder = tmp_path / "instruments"
    shutil.copytree(HOUSE / "instruments", folder)
    for path in folder.glob("value-sets/*/*.json"):
        if path.stem != "no-2024":
            path.unlink()
    for set_id, start, checked in (("xx-2020", 0.9, "one-source"), ("xy-2021", 0.8, "disputed")):
        found = {**NORWAY, "id": set_id, "country": "Utopia", "checked": checked, "note": NOTE}
        found["coefficients"] = {**NORWAY["coefficients"], "StartValue": start}
        path = folder / "value-sets" / "eq-5d-5l" / f"{set_id}.json"
        path.write_text(json.dumps(found))
    return folder


def test_value_sets_are_shown_with_their_papers(folder: Path) -> None:
    said = svar("value-sets", "--instruments", folder).stdout
    assert "no-2024" in said
    assert "Utopia" in said
    assert "two-sources" in said
    assert "doi:10.1007" in said
    assert f"xy-2021 is disputed: {NOTE}" in said
    assert "xx-2020 is disputed" not in said


def test_machines_get_the_same_as_csv_or_json(folder: Path) -> None:
    words = ("value-sets", "--instruments", folder, "--instrument", "eq-5d-5l", "--format")
    as_json = json.loads(svar(*words, "json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(svar(*words, "csv").stdout)))
    assert [{**row, "year": int(row["year"])} for row in as_csv] == as_json
    assert [one["id"] for one in as_json] == ["no-2024", "xx-2020", "xy-2021"]
    assert as_json[0] == {
        "id": "no-2024",
        "instrument": "eq-5d-5l",
        "country": "Norway",
        "year": 2024,
        "type": "VT",
        "checked": "two-sources",
        "paper": "doi:10.1007/s11136-024-03837-3",
        "citation": NORWAY["citation"],
        "note": NORWAY["note"],
    }


def test_the_shipped_value_sets_are_listed_without_more_words() -> None:
    assert len(json.loads(svar("value-sets", "--format", "json").stdout)) == len(
        list(VALUE_SETS.glob("*/*.json"))
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--instrument", "rand-36"], "There are no value sets for rand-36 in"),
        (["--instruments", "/nowhere"], "There are no value sets for any instrument in /nowhere."),
    ],
)
def test_where_there_are_none_one_is_told(words: list[str], said: str) -> None:
    result = svar("value-sets", *words)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_value_set_that_is_not_right_is_told(folder: Path) -> None:
    (folder / "value-sets" / "eq-5d-5l" / "xx-2020.json").write_text("{}")
    for words in (("value-sets",), ("score", "eq-5d-5l", "a.csv", "--value-set", "all")):
        result = svar(*words, "--instruments", folder)
        assert result.exit_code == 1
        assert "id: is lacking; add it" in result.stderr


def test_each_value_set_adds_its_index(folder: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers("eq-5d-5l"), answers("eq-5d-5l", ad=5)])
    words = ("eq-5d-5l", source, "--instruments", folder)
    one = scored(*words, "--value-set", "xx-2020", "--answered")
    rows = from_csv(one.stdout)
    assert [row["index_xx_2020"] for row in rows] == pytest.approx([0.9, 0.428], abs=1e-12)
    assert [row["index_xx_2020_answered"] for row in rows] == [5, 5]
    assert list(rows[0])[:2] == ["index_no_2024", "index_no_2024_answered"]
    assert f"Value set xx-2020: {NORWAY['citation']} doi:" in one.stderr
    two = scored(*words, "--value-set", "xx-2020", "--value-set", "no-2024", "--value-set", "all")
    assert list(from_csv(two.stdout)[0])[3:] == ["index_xx_2020", "index_xy_2021"]


def test_a_disputed_value_set_is_always_told(folder: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers("eq-5d-5l")])
    words = ("eq-5d-5l", source, "--instruments", folder, "--quiet")
    said = f"The value set xy-2021 is disputed: {NOTE}\n"
    assert scored(*words, "--value-set", "xy-2021").stderr == said
    assert scored(*words, "--value-set", "all").stderr == said
    assert scored(*words, "--value-set", "xx-2020").stderr == ""


@pytest.mark.parametrize(
    ("instrument", "value_set", "said"),
    [
        ("eq-5d-5l", "no-2025", "There is no value set no-2025 for eq-5d-5l. Near it: no-2024,"),
        ("eq-5d-5l", "no-2025", "`svar value-sets --instrument eq-5d-5l` lists all there are."),
        ("eq-5d-5l", "§", "There is no value set § for eq-5d-5l. `svar value-sets"),
        ("rand-36", "no-2024", "There are no value sets for rand-36."),
        ("rand-36", "all", "There are no value sets for rand-36."),
    ],
)
def test_a_value_set_that_is_not_there_is_told(
    tmp_path: Path, instrument: str, value_set: str, said: str
) -> None:
    source = write(tmp_path / "answers.csv", [answers(instrument)])
    assert said in refused(instrument, source, "--value-set", value_set)

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

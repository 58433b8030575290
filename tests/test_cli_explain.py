"""`svar explain` shows the arithmetic of one row of a file, so that it can be followed by hand."""

from pathlib import Path

import pytest

from tests.documents import VECTORS
from tests.files import answers, svar, write

RAND_36 = VECTORS / "rand-36.csv"


def explained(*words: object) -> str:
    result = svar("explain", *words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(*words: object) -> str:
    result = svar("explain", *words)
    assert result.exit_code == 1
    assert result.stdout == ""
    return result.stderr


def test_an_incomplete_row_is_explained_with_its_sources() -> None:
    said = explained("rand-36", RAND_36, "--row", 17, "--score", "pain")
    assert said.splitlines()[:8] == [
        "RAND 36-Item Health Survey 1.0, rand-36 1.0: row 17 of rand-36.csv",
        "",
        "pain = 75",
        "  Pain; 1 of 2 items answered",
        "  q21: not answered",
        "  q22: 2 is worth 75",
        "  missing rule half: at least 1 of 2 must be answered, and 1 is",
        "  mean: (75) / 1 = 75",
    ]
    assert said.splitlines()[8].startswith("  Source: RAND 36-Item Health Survey 1.0")


def test_every_score_is_explained_unless_some_are_named(tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", [answers("phq-9", q1=3, q2=2, q3=2, q4=2, q5=2, q9=1)])
    said = explained("phq-9", source)
    assert "total = " in said
    assert "depressive_syndrome = 2 (" in said
    some = explained("phq-9", source, "--score", "total", "--score", "n_core")
    assert some.count("Source: ") == 2


def test_a_score_that_is_not_given_is_said_to_be_none(tmp_path: Path) -> None:
    row = answers("who-5") | {"q1": None}
    assert "total = no score" in explained("who-5", write(tmp_path / "a.ndjson", [row]))


def test_a_row_is_found_in_each_kind_of_file(tmp_path: Path) -> None:
    rows = [answers("who-5", q1=code) for code in (0, 1, 2, 3)]
    for ending in ("csv", "ndjson", "parquet"):
        source = write(tmp_path / f"a.{ending}", rows)
        assert "q1: 2" in explained("who-5", source, "--row", 3, "--score", "total")


def test_the_options_of_scoring_hold_here_too(tmp_path: Path) -> None:
    row = {f"Q{number}": 99 if number == 4 else 1 for number in range(3, 37)}
    source = write(tmp_path / "a.csv", [row])
    maps = [word for number in range(3, 37) for word in ("--map", f"Q{number}=q{number}")]
    words = ("rand-36", source, *maps, "--absent", "q1", "--absent", "q2", "--missing", "99")
    said = explained(*words, "--missing-rule", "any", "--score", "physical_functioning")
    assert "missing rule any: at least 1 of 10 must be answered, and 9 are" in said


def test_an_index_by_another_countrys_set_is_explained(tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", [answers("eq-5d-5l", mo=2)])
    said = explained("eq-5d-5l", source, "--value-set", "dk-2021", "--score", "index_dk_2021")
    assert "health state 21111" in said
    assert "StartValue: 1" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--row", "3"), "There is no row 3: the file has 2, the first of them row 1."),
        (("--row", "2"), 'Row 2 (line 3), column q2: "x" is not one of its codes (0, 1, 2, 3, 4'),
        (("--score", "sum"), "who-5 has no score sum; it has: total, percent."),
        (("--missing-rule", "half"), "who-5 does not offer missing rule half"),
        (("--version", "9.0"), "There is no instrument who-5/9.0"),
    ],
)
def test_what_cannot_be_explained_is_told(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    source = tmp_path / "a.csv"
    source.write_text("q1,q2,q3,q4,q5\n1,2,3,4,5\n1,x,3,4,5\n")
    assert told in refused("who-5", source, *words)


def test_a_row_that_was_no_row_keeps_its_number(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("q1,q2,q3,q4,q5\n1,2,3\n5,5,5,5,5\n")
    assert "Row 1 (line 2) " in refused("who-5", source)
    assert "total = 25" in explained("who-5", source, "--row", 2)

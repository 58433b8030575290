"""`svar score`: what cannot be read is told by line and column, and stops nothing else."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.tables import blocks, parquet_table
from tests.documents import scorer, shipped
from tests.files import Row, answers, from_csv, one_by_one, read, refused, scored

RAND_36 = scorer(shipped("rand-36"))
NO_SCORES: Row = dict.fromkeys(score.id for score in RAND_36.instrument.scores)
(BEST,) = one_by_one(RAND_36, [answers()])


def as_csv(*rows: Row) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def file_of(folder: Path, text: str | bytes) -> Path:
    path = folder / "answers.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_row_that_cannot_be_read_keeps_its_place_without_scores(tmp_path: Path) -> None:
    people = [answers(), answers("rand-36", q4="x", q36=6), answers()]
    rows = [{"id": place, **person} for place, person in enumerate(people)]
    result = scored("rand-36", file_of(tmp_path, as_csv(*rows)), "--answered", code=3)
    assert result.stderr.splitlines()[:4] == [
        'answers.csv line 3, column q4: "x" is not one of its codes (1, 2, 3)',
        'answers.csv line 3, column q36: "6" is not one of its codes (1, 2, 3, 4, 5)',
        "3 rows: 2 scored",
        "  1 kept without scores: an answer could not be read",
    ]
    found = from_csv(result.stdout)
    assert [row.pop("id") for row in found] == [0, 1, 2]
    whole = one_by_one(RAND_36, [answers()], answered=True)[0]
    assert found == [whole, dict.fromkeys(whole), whole]


def test_rows_that_cannot_be_read_are_not_counted_among_the_unanswered(tmp_path: Path) -> None:
    people = [answers(), answers("rand-36", q1="x"), answers("rand-36", q2=None)]
    said = scored("rand-36", file_of(tmp_path, as_csv(*people)), code=3).stderr
    assert [line.split() for line in said.splitlines() if " null: " in line] == [
        ["health_change", "1", "null:", "not", "answered"]
    ]


def test_a_row_of_the_wrong_length_is_left_out_and_told(tmp_path: Path) -> None:
    lines = as_csv(answers(), answers(), answers()).splitlines()
    lines[2] = lines[2] + ",1"
    result = scored("rand-36", file_of(tmp_path, "\n".join(lines)), code=3)
    assert "answers.csv line 3 has 37 fields where the header has 36\n" in result.stderr
    assert "3 rows: 2 scored\n  1 left out: the row could not be read at all" in result.stderr
    assert from_csv(result.stdout) == [BEST, BEST]


HOSTILE: list[tuple[str, str]] = [
    ("0", '"0"'),
    ("4", '"4"'),
    ("-1", '"-1"'),
    ("1.5", '"1.5"'),
    ("1,000", '"1,000"'),
    ("1e0", '"1e0"'),
    ("0x1", '"0x1"'),
    ("nan", '"nan"'),
    ("NaN", '"NaN"'),
    ("NA", '"NA"'),
    ("null", '"null"'),
    ("inf", '"inf"'),
    ("-Infinity", '"-Infinity"'),
    ("true", '"true"'),
    ("1 2", '"1 2"'),
    ("１", '"１"'),
    ("9" * 400, f'"{"9" * 40}…"'),
    ("1_0", '"1_0"'),
    ("\x00", '"\\u0000"'),
    ("\x1b[2J", '"\\u001b[2J"'),
    (":x:", '":x:"'),
    ("[red]", '"[red]"'),
]


@pytest.mark.parametrize(("cell", "shown"), HOSTILE)
def test_a_text_that_is_no_code_is_never_taken_for_one(
    tmp_path: Path, cell: str, shown: str
) -> None:
    source = file_of(tmp_path, as_csv(answers(), answers("rand-36", q3=cell)))
    result = scored("rand-36", source, code=3)
    assert result.stderr.startswith(
        f"answers.csv line 3, column q3: {shown} is not one of its codes (1, 2, 3)\n"
    )
    assert from_csv(result.stdout) == [BEST, NO_SCORES]


def test_bytes_that_are_no_utf_8_are_no_code(tmp_path: Path) -> None:
    text = as_csv(answers(), answers("rand-36", q3="@")).encode().replace(b"@", b"\xe6")
    result = scored("rand-36", file_of(tmp_path, text), code=3)
    assert 'line 3, column q3: "æ" is not' in result.stderr
    assert from_csv(result.stdout) == [BEST, NO_SCORES]


def test_a_mapped_column_is_told_by_both_names(tmp_path: Path) -> None:
    row = {"SP1" if item == "q1" else item: code for item, code in answers().items()}
    source = file_of(tmp_path, as_csv(row | {"SP1": 7}))
    said = refused("rand-36", source, "--map", "SP1=q1", code=3)
    assert 'column SP1 (q1): "7" is not one of its codes (1, 2, 3, 4, 5)' in said


def test_the_codes_of_a_long_scale_are_told_as_a_range(tmp_path: Path) -> None:
    said = refused("eq-5d-5l", file_of(tmp_path, as_csv(answers("eq-5d-5l", vas=101))), code=3)
    assert '"101" is not one of its codes (0 to 100)' in said


def test_a_columns_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    row = {"\x1b[2J" if item == "q1" else item: code for item, code in answers().items()}
    source = file_of(tmp_path, as_csv(row | {"\x1b[2J": 7}))
    said = refused("rand-36", source, "--map", "\x1b[2J=q1", code=3)
    assert "\x1b" not in said
    assert "\ufffd[2J (q1)" in said


def test_a_columns_name_cannot_steer_the_terminal_in_an_error_either(tmp_path: Path) -> None:
    row = {"q1\x1b" if item == "q1" else item: code for item, code in answers().items()}
    said = refused("rand-36", file_of(tmp_path, as_csv(row)))
    assert "q1 (there is q1\ufffd)" in said


def people_with_errors(number: int, each: int) -> tuple[str, list[int]]:
    """Return a CSV of people, with text over two lines, and the lines of those with an error."""
    lines, wrong, line = [",".join(["note", *answers()])], [], 2
    for place in range(number):
        bad = place % each == each - 1
        wrong += [line] * bad
        codes = list(answers("rand-36", q3="x" if bad else 3).values())
        lines += [",".join(['"over\ntwo lines"', *map(str, codes)]), ""]
        line += 3
    return "\n".join(lines), wrong


def test_lines_are_right_in_a_file_of_many_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    text, wrong = people_with_errors(400, 7)
    every, target = tmp_path / "errors.csv", tmp_path / "scores.ndjson"
    source = file_of(tmp_path, text)
    result = scored("rand-36", source, "--errors", every, "-o", target, code=3)
    assert len(wrong) == 57
    with every.open(newline="") as file:
        told = list(csv.DictReader(file))
    assert [int(row["line"]) for row in told] == wrong
    assert told[0] == {
        "line": str(wrong[0]),
        "column": "q3",
        "problem": '"x" is not one of its codes (1, 2, 3)',
    }
    said = result.stderr.splitlines()
    assert [int(line.split()[2].rstrip(",")) for line in said[:20]] == wrong[:20]
    assert said[20] == "… and 37 more"
    assert [row["pain"] is None for row in read(target)] == [place % 7 == 6 for place in range(400)]


def test_without_a_file_for_them_the_rest_is_counted(tmp_path: Path) -> None:
    text, wrong = people_with_errors(100, 3)
    said = scored("rand-36", file_of(tmp_path, text), code=3).stderr.splitlines()
    assert [int(line.split()[2].rstrip(",")) for line in said[:20]] == wrong[:20]
    assert said[20] == f"… and {len(wrong) - 20} more"


def test_twenty_are_told_without_more(tmp_path: Path) -> None:
    source = file_of(tmp_path, as_csv(*[answers("rand-36", q3=8)] * 20))
    said = scored("rand-36", source, "--quiet", code=3).stderr
    assert said.count("column q3") == len(said.splitlines()) == 20


def test_errors_has_only_its_header_when_all_is_well(tmp_path: Path) -> None:
    every = tmp_path / "errors.csv"
    scored("rand-36", file_of(tmp_path, as_csv(answers())), "--errors", every)
    assert every.read_text() == "line,column,problem\n"


@pytest.mark.parametrize("wrong", ["cell", "row", "carried"])
def test_strict_stops_at_the_first_and_leaves_nothing(tmp_path: Path, wrong: str) -> None:
    lines = [f"a,{line}" for line in as_csv(*[answers()] * 5).splitlines()]
    lines[2] = {"cell": lines[2] + "9", "row": lines[2] + ",1", "carried": lines[2]}[wrong]
    text = "\n".join([*lines, lines[1] + "9"]).encode()
    if wrong == "carried":
        text = text.replace(b"\na,", b"\n\xff,", 2).replace(b"\n\xff,", b"\na,", 1)
    source = file_of(tmp_path, text)
    outputs = {"-o": "scores.csv", "--errors": "errors.csv", "--provenance": "origin.json"}
    words = [word for key, name in outputs.items() for word in (key, tmp_path / name)]
    said = scored("rand-36", source, "--strict", *words, code=1).stderr
    assert said.count("\n") == 1
    assert said.startswith("answers.csv line 3")
    assert [path.name for path in tmp_path.iterdir()] == ["answers.csv"]


def test_strict_lets_a_file_pass_that_is_all_right(tmp_path: Path) -> None:
    assert scored("rand-36", file_of(tmp_path, as_csv(answers())), "--strict").exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "answers.csv is empty: it has not even a header"),
        (b"q1,q1,q2\n1,1,1\n", "answers.csv has a header that names a column twice: 'q1'"),
        (b"\x00" * 5000, "The file has no column for 36 of the items"),
        ("q1,q2\n1,2\n".encode("utf-16"), "answers.csv is written in UTF-16"),
    ],
)
def test_a_file_that_is_no_table_of_answers_is_told(tmp_path: Path, text: bytes, said: str) -> None:
    assert said in refused("rand-36", file_of(tmp_path, text), "-o", tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


def test_a_header_without_rows_gives_a_header_without_rows(tmp_path: Path) -> None:
    source = file_of(tmp_path, as_csv({"id": 1} | answers()).splitlines()[0])
    for name in ("scores.csv", "scores.ndjson", "scores.parquet"):
        assert "0 rows: 0 scored" in scored("rand-36", source, "-o", tmp_path / name).stderr
        assert read(tmp_path / name) == []
    assert pq.read_schema(tmp_path / "scores.parquet").names == ["id", *NO_SCORES]


def test_bad_lines_of_ndjson_are_told_and_left_out(tmp_path: Path) -> None:
    bad: list[Any] = [{"a": 1}, [1], True, "x"]
    people = [answers("rand-36", q3=cell) for cell in (3, *bad, None)]
    lines = [*map(orjson.dumps, people), b'{"q1": 1', b"[]", orjson.dumps(answers())]
    source = tmp_path / "answers.ndjson"
    source.write_bytes(b"\n".join(lines))
    target = tmp_path / "scores.ndjson"
    said = scored("rand-36", source, "-o", target, code=3).stderr
    for line, shown in enumerate(('"{\\"a\\":1}"', '"[1]"', '"true"', '"x"'), start=2):
        assert f"answers.ndjson line {line}, column q3: {shown} is not one of its" in said
    assert "answers.ndjson line 7 is not a JSON object: " in said
    assert "answers.ndjson line 8 is not a JSON object: " in said
    person = one_by_one(RAND_36, [answers("rand-36", q3=3), answers("rand-36", q3=None)])
    assert read(target) == [person[0], *[NO_SCORES] * 4, person[1], BEST]


def held(**columns: pa.Array) -> pa.Table:
    rows = max(map(len, columns.values()))
    return pa.table({item: [code] * rows for item, code in answers().items()} | columns)


def parquet(folder: Path, **columns: pa.Array) -> Path:
    pq.write_table(held(**columns), folder / "answers.parquet")
    return folder / "answers.parquet"


@pytest.mark.parametrize(
    "codes",
    [
        pa.array([1, None, 3], pa.int8()),
        pa.array([1, None, 3], pa.uint64()),
        pa.array([1, None, 3], pa.float32()),
        pa.array([1, np.nan, 3], pa.float64()),
        pa.array([Decimal(1), None, Decimal(3)], pa.decimal128(5, 2)),
        pa.array(["1", None, "3.0"], pa.string()),
        pa.array(["1", "", "3"], pa.large_string()),
        pa.array([b"1", b" ", b"03"], pa.binary()),
        pa.array(["1", None, "3"]).dictionary_encode(),
        pa.array([1, None, 3]).dictionary_encode(),
    ],
)
def test_codes_may_be_held_in_many_ways(tmp_path: Path, codes: pa.Array) -> None:
    target = tmp_path / "scores.parquet"
    scored("rand-36", parquet(tmp_path, q3=codes), "-o", target)
    people = [answers("rand-36", q3=code) for code in (1, None, 3)]
    assert read(target) == one_by_one(RAND_36, people)


def test_a_column_of_nothing_but_null_is_unanswered(tmp_path: Path) -> None:
    source = parquet(tmp_path, q3=pa.nulls(2))
    out = from_csv(scored("rand-36", source).stdout)
    assert out == one_by_one(RAND_36, [answers("rand-36", q3=None)] * 2)


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (pa.array([4], pa.int64()), "4"),
        (pa.array([-(2**63)], pa.int64()), "-9.223372037e+18"),
        (pa.array([2**64 - 1], pa.uint64()), "1.844674407e+19"),
        (pa.array([2.5]), "2.5"),
        (pa.array([np.inf]), "inf"),
        (pa.array(["é"]), '"é"'),
        (pa.array([b"\xff"]), '"\ufffd"'),
    ],
)
def test_a_value_that_is_no_code_is_told_by_its_row(
    tmp_path: Path, codes: pa.Array, shown: str
) -> None:
    source = parquet(tmp_path, q3=codes)
    said = scored("rand-36", source, code=3).stderr
    assert said.startswith(f"answers.parquet row 1, column q3: {shown} is not one of its codes")


@pytest.mark.parametrize(
    "codes",
    [
        pa.array([True]),
        pa.array([[1]]),
        pa.array([{"code": 1}]),
        pa.array([1], pa.timestamp("s")),
        pa.array([1], pa.duration("s")),
    ],
)
def test_a_column_that_can_hold_no_answers_is_an_error(tmp_path: Path, codes: pa.Array) -> None:
    said = refused("rand-36", parquet(tmp_path, q3=codes), "-o", tmp_path / "x.csv")
    assert said.startswith("Column q3 has no answers: it holds ")
    assert str(codes.type)[:4] in said
    assert not (tmp_path / "x.csv").exists()


def test_rows_of_parquet_are_counted_across_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "ROWS", 40)
    codes = np.where(np.arange(1, 201) % 50 == 0, 7, 1)
    said = scored("rand-36", parquet(tmp_path, q3=pa.array(codes)), code=3).stderr
    assert [int(line.split()[2].rstrip(",")) for line in said.splitlines()[:4]] == [
        50,
        100,
        150,
        200,
    ]


def test_a_parquet_file_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answers.parquet"
    path.write_bytes(b"q1,q2\n1,2\n")
    assert "answers.parquet is not Parquet" in refused("rand-36", path)

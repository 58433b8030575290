"""What is written is whole or not there, and holds what was given."""

import csv
import io
import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.tables import Format, NotATable, format_of, open_table, open_writer, replacing, writing

ROWS = pa.table(
    {
        "case": ["a", None, 'q"u,o\nte', ""],
        "score": [0.1 + 0.2, None, 1e-7, 100.0],
        "answered": pa.array([1, None, 3, 0], pa.int16()),
    }
)


def written(form: Format, rows: pa.Table, pieces: int = 1) -> bytes:
    file = io.BytesIO()
    with open_writer(file, form, rows.schema) as writer:
        for place in range(pieces):
            writer.write(rows.slice(place * rows.num_rows // pieces, rows.num_rows // pieces))
    return file.getvalue()


def test_csv_has_empty_fields_for_null_and_numbers_to_the_last_digit() -> None:
    text = written("csv", ROWS, pieces=2).decode()
    assert text.splitlines()[2] == ",,"
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == ["case", "score", "answered"]
    assert [row[0] for row in rows] == ["a", "", 'q"u,o\nte', ""]
    assert [float(row[1]) if row[1] else None for row in rows] == ROWS["score"].to_pylist()


def test_ndjson_has_null_and_numbers_to_the_last_digit() -> None:
    lines = written("ndjson", ROWS, pieces=2).splitlines()
    assert [orjson.loads(line) for line in lines] == ROWS.to_pylist()


def test_parquet_has_rows_types_and_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "GROUP", 2)
    rows = ROWS.replace_schema_metadata({"svar": "øl"})
    file = pq.ParquetFile(io.BytesIO(written("parquet", rows, pieces=4)))
    assert file.read() == ROWS
    assert file.schema_arrow.metadata[b"svar"].decode() == "øl"
    assert file.num_row_groups == 2


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_a_table_without_rows_can_be_written(form: Format) -> None:
    assert written(form, ROWS.slice(0, 0)) == {"csv": b'"case","score","answered"\n'}.get(
        form, written(form, ROWS.schema.empty_table())
    )


def test_what_is_no_number_is_written_to_ndjson_as_one_reads_it() -> None:
    rows = pa.table(
        {
            "day": [date(2026, 1, 2)],
            "time": [datetime(2026, 1, 2, 3, tzinfo=UTC)],
            "amount": [Decimal("1.50")],
            "took": [timedelta(days=1)],
            "nan": [math.nan],
            "list": [[1, 2]],
        }
    )
    assert orjson.loads(written("ndjson", rows)) == {
        "day": "2026-01-02",
        "time": "2026-01-02T03:00:00+00:00",
        "amount": "1.50",
        "took": "1 day, 0:00:00",
        "nan": None,
        "list": [1, 2],
    }


@pytest.mark.parametrize(
    ("form", "column", "why"),
    [
        ("csv", pa.array([[1]]), "a column that csv cannot hold: .*list"),
        ("csv", pa.array([b"\xff"]), "bytes, which csv cannot hold: x"),
        ("ndjson", pa.array([b"\xff"]), "bytes, which ndjson cannot hold: x"),
        ("ndjson", pa.array([[b"\xff"]]), "bytes, which ndjson cannot hold: x"),
    ],
)
def test_a_column_that_a_format_cannot_hold_is_told_at_once(
    form: Format, column: pa.Array, why: str
) -> None:
    with pytest.raises(NotATable, match=why):
        written(form, pa.table({"x": column}))


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    with replacing(path) as file:
        file.write(b"whole")
        assert not path.exists()
        assert [one.suffix for one in tmp_path.iterdir()] == [".part"]
    assert [one.name for one in tmp_path.iterdir()] == ["scores.csv"]
    assert path.read_bytes() == b"whole"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_file_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(b"before")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert [one.name for one in tmp_path.iterdir()] == ["scores.csv"]
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("A.CSV", "csv"), ("a.ndjson", "ndjson"), ("a.jsonl", "ndjson"),
     ("a.parquet", "parquet"), ("a.sav", None), ("a", None)],
)  # fmt: skip
def test_the_format_is_known_by_the_files_ending(name: str, form: Format | None) -> None:
    assert format_of(Path(name)) == form


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_a_file_is_read_as_it_was_written(tmp_path: Path, form: Format) -> None:
    path = tmp_path / "table"
    path.write_bytes(written(form, ROWS))
    with open_table(path, form) as table:
        (batch,) = table.batches(["case"])
    assert list(table.types) == ROWS.column_names
    assert table.done == table.total
    assert batch.columns["case"].to_pylist() == ROWS["case"].to_pylist()


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_table(tmp_path / "none.csv", "csv"):
        raise AssertionError

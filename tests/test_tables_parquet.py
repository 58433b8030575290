"""Parquet is read some rows at a time, and what it holds keeps its type."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.tables import NotATable, parquet_table
from app.tables.parquet_table import ParquetTable


def file_of(table: pa.Table) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=70)
    return file


def test_rows_are_counted_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "ROWS", 30)
    table = ParquetTable(file_of(pa.table({"x": range(200)})))
    assert table.total == 200
    batches = list(table.batches(["x"]))
    assert len(batches) > 5
    assert [place for batch in batches for place in batch.places.tolist()] == list(range(1, 201))
    assert [x for batch in batches for x in batch.columns["x"].to_pylist()] == list(range(200))
    assert table.done == 200


def test_categories_are_read_as_the_texts_they_are() -> None:
    coded = pa.array(["b", None, "a"]).dictionary_encode()
    table = ParquetTable(file_of(pa.table({"x": coded, "y": pa.array([1, 2, 3], pa.int8())})))
    assert table.types == {"x": pa.string(), "y": pa.int8()}
    (batch,) = table.batches(["x"])
    assert batch.columns["x"].to_pylist() == ["b", None, "a"]


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"PAR1" + b"\x00" * 50 + b"PAR1"])
def test_what_is_no_parquet_is_told(content: bytes) -> None:
    with pytest.raises(NotATable, match="is not Parquet"):
        ParquetTable(io.BytesIO(content))


def test_two_columns_of_a_name_are_told() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    with pytest.raises(NotATable, match="columns of the same name: 'x'"):
        ParquetTable(file_of(table))


def test_a_file_that_is_torn_inside_is_told_with_the_row_that_was_reached() -> None:
    content = bytearray(file_of(pa.table({"x": range(200)})).getvalue())
    content[4:100] = b"\xff" * 96
    with pytest.raises(NotATable, match="cannot be read after row 0"):
        list(ParquetTable(io.BytesIO(bytes(content))).batches(["x"]))

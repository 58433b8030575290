"""CSV is read as it stands: no row moves, no line number is off, nothing is dropped unsaid."""

import csv
import io
import os
from contextlib import AbstractContextManager
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.tables import NotATable, Unreadable, blocks
from app.tables.blocks import Blocks, Encoding
from app.tables.csv_table import CsvTable

Read = tuple[list[tuple[int, list[str]]], list[int]]
"""The rows, each with the line where it begins; and the lines of the rows left out."""

END = "\x01"
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "300"))


def opened(text: bytes, delimiter: str | None = None, encoding: Encoding = "utf-8") -> CsvTable:
    return CsvTable(Blocks(io.BytesIO(text), encoding, len(text)), delimiter)


def in_blocks_of(size: int) -> AbstractContextManager[object]:
    return patch.object(blocks, "BLOCK", size)


def as_read(table: CsvTable) -> tuple[Read, list[Unreadable]]:
    rows: list[tuple[int, list[str]]] = []
    left_out: list[int] = []
    told: list[Unreadable] = []
    names = list(table.types)
    for batch in table.batches(names):
        cells = zip(*(batch.columns[name].to_pylist() for name in names), strict=True)
        texts = ([cell or "" for cell in row] for row in cells)
        rows += zip(batch.places.tolist(), texts, strict=True)
        left_out += [one.place for one in batch.left_out]
        told += [*batch.left_out, *batch.emptied]
    return (rows, left_out), told


def as_python_reads(text: str, columns: int) -> Read:
    rows: list[tuple[int, list[str]]] = []
    left_out: list[int] = []
    reader = csv.reader(io.StringIO(f"{text}{END}", newline=""))
    before = 0
    for row in reader:
        if row == [END]:
            return rows, left_out
        if len(row) == columns or (not row and columns == 1):
            rows.append((before + 1, row or [""]))
        elif row:
            left_out.append(before + 1)
        last, before = before, reader.line_num
    lines = io.StringIO(text, newline="").readlines()  # a quotation mark is open: go on after it
    more_rows, more_left_out = as_python_reads("".join(lines[last + 1 :]), columns)
    kept = [(line, row) for line, row in rows if line <= last]
    dropped = [line for line in left_out if line <= last]
    return (
        kept + [(line + last + 1, row) for line, row in more_rows],
        [*dropped, last + 1, *(line + last + 1 for line in more_left_out)],
    )


PIECES = st.sampled_from(["a", "b", ",", ",", '"', '""', ' "', "\n", "\r\n", "\r", "ø", "\x00"])


@settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
@given(
    body=st.lists(PIECES, max_size=40).map("".join),
    header=st.sampled_from(["x", "x,y", 'x,"y\nz",w']),
    size=st.integers(2, 60),
)
@example(body='1,"a\n\n2"\r\n\r\n3,4', header="x,y", size=5)
@example(body='a"b,5" nail\n"c"d"e,"f\n"\n', header="x,y", size=3)
@example(body="a\r\rb\r\n", header="x", size=2)
def test_rows_and_lines_are_those_that_python_finds(body: str, header: str, size: int) -> None:
    text = f"{header}\n{body}\n"
    columns = header.count(",") + 1
    with in_blocks_of(size):
        found, _ = as_read(opened(text.encode(), ","))
    rows, left_out = as_python_reads(text, columns)
    assert found == (rows[1:], left_out)


def test_a_quotation_that_never_ends_spoils_its_line_alone() -> None:
    text = b'x,y\n1,2\n3,"4\n5,6\n7,""\n8,9\n'
    (rows, left_out), told = as_read(opened(text))
    assert rows == [(2, ["1", "2"]), (4, ["5", "6"]), (5, ["7", ""]), (6, ["8", "9"])]
    assert left_out == [3]
    assert told[0].why == "a quotation mark is opened here and never closed"


def test_a_quotation_that_goes_on_for_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LONGEST", 100)
    text = b'x,y\n1,"2\n' + b"3,4\n" * 100
    with in_blocks_of(64):
        (rows, left_out), _ = as_read(opened(text))
    assert left_out == [2]
    assert rows == [(line, ["3", "4"]) for line in range(3, 103)]


def test_a_line_without_end_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LONGEST", 1 << 20)
    with in_blocks_of(1 << 19), pytest.raises(NotATable, match="line 2 is longer than 1 MB"):
        as_read(opened(b"x,y\n" + b"1" * (3 << 20)))


def test_a_row_with_too_few_or_too_many_fields_is_left_out_and_told() -> None:
    text = b'x,y\n1\n1,2,3\n"a\n\nb",2,3\n\n1,2\n'
    (rows, left_out), told = as_read(opened(text))
    assert rows == [(8, ["1", "2"])]
    assert left_out == [2, 3, 4]
    assert [one.why for one in told] == [
        "has 1 fields where the header has 2",
        "has 3 fields where the header has 2",
        "has 3 fields where the header has 2, and runs over 3 lines",
    ]


def test_a_blank_line_of_a_single_column_is_a_row() -> None:
    assert as_read(opened(b"x\n1\n\n2\n"))[0] == ([(2, ["1"]), (3, [""]), (4, ["2"])], [])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_delimiter_is_found_in_the_header(sign: str) -> None:
    table = opened(f'"a,b;c\td"{sign}"e,;"{sign}f\n1{sign}2{sign}3\n'.encode())
    assert table.delimiter == sign
    assert list(table.types) == ["a,b;c\td", "e,;", "f"]


@pytest.mark.parametrize("text", [b"x\n1\n", b"x\r\n1\r\n", b"\xef\xbb\xbfx\n1", b"x\r1"])
def test_line_ends_and_byte_order_marks_are_no_part_of_the_table(text: bytes) -> None:
    table = opened(text)
    assert list(table.types) == ["x"]
    assert as_read(table)[0] == ([(2, ["1"])], [])
    assert table.done >= len(text) - 3


def test_an_empty_field_is_null_and_an_empty_text_is_not() -> None:
    (batch,) = opened(b'x,y\n,""\n').batches(["x", "y"])
    assert [batch.columns[name].to_pylist() for name in "xy"] == [[None], [""]]


def test_latin_1_is_read_when_one_says_so() -> None:
    table = opened("navn\nBjørn\nÅse\n".encode("latin-1"), encoding="latin-1")
    assert as_read(table)[0][0] == [(2, ["Bjørn"]), (3, ["Åse"])]


def test_bytes_that_are_no_utf_8_empty_their_cell_and_no_other() -> None:
    text = "navn,x,y\nÅse,1,2\n".encode() + b"Bj\xf8rn,\xe6,3\n" + b",4\n" + "Øst,5,6\n".encode()
    table = opened(text + b"\xe5\n")
    (batch,) = table.batches(["navn"])
    assert batch.columns["navn"].to_pylist() == ["Åse", None, "Øst"]
    assert batch.columns["x"].to_pylist() == [b"1", "æ".encode(), b"5"]
    assert batch.emptied == (Unreadable(3, "navn", batch.emptied[0].why),)
    assert "--encoding latin-1" in batch.emptied[0].why
    assert [one.place for one in batch.left_out] == [4, 6]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "is empty"),
        (b"\n\n1,2\n", "begins with an empty line"),
        (b"x,x,y,y\n", "names a column twice: 'x', 'y'"),
        (b'"x,y\n1,2\n', "begins with a quotation mark that is never closed"),
        (b"\xf8\n1\n", "--encoding latin-1"),
        ("x,y\n1,2\n".encode("utf-16"), "UTF-16"),
        (b'"' + b"x" * 200_000 + b'"\n', "cannot be read: field larger"),
    ],
)
def test_what_is_no_table_is_told(text: bytes, why: str) -> None:
    with pytest.raises(NotATable, match=why):
        opened(text)

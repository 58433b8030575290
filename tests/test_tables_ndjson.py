"""NDJSON is read line by line: what is no object is told, and the lines around it are kept."""

import io

import pyarrow as pa
import pytest

from app.tables import Batch, NotATable, Unreadable, blocks
from app.tables.blocks import Blocks, Encoding
from app.tables.ndjson_table import NdjsonTable


def opened(text: bytes, encoding: Encoding = "utf-8") -> NdjsonTable:
    return NdjsonTable(Blocks(io.BytesIO(text), encoding, len(text)))


def only(table: NdjsonTable, *carried: str) -> Batch:
    (batch,) = table.batches(carried)
    return batch


def test_lines_that_are_no_objects_are_left_out_with_their_numbers() -> None:
    deep = b"[" * 100_000
    bad = [b"{", b"[1]", b'"x"', b"\xff", b'{"x":1,"x":2}', b'{"x":{"y":1,"y":2}}', b"NaN", deep]
    text = b"\n".join([b'{"x":1}', b"", b"  ", *bad, b'{"x":2}\r', b""])
    batch = only(opened(text), "x")
    assert batch.columns["x"].to_pylist() == [1, 2]
    assert batch.places.tolist() == [1, 12]
    assert [one.place for one in batch.left_out] == list(range(4, 12))
    assert all(one.why.startswith("is not a JSON object: ") for one in batch.left_out)
    assert "it has the same name twice" in batch.left_out[4].why
    assert "line" not in batch.left_out[0].why


def test_colons_in_texts_are_no_second_names() -> None:
    assert not only(opened(b'{"x":"12:30","y":{"z":1}}'), "x", "y").left_out


@pytest.mark.parametrize("size", [2, 7, 1 << 20])
def test_lines_are_counted_across_blocks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(blocks, "BLOCK", size)
    lines = [b'{"x":%d}' % number for number in range(50)]
    lines[33] = b"!"
    batches = list(opened(b"\n".join(lines)).batches(["x"]))
    assert [place for batch in batches for place in batch.places.tolist()] == [
        place for place in range(1, 51) if place != 34
    ]
    assert [one.place for batch in batches for one in batch.left_out] == [34]


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ("true null", pa.bool_(), [True, None]),
        ("1 -2", pa.int64(), [1, -2]),
        ("1 2.5", pa.float64(), [1.0, 2.5]),
        ('"a" null', pa.string(), ["a", None]),
        ("null null", pa.string(), [None, None]),
        ('1 "a"', pa.string(), ["1", "a"]),
        ("true 1", pa.string(), ["true", "1"]),
        ('{"b":[1]} [2]', pa.string(), ['{"b":[1]}', "[2]"]),
    ],
)
def test_a_column_that_is_carried_through_has_the_type_of_its_first_values(
    values: str, kind: pa.DataType, read: list[object]
) -> None:
    table = opened("\n".join(f'{{"x":{value}}}' for value in values.split()).encode())
    assert table.types == {"x": kind}
    assert only(table, "x").columns["x"].to_pylist() == read


@pytest.mark.parametrize(
    ("first", "later", "why"),
    [
        ("1", "true", "true does not fit: int64"),
        ("1", '"a"', "a does not fit: int64"),
        ("1", str(2**63), f"{2**63} does not fit: int64"),
        ("true", "1", "1 does not fit: bool"),
        ("1.5", str(2**53 + 1), f"{2**53 + 1} does not fit: double"),
        ("1.5", "[1]", "[1] does not fit: double"),
    ],
)
def test_a_later_value_that_does_not_fit_is_told_and_left_empty(
    monkeypatch: pytest.MonkeyPatch, first: str, later: str, why: str
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 16)
    batches = list(opened(f'{{"x":{first}}}\n{{"x":{later}}}'.encode()).batches(["x"]))
    assert [one for batch in batches for one in batch.emptied] == [Unreadable(2, "x", why)]
    assert batches[-1].columns["x"].to_pylist() in ([None], [])


def test_a_name_that_comes_later_is_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 16)
    batches = list(opened(b'{"x":1}\n{"x":2}\n{"x":3,"y":4}\n').batches(["x"]))
    told = [one for batch in batches for one in batch.emptied]
    assert told == [Unreadable(3, "y", "is not in the file's first lines, and is left out")]
    assert [set(batch.columns) for batch in batches] == [{"x"}] * len(batches)


def test_answers_are_numbers_if_they_can_be_and_else_texts() -> None:
    table = opened(
        b'{"a":1,"b":1,"c":true,"d":18446744073709551615}\n{"a":null,"b":"2","c":1,"d":[]}'
    )
    columns = only(table).columns
    assert columns["a"].type == pa.float64()
    assert columns["a"].to_pylist() == [1.0, None]
    assert columns["b"].to_pylist() == ["1", "2"]
    assert columns["c"].to_pylist() == ["true", "1"]
    assert columns["d"].to_pylist() == ["18446744073709551615", "[]"]


def test_latin_1_is_read_when_one_says_so() -> None:
    table = opened('{"x":"Bjørn"}'.encode("latin-1"), "latin-1")
    assert only(table, "x").columns["x"].to_pylist() == ["Bjørn"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "has no line that is a JSON object$"),
        (b"\n\n", "has no line that is a JSON object$"),
        (b"x,y\n1,2\n", "has no line that is a JSON object; line 1 is not"),
    ],
)
def test_a_file_without_any_object_is_no_table(text: bytes, why: str) -> None:
    with pytest.raises(NotATable, match=why):
        opened(text)


def test_a_line_without_end_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 1 << 19)
    with pytest.raises(NotATable, match="line 2 is longer than 1 MB"):
        list(opened(b'{"x":1}\n{"x":"' + b"1" * (3 << 20)).batches(["x"]))

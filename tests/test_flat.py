"""Result documents as rows: every type of answer, and what a program's file cannot hold."""

import io
import json
import re
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from app.columns import columns_of
from app.db import Database
from app.flat import streams, whole
from app.flat.rows import Rows
from app.settings import HOUSE
from app.tables import writing
from scoring import Instrument
from tests.conftest import Party
from tests.documents import SMALL, instrument, read, shipped
from tests.flow import answer_and_send


def rows_of(name: str, *, as_text: bool = False) -> Rows:
    made = Instrument.model_validate(read(SMALL / f"{name}.json"))
    return Rows(columns_of(made), {}, as_text=as_text)


def document(**answers: Any) -> str:
    return json.dumps({"cursor": "1", "response": {"answers": answers, "missing": {}}})


def test_several_codes_of_an_item_are_one_text() -> None:
    (row,) = rows_of("multiple-choice").table([document(where=[1, 3])]).to_pylist()
    assert row["where"] == "1 3"


@pytest.mark.parametrize("as_text", [True, False])
def test_a_day_is_a_day_or_the_text_of_one(as_text: bool) -> None:
    rows = rows_of("date", as_text=as_text)
    name = next(one.name for one in rows.columns if one.part == "open_item" and one.type == "date")
    table = rows.table([document(**{name: "2026-08-01"}), document()])
    assert table.schema.field(name).type == (pa.string() if as_text else pa.date32())
    assert [str(one) for one in table.column(name).to_pylist()] == ["2026-08-01", "None"]


def test_a_text_is_as_it_was_written_but_no_formula_in_csv() -> None:
    rows = rows_of("free-text")
    name = next(one.name for one in rows.columns if one.part == "open_item")
    text = '=1+1, "æøå"\nand more'
    assert rows.table([document(**{name: text})]).column(name).to_pylist() == [text]
    found = b"".join(streams.csv(rows, [[document(**{name: text})]])).decode()
    assert '"\'=1+1, ""æøå""\nand more"' in found


def test_numbers_keep_their_precision() -> None:
    rows = rows_of("number")
    name = next(one.name for one in rows.columns if one.type == "number" and one.part != "score")
    value = 0.1 + 0.2
    assert rows.table([document(**{name: value})]).column(name).to_pylist() == [value]
    assert str(value) in b"".join(streams.csv(rows, [[document(**{name: value})]])).decode()


def test_what_could_not_be_scored_has_no_scores() -> None:
    rows = rows_of("sum")
    (row,) = rows.table(
        [json.dumps({"response": {"answers": {"q1": 1}}, "scores": None})]
    ).to_pylist()
    scores = [one.name for one in rows.columns if one.part in ("score", "answered")]
    assert scores
    assert {row[name] for name in scores} == {None}
    assert row["q1"] == 1


@pytest.mark.parametrize(("form", "name"), [("dta", "long"), ("sav", "with")])
def test_a_name_that_a_program_keeps_for_itself_is_told(form: str, name: str) -> None:
    rows = rows_of("sum")
    renamed = Rows([replace(rows.columns[0], name=name)], {})
    whole.check(rows, whole.KINDS[form])
    with pytest.raises(ValueError, match="reserved"):
        whole.check(renamed, whole.KINDS[form])


def test_a_long_label_is_cut_between_two_letters() -> None:
    assert whole._cut("æøå", 5) == "æø"
    assert whole._cut("æøå", 6) == "æøå"


def test_a_row_of_the_parquet_file_is_what_the_scoring_page_says(
    hips: Party, database: Database
) -> None:
    page = (HOUSE / "docs" / "scoring.md").read_text(encoding="utf-8")
    tables = re.search(
        r"(\| rand_1 \| rand_2b \| rand_6a \| pcs_oblique .*?)\n\nAll other items are answered "
        r"with the best health",
        page,
        re.DOTALL,
    )
    assert tables
    head, _, first, *_ = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in tables[1].splitlines()
    ]
    told = dict(zip(head, map(float, first), strict=True))
    best = {
        item.id: codes[-1] if item.direction == "higher_is_better" else codes[0]
        for item in instrument(shipped("rand-12")).items
        for codes in [sorted(instrument(shipped("rand-12")).codes(item))]
    }
    given = best | {name: int(told[name]) for name in head[:3]}
    answer_and_send(database, hips.order(instruments=["rand-12"])["id"], **given)
    found = hips.get("/api/v1/results?instrument=rand-12&format=parquet").content
    (row,) = parquet.read_table(io.BytesIO(found)).to_pylist()
    names = {name.replace(" ", "_"): value for name, value in told.items()}
    assert len(names) == 12
    assert {name: row[name] for name in names} == pytest.approx(names, abs=5e-6)


def test_a_parquet_file_is_sent_a_group_of_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "GROUP", 2)
    chunks = [[document(q1=1)], [document(q1=1)], [document()]]
    pieces = list(streams.parquet(rows_of("sum"), chunks))
    assert len(pieces) == 3  # the mark at the start, the first group, and the rest
    table = parquet.read_table(io.BytesIO(b"".join(pieces)))
    assert table.column("q1").to_pylist() == [1, 1, None]

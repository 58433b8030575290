"""Spreadsheets: what goes out comes in the same, and what is hostile is refused at its cell."""

import io
import zipfile
from contextlib import suppress

import pytest

from app.exchange import sheets_in, sheets_out, workbook
from app.exchange.binder import Brought
from scoring import Instrument, NotValid, Wording
from tests.documents import (
    Document,
    instrument,
    read,
    shipped,
    shipped_definitions,
    shipped_wordings,
    small_definitions,
)


def wordings(path_of: Document) -> list[Wording]:
    paths = [path for path in shipped_wordings() if path.parent.name == path_of["id"]]
    return [Wording.model_validate(read(path)) for path in paths]


def test_every_instrument_comes_in_as_it_went_out() -> None:
    paths = [*shipped_definitions(), *small_definitions()]
    assert len(paths) > 40
    for path in paths:
        before, worded = instrument(path), wordings(read(path))
        brought = sheets_in.bring(sheets_out.export(before, worded))
        sets = {"value_sets": before.model_dump()["value_sets"]}
        assert Instrument.model_validate(brought.binder.definition | sets) == before, path
        assert [Wording.model_validate(one) for one in brought.binder.wordings] == worded, path
        assert brought.decisions == ()


def test_what_patients_may_see_comes_in_as_it_went_out() -> None:
    seen = {"pain": {"name": "Freedom from pain", "high": "A high number means little pain."}}
    worded = [
        Wording.model_validate(
            one.model_dump(mode="json") | {"scores": seen, "units": {"rand_1": "kg"}}
        )
        for one in wordings({"id": "rand-12"})
    ]
    brought = sheets_in.bring(sheets_out.export(instrument(shipped("rand-12")), worded[:1]))
    assert brought.binder.wordings[0]["scores"] == seen
    assert brought.binder.wordings[0]["units"] == {"rand_1": "kg"}


CSV = """id;type;direction;options;recode;worth;scale;options:en;text:en
pain;single_choice;lower_is_better;;;1=100|2=0;comfort;1=No|2=Yes;Are you in pain?
sleep;single_choice;lower_is_better;pain;pain;;comfort;;Do you sleep badly?
;;;;;;;;
more;long_text;;;;;;;Is there more?
"""


def bring(text: str) -> Brought:
    return sheets_in.bring(text.encode())


def test_a_plain_table_of_items_comes_in_and_what_it_leaves_open_is_told() -> None:
    brought = bring(CSV)
    definition, (english,), _ = brought.binder
    assert definition["option_sets"] == {"pain": [1, 2]}
    assert definition["recodes"] == {"pain": {"1": 100, "2": 0}}
    assert [item["recode"] for item in definition["items"]] == ["pain", "pain"]
    assert [page["items"] for page in definition["pages"]] == [["pain"], ["sleep"], ["more"]]
    assert [item["id"] for item in definition["open_items"]] == ["more"]
    assert english["options"] == {"pain": {"1": "No", "2": "Yes"}}
    told = [str(one) for one in brought.decisions]
    assert "instrument.licence: is not told" in "\n".join(told)
    assert "scores: are not told; write them on the sheet scores" in told
    assert told[-1].startswith("scores.comfort: is to be made of pain sleep; write on the sheet")


def filled(name: str, rows: list[dict[str, workbook.Cell | None]]) -> bytes:
    """Make a workbook of one item and one more sheet."""
    items: list[dict[str, workbook.Cell | None]] = [{"id": "q1", "type": "eq_vas", "scale": "s"}]
    tables = {"items": items, name: rows}
    return workbook.write({one: (list(some[0]), some) for one, some in tables.items()})


def test_a_stem_stands_where_it_is_written_unless_the_page_says_otherwise() -> None:
    rows: list[dict[str, workbook.Cell | None]] = [{"id": "q1", "stem": None, "stem:en": "Now:"}]
    assert sheets_in.bring(filled("pages", rows)).binder.definition["pages"][0]["stem"] is True
    assert bring(CSV).binder.definition["pages"][0]["stem"] is False


def test_a_scale_that_is_declared_needs_no_decision() -> None:
    told = sheets_in.bring(filled("scores", [{"id": "s", "method": "mean"}])).decisions
    assert [one.path for one in told if one.path.startswith("scores")] == []


def test_what_is_not_read_is_told_and_notes_are_left_alone() -> None:
    told = bring("id,texts:en,note for us\nq1,Pain?,ask Kari").decisions
    assert "items, column texts:en: is not read; mend its name" in str(told[-1])
    facts = sheets_in.bring(filled("instrument", [{"fact": "licens", "value": "a"}])).decisions
    assert str(facts[-1]) == "instrument, row 2, column fact: licens is not read; mend its name"
    with pytest.raises(NotValid, match="bands, row 2, column of: s is not on the sheet scores"):
        sheets_in.bring(filled("bands", [{"of": "s", "at_least": 0, "label": "low"}]))


def packed(**parts: bytes) -> bytes:
    """Change parts of a right workbook; `sheet` is its first sheet."""
    right = zipfile.ZipFile(io.BytesIO(sheets_out.export(instrument(shipped("who-5")), [])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in right.namelist():
            key = "sheet" if name.endswith("sheet1.xml") else name
            made.writestr(name, parts.pop(key, right.read(name)))
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


SHEET = b"<worksheet xmlns='x'><sheetData><row><c r=\"%s\">%s</c></row></sheetData></worksheet>"


def test_a_csv_row_that_says_a_formula_is_refused_at_its_cell() -> None:
    with pytest.raises(NotValid, match="items, row 2, column text:en: begins as a formula"):
        bring(CSV.replace("Are you in pain?", "=HYPERLINK(1)"))


def test_a_text_goes_out_as_a_text_whatever_it_looks_like() -> None:
    texts = ("=1+1", "{=1+1}", "https://example.org", "007")
    rows = [{"id": text} for text in texts]
    with zipfile.ZipFile(io.BytesIO(workbook.write({"items": (["id"], rows)}))) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml")
        assert b"<f" not in sheet
        assert b"link" not in sheet
        assert all(text.encode() in packed.read("xl/sharedStrings.xml") for text in texts)


def test_a_workbook_that_is_broken_anywhere_is_refused_or_read_and_nothing_else() -> None:
    right = packed(**{"note.txt": b"not looked at"})
    assert sheets_in.bring(right).binder.definition["id"] == "who-5"
    tried = 0
    for place in range(0, len(right), len(right) // 120):
        broken = right[:place] + bytes([right[place] ^ 0xFF]) + right[place + 1 :]
        tried += 1
        with suppress(NotValid):
            sheets_in.bring(broken)
    assert tried > 100


HOSTILE = {
    "sheet1.xml, cell B7: has a formula": packed(sheet=SHEET % (b"B7", b"<f>1+1</f>")),
    "cell one: has a formula": packed(sheet=b"<worksheet><x:f>1</x:f></worksheet>"),
    "cell XFD1048576: is beyond 10000 rows": packed(sheet=SHEET % (b"XFD1048576", b"<v>1</v>")),
    "declares entities": packed(sheet=b'<!DOCTYPE a [<!ENTITY a "b">]><worksheet/>'),
    "is not UTF-8; save the workbook anew": packed(sheet="<a/>".encode("utf-16")),
    "document: unpacks to more": packed(bomb=b"0" * 70_000_000),
    "document: has more than 10 MB": b"x" * 50_000_000,
    "document: is no XLSX file: File is not a zip": b"PK\3\4" + b"x" * 100,
    "document: is no XLSX file: ": packed(sheet=b"<worksheet><sheetData><row"),
    "document: is neither XLSX nor CSV": b"id\n\xff",
    "document: is no CSV file": b'id,text\n"a"b,c\n',
    "items: is beyond 10000 rows": b"id\n" + b"a\n" * 20_000,
    "items: has no rows": b"",
    "items, row 1: the column id stands twice": b"id,id\na,b",
    "other: is no sheet that is known": filled("other", [{"a": "b"}]),
    "items, row 2, column id: is empty": b"id,type\n,eq_vas",
    "items, row 2, column least: is 'few'; write a number": b"id,least\nq1,few",
    "column least: is '1e999'; write a number": b"id,least\nq1,1e999",
    "column options:en: is 'Yes'; write a code and its text": b"id,options:en\nq1,Yes",
    "row 3, column options: differs from": b"id,options,codes\nq1,a,1 2\nq2,a,1 3",
}


@pytest.mark.parametrize("message", HOSTILE)
def test_what_is_hostile_or_unclear_is_refused_at_its_place(message: str) -> None:
    data = HOSTILE[message]
    with pytest.raises(NotValid) as refused:
        sheets_in.bring(data)
    assert message in str(refused.value)


def test_a_bound_that_lacks_its_number_is_refused_at_its_cell() -> None:
    items: list[dict[str, workbook.Cell | None]] = [{"id": "q1"}]
    cases: list[dict[str, workbook.Cell | None]] = [{"of": "s", "when": "a=at_least", "value": 1}]
    scores: list[dict[str, workbook.Cell | None]] = [{"id": "s"}]
    tables = {"items": items, "scores": scores, "cases": cases}
    data = workbook.write({one: (list(some[0]), some) for one, some in tables.items()})
    with pytest.raises(
        NotValid, match="cases, row 2, column when: is 'a=at_least'; write the score"
    ):
        sheets_in.bring(data)

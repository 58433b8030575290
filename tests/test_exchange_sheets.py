"""Spreadsheets: what goes out comes in the same, and what is hostile is refused at its cell."""

import io
import zipfile
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
import python_calamine
import xlsxwriter

from app.exchange import sheets_in, sheets_out, told, workbook
from app.exchange.binder import Brought
from app.exchange.cells import ITEM, SCORE
from app.exchange.order import ordered
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
    with pytest.raises(NotValid, match="items, row 2, column text: begins as a formula"):
        workbook.read(b"text\n=1")


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


def packed_as(part: str) -> bytes:
    """Return a zip of another program."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(part, b"")
    return out.getvalue()


def fact(name: str, value: Any) -> dict[str, Any]:
    return {"fact": name, "value": value}


def example(expected: str) -> dict[str, Any]:
    return {"name": "n", "source": "s", "answer:q1": 1, "expected:s": expected}


HOSTILE = {
    "items, cell B7: has a formula": packed(sheet=SHEET % (b"B7", b"<f>1+1</f>")),
    "items, cell one: has a formula": packed(sheet=b"<worksheet><x:f>1</x:f></worksheet>"),
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
    "items, cells A2:A4: are merged into one": packed(sheet=b'<x><mergeCell ref="A2:A4"/></x>'),
    "document: is a Word document (.docx); save it": packed_as("word/document.xml"),
    "document: is an OpenDocument": b"PK\3\4..mimetypeapplication/vnd.oasis.opendocument.x",
    "document: is an old Excel file (.xls), or": b"\xd0\xcf\x11\xe0.",
    "document: is a PDF": b"%PDF-1.7",
    "CSV in UTF-8; save it as Excel workbook (.xlsx), or as CSV UTF-8": "id\nå".encode("cp1252"),
}


FAULTS = [
    ("row 2, column id: is 'Audit-1'; write audit_1", "id\nAudit-1"),
    ("row 2, column id: is 'smerte_nå'; write smerte_na", "id\nsmerte_nå"),
    ("items, rows 2 to 3, column page: is 'P 1'; write p_1", "id,page\na,P 1\nb,P 1"),
    ("items, row 2, column id: is '1'; write small letters, digits", "id\n1"),
    ("items, row 4, column id: a stands in row 2 too; keep one", "id\na\nb\na"),
    ("column type: is 'single choice'; write single_choice", "id,type\na,single choice"),
    ("column type: is 'radio'; write one of single_choice, yes_no", "id,type\na,radio"),
    ("items, column text:norsk: write text:nb or nn", "id,text:norsk\na,b"),
    ("items, column text:no: write text:nb or nn", "id,text:no\na,b"),
    ("items, column text:engelsk: write text:en", "id,text:engelsk\na,b"),
    ("items, column text:nb-NO: write text:nb", "id,text:nb-NO\na,b"),
    ("items, column text:klingon: write text:its code", "id,text:klingon\na,b"),
]
TABLES: list[tuple[str, str, list[dict[str, Any]]]] = [
    (
        "row 2, column value: the id is 'AUDIT-C'; write audit-c",
        "instrument",
        [fact("id", "AUDIT-C")],
    ),
    ("row 2, column value: the id is '!'; write small letters", "instrument", [fact("id", "!")]),
    ("the version is 'one'; write two numbers: 1.0", "instrument", [fact("version", "one")]),
    ("instrument, row 2, column fact: is empty", "instrument", [{"fact": None, "value": "a"}]),
    ("column language: is 'no'; write nb or nn", "languages", [{"language": "no"}]),
    (
        "points, rows 2 to 3, column of: t is not on the sheet scores; add it there, or remove the",
        "points",
        [{"of": "t", "item": "q1", "code": code, "points": 1} for code in (1, 2)],
    ),
    ("'x'; write a number; null or - where no", "examples", [example("x")]),
]


@pytest.mark.parametrize(("message", "text"), FAULTS)
def test_what_is_written_otherwise_is_told_at_its_row_with_what_to_write(
    message: str, text: str
) -> None:
    with pytest.raises(NotValid) as refused:
        bring(text)
    assert [message in str(one) for one in refused.value.problems] == [True]


@pytest.mark.parametrize(("message", "sheet", "rows"), TABLES)
def test_what_is_wrong_on_any_sheet_is_told_there_and_once(
    message: str, sheet: str, rows: list[dict[str, Any]]
) -> None:
    with pytest.raises(NotValid) as refused:
        sheets_in.bring(filled(sheet, rows))
    assert [message in str(one) for one in refused.value.problems] == [True]


def test_all_that_is_wrong_in_a_file_is_told_together() -> None:
    with pytest.raises(NotValid) as refused:
        bring("id,least,text:no,options:en\nA,few,=1,Yes\n,much,b,1=No")
    assert [one.path for one in refused.value.problems] == [
        "items, row 2, column text:no",
        "items, row 2, column least",
        "items, row 2, column options:en",
        "items, row 3, column id",
        "items, row 3, column least",
        "items, row 2, column id",
        "items, column text:no",
    ]


def test_a_date_that_a_spreadsheet_made_is_told_and_one_that_is_meant_is_taken() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet, notes = book.add_worksheet("items"), book.add_worksheet("Notater")
        sheet.write_row(0, 0, ["id", "earliest", "codes", "note"])
        sheet.write(1, 0, "q1")
        for column in (1, 2, 3):
            sheet.write_datetime(1, column, date(2026, 4, 3))
        notes.write_formula(0, 0, "=1+1")
        notes.merge_range("A2:B2", "ours")
    with pytest.raises(NotValid) as refused:
        sheets_in.bring(file.getvalue())
    date_made, no_codes = map(str, refused.value.problems)
    assert date_made.startswith("items, row 2, column codes: is 2026-04-03: the spreadsheet made")
    assert no_codes.startswith("items, row 2, column codes: is '2026-04-03'; write codes")


def test_what_can_mean_but_one_thing_is_taken() -> None:
    items = 'id,type,options,codes,not_applicable,Kommentar\na,single_choice,o,1; 2;3,"1,2",ours'
    definition = bring(items).binder.definition
    assert definition["option_sets"] == {"o": [1, 2, 3]}
    assert definition["items"][0]["not_applicable"] == [1, 2]
    facts = [fact("version", 1), fact("recall_period", None), fact("note", "ours")]
    brought = sheets_in.bring(filled("instrument", facts))
    assert brought.binder.definition["version"] == "1.0"
    told = [one.path for one in brought.decisions]
    assert "instrument.recall_period" in told
    assert not any("row" in path for path in told)
    scores = sheets_in.bring(filled("scores", [{"id": "s", "items": "q1, q2", "range": "0, 1,5"}]))
    assert scores.binder.definition["scores"] == [
        {"id": "s", "items": ["q1", "q2"], "range": [0, 1.5]}
    ]
    for text in ("-", "null"):
        examples = sheets_in.bring(filled("examples", [example(text)])).binder.definition[
            "examples"
        ]
        assert examples[0]["expected"] == {"s": None}


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


def test_answers_stand_in_the_order_of_the_questions_whatever_the_alphabet_says() -> None:
    names = ["p_1", "p_2", "p_10"]
    definition: Document = {
        "pages": [{"id": "p", "items": names}],
        "option_sets": {"o": [2, 10, 1]},
        "items": [{"id": name} for name in names],
        "scores": [{"id": "t"}],
        "examples": [
            {"answers": {"p_10": 1}, "expected": {"t": 1}},
            {"answers": {"zz": 1, "p_10": 1, "p_2": 2, "p_1": 1}, "expected": {"t": None}},
        ],
    }
    row = workbook.read(sheets_out.written_out(definition, []))["examples"][1]
    assert list(row.texts) == [*(f"answer:{name}" for name in (*names, "zz")), "expected:t"]
    wording = {
        "items": dict.fromkeys(sorted(names), "a"),
        "options": {"o": {"1": "a", "10": "b", "2": "c"}},
        "stems": "no object",
    }
    made = ordered(wording, definition | {"pages": [*definition["pages"], "no page"]})
    assert list(made["items"]) == names
    assert list(made["options"]["o"]) == ["2", "10", "1"]
    assert made == wording
    assert ordered(wording, {}) == wording


def test_the_help_and_the_lists_to_choose_from_tell_every_column_that_is_read() -> None:
    data = sheets_out.export(instrument(shipped("rand-12")), [])
    heads, *told_rows = workbook_of(data, "help")
    assert heads == ["sheet", "column", "what it means", "på norsk", "words"]
    assert {"items", "instrument", "scores", "examples"} <= {row[0] for row in told_rows}
    types = next(row for row in told_rows if row[:2] == ["items", "type"])
    assert types[4].startswith("single_choice, yes_no")
    assert all(row[2] and row[3] for row in told_rows)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        items, facts = (opened.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    assert 'type="list"' in items
    assert "higher_is_better,lower_is_better,none" in items
    assert "PROM,PREM" in facts
    for sheet, known in told.SHEETS.items():
        assert all(len(",".join(one.words)) < 256 for one in known.values()), sheet
    assert set(ITEM) | {"page", "scale", "codes", "worth"} <= set(told.SHEETS["items"])
    assert set(SCORE) | {"multiply", "add"} == set(told.SHEETS["scores"])


def workbook_of(data: bytes, sheet: str) -> list[list[str]]:
    """Return the lines of one sheet, as a spreadsheet program would show them."""
    book = python_calamine.load_workbook(io.BytesIO(data))
    return [list(map(str, line)) for line in book.get_sheet_by_name(sheet).to_python()]

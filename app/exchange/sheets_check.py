"""What keeps a spreadsheet from being read: every fault of every sheet, each told once."""

from collections.abc import Iterator, Sequence

from app.exchange import told
from app.exchange.cells import faults
from app.exchange.names import (
    ID,
    LANGUAGE,
    NAME,
    VERSION,
    named,
    nearest,
    tongue,
)
from app.exchange.told import FACTS, SHEETS, column
from app.exchange.workbook import Row, Sheets
from scoring import Problem

Problems = Iterator[Problem]

PARTS = ("points", "terms", "tables", "cases", "bands")
"""The sheets whose rows belong to scores."""

KEYS = {"items": "id", "pages": "id", "scores": "id", "languages": "language", "shown": "score"}
"""The columns in which nothing may stand twice."""

IDS = {"items": ("id", "page", "options", "recode"), "pages": ("id",), "scores": ("id",)}


def known(sheets: Sheets) -> Sheets:
    """Return the sheets that are read, without empty ones, and the facts that are told."""
    found = {name: rows for name, rows in sheets.items() if rows or name in SHEETS}
    if "instrument" in found:
        found["instrument"] = [row for row in found["instrument"] if "value" in row.texts]
    return found


def wrong(sheets: Sheets) -> list[Problem]:
    """Return all that keeps the sheets from being read, each at its cell."""
    strange = [name for name in sheets if name not in SHEETS]
    there = ", ".join(SHEETS)
    found = [
        Problem(name, f"is no sheet that is known; there are {there}; notes may begin with note")
        for name in strange
    ]
    for name, rows in sheets.items():
        if name not in strange:
            found += [*_cells(name, rows), *_twice(rows, KEYS.get(name, "")), *_ids(name, rows)]
            found += _tongues(name, rows)
    return [*found, *_facts(sheets.get("instrument", [])), *_types(sheets), *_left_over(sheets)]


def _cells(sheet: str, rows: Sequence[Row]) -> Problems:
    needed = [name for name, one in SHEETS[sheet].items() if one.needed]
    for row in rows:
        yield from (
            Problem(row.place(name), "is empty; fill it in")
            for name in needed
            if name not in row.texts
        )
        for name in row.texts:
            if one := column(sheet, name):
                yield from faults(row, name, one.way)


def _twice(rows: Sequence[Row], key: str) -> Problems:
    """Yield what stands in a column a second time."""
    first: dict[str, int] = {}
    for row in rows:
        if text := row.texts.get(key):
            before = first.setdefault(text, row.number)
            if before != row.number:
                yield Problem(row.place(key), f"{text} stands in row {before} too; keep one")


def _ids(sheet: str, rows: Sequence[Row]) -> Problems:
    """Yield each id that is none, once, with the rows where it stands."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for name in IDS.get(sheet, ()):
            text = row.texts.get(name)
            if text and not NAME.fullmatch(text):
                found.setdefault((name, text), []).append(row)
    for (name, text), where in found.items():
        better = named(text, "_")[:32]
        fits = better if NAME.fullmatch(better) else "small letters, digits and _, a letter first"
        yield Problem(_place(where, name), f"is {text[:40]!r}; write {fits}")


def _place(rows: Sequence[Row], column: str) -> str:
    """Return where a text stands in one row or several: `points, rows 2 to 13, column of`."""
    first, last = rows[0], rows[-1]
    if first is last:
        return first.place(column)
    return f"{first.sheet}, rows {first.number} to {last.number}, column {column}"


def _tongues(sheet: str, rows: Sequence[Row]) -> Problems:
    """Yield each language that is called otherwise than by its code."""
    heads = dict.fromkeys(name for row in rows for name in row.texts)
    for name in heads:
        start, colon, language = name.partition(":")
        spoken = f"{start}:" in SHEETS[sheet] and sheet != "examples"
        if colon and spoken and not LANGUAGE.fullmatch(language):
            yield Problem(f"{sheet}, column {name}", f"write {start}:{tongue(language)}")
    for row in rows if sheet == "languages" else ():
        language = row.texts.get("language", "nb")
        if not LANGUAGE.fullmatch(language):
            yield Problem(row.place("language"), f"is {language!r}; write {tongue(language)}")


def _facts(rows: Sequence[Row]) -> Problems:
    """Yield what is wrong with the id and the version, which name the draft, and what is twice."""
    yield from _twice(rows, "fact")
    for row in rows:
        fact, text = row.texts.get("fact"), row.texts["value"]
        if fact == "id" and not ID.fullmatch(text):
            better = named(text, "-")[:40]
            fits = better if ID.fullmatch(better) else FACTS["id"].en
            yield Problem(row.place("value"), f"the id is {text[:40]!r}; write {fits}")
        if fact == "version" and not VERSION.fullmatch(version(text)):
            message = f"the version is {text[:40]!r}; write two numbers: 1.0"
            yield Problem(row.place("value"), message)


def version(text: str) -> str:
    """Return a version as it was meant: of 1.0, which is a number, a spreadsheet makes 1."""
    return f"{text}.0" if text.isdecimal() else text.replace(",", ".")


def _types(sheets: Sheets) -> Problems:
    for row in sheets.get("items", []):
        text = row.texts.get("type", told.TYPES[0])
        if text not in told.TYPES:
            better = nearest(text, told.TYPES)
            yield Problem(row.place("type"), f"is {text[:40]!r}; write {better}")


def _left_over(sheets: Sheets) -> Problems:
    """Yield the rows that belong to a score that there is not, once for each score and sheet."""
    scores = {row.texts.get("id") for row in sheets.get("scores", [])}
    for sheet in PARTS:
        found: dict[str, list[Row]] = {}
        for row in sheets.get(sheet, []):
            if (name := row.texts.get("of")) and name not in scores:
                found.setdefault(name, []).append(row)
        for name, rows in found.items():
            what = "the row" if len(rows) == 1 else "the rows"
            message = f"{name} is not on the sheet scores; add it there, or remove {what}"
            yield Problem(_place(rows, "of"), message)

"""A spreadsheet as a questionnaire: what its cells say, and what they leave to be decided."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.exchange import workbook
from app.exchange.binder import Binder, Brought
from app.exchange.cells import (
    CODES,
    EXPECTED,
    ITEM,
    NUMBER,
    OPTIONS,
    PAIRS,
    SCORE,
    WORTHS,
    Way,
    fields,
    number,
    pairs,
    value,
)
from app.exchange.names import is_note
from app.exchange.sheets_check import PARTS, known, version, wrong
from app.exchange.sheets_out import FACTS, LANGUAGE, LICENCE
from app.exchange.told import FACTS as FACTS_TOLD
from app.exchange.told import OPEN, column
from app.exchange.workbook import Row, Sheets, refused
from app.papers import Document
from scoring import NotValid, Problem


def bring(data: bytes) -> Brought:
    """Return the documents of an XLSX workbook, or of a CSV file that is the sheet `items`.

    Whatever is not said is left out, and told where somebody must decide. Raises NotValid, naming
    every cell that cannot be read.
    """
    there, faults = workbook.suspected(data)
    sheets = known(there)
    if faults := [*faults, *wrong(sheets)]:
        raise NotValid(faults)
    rows = sheets.get("items", [])
    if not rows:
        raise refused("items", "has no rows; there must be one for each item")
    definition = {
        **_facts(sheets.get("instrument", [])),
        **_asked(rows),
        "pages": _pages(rows, sheets.get("pages", [])),
        "scores": _scores(sheets),
        "examples": [_example(row) for row in sheets.get("examples", [])],
    }
    scales = _scales(rows, definition["scores"])
    decisions = [*_undecided(definition), *scales, *_unread(sheets)]
    return Brought(Binder(definition, tuple(_wordings(sheets, definition))), tuple(decisions))


def _facts(rows: Iterable[Row]) -> Document:
    said = {row.texts["fact"]: row.texts["value"] for row in rows}
    if "version" in said:
        said["version"] = version(said["version"])
    licence = {name: said[f"licence_{name}"] for name in LICENCE if f"licence_{name}" in said}
    facts: Document = {name: said[name] for name in FACTS if name in said}
    return {**facts, **({"licence": licence} if licence else {})}


def _asked(rows: list[Row]) -> Document:
    """Return the items with their option sets and recodes, each written where it is first met."""
    found: Document = {"option_sets": {}, "recodes": {}, "items": [], "open_items": []}
    for row in rows:
        item = {"id": row.texts["id"], **fields(row, ITEM)}
        if codes := _codes(row):
            item.setdefault("options", item["id"])
            _same(row, "options", found["option_sets"].setdefault(item["options"], codes), codes)
        if "worth" in row.texts:
            item.setdefault("recode", item["id"])
            worth = _worth(row)
            _same(row, "worth", found["recodes"].setdefault(item["recode"], worth), worth)
        part = "open_items" if item.get("type") in OPEN else "items"
        found[part].append(item)
    return found


def _same(row: Row, column: str, before: object, now: object) -> None:
    """Raise NotValid if answers of one name were told otherwise before."""
    if before != now:
        message = "differs from what the same name stands for above; use another name"
        raise refused(row.place(column), message)


def _codes(row: Row) -> list[int]:
    """Return the codes of an item's answers, in the order shown."""
    if "codes" in row.texts:
        return [*value(row, "codes", CODES)]
    columns = [column for column in row.texts if column.startswith("options:")]
    return [*value(row, columns[0], OPTIONS)] if columns else []


def _worth(row: Row) -> dict[str, float]:
    return dict(value(row, "worth", WORTHS))


def _pages(items: list[Row], pages: list[Row]) -> list[Document]:
    """Return the pages in the order of their items; an item without a page stands on its own."""
    stems = {row.texts["id"]: row for row in pages}
    found: dict[str, list[str]] = {}
    for row in items:
        found.setdefault(row.texts.get("page", row.texts["id"]), []).append(row.texts["id"])
    return [
        {"id": name, "stem": name in stems and _has_a_stem(stems[name]), "items": names}
        for name, names in found.items()
    ]


def _has_a_stem(row: Row) -> bool:
    told = row.texts.get("stem")
    written = any(column.startswith("stem:") for column in row.texts)
    return told == "yes" if told in ("yes", "no") else written


def _scores(sheets: Sheets) -> list[Document]:
    of: dict[tuple[str, str], list[Row]] = {}
    for sheet in PARTS:
        for row in sheets.get(sheet, []):
            of.setdefault((sheet, row.texts["of"]), []).append(row)
    scores: list[Document] = []
    for row in sheets.get("scores", []):
        name = row.texts["id"]
        scores.append(_score(row, {sheet: of.get((sheet, name), []) for sheet in PARTS}))
    return scores


def _score(row: Row, parts: Sheets) -> Document:
    """Return a score, with what stands of it on sheets of their own."""
    score = fields(row, SCORE)
    if affine := fields(row, {"multiply": NUMBER, "add": NUMBER}):
        score["affine"] = {"multiply": 1, "add": 0, **affine}
    made = {
        "items": list(_points(parts["points"])),
        "terms": [_term(one) for one in parts["terms"]],
        "table": dict(_table(parts["tables"])),
        "cases": [_case(one) for one in parts["cases"]],
        "bands": [_band(one) for one in parts["bands"]],
    }
    return {**score, **{name: part for name, part in made.items() if part}}


def _points(rows: list[Row]) -> Iterator[Document]:
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        points = found.setdefault(row.texts["item"], {})
        points[row.texts["code"]] = _number(row, "points")
    yield from ({"item": item, "points": points} for item, points in found.items())


def _number(row: Row, column: str) -> Any:
    return value(row, column, NUMBER)


def _term(row: Row) -> Document:
    numbers = fields(row, {"weight": NUMBER, "mean": NUMBER, "sd": NUMBER})
    return {"score": row.texts["score"], **numbers}


def _table(rows: list[Row]) -> Iterator[tuple[str, Any]]:
    yield from ((row.texts["value"], _number(row, "gives")) for row in rows)


def _case(row: Row) -> Document:
    way = Way(str, _bounds, "the score and its bounds, one score a line: total=at_least 5 below 9")
    return {"when": value(row, "when", way), "value": _number(row, "value")}


def _bounds(text: str) -> Document:
    """Return the bounds that a cell says; raises ValueError."""
    found: Document = {}
    for name, bounds in pairs(text).items():
        words = bounds.split()
        numbers = [number(word) for word in words[1::2]]
        found[name] = dict(zip(words[::2], numbers, strict=True))
    return found


def _band(row: Row) -> Document:
    return {"at_least": _number(row, "at_least"), "label": row.texts["label"]}


def _example(row: Row) -> Document:
    answers = {name: _number(row, column) for name, column in _columns(row, "answer:")}
    expected = {name: value(row, column, EXPECTED) for name, column in _columns(row, "expected:")}
    rule = {"missing_rule": row.texts["rule"]} if "rule" in row.texts else {}
    names = {"name": row.texts["name"], "source": row.texts["source"]}
    return {**names, **rule, "answers": answers, "expected": expected}


def _columns(row: Row, start: str) -> Iterator[tuple[str, str]]:
    """Yield what follows the start of some columns' names, with the whole names."""
    yield from ((one.removeprefix(start), one) for one in row.texts if one.startswith(start))


def _wordings(sheets: Sheets, definition: Document) -> Iterator[Document]:
    """Yield a wording for each language that any item has a text in."""
    rows = sheets["items"]
    about = {row.texts["language"]: row for row in sheets.get("languages", [])}
    texts = [language for row in rows for language, _ in _columns(row, "text:")]
    for language in dict.fromkeys([*about, *texts]):
        row = about.get(language)
        told: Document = (
            {name: row.texts[name] for name in LANGUAGE if name in row.texts} if row else {}
        )
        told["revision"] = value(row, "revision", NUMBER) if row and "revision" in told else 1
        named = {"instrument": definition.get("id"), "version": definition.get("version")}
        of = {name: one for name, one in named.items() if one is not None}
        yield {**of, "language": language, **told, **_words(sheets, language)}


def _words(sheets: Sheets, language: str) -> Document:
    rows = sheets["items"]
    stems = _texts(sheets.get("pages", []), "id", f"stem:{language}")
    ends = {end: _texts(rows, "id", f"{end}:{language}") for end in ("best", "worst")}
    anchors = _together(ends)
    shown = sheets.get("shown", [])
    seen = {part: _texts(shown, "score", f"{part}:{language}") for part in ("name", "high")}
    column = f"options:{language}"
    options = {
        row.texts.get("options", row.texts["id"]): value(row, column, PAIRS)
        for row in rows
        if column in row.texts
    }
    return {
        "stems": stems,
        "items": _texts(rows, "id", f"text:{language}"),
        "options": options,
        "anchors": anchors,
        "units": _texts(rows, "id", f"unit:{language}"),
        "scores": _together(seen),
    }


def _texts(rows: Iterable[Row], name: str, column: str) -> dict[str, str]:
    return {row.texts[name]: row.texts[column] for row in rows if column in row.texts}


def _together(parts: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return what is told of each name in several columns, by name."""
    names = dict.fromkeys(name for texts in parts.values() for name in texts)
    return {
        name: {part: texts[name] for part, texts in parts.items() if name in texts}
        for name in names
    }


def _undecided(definition: Document) -> Iterator[Problem]:
    """Yield what a definition needs that no cell says."""
    for name in (*FACTS, "licence"):
        if name not in definition:
            where = "the sheet instrument, as rows of fact and value"
            yield Problem(f"instrument.{name}", f"is not told; write it on {where}")
    if not definition["scores"]:
        yield Problem("scores", "are not told; write them on the sheet scores")
    if not definition["examples"]:
        message = "are not told; write them on the sheet examples, or fill them in on the bench"
        every = "every code must be in at least one that expects a score"
        yield Problem("examples", f"{message}: {every}")


def _scales(rows: list[Row], scores: list[Document]) -> Iterator[Problem]:
    """Yield each scale that items are said to be in, and that no score declares."""
    known = {score["id"] for score in scores}
    found: dict[str, list[str]] = {}
    for row in rows:
        for scale in row.texts.get("scale", "").split():
            found.setdefault(scale, []).append(row.texts["id"])
    for scale, items in found.items():
        if scale not in known:
            message = f"is to be made of {' '.join(items)}; write on the sheet scores by which "
            yield Problem(f"scores.{scale}", f"{message}method and missing rule, and its range")


def _unread(sheets: Sheets) -> Iterator[Problem]:
    """Yield each column and fact that says something which is not read; notes are left alone."""
    for sheet, rows in sheets.items():
        for name in dict.fromkeys(name for row in rows for name in row.texts):
            if column(sheet, name) is None and not is_note(name):
                yield Problem(
                    f"{sheet}, column {name}",
                    "is not read; mend its name, or let it begin with note",
                )
    for row in sheets.get("instrument", []):
        fact = row.texts["fact"]
        if fact not in FACTS_TOLD and not is_note(fact):
            yield Problem(row.place("fact"), f"{fact} is not read; mend its name")

"""A questionnaire as a spreadsheet: one row an item, and sheets for the rest."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.exchange import told, workbook
from app.exchange.cells import CODES, ITEM, PAIRS, SCORE, lines, written
from app.exchange.names import HELP
from app.exchange.order import questions
from app.exchange.workbook import Cell, Choices, Table
from app.papers import Document
from scoring import Instrument, Wording

Rows = list[dict[str, Cell | None]]
FACTS = ("id", "version", "kind", "name", "source", "recall_period")
LICENCE = ("status", "holder", "credit", "terms")
LANGUAGE = ("language", "revision", "status", "title", "source", "credit")


def export(instrument: Instrument, wordings: Sequence[Wording]) -> bytes:
    """Return an XLSX workbook that `sheets_in.bring` reads as the same definition and wordings."""
    document = instrument.model_dump(mode="json", exclude_defaults=True, exclude={"value_sets"})
    return written_out(document, [wording.model_dump(mode="json") for wording in wordings])


def written_out(document: Document, worded: list[Document]) -> bytes:
    """Return the workbook of documents, which may lack parts.

    Raises KeyError, TypeError, ValueError or AttributeError where they have another shape.
    """
    scores = document.get("scores", [])
    tables = {
        "items": _items(document, worded),
        "instrument": _instrument(document),
        "languages": [{name: one[name] for name in LANGUAGE if name in one} for one in worded],
        "pages": _pages(document, worded),
        "scores": [_score(score) for score in scores],
        **_parts(scores),
        "examples": _examples(document),
        "shown": _shown(worded),
        HELP: list(told.rows()),
    }
    made = {name: _table(rows) for name, rows in tables.items() if rows}
    return workbook.write(made, list(_choices(made)))


SPARE = 200
"""So many rows below the last have the lists to choose from too."""


def _choices(tables: Mapping[str, Table]) -> Iterator[Choices]:
    """Yield where there is a list to choose from: columns and facts that take few words."""
    for sheet, (columns, rows) in tables.items():
        for place, name in enumerate(columns if sheet != HELP else ()):
            if (one := told.column(sheet, name)) and one.words:
                yield Choices(sheet, place, 1, len(rows) + SPARE, one.words)
    for number, row in enumerate(tables.get("instrument", ((), ()))[1], start=1):
        if words := told.FACTS[str(row["fact"])].words:
            yield Choices("instrument", 1, number, number, words)


def _table(rows: Rows) -> Table:
    columns = dict.fromkeys(name for row in rows for name in row)
    first = [name for name in ("id", "page") if name in columns]
    return list(dict.fromkeys([*first, *columns])), rows


def _items(document: Document, worded: list[Document]) -> Rows:
    """Return a row an item, in the order of the pages; what is shared stands where it is first."""
    asked = {one["id"]: one for part in ("items", "open_items") for one in document.get(part, ())}
    pages = {name: page["id"] for page in document.get("pages", ()) for name in page["items"]}
    rows, seen = [], set[tuple[str, str]]()
    for name in questions(document):
        item = asked[name]
        row = {"id": name, "page": pages.get(name), **written(item, ITEM)}
        row |= {f"text:{one['language']}": one.get("items", {}).get(name) for one in worded}
        row |= dict(_scale(name, worded))
        row |= dict(_shared(item, document, worded, seen))
        rows.append(row)
    return rows


def _scale(name: str, worded: list[Document]) -> Iterator[tuple[str, str]]:
    """Yield what stands at the ends of a scale, and the unit of a number, in each language."""
    for one in worded:
        for end, text in one.get("anchors", {}).get(name, {}).items():
            yield f"{end}:{one['language']}", text
        if name in one.get("units", {}):
            yield f"unit:{one['language']}", one["units"][name]


def _shared(
    item: Document, document: Document, worded: list[Document], seen: set[tuple[str, str]]
) -> Iterator[tuple[str, Cell]]:
    """Yield the codes, texts and worth of an item's answers, where they were not told before."""
    options, recode = item.get("options"), item.get("recode")
    if options and ("options", options) not in seen:
        seen.add(("options", options))
        yield "codes", CODES.write(document.get("option_sets", {}).get(options, []))
        for one in worded:
            yield f"options:{one['language']}", PAIRS.write(one.get("options", {}).get(options, {}))
    if recode and ("recode", recode) not in seen:
        seen.add(("recode", recode))
        yield "worth", lines({code: f"{worth:.17g}" for code, worth in _worths(document, recode)})


def _worths(document: Document, recode: str) -> Iterator[tuple[str, float]]:
    yield from document.get("recodes", {}).get(recode, {}).items()


def _instrument(document: Document) -> Rows:
    """Return a row a fact; one that lacks is there, to be filled in."""
    licence = document.get("licence", {})
    facts = {name: document.get(name) for name in FACTS}
    facts |= {f"licence_{name}": licence.get(name) for name in LICENCE}
    return [{"fact": name, "value": value} for name, value in facts.items()]


def _pages(document: Document, worded: list[Document]) -> Rows:
    rows: Rows = []
    for page in document.get("pages", ()):
        stems = {f"stem:{one['language']}": one.get("stems", {}).get(page["id"]) for one in worded}
        rows.append({"id": page["id"], "stem": "yes" if page.get("stem") else "no", **stems})
    return rows


def _score(score: Document) -> dict[str, Cell | None]:
    """Return the cells of a score; what it has many of stands on sheets of their own."""
    plain = {name: one for name, one in score.items() if (score.get("method"), name) not in APART}
    return {**written(plain, SCORE), **score.get("affine", {})}


APART = {("points", "items")}


def _parts(scores: list[Document]) -> dict[str, Rows]:
    """Return the sheets of what scores have many of: points, terms, tables, cases, bands."""
    sheets: dict[str, Rows] = {"points": [], "terms": [], "tables": [], "cases": [], "bands": []}
    for score in scores:
        name = {"of": score["id"]}
        if score.get("method") == "points":
            for one in score.get("items", ()):
                codes = [{"code": int(code), "points": p} for code, p in one["points"].items()]
                sheets["points"] += [{**name, "item": one["item"], **code} for code in codes]
        sheets["terms"] += [{**name, **term} for term in score.get("terms", ())]
        table = score.get("table", {})
        sheets["tables"] += [{**name, "value": int(v), "gives": g} for v, g in table.items()]
        for case in score.get("cases", ()):
            sheets["cases"].append({**name, "when": _when(case["when"]), "value": case["value"]})
        sheets["bands"] += [{**name, **band} for band in score.get("bands", ())]
    return sheets


def _when(bounds: Document) -> str:
    """Return the bounds of a case, one score a line: `total=at_least 5 below 9`."""
    return lines({name: " ".join(_bounds(one)) for name, one in bounds.items()})


def _bounds(bounds: Document) -> Iterator[str]:
    for bound, value in bounds.items():
        yield f"{bound} {value:.17g}"


def _examples(document: Document) -> Rows:
    """Return a row an example, with a column for each question and score, in their order."""
    examples = document.get("examples", [])
    answered = {name for one in examples for name in one.get("answers", ())}
    known = dict.fromkeys((*questions(document), *sorted(answered)))
    asked = [name for name in known if name in answered]
    rows: Rows = []
    for one in examples:
        row = {
            "name": one.get("name"),
            "source": one.get("source"),
            "rule": one.get("missing_rule"),
        }
        row |= {f"answer:{name}": one.get("answers", {}).get(name) for name in asked}
        given = one.get("expected", {})
        row |= {f"expected:{name}": _expected(value) for name, value in given.items()}
        rows.append(row)
    scores = [f"expected:{one['id']}" for one in document.get("scores", ())]
    heads = dict.fromkeys(name for row in rows for name in row)
    order = [name for name in dict.fromkeys([*scores, *heads]) if name in heads]
    order.sort(key=lambda name: name.startswith("expected:"))
    return [{name: row.get(name) for name in order} for row in rows]


def _expected(value: Any) -> Cell:
    return "null" if value is None else value


def _shown(worded: list[Document]) -> Rows:
    """Return what patients may see of their own scores, a row a score."""
    rows: Rows = []
    for name in dict.fromkeys(name for one in worded for name in one.get("scores", ())):
        row: dict[str, Cell | None] = {"score": name}
        for one in worded:
            for part, text in one.get("scores", {}).get(name, {}).items():
                row[f"{part}:{one['language']}"] = text
        rows.append(row)
    return rows

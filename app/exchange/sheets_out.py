"""A questionnaire as a spreadsheet: one row an item, and sheets for the rest."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.exchange import workbook
from app.exchange.cells import ITEM, PAIRS, SCORE, lines, written
from app.exchange.workbook import Cell, Table
from app.papers import Document
from scoring import Instrument, Wording

Rows = list[dict[str, Cell | None]]
FACTS = ("id", "version", "kind", "name", "source", "recall_period")
LICENCE = ("status", "holder", "credit", "terms")
LANGUAGE = ("language", "revision", "status", "title", "source", "credit")


def export(instrument: Instrument, wordings: Sequence[Wording]) -> bytes:
    """Return an XLSX workbook that `sheets_in.bring` reads as the same definition and wordings."""
    document = instrument.model_dump(mode="json", exclude_defaults=True, exclude={"value_sets"})
    worded = [wording.model_dump(mode="json") for wording in wordings]
    tables = {
        "items": _items(document, worded),
        "instrument": _instrument(document),
        "languages": [{name: one[name] for name in LANGUAGE} for one in worded],
        "pages": _pages(document, worded),
        "scores": [_score(score) for score in document["scores"]],
        **_parts(document["scores"]),
        "examples": _examples(document["examples"]),
        "shown": _shown(worded),
    }
    return workbook.write({name: _table(rows) for name, rows in tables.items() if rows})


def _table(rows: Rows) -> Table:
    columns = dict.fromkeys(name for row in rows for name in row)
    first = [name for name in ("id", "page") if name in columns]
    return list(dict.fromkeys([*first, *columns])), rows


def _items(document: Document, worded: list[Document]) -> Rows:
    """Return a row an item, in the order of the pages; what is shared stands where it is first."""
    asked = {one["id"]: one for one in (*document["items"], *document.get("open_items", ()))}
    rows, told = [], set[tuple[str, str]]()
    for page in document["pages"]:
        for name in page["items"]:
            item = asked[name]
            row = {"id": name, "page": page["id"], **written(item, ITEM)}
            row |= {f"text:{one['language']}": one["items"].get(name) for one in worded}
            row |= dict(_scale(name, worded))
            row |= dict(_shared(item, document, worded, told))
            rows.append(row)
    return rows


def _scale(name: str, worded: list[Document]) -> Iterator[tuple[str, str]]:
    """Yield what stands at the ends of a scale, and the unit of a number, in each language."""
    for one in worded:
        for end, text in one["anchors"].get(name, {}).items():
            yield f"{end}:{one['language']}", text
        if name in one["units"]:
            yield f"unit:{one['language']}", one["units"][name]


def _shared(
    item: Document, document: Document, worded: list[Document], told: set[tuple[str, str]]
) -> Iterator[tuple[str, Cell]]:
    """Yield the codes, texts and worth of an item's answers, where they were not told before."""
    options, recode = item.get("options"), item.get("recode")
    if options and ("options", options) not in told:
        told.add(("options", options))
        yield "codes", " ".join(map(str, document["option_sets"][options]))
        for one in worded:
            yield f"options:{one['language']}", PAIRS.write(one["options"].get(options, {}))
    if recode and ("recode", recode) not in told:
        told.add(("recode", recode))
        yield "worth", lines({code: f"{worth:.17g}" for code, worth in _worths(document, recode)})


def _worths(document: Document, recode: str) -> Iterator[tuple[str, float]]:
    yield from document["recodes"][recode].items()


def _instrument(document: Document) -> Rows:
    facts = {name: document[name] for name in FACTS}
    facts |= {f"licence_{name}": document["licence"][name] for name in LICENCE}
    return [{"fact": name, "value": value} for name, value in facts.items()]


def _pages(document: Document, worded: list[Document]) -> Rows:
    rows: Rows = []
    for page in document["pages"]:
        stems = {f"stem:{one['language']}": one["stems"].get(page["id"]) for one in worded}
        rows.append({"id": page["id"], "stem": "yes" if page["stem"] else "no", **stems})
    return rows


def _score(score: Document) -> dict[str, Cell | None]:
    """Return the cells of a score; what it has many of stands on sheets of their own."""
    plain = {name: one for name, one in score.items() if (score["method"], name) not in APART}
    return {**written(plain, SCORE), **score.get("affine", {})}


APART = {("points", "items")}


def _parts(scores: list[Document]) -> dict[str, Rows]:
    """Return the sheets of what scores have many of: points, terms, tables, cases, bands."""
    sheets: dict[str, Rows] = {"points": [], "terms": [], "tables": [], "cases": [], "bands": []}
    for score in scores:
        name = {"of": score["id"]}
        if score["method"] == "points":
            for one in score["items"]:
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


def _examples(examples: list[Document]) -> Rows:
    rows: Rows = []
    for one in examples:
        row = {"name": one["name"], "source": one["source"], "rule": one.get("missing_rule")}
        row |= {f"answer:{name}": code for name, code in one["answers"].items()}
        row |= {f"expected:{name}": _expected(value) for name, value in one["expected"].items()}
        rows.append(row)
    return rows


def _expected(value: Any) -> Cell:
    return "null" if value is None else value


def _shown(worded: list[Document]) -> Rows:
    """Return what patients may see of their own scores, a row a score."""
    rows: Rows = []
    for name in dict.fromkeys(name for one in worded for name in one["scores"]):
        row: dict[str, Cell | None] = {"score": name}
        for one in worded:
            for part, text in one["scores"].get(name, {}).items():
                row[f"{part}:{one['language']}"] = text
        rows.append(row)
    return rows

"""The columns of a registry's results as a table: what stands in each, and what its values mean.

Whoever writes results as a table (CSV, Parquet, SPSS, Stata), and the codebook that explains it,
take the columns from here: `columns_of` names them all, in order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from scoring import Instrument, Wording
from scoring.instrument import Cases, Combine, Count, Index, Lookup, Mean, Points, Score, Sum
from scoring.item import AnyItem, Choice, Date, FreeText, MultipleChoice, Quantity, Scale, Statement
from scoring.methods import needed
from scoring.structure import items_under

ANSWERED = "_answered"
"""Ends the name of the column that says how many items a score rests on."""
ITEM = "_item"
"""Ends the name of an item's column where a score has the item's own, as the EQ VAS."""

Part = Literal["response", "item", "open_item", "score", "answered", "provenance"]
"""What a column tells of: the response, what was answered, what it is worth, or whence that is."""

Kind = Literal["text", "whole_number", "number", "yes_no", "date", "time", "code", "codes"]
"""What stands in a column. `codes` are several, as a text with a space between them."""

Interval = tuple[float, float]
Words = Mapping[int | str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name, where in a result document its value is (`path`), and what it means.

    `codes` gives the text of each code or word that may stand there; of a scale only of its ends,
    and None where the wording is not to be shown. `missing_codes` mean "no answer" in data from
    elsewhere; `missing_reasons` are the words that `response.missing` may have for this item.
    `bands` gives the word for the values from each number up to the next.
    """

    name: str
    part: Part
    type: Kind
    path: tuple[str, ...]
    label: str
    stem: str | None = None
    unit: str | None = None
    range: Interval | None = None
    codes: Words = field(default_factory=dict)
    missing_codes: tuple[int, ...] = ()
    missing_reasons: tuple[str, ...] = ()
    missing_rule: str | None = None
    direction: Literal["higher_is_better", "lower_is_better", "none"] | None = None
    bands: Mapping[float, str] = field(default_factory=dict)
    source: str | None = None


MODES: Words = {"web": "in a browser", "paper": "on paper", "import": "on another platform"}
RESPONDENTS: Words = {"self": "the patient", "proxy": "somebody for the patient", "staff": "staff"}
STATUSES: Words = {
    "scored": "the scores are here",
    "not_scored": "scoring failed; the answers are safe",
    "withdrawn": "the response counts no longer",
}

_RESPONSE: tuple[tuple[str, Kind, str, Words], ...] = (
    ("order", "text", "Order that was answered; none if collected elsewhere", {}),
    ("external_id", "text", "The registry's own id of the order or response", {}),
    ("case", "text", "The registry's own id of the case", {}),
    ("unit", "text", "Unit of the case when the answers were sent", {}),
    ("time_point", "text", "Time point, as ordered", {}),
    ("index_date", "date", "Date that the case counts from", {}),
    ("instrument", "text", "Instrument", {}),
    ("version", "text", "Version of the instrument that was asked", {}),
    ("language", "text", "Language that was asked in", {}),
    ("mode", "text", "How the answers came in", MODES),
    ("respondent", "text", "Who answered", RESPONDENTS),
    ("helped", "yes_no", "Whether somebody helped the patient to answer", {}),
    ("relation", "text", "Who answered for the patient", {}),
    ("started_at", "time", "When the questionnaire was first opened (UTC)", {}),
    ("submitted_at", "time", "When the answers were sent (UTC)", {}),
    ("missing", "text", "Why items have no answer: a JSON object, item to reason", {}),
    ("amends", "text", "The response that this one amends", {}),
    ("reason", "text", "Why it was amended or withdrawn", {}),
)

_PROVENANCE: tuple[tuple[str, Kind, str, Words], ...] = (
    ("status", "text", "Whether the answers could be scored", STATUSES),
    ("definition_version", "text", "Version of the definition that gave the scores", {}),
    ("definition_sha256", "text", "SHA-256 of that definition", {}),
    ("wording_sha256", "text", "SHA-256 of the wording that the patient read, if known", {}),
    ("answers_sha256", "text", "SHA-256 of the answers", {}),
    ("scoring_version", "text", "Version of the arithmetic", {}),
    ("scored_at", "time", "When the scores were made (UTC)", {}),
    ("supersedes", "text", "Cursor of the result that this one replaces", {}),
)


def columns_of(instrument: Instrument, wording: Wording | None = None) -> tuple[Column, ...]:
    """Return the columns of an instrument's results, in order, labelled in a wording's words.

    First what tells of the response, then every item and open item as patients meet them, then
    every score with how many items were answered, and whence they come. Without a wording, labels
    of items are their ids and codes have no text. To have the indices that a registry added, give
    the instrument with them (`valuation.valued`). No two columns have one name: a score keeps its
    own before an item, and both before Svar's columns, which then begin with `svar_`.
    """
    scores = tuple(_of_scores(instrument))
    names = {column.name for column in scores}
    asked = tuple(
        replace(column, name=f"{column.name}{ITEM}") if column.name in names else column
        for column in _of_items(instrument, wording)
    )
    taken = {column.name for column in (*asked, *scores)}
    told = [
        replace(column, name=f"svar_{column.name}") if column.name in taken else column
        for column in _of_response()
    ]
    before = [column for column in told if column.part == "response"]
    after = [column for column in told if column.part == "provenance"]
    return (*before, *asked, *scores, *after)


def _of_response() -> Iterator[Column]:
    label = "The response; a result that is scored again has the same"
    yield Column(
        name="response_id", part="response", type="text", path=("response", "id"), label=label
    )
    for name, kind, label, words in _RESPONSE:
        path = ("response", name)
        yield Column(name=name, part="response", type=kind, path=path, label=label, codes=words)
    label = "Place in the registry's feed"
    yield Column(name="cursor", part="provenance", type="text", path=("cursor",), label=label)
    for name, kind, label, words in _PROVENANCE:
        path = ("provenance", name)
        yield Column(name=name, part="provenance", type=kind, path=path, label=label, codes=words)


def _of_items(instrument: Instrument, wording: Wording | None) -> Iterator[Column]:
    scored = {item.id for item in instrument.items}
    stems = _stems(instrument, wording)
    for item in instrument.in_order():
        if isinstance(item, Statement):
            continue
        column = Column(
            name=item.id,
            part="item" if item.id in scored else "open_item",
            type=_kind(item),
            path=("response", "answers", item.id),
            label=wording.items[item.id] if wording else item.id,
            stem=stems.get(item.id),
            unit=wording.units.get(item.id) if wording else None,
            range=_range(item),
            codes=_codes(instrument, item, wording),
            missing_reasons=_reasons(item),
        )
        if isinstance(item, Choice | Scale):
            codes, direction = item.missing_codes, item.direction
            column = replace(column, missing_codes=codes, direction=direction)
        yield column


def _stems(instrument: Instrument, wording: Wording | None) -> dict[str, str]:
    words = wording.stems if wording else {}
    return {
        item: words[page.id] for page in instrument.pages for item in page.items if page.id in words
    }


def _kind(item: AnyItem) -> Kind:
    match item:
        case Choice():
            return "code"
        case Scale():
            return "whole_number"
        case MultipleChoice():
            return "codes"
        case Quantity():
            return "number" if item.decimals else "whole_number"
        case Date():
            return "date"
        case FreeText() | Statement():
            return "text"
        case _:
            assert_never(item)


def _range(item: AnyItem) -> Interval | None:
    if isinstance(item, Scale):
        return (0.0, float(item.most))
    return (item.least, item.most) if isinstance(item, Quantity) else None


def _codes(instrument: Instrument, item: AnyItem, wording: Wording | None) -> Words:
    if isinstance(item, Choice | MultipleChoice):
        texts: Mapping[int, str] = wording.options[item.options] if wording else {}
        return {code: texts.get(code) for code in instrument.codes(item)}
    if isinstance(item, Scale) and wording:
        ends, best_last = wording.anchors[item.id], item.direction != "lower_is_better"
        low, high = (ends.worst, ends.best) if best_last else (ends.best, ends.worst)
        return {0: low, item.most: high}
    return {}


def _reasons(item: AnyItem) -> tuple[str, ...]:
    aside = isinstance(item, Choice) and item.not_applicable
    return (
        "skipped",
        *(("not_shown",) if item.show_when else ()),
        *(("not_applicable",) if aside else ()),
    )


def _of_scores(instrument: Instrument) -> Iterator[Column]:
    under = items_under(instrument)
    for score in instrument.scores:
        path = ("scores", score.id)
        yield Column(
            name=score.id,
            part="score",
            type="number",
            path=(*path, "value"),
            label=score.name,
            range=score.range,
            missing_rule=_rule(score),
            direction=score.direction,
            bands={band.at_least: band.label for band in score.bands},
            source=score.source,
        )
        yield Column(
            name=f"{score.id}{ANSWERED}",
            part="answered",
            type="whole_number",
            path=(*path, "answered"),
            label=f"{score.name}: items answered",
            range=(0.0, float(len(under[score.id]))),
        )


def _rule(score: Score) -> str:
    match score:
        case Mean() | Sum() | Count():
            number = len(score.items)
            least = needed(score.missing, number)
            return f"given when {least} of {number} items are answered{_instead(score)}"
        case Points() | Index():
            return f"given when all {len(score.items)} items are answered"
        case Combine() if score.requires:
            items = len(score.requires)
            return f"given when every score under it is, and all {items} items are answered"
        case Combine() | Lookup() | Cases():
            return "given when every score under it is"
        case _:
            assert_never(score)


def _instead(score: Mean | Sum | Count) -> str:
    number = len(score.items)
    others = [f"{needed(rule, number)} under `{rule}`" for rule in score.missing_options]
    return f" ({', '.join(others)})" if others else ""

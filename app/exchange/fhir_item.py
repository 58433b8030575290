"""One item of FHIR as one of ours: its type, and what goes with it."""

from collections.abc import Iterator
from typing import NamedTuple

from app.exchange.fhir_notes import short
from app.exchange.fhir_resource import Item
from app.exchange.fhir_terms import FORMULA, SCORE
from app.papers import Document

READ = (
    "minValue",
    "maxValue",
    "maxDecimalPlaces",
    "questionnaire-unit",
    "questionnaire-itemControl",
    "questionnaire-choiceOrientation",
    "questionnaire-hidden",
)
"""HL7's extensions of an item that are read."""

ASIDE = ("help", "flyover", "sidebar", "prompt", "legal", "header", "footer", "security")
"""How a text is marked that stands beside the questions, and is none."""

ENDS = ("upper", "lower")
SHOWN = ("", "radio-button", "drop-down", "autocomplete", "text-box", "inline", "highlight", "unit")
"""How an item may be shown without its meaning anything else."""

CHOICES = ("choice", "open-choice", "boolean")
SCALES = {10: "numeric_rating", 100: "eq_vas"}
NUMBERS = ("integer", "decimal", "quantity")
TYPES = (*CHOICES, *NUMBERS, "date", "string", "text", "display")


class Typed(NamedTuple):
    """What an item's type says: our fields, its unit, and what is to be decided of it."""

    fields: Document
    unit: str | None = None
    notes: tuple[str, ...] = ()


def formula(item: Item) -> str | None:
    """Return how an item takes part in scores, as Helsenorge marks it: QS, SS or TS."""
    found = (one.code for one in item.code if one.system == FORMULA)
    return next((code for code in found if code in ("QS", "SS", "TS")), None)


def is_score(item: Item) -> bool:
    """Say whether an item is a score, which nobody answers."""
    return formula(item) in ("SS", "TS")


def other_codes(item: Item) -> bool:
    """Say whether an item has codes that say nothing of scores."""
    return any(one.system not in (FORMULA, SCORE) for one in item.code)


def expressions(item: Item) -> list[str]:
    """Return the expressions of an item by name, for none is ever run."""
    names = [one.url.rpartition("/")[2] for one in item.extension]
    signs = ("expression", "fhirpath", "constraint", "variable")
    return [name for name in names if any(sign in name.lower() for sign in signs)]


def is_worked_out(item: Item) -> bool:
    """Say whether an item's answer is made by an expression, so that nobody gives it."""
    ends = ("calculatedExpression", "sdf-fhirpath")
    return any(name.endswith(ends) for name in expressions(item))


def is_hidden(item: Item) -> bool:
    """Say whether an item is not shown."""
    found = item.first("questionnaire-hidden")
    return bool(found and found.value_boolean)


def left_out(item: Item) -> str | None:
    """Return why an item is no question here; None if it is one."""
    if is_worked_out(item):
        return "is worked out by an expression"
    if is_hidden(item):
        return "is hidden"
    if item.control() in ASIDE:
        return f"is a text beside the questions ({item.control()})"
    if item.read_only:
        return "can be read only"
    if item.type not in TYPES:
        return f"is of the type {short(item.type)}, which is not asked here"
    return None


def losses(item: Item) -> Iterator[str]:
    """Yield what an item that is asked loses."""
    if item.required:
        yield "is required; no answer is forced here, whoever leaves one out is asked once more"
    if item.repeats and item.type != "choice":
        yield "may be answered several times; it is asked once"
    if item.type == "open-choice":
        yield "takes an answer of one's own too, which has no place here; write an item for it"
    if item.offers_answers and item.type not in CHOICES:
        yield "offers answers, which no choice asks for; they are left out"
    control = item.control()
    if control == "check-box" and not item.repeats:
        yield "is shown as boxes to check; if several may be, make it a multiple_choice"
    elif control not in (*SHOWN, *ENDS, "check-box") and not _scale(item):
        yield f"is shown as {short(control)}, which has no place here"


def most(kind: str) -> int:
    """Return the largest number of a scale of ours."""
    return next(number for number, name in SCALES.items() if name == kind)


def typed(item: Item) -> Typed:
    """Return what the type of an item that is not left out says; answers are told elsewhere."""
    if item.type in CHOICES:
        return Typed({"type": _choice(item)})
    if item.type == "display" or item.control() in ("inline", "highlight"):
        return Typed({"type": "statement"})
    if item.type in NUMBERS:
        return _scale(item) or _number(item)
    if item.type == "date":
        return _date(item)
    return _text(item)


def _choice(item: Item) -> str:
    if item.repeats and item.type == "choice":
        return "multiple_choice"
    side = item.first("questionnaire-choiceOrientation")
    beside = item.type == "boolean" or (side and side.value_code == "horizontal")
    return "yes_no" if beside else "single_choice"


def _scale(item: Item) -> Typed | None:
    """Return a slider from 0 to 10 or 100; None for any other number."""
    least, most = _limits(item)
    kind = SCALES.get(int(most or 0)) if least == 0 and most in SCALES else None
    slides = kind and item.type == "integer" and item.control() == "slider"
    return Typed({"type": kind}) if slides else None


def _limits(item: Item) -> list[float | None]:
    """Return the least and the most that a number may be, None where it is not said."""
    found: list[float | None] = []
    for name in ("minValue", "maxValue"):
        said = item.first(name)
        number = said.value_decimal if said else None
        found.append(said.value_integer if said and number is None else number)
    return found


def _number(item: Item) -> Typed:
    least, most = _limits(item)
    places = item.first("maxDecimalPlaces")
    decimals = 0 if item.type == "integer" else places.value_integer if places else None
    notes = []
    if None in (least, most):
        notes.append("does not say what is plausible; write its least and its most")
    if decimals is None:
        notes.append("does not say how many decimals it may have; 3 were taken, which is the most")
    unit = item.first("questionnaire-unit")
    coding = unit.value_coding if unit else None
    said = {"least": least, "most": most, "decimals": 3 if decimals is None else decimals}
    fields = {name: _plain(one) for name, one in said.items() if one is not None}
    called = (coding.display or coding.code) if coding else None
    return Typed({"type": "number", **fields}, called, tuple(notes))


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _date(item: Item) -> Typed:
    days = {"earliest": item.first("minValue"), "latest": item.first("maxValue")}
    fixed = {end: one.value_date for end, one in days.items() if one and one.value_date}
    said = len([one for one in days.values() if one])
    notes = ("has a limit that is no fixed day; write it",) if said > len(fixed) else ()
    return Typed({"type": "date", **fixed}, None, notes)


def _text(item: Item) -> Typed:
    kind = "long_text" if item.type == "text" else "short_text"
    if item.max_length is None:
        note = "does not say how long it may be; write its most_characters"
        return Typed({"type": kind}, None, (note,))
    return Typed({"type": kind, "most_characters": item.max_length})

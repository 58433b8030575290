"""How each type of question is read from a form, and how its answer is written for people."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from app.answers import Value, check
from app.errors import Refused
from app.models import now
from app.responses import Step
from app.texts import Texts
from scoring import Instrument, Wording
from scoring.item import AnyItem, Choice, Date, FreeText, MultipleChoice, Quantity

NUMBER = re.compile(r"-?\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)

WHOLE = re.compile(r"\d{1,4}", re.ASCII)

PARTS = ("d", "m", "y")
"""A date is written in three boxes: day, month, year."""


class Sent(Protocol):
    """A form that was sent, whoever's page it came from."""

    def values(self, name: str) -> list[str]:
        """Return what was filled in under a name, without what was left empty."""

    def first(self, name: str) -> str:
        """Return the first thing that was filled in under a name, or nothing."""


def read(step: Step, sent: Sent) -> Value | None:
    """Return what was answered to a question; None when nothing was.

    Raises Refused for what is no answer to it.
    """
    return read_item(step.definition.instrument, step.item, sent)


def read_item(instrument: Instrument, item: AnyItem, sent: Sent) -> Value | None:
    """Return what was answered to an item, in whatever words it was asked; raises Refused."""
    value = _read(item, sent)
    if value is not None:
        check(instrument, item, value, now().date())
    return value


def _read(item: AnyItem, sent: Sent) -> Value | None:
    name = item.id
    if isinstance(item, Date):
        return _day(name, [sent.first(f"{name}.{part}") for part in PARTS])
    values = sent.values(name)
    if not values:
        return None
    if isinstance(item, MultipleChoice):
        return [_code(name, text) for text in values]
    if len(values) > 1:
        raise Refused(name, "give one answer")
    match item:
        case FreeText():
            return values[0].replace("\r\n", "\n")
        case Quantity():
            return _number(name, values[0])
        case _:
            return _code(name, values[0])


def _code(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise Refused(name, "give one whole number")
    return int(text)


def _number(name: str, text: str) -> int | float:
    """Read a number as people write it, with a comma or a point, and spaces between thousands."""
    plain = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}\b)", "", text)
    if not NUMBER.fullmatch(plain):
        raise Refused(name, "give a number")
    value = float(plain.replace(",", "."))
    return int(value) if value.is_integer() else value


def _day(name: str, parts: list[str]) -> str | None:
    if not any(parts):
        return None
    day, month, year = (int(text) if WHOLE.fullmatch(text) else 0 for text in parts)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Refused(name, "give a date") from None


def typed(step: Step, sent: Sent) -> Any:
    """Return what was written in a question's boxes, which may be shown again."""
    name = step.item.id
    if isinstance(step.item, Date):
        return [sent.first(f"{name}.{part}") for part in PARTS]
    return sent.values(name) if isinstance(step.item, MultipleChoice) else sent.first(name)


def typed_again(steps: Iterable[Step], sent: Sent) -> dict[str, Any]:
    """Return what was written in the boxes of some questions, to be mended there."""
    boxes = (Date, FreeText, Quantity, MultipleChoice)
    return {
        step.item.id: typed(step, sent)
        for step in steps
        if isinstance(step.item, boxes) or step.item.type == "eq_vas"
    }


def joined(written: Any) -> str:
    """Return what stood in a question's boxes as one text, by which a change is known."""
    return " ".join(written) if isinstance(written, list) else str(written)


def filled(step: Step, value: Any, words: Texts) -> Any:
    """Return an answer as it stands in the question's boxes."""
    match step.item:
        case Date():
            return (
                [str(int(part)) for part in reversed(value.split("-"))] if value else ["", "", ""]
            )
        case MultipleChoice():
            return [str(code) for code in value or []]
        case Quantity():
            return "" if value is None else words.number(value)
        case _:
            return "" if value is None else str(value)


def in_words(
    instrument: Instrument, wording: Wording, name: str, value: Any, words: Texts
) -> list[str]:
    """Return an answer as people read it, in the questionnaire's words; nothing for none."""
    item = instrument.asked(name)
    if value is None:
        return []
    match item:
        case Choice():
            return [wording.options[item.options][value]]
        case MultipleChoice():
            texts = wording.options[item.options]
            return [texts[code] for code in instrument.codes(item) if code in value]
        case Quantity():
            return [f"{words.number(value)} {wording.units[name]}"]
        case Date():
            return [words.day(date.fromisoformat(value))]
        case _:
            return [str(value)]

"""When an item of FHIR is shown: by answers to earlier ones, as far as that has a place here."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from app.exchange.fhir_notes import NotCarried, short
from app.exchange.fhir_resource import Item, When

OPERATORS: Mapping[str, Callable[[int, int], bool]] = {
    "=": lambda code, wanted: code == wanted,
    "!=": lambda code, wanted: code != wanted,
    ">": lambda code, wanted: code > wanted,
    "<": lambda code, wanted: code < wanted,
    ">=": lambda code, wanted: code >= wanted,
    "<=": lambda code, wanted: code <= wanted,
}

Shown = dict[str, list[int]]
"""A definition's `show_when`: codes by item, all of which must hold."""


class Earlier(NamedTuple):
    """An item that was asked before: its id here, and its codes by FHIR's own, from low to high."""

    id: str
    codes: Mapping[str, int]
    is_scale: bool


def shown_when(item: Item, before: Mapping[str, Earlier]) -> Shown:
    """Return the codes by which an item, or a group of them, is shown; raises NotCarried."""
    each = [_codes(one, before) for one in item.enable_when]
    if len({name for name, _ in each}) > 1 and item.enable_behavior == "any":
        raise NotCarried("is shown by any of several items' answers")
    if len(each) > 1 and item.enable_behavior not in ("any", "all"):
        raise NotCarried("does not say whether all or any of its conditions must hold")
    if item.enable_behavior == "any" and each:
        codes = {code for _, some in each for code in some}
        return {each[0][0]: sorted(codes)}
    return together({name: some} for name, some in each)


def together(shown: Iterable[Shown]) -> Shown:
    """Return the conditions that hold when all of these do; raises NotCarried if none can."""
    found: Shown = {}
    for one in shown:
        for name, codes in one.items():
            others = set(found.get(name, codes))
            left = [code for code in codes if code in others]
            if not left:
                raise NotCarried(f"is never shown, as its conditions on {name} exclude each other")
            found[name] = left
    return found


def _codes(when: When, before: Mapping[str, Earlier]) -> tuple[str, list[int]]:
    """Return the id and the codes of the item that a condition is about; raises NotCarried."""
    earlier = before.get(when.question)
    if earlier is None or not earlier.codes:
        name = short(when.question)
        raise NotCarried(f"is shown by the answer to {name}, which no item before it has as codes")
    codes = list(earlier.codes.values())
    if when.operator == "exists" and when.answer_boolean:
        return earlier.id, codes
    compares = OPERATORS.get(when.operator)
    if compares is None or not (earlier.is_scale or when.operator in ("=", "!=")):
        raise NotCarried(
            f"is shown by {earlier.id} {short(when.operator)}, which has no place here"
        )
    wanted = earlier.codes.get(_key(when))
    if wanted is None:
        raise NotCarried(f"is shown by an answer that {earlier.id} does not offer")
    if when.operator == "=":
        return earlier.id, [wanted]
    return earlier.id, [code for code in codes if compares(code, wanted)]


def _key(when: When) -> str:
    """Return FHIR's own code of the answer that is waited for; empty if it is of another kind."""
    if when.answer_coding is not None:
        return when.answer_coding.code or when.answer_coding.display or ""
    if when.answer_integer is not None:
        return str(when.answer_integer)
    return "" if when.answer_boolean is None else str(when.answer_boolean).lower()

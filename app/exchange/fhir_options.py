"""The answers that an item of FHIR offers: their keys, their texts, and what they are worth."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.exchange.fhir_forms import Form, Texts, tongue
from app.exchange.fhir_notes import NotCarried, short
from app.exchange.fhir_resource import Concept, Element, Include, Item, Option, ValueSet
from app.exchange.fhir_terms import WORTHS
from app.exchange.workbook import refused

MOST_OPTIONS = 1_000
"""The most answers to one item: codes go from 0 to 999."""


DEEPEST = 10
"""How many value sets may be made of each other in a row."""

UNLISTED = "offers the answers of a value set that does not list them"


class Offered(NamedTuple):
    """An answer on offer: FHIR's own code of it, its texts, its worth, whether it goes alone."""

    key: str
    texts: Texts
    worth: float | None = None
    alone: bool = False
    system: str = ""


def offered(form: Form, item: Item) -> list[Offered]:
    """Return the answers that an item offers, in their order.

    Raises NotCarried, with the reason; NotValid for more than there can be codes.
    """
    if item.type == "boolean":
        return [Offered("true", {}), Offered("false", {})]
    listed = item.answer_option or item.option
    named = item.answer_value_set or (item.options and item.options.reference)
    if listed:
        found = [_option(form, one) for one in listed]
    elif named:
        found = [_concept(form, one) for one in _concepts(form, named, ())]
    else:
        raise NotCarried("offers no answers")
    if len(found) > MOST_OPTIONS:
        message = f"offers {len(found)} answers; codes go from 0 to 999"
        raise refused(f"linkId {short(item.link_id)}", message)
    if len({one.key for one in found}) < len(found):
        raise NotCarried("offers two answers of the same code; tell them apart")
    return found


def _option(form: Form, option: Option) -> Offered:
    alone = option.first("questionnaire-optionExclusive")
    goes_alone = bool(alone and alone.value_boolean)
    coding = option.value_coding
    if coding is not None:
        texts = form.said(coding.display, coding.display_beside)
        key, system = coding.code or coding.display or "", coding.system or ""
        return Offered(key, texts, worth(option, coding), goes_alone, system)
    if option.value_integer is not None:
        key = str(option.value_integer)
        return Offered(key, {form.language: key}, worth(option), goes_alone)
    if option.value_string is not None:
        texts = form.said(option.value_string, option.value_string_beside)
        return Offered(option.value_string, texts, worth(option), goes_alone)
    raise NotCarried("offers answers that are neither codes, whole numbers nor texts")


def _concept(form: Form, concept: Concept) -> Offered:
    named = {tongue(one.language): one.value for one in concept.designation if one.language}
    texts = {**named, **form.said(concept.display, concept.display_beside)}
    return Offered(concept.code or concept.display or "", texts, worth(concept))


def worth(*elements: Element) -> float | None:
    """Return what an option is worth; None where it is not said. Raises NotCarried for two."""
    found = {
        said.value_decimal if said.value_decimal is not None else said.value_integer
        for element in elements
        for said in element.having(*WORTHS)
    } - {None}
    if len(found) > 1:
        raise NotCarried("says two different worths of one answer")
    return next(iter(found), None)


def _concepts(form: Form, name: str, before: tuple[str, ...]) -> list[Concept]:
    """Return the codes of a value set that came along; none is ever fetched."""
    called = name if name in form.sets else name.partition("|")[0]
    if called not in form.sets:
        raise NotCarried(f"offers the answers of {short(name, 80)}, which did not come along")
    if called in before or len(before) > DEEPEST:
        raise NotCarried(
            f"offers the answers of {short(name, 80)}, which holds itself, or too much"
        )
    if called not in form.known:
        one = form.sets[called]
        try:
            form.known[called] = _enough(_listed(form, one, (*before, called)))
        except NotCarried as error:
            if before:
                raise
            form.known[called] = str(error)
    found = form.known[called]
    if isinstance(found, str):
        raise NotCarried(found)
    return found


def _enough(concepts: Iterable[Concept]) -> list[Concept]:
    """Return codes; raises NotValid where they are too many, before all are gone through."""
    found: list[Concept] = []
    for one in concepts:
        if len(found) == MOST_OPTIONS:
            raise refused("ValueSet", f"has more than {MOST_OPTIONS} codes; they go from 0 to 999")
        found.append(one)
    return found


def _leaves(concepts: Sequence[Concept]) -> Iterator[Concept]:
    for one in concepts:
        if not one.abstract:
            yield one
        yield from _leaves(one.contains)


def _listed(form: Form, one: ValueSet, before: tuple[str, ...]) -> Iterator[Concept]:
    if one.expansion is not None:
        yield from _leaves(one.expansion.contains)
        return
    parts = one.compose.include if one.compose else []
    if not parts or (one.compose and one.compose.exclude):
        raise NotCarried(UNLISTED)
    for part in parts:
        if part.concept and not part.value_set:
            yield from part.concept
        else:
            yield from _concepts(form, _other(part), before)


def _other(part: Include) -> str:
    """Return the one other value set that a part stands for; raises NotCarried."""
    if part.filter or part.concept or len(part.value_set) != 1:
        raise NotCarried(UNLISTED)
    return part.value_set[0]

"""Answers that come all at once: what is wrong with them, and how they are kept."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app import answers
from app.catalogue import Published
from app.errors import FieldError, Refused

Answers = Mapping[str, Any]
Reasons = Mapping[str, str]
"""Why a question has no answer, by item: skipped, not_shown, not_applicable."""


def read(
    definition: Published, given: Answers, missing: Reasons, today: date
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return answers and reasons as they are stored: every question has the one or the other.

    A question that has neither was skipped. Raises Refused, naming every item that is wrong: what
    is no answer to it, or is answered though the answers before leave it out.
    """
    out = answers.left_out(definition.way, given) if definition.is_conditional else frozenset()
    wrong = (
        []
        if _all_offered(definition, given, out)
        else list(_not_answers(definition, given, out, today))
    )
    if missing:
        wrong += _not_reasons(definition, given, missing, out)
    if wrong:
        raise Refused.several(wrong, len(wrong))
    skipped = definition.questions - given.keys() - missing.keys()
    reasons = {**dict.fromkeys(sorted(skipped), "skipped"), **missing}
    return as_kept(definition, dict(given), reasons)


def _all_offered(definition: Published, given: Answers, out: frozenset[str]) -> bool:
    """Say whether all are codes that are on offer, as they mostly are: it is soon seen."""
    whole = set(map(type, given.values())) <= {int}
    return whole and not out & given.keys() and given.items() <= definition.offered


def _not_answers(
    definition: Published, given: Answers, out: frozenset[str], today: date
) -> Iterator[FieldError]:
    instrument = definition.instrument
    for name, value in given.items():
        if name in out:
            yield FieldError(f"answers.{name}", "is not asked after these answers; leave it out")
        elif name not in definition.questions:
            yield FieldError(f"answers.{_shown(name)}", f"is not an item of {instrument.id}")
        else:
            try:
                answers.check(instrument, instrument.asked(name), value, today)
            except Refused as error:
                yield FieldError(f"answers.{name}", error.errors[0].message)


def _shown(name: str) -> str:
    """Return a name that may be anything, as it can be told."""
    return name[:40].encode(errors="replace").decode()


def _not_reasons(
    definition: Published, given: Answers, missing: Reasons, out: frozenset[str]
) -> Iterator[FieldError]:
    aside = {name for name, _ in definition.not_applicable}
    for name, reason in missing.items():
        field = f"missing.{_shown(name)}"
        if name not in definition.questions:
            yield FieldError(field, f"is not an item of {definition.instrument.id}")
        elif name in given:
            yield FieldError(field, "has an answer too; send the one or the other")
        elif reason == "not_applicable" and name not in aside:
            yield FieldError(field, "does not offer this; send skipped")
        elif reason == "not_shown" and name not in out:
            yield FieldError(field, "is asked after these answers; send skipped")


def as_kept(definition: Published, given: Any, missing: Any) -> tuple[Any, Any]:
    """Return answers and reasons as they are stored: what is left out is not shown."""
    if definition.is_conditional:
        out = answers.left_out(definition.way, given)
        given = {name: value for name, value in given.items() if name not in out}
        missing = missing | dict.fromkeys(out & definition.questions, "not_shown")
    return _apart(definition, given, missing)


def _apart(definition: Published, given: Any, missing: Any) -> tuple[Any, Any]:
    """Set what the patient found not applicable apart: no answer, and yet not left unanswered."""
    aside = [name for name, codes in definition.not_applicable if given.get(name) in codes]
    if not aside:
        return given, missing
    kept = {name: code for name, code in given.items() if name not in aside}
    return kept, missing | dict.fromkeys(aside, "not_applicable")

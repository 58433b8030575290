"""What is wrong with a document, said so that a methodologist can mend it."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scoring.item import DAY, Item, OpenItem, tags


class Problem(NamedTuple):
    """One thing wrong: its path in the document (`scores.pain.range`), and what would be right."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class NotValid(ValueError):
    """A document that breaks the rules; `problems` says where and how."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class NotAnAnswer(ValueError):
    """An answer to an item that does not exist, or whose code is not on offer."""

    def __init__(self, item: str, why: str) -> None:
        self.item = item
        super().__init__(f"{item}: {why}")


PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "a name of small letters, digits and _, a letter first: pain_now",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "an id of small letters, digits and single hyphens: rand-36",
    r"^[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})$": "a version of two numbers, MAJOR.MINOR: 1.0",
    r"^10\.\d{4,}/\S*[^\s.]$": "a DOI alone, no address, no full stop: 10.1007/s11136-024-03837-3",
    r"^https?://\S+$": "a web address with its https://",
    r"^[0-9][0-9-]{8,15}[0-9X]$": "an ISBN: 1-4020-5511-0",
    rf"^{DAY}$": "a date: 2026-11-01",
    rf"^(today|{DAY})$": "a date, 2026-11-01, or the word today",
    r"^[a-z]{2,3}$": "an ISO 639 language code: nb",
    r"\S": "a text with something to read in it",
}
"""What each pattern of the models asks for, in words, with one that is right."""

WORDS = {
    "missing": "is lacking; add it",
    "extra_forbidden": "is not known here; remove it, or mend its name",
    "string_pattern_mismatch": "is {given}; write {wanted}",
    "string_too_long": "has {length} characters; at most {max_length}",
    "string_type": "is {given}; write a text in quotation marks",
    "literal_error": "is {given}; write {expected}",
    "union_tag_invalid": "is '{tag}'; write one of {expected_tags}",
    "union_tag_not_found": "is lacking; add it",
    "too_short": "has {actual_length}; at least {min_length} must stand here",
    "too_long": "has too many; at most {max_length} may stand here",
    "greater_than": "is {given}; write a number above {gt:.10g}",
    "greater_than_equal": "is {given}; write {ge:.10g} or more",
    "less_than_equal": "is {given}; write {le:.10g} or less",
    "int_type": "is {given}; write a whole number",
    "int_from_float": "is {given}; write a whole number",
    "int_parsing": "is {given}; write a whole number",
    "float_type": "is {given}; write a number without quotation marks",
    "bool_type": "is {given}; write true or false",
    "bool_parsing": "is {given}; write true or false",
    "dict_type": "is {given}; write an object: {{ … }}",
    "model_type": "is {given}; write an object: {{ … }}",
    "tuple_type": "is {given}; write a list: [ … ]",
    "value_error": "{error}",
}
"""What each kind of finding says. A kind that is not here speaks in pydantic's own words."""


def shape_problems(error: ValidationError, document: object) -> list[Problem]:
    """Return pydantic's findings as problems, with dotted paths, in words that can be acted on.

    A path names an element of a list by its id, where the `document` gives it one.
    """
    found = error.errors(include_url=False)
    broken = [tuple(one["loc"]) for one in found]
    return [
        Problem(_path(one, document), _message(one))
        for one in found
        if not (one["type"] == "too_short" and _inside(tuple(one["loc"]), broken))
    ]


def _inside(place: tuple[int | str, ...], broken: list[tuple[int | str, ...]]) -> bool:
    """Say whether a list only seems too short, because what stands in it was found wrong."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in broken)


def _message(found: ErrorDetails) -> str:
    context, given = found.get("ctx", {}), found["input"]
    if found["type"] not in WORDS:
        return found["msg"]
    if found["type"] == "union_tag_invalid" and found["loc"][0] in ELSEWHERE:
        context = context | {"expected_tags": context["expected_tags"] + _elsewhere(found)}
    return WORDS[found["type"]].format(
        given=_show(given),
        length=len(given) if isinstance(given, str) else 0,
        wanted=PATTERNS.get(context.get("pattern", ""), f"what fits {context.get('pattern')}"),
        **context,
    )


ELSEWHERE = {"items": ("open_items", OpenItem), "open_items": ("items", Item)}
"""Where the other types of question stand."""


def _elsewhere(found: ErrorDetails) -> str:
    """Return which types stand elsewhere, and where, in words."""
    place, union = ELSEWHERE[str(found["loc"][0])]
    return f"; or, under {place}, one of {', '.join(map(repr, tags(union, 'type')))}"


def _show(given: object) -> str:
    """Return what was given as JSON would have it, but not at length."""
    text = json.dumps(given, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _path(found: ErrorDetails, document: object) -> str:
    """Return the dotted path of a finding: ids instead of numbers, and no names of models."""
    parts: list[str] = []
    here = document
    for before, part in zip((None, *found["loc"]), found["loc"], strict=False):
        if isinstance(here, list) and isinstance(part, int):
            here = here[part] if part < len(here) else None
            named = here.get("id", here.get("name")) if isinstance(here, dict) else None
            parts.append(named if isinstance(named, str) else str(part + 1))
        elif isinstance(here, dict) and _is_member(found, before, part, here):
            parts.append(str(part))
            here = here.get(str(part))
    if found["type"] in ("union_tag_invalid", "union_tag_not_found"):
        parts.append(str(found.get("ctx", {}).get("discriminator", "")).strip("'"))
    return ".".join(parts) or "document"


def _is_member(found: ErrorDetails, before: object, part: object, here: dict[str, object]) -> bool:
    """Say whether a part names a member of the document, there or lacking."""
    if _is_model(before, part, here):
        return False
    lacking = found["type"] == "missing" and part == found["loc"][-1]
    return lacking or part in here or str(part) in here


def _is_model(before: object, part: object, here: dict[str, object]) -> bool:
    """Say whether a part names the model that was tried, which may be called as a field is."""
    if isinstance(before, int):
        return part in (here.get("method"), here.get("type"))
    return before == "missing" and part in ("min_answered", "max_missing")

"""Texts and answers in the order in which patients meet them, not in that of the alphabet."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.papers import Document


def ordered(wording: Document, definition: Document) -> Document:
    """Return a wording with its texts in the order of its definition's pages and answers.

    What the definition does not know comes last; what is no object stays as it is.
    """
    pages = [one for one in listed(definition.get("pages")) if isinstance(one, dict)]
    asked = list(questions(definition))
    sets = definition.get("option_sets")
    codes = sets if isinstance(sets, dict) else {}
    orders: dict[str, Iterable[object]] = {
        "stems": [one.get("id") for one in pages],
        **dict.fromkeys(("items", "anchors", "units"), asked),
        "options": codes,
        "scores": [one.get("id") for one in listed(definition.get("scores")) if is_object(one)],
    }
    found = {name: _by(orders.get(name, ()), one) for name, one in wording.items()}
    if isinstance(options := found.get("options"), dict):
        found["options"] = {
            name: _by(listed(codes.get(name)), one) for name, one in options.items()
        }
    return found


def questions(definition: Document) -> Iterator[str]:
    """Yield the ids of all that is asked, by the pages, then those that stand on none."""
    found = dict.fromkeys(
        name
        for page in listed(definition.get("pages"))
        if is_object(page)
        for name in listed(page.get("items"))
    )
    for part in ("items", "open_items"):
        rest = [one.get("id") for one in listed(definition.get(part)) if is_object(one)]
        found |= dict.fromkeys(rest)
    yield from (name for name in found if isinstance(name, str))


def listed(value: object) -> list[Any]:
    """Return a list, or an empty one in place of what is none."""
    return value if isinstance(value, list) else []


def is_object(value: object) -> bool:
    """Say whether something is an object of JSON."""
    return isinstance(value, dict)


def _by(order: Iterable[object], texts: object) -> Any:
    """Return what stands in an object in some order; what is not in the order comes last."""
    if not isinstance(texts, Mapping):
        return texts
    names = dict.fromkeys(str(name) for name in order)
    return {name: texts[name] for name in (*names, *texts) if name in texts}

"""A draft as a spreadsheet, right or wrong, so that what was done on the bench goes on there."""

from collections.abc import Iterator
from typing import Any

from app.exchange import sheets_in, sheets_out
from app.exchange.binder import Binder
from app.exchange.workbook import refused
from app.papers import Document
from scoring import NotValid, Problem

UNREAD = (KeyError, TypeError, ValueError, AttributeError)
"""What Python says where a document has another shape than a table can have."""


def export(binder: Binder) -> bytes:
    """Return a workbook that is read as the same definition and wordings, whatever they lack.

    Raises NotValid, naming each place, where a spreadsheet would lose something.
    """
    try:
        made = sheets_out.written_out(binder.definition, list(binder.wordings))
    except UNREAD:
        message = "has a list, an object or a text where a table needs another; mend its shape"
        raise refused("document", f"{message} on the bench, where it is told") from None
    back = sheets_in.bring(made).binder
    before, after = _by_id(binder), _by_id(back)
    if lost := list(_lost("", before, after)):
        raise NotValid(lost)
    return made


def _by_id(binder: Binder) -> Document:
    """Return all that must be the same again; the order of questions is that of the pages."""
    worded = {one["language"]: one for one in binder.wordings}
    definition = binder.definition | {"wordings": worded}
    for part in ("items", "open_items", "pages"):
        listed = definition.get(part, [])
        definition[part] = {one["id"]: one for one in listed}
        if len(definition[part]) < len(listed):
            raise refused(part, "has an id that stands twice; each may stand once")
    return definition


def _lost(path: str, before: Any, after: Any) -> Iterator[Problem]:
    """Yield each place that says something which is not the same again; nothing is not missed."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, one in before.items():
            yield from _lost(f"{path}.{name}".removeprefix("."), one, after.get(name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True), start=1):
            yield from _lost(f"{path}.{number}", one, other)
    elif _plain(before) != _plain(after):
        message = "has no place in a spreadsheet as it is; mend it on the bench, or take it out"
        yield Problem(path, message)


def _plain(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else value
    return None if text in ("", [], {}) else text

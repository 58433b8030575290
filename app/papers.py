"""JSON documents from elsewhere, read with suspicion: how large, how deep, and nothing twice."""

import json
import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from scoring import NotValid, Problem

Document = dict[str, Any]

MOST_BYTES = 10_000_000
"""The largest document that is read; the largest that is shipped has 0.1 MB."""

DEEPEST = 100
"""How deep lists and objects may stand in each other; a definition has 8."""


class _Flaw(NamedTuple):
    """What stands in a document where something was wrong, until its place is known."""

    message: str


def open_document(path: Path) -> Document:
    """Return a file's JSON object. Raises NotValid, as `parse` does; OSError."""
    with path.open("rb") as file:
        return parse(file.read(MOST_BYTES + 1))


def parse(data: bytes) -> Document:
    """Return the JSON object that bytes in UTF-8 say.

    Raises NotValid, naming the place, for what is too large or too deep, for a name that stands
    twice in one object, for a number that JSON has not, and for what is no JSON object.
    """
    text = _text(data)
    flaws: list[_Flaw] = []
    try:
        document = json.loads(
            text,
            object_pairs_hook=lambda pairs: _once(pairs, flaws),
            parse_constant=lambda name: _flaw(flaws, f"is {name}, which is no number"),
            parse_float=lambda digits: _finite(digits, flaws),
        )
    except ValueError as error:
        raise _refused(f"is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _refused("must be a JSON object: { … }")
    if flaws:
        raise NotValid(_placed(document))
    _whole_signs(document)
    return document


def _whole_signs(document: Document) -> None:
    """Raise NotValid for a text that no file could hold."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _refused("has half a sign in it (\\ud800 to \\udfff); write the whole one") from None


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _refused(f"has more than {MOST_BYTES // 1_000_000} MB; a questionnaire has not")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(f"is not UTF-8 in line {line}; save it as UTF-8") from None
    if found := _deep(text):
        line = text.count("\n", 0, found) + 1
        raise _refused(f"has more than {DEEPEST} lists and objects in each other in line {line}")
    return text


def _deep(text: str) -> int | None:
    """Return where a text first goes deeper than is read, strings left out; None if nowhere."""
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', text, re.DOTALL):
        sign = found.group()
        depth += 1 if sign in "[{" else -1 if sign in "]}" else 0
        if depth > DEEPEST:
            return found.start()
    return None


def _refused(message: str) -> NotValid:
    return NotValid([Problem("document", message)])


def _once(pairs: list[tuple[str, Any]], flaws: list[_Flaw]) -> Document:
    """Mark a name that stands twice: JSON readers differ in which of the two they take."""
    found: Document = {}
    for name, value in pairs:
        message = "stands twice in one object; keep one of them"
        found[name] = _flaw(flaws, message) if name in found else value
    return found


def _finite(digits: str, flaws: list[_Flaw]) -> float | _Flaw:
    value = float(digits)
    return value if isfinite(value) else _flaw(flaws, f"is {digits[:20]}, which is too large")


def _flaw(flaws: list[_Flaw], message: str) -> _Flaw:
    flaws.append(_Flaw(message))
    return flaws[-1]


def _placed(document: Document) -> Iterator[Problem]:
    """Yield each flaw of a document with its path."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Flaw):
            yield Problem(path.removeprefix("."), value.message)
        elif isinstance(value, dict):
            waiting += [(f"{path}.{name}", one) for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}.{place}", one) for place, one in enumerate(value, start=1)]

"""Where each part of a JSON text stands, so that what is wrong can be shown beside its line."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from scoring import Problem

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_AT = re.compile(r"in line (\d+)|line (\d+) column (\d+)")


class Place(NamedTuple):
    """Where a value stands in a text: from `start` up to `end`, in characters from 0."""

    start: int
    end: int


class Line(NamedTuple):
    """A line and a column, both from 1, as editors count."""

    line: int
    column: int


@dataclass(slots=True)
class _Value:
    """A value of a text, in the list or object that it stands `within`."""

    within: "_Value | None"
    part: str
    start: int
    end: int = 0
    holds: str = ""  # what begins it, if it is a list or an object
    name: str | None = None  # of the member whose value comes next
    count: int = 0
    ids: dict[str, str] = field(default_factory=dict)  # what an object says in "id" and "name"
    path: str = ""
    called: str = ""

    def settle(self) -> None:
        """Say by which paths it is found, once those of what it stands within are known."""
        if self.within is not None:
            own = self.ids.get("id", self.ids.get("name")) if self.within.holds == "[" else None
            self.path = f"{self.within.path}.{self.part}".removeprefix(".")
            self.called = f"{self.within.called}.{own or self.part}".removeprefix(".")


def places(text: str) -> dict[str, Place]:
    """Return where the value of each path stands in a text that is JSON; "" is the whole of it.

    An element of a list is found by its number, from 1, and by its id or name, if it has one; of
    two that are called the same, the first. Of a name that stands twice in one object, the last.
    """
    values = list(_values(text))
    for value in values:
        value.settle()
    found = {value.path: Place(value.start, value.end) for value in values}
    return {value.called: Place(value.start, value.end) for value in reversed(values)} | found


def _values(text: str) -> list[_Value]:
    """Return every value, each after what it stands within."""
    made: list[_Value] = []
    around: _Value | None = None
    for token in _TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        sign = token.group()
        if around is not None and sign in "]}":
            around.end, around = token.end(), around.within
        elif around is not None and around.holds == "{" and around.name is None and sign != ",":
            around.name = json.loads(sign)
        elif sign not in ",:":
            made.append(_begun(token, around))
            around = made[-1] if sign in "[{" else around
    return made


def _begun(token: re.Match[str], around: _Value | None) -> _Value:
    """Return the value that a token is, or begins."""
    sign, part = token.group(), ""
    if around is not None and around.holds == "[":
        around.count += 1
        part = str(around.count)
    elif around is not None:
        part, around.name = around.name or "", None
        if part in ("id", "name") and sign[0] == '"':
            around.ids[part] = json.loads(sign)
    return _Value(around, part, token.start(), token.end(), sign if sign in "[{" else "")


def line_of(text: str, start: int) -> Line:
    """Return the line and the column of a character."""
    return Line(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))


def lines_of(text: str, problems: Iterable[Problem]) -> list[Line]:
    """Return where each problem of a text is to be mended: at what its path names, or around it.

    Of what lacks, that is the object it lacks in; of a text that is no JSON, where reading stopped.
    """
    known: dict[str, Place] | None = None
    made = []
    for path, message in problems:
        if told := _AT.search(message) if path == "document" else None:
            made.append(Line(int(told[1] or told[2]), int(told[3] or 1)))
            continue
        known = places(text) if known is None and _is_json(text) else known or {}
        made.append(line_of(text, _nearest(known, path)))
    return made


def _nearest(known: dict[str, Place], path: str) -> int:
    """Return where a path begins, or the longest beginning of it that there is."""
    place = path.partition(", for ")[0]
    while place and place not in known:
        place = place.rpartition(".")[0]
    return known[place].start if place in known else 0


def _is_json(text: str) -> bool:
    try:
        json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def appended(text: str, path: str, value: dict[str, object]) -> str:
    """Return a text with one more object at the end of the list at a path, which may hold none.

    It is written as the last one there is: on one line, or with a line for each of its members.
    Where there is no such list, the text's own object gets one. All else stays as its author wrote
    it.
    """
    found = places(text)
    if f"{path}.1" not in found:
        return _first(text, path, value, found)
    last, count = found[f"{path}.1"], 1
    while f"{path}.{count + 1}" in found:
        count += 1
        last = found[f"{path}.{count}"]
    before = text[text.rfind("\n", 0, last.start) + 1 : last.start]
    edge = before if before.isspace() else ""
    lines = "\n" in text[last.start : last.end]
    between = f"\n{edge}" if edge or lines else " "
    written = _written(value, between) if lines else json.dumps(value, ensure_ascii=False)
    return f"{text[: last.end]},{between}{written}{text[last.end :]}"


def _first(text: str, path: str, value: dict[str, object], found: dict[str, Place]) -> str:
    """Return a text with a list of one object, in place of an empty one or at the very end."""
    made = f"[{_written(value, chr(10) + '    ')}]"
    if path in found:
        return f"{text[: found[path].start]}{made}{text[found[path].end :]}"
    end = found[""].end - 1
    return f'{text[:end].rstrip()},\n  "{path}": {made}\n{text[end:]}'


def _written(value: dict[str, object], between: str) -> str:
    members = [
        f"{between}  {json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}"
        for name, one in value.items()
    ]
    return f"{{{','.join(members)}{between}}}"

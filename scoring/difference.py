"""What differs between two versions of a questionnaire, in sentences, and which number it asks for.

The documents are compared leaf by leaf, so that nothing can differ without a sentence about it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from scoring.instrument import Instrument
from scoring.item import Choice, MultipleChoice

ASKED = ("items", "open_items", "option_sets", "pages", "recall_period")
"""The parts of a definition that say what is asked. What is not in here is how it is scored."""

NOT_ASKED = ("recode",)
"""What an item says of its scoring."""

WHOLE = ("examples", "value_sets")
"""Parts whose entries are told of as wholes: they are long, and made rather than written."""

THINGS = {
    "items": "Item",
    "open_items": "Open item",
    "option_sets": "Option set",
    "recodes": "Recode",
    "pages": "Page",
    "scores": "Score",
    "examples": "Example",
    "value_sets": "Value set",
    "licence": "Licence",
}
KEYS = ("id", "item", "score", "name")
"""By what an entry of a list is known, so that one that has moved is not another one."""


class Change(NamedTuple):
    """One thing that differs: its path, a sentence about it, and whether it is about the asking."""

    path: str
    sentence: str
    asked: bool


class Difference(NamedTuple):
    """Everything that differs between a version and a later one of the same instrument."""

    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def asked(self) -> tuple[Change, ...]:
        """The changes of what is asked: each alone makes the version a MAJOR one."""
        return tuple(change for change in self.changes if change.asked)

    @property
    def verdict(self) -> Literal["MAJOR", "MINOR", "SAME"]:
        """Which number must be raised; SAME where nothing differs."""
        if self.asked:
            return "MAJOR"
        return "MINOR" if self.changes else "SAME"

    @property
    def needs(self) -> str:
        """The version that these changes make of the one before, such as 2.0."""
        major, minor = map(int, self.before.split("."))
        raised = {"MAJOR": (major + 1, 0), "MINOR": (major, minor + 1), "SAME": (major, minor)}
        return "{}.{}".format(*raised[self.verdict])

    @property
    def why(self) -> str:
        """The reason for the verdict, in a sentence or two."""
        if self.verdict == "SAME":
            return "Nothing differs."
        if self.verdict == "MINOR":
            return "What is asked is the same, so answers from before may be scored again."
        places = ", ".join(dict.fromkeys(change.path for change in self.asked[:3]))
        more = f" and {len(self.asked) - 3} more" if len(self.asked) > 3 else ""
        return f"What is asked changed ({places}{more}), so answers from before are to other words."


def difference(before: Instrument, after: Instrument) -> Difference:
    """Return what differs between two versions of one instrument; the version itself is no change.

    A change of items, option sets, pages or recall period is about the asking, all else is not.
    """
    old, new = (_document(one) for one in (before, after))
    changes = (_change(one, (before, after)) for one in _compared((), old, new))
    return Difference(before.version, after.version, tuple(changes))


def _document(instrument: Instrument) -> dict[str, Any]:
    return instrument.model_dump(exclude={"version"})


class _Leaf(NamedTuple):
    """A place where two documents part; None where one has nothing there."""

    place: tuple[str, ...]
    old: Any
    new: Any
    moved: bool = False


def _compared(place: tuple[str, ...], old: Any, new: Any) -> Iterator[_Leaf]:
    """Yield each place where two documents part, as deep as both have something there."""
    if old == new:
        return
    whole = len(place) == 2 and place[0] in WHOLE
    names = None if whole else _named(old, new)
    if names is None:
        yield _Leaf(place, old, new)
        return
    befores, afters = names
    for name in dict.fromkeys((*befores, *afters)):
        yield from _compared((*place, str(name)), befores.get(name), afters.get(name))
    both = [[name for name in some if name in befores and name in afters] for some in names]
    if not isinstance(old, dict) and both[0] != both[1]:
        yield _Leaf(place, both[0], both[1], moved=True)


def _named(old: Any, new: Any) -> tuple[Mapping[Any, Any], Mapping[Any, Any]] | None:
    """Return the parts of two documents by name; None for what has no named parts."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old, new
    before, after = _by_key(old), _by_key(new)
    return None if before is None or after is None else (before, after)


def _by_key(entries: Any) -> dict[str, Any] | None:
    """Return the entries of a list by what they are known by; None if that does not tell them."""
    if not isinstance(entries, tuple):
        return None
    if not all(isinstance(entry, dict) for entry in entries):
        return None
    for key in KEYS:
        found = {str(entry[key]): entry for entry in entries if key in entry}
        if len(found) == len(entries):
            return found
    return None


def _change(leaf: _Leaf, both: tuple[Instrument, Instrument]) -> Change:
    part = leaf.place[0]
    asked = part in ASKED and leaf.place[2:3] != NOT_ASKED
    sentence = f"{_subject(leaf.place, both)}{_happened(leaf)}."
    return Change(".".join(leaf.place), sentence, asked)


def _subject(place: tuple[str, ...], both: tuple[Instrument, Instrument]) -> str:
    """Return what a sentence is about: `Score pain, points of q1, code 2`."""
    part, *inside = place
    if not inside:
        return part.replace("_", " ").capitalize()
    if part == "licence":
        return f"Licence, {_words(inside)}"
    name, *field = inside
    users = _users(both, part, name)
    subject = f"{THINGS[part]} {name}" + f" (of {', '.join(users)})" * bool(users)
    return f"{subject}, {_words(field)}" if field else subject


def _users(both: tuple[Instrument, Instrument], part: str, name: str) -> list[str]:
    """Return the items that take an option set or a recode, before or after."""
    field = {"option_sets": "options", "recodes": "recode"}.get(part)
    asked = [item for one in both for item in one.in_order()]
    choices = [item for item in asked if isinstance(item, Choice | MultipleChoice)]
    found = (item.id for item in choices if field and getattr(item, field, None) == name)
    return list(dict.fromkeys(found))


def _words(field: list[str]) -> str:
    return " › ".join(f"code {part}" if part.isdigit() else part for part in field)


def _happened(leaf: _Leaf) -> str:
    """Return what happened at a place: it is new, it is gone, it moved, it was this and is that."""
    if leaf.moved:
        return f" in another order: {_show(leaf.new)}"
    if len(leaf.place) == 2 and None in (leaf.old, leaf.new):
        return " is new" if leaf.old is None else " is gone"
    if leaf.place[0] in WHOLE:
        return " has other content"
    return f": was {_show(leaf.old)}, is now {_show(leaf.new)}"


def _show(value: object) -> str:
    """Return a value as a sentence has it, but not at length."""
    match value:
        case bool():
            text = "there" if value else "not there"
        case float():
            text = f"{value:.10g}"
        case tuple() | list():
            text = ", ".join(map(_show, value)) or "nothing"
        case dict():
            text = ", ".join(f"{name}: {_show(one)}" for name, one in value.items()) or "nothing"
        case None:
            text = "nothing"
        case _:
            text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"

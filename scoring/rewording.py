"""What one wording says otherwise than an earlier one, text by text, and which texts moved.

A revision corrects words. Where a label has moved to another code, or a question to another item,
an answer that was given before would mean something else: that is no correction.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scoring.wording import Wording

NAMES = {"instrument", "version", "language", "revision"}
"""What says of what a wording is, and which one: not what it says."""


class Reworded(NamedTuple):
    """A text that differs: its path (`items.q1`, `options.often.3`), before and after.

    None where there is no such text.
    """

    path: str
    before: str | None
    after: str | None


def texts(wording: Wording) -> dict[str, str]:
    """Return every text of a wording by its path."""
    return dict(_texts("", wording.model_dump(exclude=NAMES)))


def _texts(path: str, there: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(there, dict):
        yield path, str(there)
        return
    for name, inside in there.items():
        yield from _texts(f"{path}.{name}".removeprefix("."), inside)


def asked(wording: Wording) -> object:
    """Return what a patient is asked by a wording, to be compared with another's."""
    return wording.stems, wording.items, wording.options, wording.anchors


def reworded(before: Wording, after: Wording) -> tuple[Reworded, ...]:
    """Return each text that differs between two wordings, in the order of the later one."""
    old, new = texts(before), texts(after)
    paths = dict.fromkeys((*new, *old))
    both = (Reworded(path, old.get(path), new.get(path)) for path in paths)
    return tuple(one for one in both if one.before != one.after)


def moved(before: Wording, after: Wording) -> tuple[Reworded, ...]:
    """Return each question, label or end of a scale whose text stood elsewhere before.

    Capital and small letters, spaces and a full stop make no other text.
    """
    old, new = _groups(before), _groups(after)
    return tuple(
        Reworded(f"{name}.{place}", said.get(place), text)
        for name, texts in new.items()
        for said in [old.get(name, {})]
        for place, text in texts.items()
        if _has_moved(said, texts, place)
    )


def _groups(wording: Wording) -> dict[str, Mapping[str, str]]:
    """Return the texts among which places matter: questions, one list's labels, a scale's ends."""
    labels = {
        f"options.{name}": {str(code): text for code, text in some.items()}
        for name, some in wording.options.items()
    }
    ends = {f"anchors.{name}": one.model_dump() for name, one in wording.anchors.items()}
    return {"items": wording.items, **labels, **ends}


def _has_moved(before: Mapping[str, str], after: Mapping[str, str], place: str) -> bool:
    """Say whether what stands at a place stood at another one, and stands there no longer."""
    heard = _heard(after[place])
    there = [other for other, text in before.items() if _heard(text) == heard]
    return place not in there and any(_heard(after.get(other, "")) != heard for other in there)


def _heard(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .")

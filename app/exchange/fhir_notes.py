"""What somebody must decide about a questionnaire that came as FHIR, and the names it gets here."""

import re

from scoring import Problem

SHOWN = 8
"""How many linkIds a decision names before it only counts the others."""

MOST_NOTES = 1_000
"""How much is told of one file; who decides has enough to do with that."""

LONGEST = 32
LONGEST_LINK = 40


def short(text: str, most: int = LONGEST_LINK) -> str:
    """Return a text of somebody's file, but not at length."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class NotCarried(Exception):
    """Something that has no place here, and why."""


class Notes:
    """Decisions in the order in which they came up; the same about many items is told once."""

    def __init__(self) -> None:
        self._facts: list[Problem] = []
        self._items: dict[str, list[str]] = {}

    def fact(self, path: str, message: str) -> None:
        """Note what is to be decided of the questionnaire as a whole."""
        self._facts.append(Problem(path, message))

    def item(self, link_id: str, message: str) -> None:
        """Note what is to be decided of an item."""
        self._items.setdefault(message, []).append(link_id)

    def problems(self) -> tuple[Problem, ...]:
        """Return all that was noted, what concerns many items in one line."""
        of_items = (Problem(_links(links), message) for message, links in self._items.items())
        found = (*self._facts, *of_items)
        if len(found) <= MOST_NOTES:
            return found
        more = Problem("more", f"there are {len(found) - MOST_NOTES} more; begin with those above")
        return (*found[:MOST_NOTES], more)


def _links(links: list[str]) -> str:
    more = f" and {len(links) - SHOWN} more" if len(links) > SHOWN else ""
    return f"linkId {', '.join(map(short, links[:SHOWN]))}{more}"


class Names:
    """Names that are legal here, and each given once; `start` begins those that lack a letter."""

    def __init__(self, start: str, most: int = LONGEST) -> None:
        self._start, self._most = start, most
        self._given: set[str] = set()

    def name(self, wanted: str) -> str:
        """Return a name of its own that is as near as may be to what was wanted."""
        legal = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")
        if re.fullmatch(r"[a-z][a-z0-9_]*", wanted):
            legal = wanted
        elif not legal[:1].isalpha():
            legal = f"{self._start}{legal}" if legal else self._start
        if len(legal) > self._most:
            legal = f"{self._start}{len(self._given) + 1}"
        return self._unlike(legal)

    def _unlike(self, legal: str) -> str:
        found, number = legal, 1
        while found in self._given:
            number += 1
            found = f"{legal[: self._most - 5]}_{number}"
        self._given.add(found)
        return found

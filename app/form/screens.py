"""What stands on one screen: a question, or a short group that shares its answers."""

from dataclasses import dataclass
from itertools import groupby

from app.errors import NotFound
from app.responses import Step
from scoring.item import Choice

WIDEST = 7
"""Answers that stand beside each other in a grid; more do not fit."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The steps that are shown together; on a phone only the `current` one is seen.

    `first` and `last` are the places of its questions among all that are counted. The address of
    every step begins with `root`.
    """

    current: Step
    steps: list[Step]
    first: int
    last: int
    place: int
    total: int
    root: str

    @property
    def is_grid(self) -> bool:
        """Whether it is a grid on wide screens."""
        return len(self.steps) > 1

    def at(self, step: Step) -> str:
        """Return the address of a step."""
        return f"{self.root}/{step.number}"

    def address(self, came_from: str, part: str = "") -> str:
        """Return the address of the current step, or of a part of it."""
        return f"{self.at(self.current)}{part}" + ("?from=check" if came_from == "check" else "")


def screen(way: list[Step], shown: list[Step], number: str, root: str) -> Screen:
    """Return the screen of the step that an address names; raises NotFound.

    A step that other answers leave out gives the one that is `shown` in its place.
    """
    step = next((step for step in way if str(step.number) == number), None)
    if step is None:
        raise NotFound("There is no such question.")
    current = next((one for one in shown if one.number >= step.number), shown[-1])
    steps = next(group for group in groups(shown) if current in group)
    counted = [one.number for one in shown if one.is_question]
    places = [counted.index(one.number) + 1 for one in steps if one.is_question]
    place = sum(number < current.number for number in counted) + 1
    first, last = (places[0], places[-1]) if places else (place, place)
    return Screen(current, steps, first, last, min(place, len(counted)), len(counted), root)


def groups(shown: list[Step]) -> list[list[Step]]:
    """Return the steps that stand together: those of a page with the same answers, else each."""
    made: list[list[Step]] = []
    for _, page in groupby(shown, key=lambda step: (step.definition.sha256, step.page.id)):
        steps = list(page)
        made += [steps] if _is_grid(steps) else [[step] for step in steps]
    return made


def _is_grid(steps: list[Step]) -> bool:
    options = {
        step.item.options if isinstance(step.item, Choice) and not step.item.show_when else None
        for step in steps
    }
    return len(options) == 1 and None not in options and len(steps[0].codes) <= WIDEST

"""A second opinion on change: one person at a time, slowly and in plain Python.

It shares no code with `scoring/` and is built otherwise: health states are compared as orders, the
curve of utility is a function of time, and its area is taken between every two times where anything
happens, in exact fractions.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

State = Sequence[int | None]
Exact = Fraction


def pchc(before: State, after: State, best: str = "no problems") -> str | None:
    """Return the class of a change in words; `best` is what staying at 11111 is called."""
    if None in before or None in after:
        return None
    up, down = no_worse(after, before), no_worse(before, after)
    if up and down:
        return best if set(before) == {1} else "no change"
    return "improve" if up else "worsen" if down else "mixed change"


def no_worse(one: State, other: State) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


class Visit(NamedTuple):
    """A visit in days from the index date; without a utility it was missed."""

    day: int | None
    utility: Exact | None


class Course(NamedTuple):
    """One person's visits, the day of death, and the day where the curve is to end."""

    visits: list[Visit]
    died: int | None
    to: int

    @property
    def dead(self) -> bool:
        return self.died is not None and self.died <= self.to

    @property
    def answered(self) -> list[tuple[int, Exact]]:
        return [
            (v.day, v.utility) for v in self.visits if v.day is not None and v.utility is not None
        ]

    @property
    def last(self) -> int:
        """The day of the last answered visit that counts: the first at the end, or later."""
        beyond = [day for day, _ in self.answered if day >= self.to]
        return beyond[0] if beyond else self.answered[-1][0]

    def whole(self, inside: str) -> bool:
        """Say whether the curve can be drawn at all."""
        if self.visits[0].utility is None or not (self.dead or self.last >= self.to):
            return False
        return inside == "interpolate" or not self.missed()

    def missed(self) -> bool:
        expected = list(self.visits)
        while expected[-1].day != self.last and not self.before_death(expected[-1]):
            expected.pop()
        return any(visit.utility is None for visit in expected)

    def before_death(self, visit: Visit) -> bool:
        return self.dead and visit.day is not None and visit.day < (self.died or 0)

    def utility(self, day: Exact) -> Exact:
        """Return the utility on a day, up to the end or to death."""
        for (first, low), (second, high) in zip(self.answered, self.answered[1:], strict=False):
            if first <= day <= second:
                return low + (high - low) * (day - first) / (second - first)
        return self.answered[-1][1]

    def days(self) -> list[Exact]:
        """Return every day where anything happens: visits, ends, and each year's turn."""
        begin = self.answered[0][0]
        end = self.to if self.died is None else min(self.to, self.died)
        turns = {begin + YEAR * year for year in range(10)}
        found = {Exact(day) for day, _ in self.answered} | turns | {Exact(end)}
        return sorted(day for day in found if begin <= day <= end)


YEAR = Exact("365.25")


def area(
    course: Course, inside: str, worth: Callable[[Exact], float] | None = None
) -> float | None:
    """Return the area in years; `worth` says what a year is worth that begins after some days."""
    if not course.whole(inside):
        return None
    total, begin = 0.0, course.answered[0][0]
    for one, other in zip(course.days(), course.days()[1:], strict=False):
        piece = (course.utility(one) + course.utility(other)) / 2 * (other - one) / YEAR
        total += float(piece) * (worth((one - begin) // YEAR * YEAR) if worth else 1)
    return total


def continuous(course: Course, inside: str, rate: float, steps: int = 60) -> float | None:
    """Return the area with every moment discounted, by Simpson's rule in small steps."""
    if not course.whole(inside):
        return None
    total, begin = 0.0, course.answered[0][0]
    for one, other in zip(course.days(), course.days()[1:], strict=False):
        width = (other - one) / steps
        for place in range(0, steps, 2):
            at = [one + width * (place + step) for step in range(3)]
            worth = [
                float(course.utility(d)) * (1 + rate) ** -float((d - begin) / YEAR) for d in at
            ]
            total += float(width / YEAR) / 3 * (worth[0] + 4 * worth[1] + worth[2])
    return total

"""The desk: memory in which some people's answers are read and scored, used again for the next."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a desk needs."""

    items: int
    worths: int
    totals: int
    counts: int
    terms: int


class Desk:
    """Room for so many people; asking for memory anew for every few thousand costs half the time.

    `codes` [items, people] is the place of each answer in its item's row of a table, and `places`
    that in the raveled table (see `coding.py`).
    `given` [items + 1, people] is 1 where there is one that counts, and `counts` [counts, people]
    how many there are of one set of items or another. `worth` [worths + 1, people] is what answers
    are worth. The last row of `given` and of `worth` is 0.
    """

    def __init__(self, size: Size, people: int) -> None:
        items, totals = (size.items, people), (size.totals, people)
        self.codes = np.empty(items, dtype=np.uint16)
        self.whole = np.empty(items, dtype=np.bool_)
        self.empty = np.empty(items, dtype=np.bool_)
        self.states = np.empty(items, dtype=np.uint8)
        self.places = np.empty(items, dtype=np.intp)
        self.given = np.zeros((size.items + 1, people), dtype=np.int16)
        self.counts = np.empty((size.counts, people), dtype=np.int16)
        self.worth = np.zeros((size.worths + 1, people))
        self.found = np.empty((size.worths, people), dtype=np.intp)
        self.numbers = np.empty(totals, dtype=np.intp)
        self.divisors = np.empty(totals)
        self.parts = np.empty((size.terms, people))
        self.number = np.empty(people, dtype=np.uint16)
        self.digit = np.empty(people, dtype=np.uint16)
        self.lacking = np.empty(people, dtype=np.bool_)

"""How answers are read: each code becomes a place in a table, and what is not on offer is refused.

A table has a row an item. Its place 0 stands for "no answer", and place code + 1 for a code.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.engine.desk import Desk, Size
from scoring.instrument import Instrument
from scoring.item import Choice, Scale
from scoring.methods import Floats
from scoring.problem import NotAnAnswer

NOT_ANSWERED, ANSWERED, NOT_ON_OFFER = 0, 1, 2


class Coding:
    """The codes of one instrument: `items` in order, and tables of `width` places an item."""

    def __init__(self, instrument: Instrument) -> None:
        self.items = tuple(item.id for item in instrument.items)
        self.row = {name: row for row, name in enumerate(self.items)}
        largest = max(max(_known(instrument, item)) for item in instrument.items)
        self.width = largest + 2
        self._beyond = largest + 1
        self._start = np.arange(len(self.items), dtype=np.intp)[:, np.newaxis] * self.width
        state = np.full((len(self.items), self.width), NOT_ON_OFFER, dtype=np.uint8)
        state[:, 0] = NOT_ANSWERED
        for row, item in enumerate(instrument.items):
            state[row, [code + 1 for code in _known(instrument, item)]] = NOT_ANSWERED
            state[row, [code + 1 for code in instrument.scored_codes(item)]] = ANSWERED
        self._state = state.ravel()
        self._known = {item.id: frozenset(_known(instrument, item)) for item in instrument.items}

    def read(self, columns: Floats, desk: Desk) -> None:
        """Read answers [items, people] onto a desk; raises NotAnAnswer for a code not on offer."""
        strange = self._find(columns, desk)
        self._state.take(desk.places, out=desk.states, mode="clip")
        if strange or desk.states.max(initial=NOT_ANSWERED) == NOT_ON_OFFER:
            row, person = np.argwhere(self.wrong(columns))[0]
            raise _not_on_offer(self.items[row], columns[row, person])
        np.equal(desk.states, ANSWERED, out=desk.given[:-1], casting="unsafe")

    def read_one(self, answers: Mapping[str, int], desk: Desk) -> None:
        """Read one person's answers by item onto a desk for one; raises NotAnAnswer."""
        codes = [0] * len(self.items)
        for item, code in answers.items():
            if item not in self.row:
                raise NotAnAnswer(item, "is not an item of this instrument")
            if code not in self._known[item]:
                raise _not_on_offer(item, code)
            codes[self.row[item]] = int(code) + 1
        desk.codes[:, 0] = codes
        np.add(desk.codes, self._start, out=desk.places)
        np.equal(self._state.take(desk.places), ANSWERED, out=desk.given[:-1], casting="unsafe")

    def wrong(self, columns: Floats) -> NDArray[np.bool_]:
        """Say of each answer [items, people] whether it is none: neither a known code nor NaN."""
        desk = Desk(Size(len(self.items), 0, 0, 0, 0), columns.shape[1])
        self._find(columns, desk)
        none = ~(desk.whole | desk.empty)
        wrong: NDArray[np.bool_] = none | (self._state.take(desk.places) == NOT_ON_OFFER)
        return wrong

    def _find(self, columns: Floats, desk: Desk) -> bool:
        """Find each answer's place; say whether any is no number that a code could be.

        The number that a cell becomes must be the cell again: so what a computer makes of NaN, or
        of a number too large, does not matter.
        """
        with np.errstate(invalid="ignore"):
            np.copyto(desk.codes, columns, casting="unsafe")
        np.equal(columns, desk.codes, out=desk.whole)
        np.less(desk.codes, self._beyond, out=desk.empty)
        desk.whole &= desk.empty
        desk.codes += 1
        desk.codes *= desk.whole
        np.add(desk.codes, self._start, out=desk.places)
        np.isnan(columns, out=desk.empty)
        known = np.count_nonzero(desk.whole) + np.count_nonzero(desk.empty)
        return bool(known < columns.size)


def _known(instrument: Instrument, item: Choice | Scale) -> tuple[int, ...]:
    return (*instrument.codes(item), *item.missing_codes)


def _not_on_offer(item: str, code: float) -> NotAnAnswer:
    return NotAnAnswer(item, f"{code:.10g} is not one of its codes")

"""What changed for each case between two time points, and whether it is enough to matter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import numpy as np
import orjson

from app import shelf
from app.catalogue import shape
from app.settings import HOUSE
from scoring import Instrument
from scoring.change import EqFiveD, Outcome, Pchc, States, pchc, reached, words
from scoring.methods import Floats
from scoring.reference import Bound, Mcid
from scoring.terms import DIMENSIONS

MOST = 50_000
"""Results of one time point that are paired, because all of them are in memory at a time."""
ITEMS = tuple(dimension.lower() for dimension in DIMENSIONS)
"""The items of an EQ-5D's health state, in its order."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One result: whose, when, the scores in the instrument's order, the levels of an EQ-5D."""

    case: str
    unit: str
    response_id: str
    submitted_at: str
    scores: tuple[float, ...]
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A smallest important change; of a range, the end that is meant (None: a single figure)."""

    mcid: Mcid
    bound: Bound | None

    @property
    def name(self) -> str:
        """What it is called: the document's id, and which end of a range."""
        return f"{self.mcid.id}-{self.bound}" if self.bound else self.mcid.id


@dataclass(frozen=True, slots=True)
class Changed:
    """One score of all pairs: its value [pairs] each time, the change, and who reached a limit.

    NaN is no value. `reached` maps a limit's name to improved, worsened, unchanged, or None.
    """

    before: Floats
    after: Floats
    reached: Mapping[str, Sequence[str | None]]

    @property
    def change(self) -> Floats:
        """The later value minus the earlier one [pairs]; NaN where either is missing."""
        return np.asarray(self.after - self.before)


@dataclass(frozen=True, slots=True)
class Changes:
    """Every case that has both time points, and what became of its scores.

    `pchc` is a word for each pair, None where a state is incomplete; it is empty for an instrument
    that is no EQ-5D. `unpaired` counts the cases that lack the other time point: of those before,
    and of those after.
    """

    pairs: Sequence[tuple[Visit, Visit]]
    scores: Mapping[str, Changed]
    pchc: Sequence[str | None]
    limits: Sequence[Limit]
    unpaired: tuple[int, int]


def between(
    instrument: Instrument, before: Iterable[list[str]], after: Iterable[list[str]]
) -> Changes:
    """Pair the result documents of two time points by case; of several, the one sent last counts.

    The change is the later value minus the earlier one, of scores by the same instrument.
    """
    first, last = _by_case(instrument, before), _by_case(instrument, after)
    both = sorted(first.keys() & last.keys())
    pairs = [(first[case], last[case]) for case in both]
    limits = limits_of(instrument)
    return Changes(
        pairs,
        {
            score.id: _changed(instrument, place, pairs, limits)
            for place, score in enumerate(instrument.scores)
        },
        _pchc(instrument, pairs),
        limits,
        (len(first) - len(both), len(last) - len(both)),
    )


def _by_case(instrument: Instrument, found: Iterable[list[str]]) -> dict[str, Visit]:
    visits: dict[str, Visit] = {}
    for documents in found:
        for document in documents:
            visit = _visit(instrument, orjson.loads(document))
            there = visits.get(visit.case)
            if there is None or there.submitted_at <= visit.submitted_at:
                visits[visit.case] = visit
    return visits


def _visit(instrument: Instrument, result: Mapping[str, Any]) -> Visit:
    response, scores = result["response"], result["scores"] or {}
    levels = ITEMS if instrument.id in get_args(EqFiveD) else ()
    return Visit(
        response["case"],
        response["unit"],
        response["id"],
        response["submitted_at"],
        tuple(_number(scores.get(score.id, {}).get("value")) for score in instrument.scores),
        tuple(_number(response["answers"].get(item)) for item in levels),
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _changed(
    instrument: Instrument,
    place: int,
    pairs: Sequence[tuple[Visit, Visit]],
    limits: Sequence[Limit],
) -> Changed:
    score = instrument.scores[place]
    before, after = (
        np.array([pair[time].scores[place] for pair in pairs], np.float64) for time in (0, 1)
    )
    name = f"{instrument.id}/{score.id}"
    who = {
        one.name: words(
            reached(after - before, one.mcid, name, score.direction, one.bound), Outcome
        )
        for one in limits
        if one.mcid.score == score.id
    }
    return Changed(before, after, who)


def _pchc(instrument: Instrument, pairs: Sequence[tuple[Visit, Visit]]) -> list[str | None]:
    kind = next((one for one in get_args(EqFiveD) if one == instrument.id), None)
    if kind is None:
        return []
    states = [
        States(kind, np.array([pair[time].levels for pair in pairs], np.float64).reshape(-1, 5))
        for time in (0, 1)
    ]
    return words(pchc(*states), Pchc)


def limits_of(instrument: Instrument) -> list[Limit]:
    """Return the smallest important changes that are published for an instrument's scores."""
    there = {score.id for score in instrument.scores}
    return [
        limit for mcid in _mcids(instrument.id) if mcid.score in there for limit in _limits(mcid)
    ]


def _limits(mcid: Mcid) -> Iterator[Limit]:
    if isinstance(mcid.amount, tuple):
        yield Limit(mcid, "lower")
        yield Limit(mcid, "upper")
    else:
        yield Limit(mcid, None)


@cache
def _mcids(instrument_id: str) -> list[Mcid]:
    paths = sorted((HOUSE / "instruments" / "mcids" / instrument_id).glob("*.json"))
    return [shape(Mcid, shelf.read(path)) for path in paths]

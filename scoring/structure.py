"""What a score rests on: its items, and the other scores that it is made of."""

from graphlib import TopologicalSorter
from typing import assert_never

from scoring.instrument import (
    Cases,
    Combine,
    Count,
    Index,
    Instrument,
    Lookup,
    Mean,
    Points,
    Score,
    Sum,
)
from scoring.methods import named


def own_items(score: Score) -> tuple[str, ...]:
    """Return the ids of the items that a score itself names."""
    match score:
        case Mean() | Sum() | Count() | Index():
            return score.items
        case Points():
            return tuple(one.item for one in score.items)
        case Combine():
            return score.requires
        case Lookup() | Cases():
            return ()
        case _:
            assert_never(score)


def own_scores(score: Score) -> tuple[str, ...]:
    """Return the ids of the other scores that a score itself names."""
    match score:
        case Combine():
            return tuple(term.score for term in score.terms)
        case Lookup():
            return (score.score,)
        case Cases():
            return named(score)
        case _:
            return ()


def items_under(instrument: Instrument) -> dict[str, tuple[str, ...]]:
    """Return the ids of all items that each score rests on, through other scores too, once each."""
    under: dict[str, tuple[str, ...]] = {}
    for score in in_order(instrument):
        parts = (*(under[name] for name in own_scores(score)), own_items(score))
        under[score.id] = tuple(dict.fromkeys(item for items in parts for item in items))
    return under


def in_order(instrument: Instrument) -> tuple[Score, ...]:
    """Return the scores so that each stands after those it is made of."""
    by_id = {score.id: score for score in instrument.scores}
    needs = {score.id: own_scores(score) for score in instrument.scores}
    return tuple(by_id[name] for name in TopologicalSorter(needs).static_order())

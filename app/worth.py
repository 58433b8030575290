"""What answers are worth to a registry: scored in columns, and told one response at a time."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlmodel import Session

from app import valuation
from app.catalogue import Published
from app.errors import whence
from scoring import Scorer
from scoring.score import band

log = logging.getLogger("svar.runs")

Scored = Mapping[str, Mapping[str, Any]]
"""Scores of one response: {score: {"value": null or number, "answered", "items"}}."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one response is worth, and by which definition and value sets; None: not scored."""

    definition: Published
    valued: valuation.Valued | None
    scores: Scored | None

    @property
    def status(self) -> str:
        """The word for it in a result document."""
        return "not_scored" if self.scores is None else "scored"


def of(
    session: Session,
    definition: Published,
    named: valuation.Named,
    given: Mapping[str, Mapping[str, Any]],
) -> list[Worth]:
    """Score some responses to one definition, {id: answers}, with the sets a registry has named.

    A failure keeps the answers and says `not_scored`, of those responses alone that it concerns.
    """
    try:
        valued = valuation.valued(session, definition, named)
        found = scores(valued.scorer, list(given.values()))
        return [Worth(definition, valued, one) for one in found]
    except Exception as error:  # noqa: BLE001 - answers must not be lost to whatever it is
        if len(given) > 1:
            each = [of(session, definition, named, {name: one}) for name, one in given.items()]
            return [one for found in each for one in found]
        reason = whence(error)  # without the message, which would quote an answer
        log.error("response %s could not be scored: %s", *given, reason)  # noqa: TRY400
        return [Worth(definition, None, None)]


def scores(scorer: Scorer, given: Sequence[Mapping[str, Any]]) -> Sequence[Scored]:
    """Return each person's scores, as Scorer.score_one gives them; raises NotAnAnswer.

    Answers to items that no score is made of are passed over.
    """
    if len(given) == 1:
        (one,) = given
        return [scorer.score_one({name: one[name] for name in scorer.items if name in one})]
    rows = [list(map(one.get, scorer.items)) for one in given]
    found = scorer.score(np.array(rows, np.float64))  # None becomes NaN
    numbers = np.stack(list(found.values.values()), axis=1)
    values = numbers.astype(object)
    values[np.isnan(numbers)] = None
    counts = np.stack(list(found.answered.values()), axis=1)
    each = [(name, found.items[name]) for name in found.values]
    people: list[dict[str, dict[str, Any]]] = [
        {
            name: {"value": value, "answered": answered, "items": items}
            for (name, items), value, answered in zip(each, row, counted, strict=True)
        }
        for row, counted in zip(values.tolist(), counts.tolist(), strict=True)
    ]
    for score in scorer.instrument.scores:
        if score.bands:
            for one in people:
                one[score.id]["band"] = band(score, one[score.id]["value"])
    return people

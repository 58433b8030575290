"""How somebody's table is scored: where its answers stand, and what is made of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from app.columns import ANSWERED
from app.offline.codes import Missing, check_types, read_missing
from app.offline.columns import Columns, NotScorable, matched
from app.tables import Format
from scoring import Scorer
from scoring.instrument import NamedRule

ONE_COLUMN = (
    "The scores would be a single column, in which CSV cannot tell a null from an empty line, so "
    "that rows would lose their places. Add --answered, or choose another format."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a table is to be read and scored; the words are those of `svar score --help`.

    `maps` names items by column.
    """

    maps: Mapping[str, str]
    absent: Sequence[str] = ()
    missing: Sequence[str] = ()
    rule: NamedRule | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is scored: where its answers stand, and what is made of them.

    With `answered`, each score is followed by how many of its items were answered.
    """

    scorer: Scorer
    columns: Columns
    missing: Mapping[str, Missing]
    rule: NamedRule | None = None
    answered: bool = False

    def schema(
        self, types: Mapping[str, pa.DataType], origin: Mapping[str, Any], to: Format
    ) -> pa.Schema:
        """Return the columns of the output: whatever is carried through, then the scores.

        `origin` becomes the metadata. Raises NotScorable if a carried column has a score's name,
        and for a single column of CSV.
        """
        scores = [score.id for score in self.scorer.instrument.scores]
        made = [(name, pa.float64()) for name in scores]
        if self.answered:
            counts = [(f"{name}{ANSWERED}", pa.int16()) for name in scores]
            made = [pair for both in zip(made, counts, strict=True) for pair in both]
        if both := sorted({name for name, _ in made} & set(self.columns.carried)):
            raise NotScorable(
                f"The file has columns with the names of scores: {', '.join(both)}. Rename them."
            )
        carried = [(name, types[name]) for name in self.columns.carried]
        if to == "csv" and len(carried) + len(made) == 1:
            raise NotScorable(ONE_COLUMN, "answered")
        metadata = {"svar": json.dumps(origin, ensure_ascii=False)}
        return pa.schema([*carried, *made], metadata=metadata)


def make_plan(scorer: Scorer, types: Mapping[str, pa.DataType], asked: Asked) -> Plan:
    """Return how a table with columns of these types is scored.

    Raises NotScorable, naming the option or column at fault.
    """
    see_rule(scorer, asked.rule)
    columns = matched(list(types), scorer.instrument, asked.maps, asked.absent)
    check_types(types, columns)
    missing = read_missing(asked.missing, scorer.instrument)
    return Plan(scorer, columns, missing, asked.rule, asked.answered)


def see_rule(scorer: Scorer, rule: NamedRule | None) -> None:
    """See that an instrument offers a missing rule; raises NotScorable."""
    try:
        scorer.score(np.empty((0, len(scorer.items))), rule)
    except ValueError as error:
        why = f"{error}. Without --missing-rule each score goes by its own."
        raise NotScorable(why, "missing_rule") from None

"""Scores a whole file of answers, some rows at a time, and keeps its rows in their places."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from app.offline.codes import Flags, Missing, answers_in, why_wrong
from app.offline.columns import Columns, NotScorable
from app.offline.report import Report
from app.offline.tally import Tally
from app.tables import Batch, Table, Unreadable, Writer
from scoring import Scorer, Scores
from scoring.instrument import NamedRule
from scoring.methods import Floats

SUFFIX = "_answered"
Progress = Callable[[Table, Tally], None]
"""Is told after each batch how far the reading has come, and what became of the rows so far."""


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

    def schema(self, types: Mapping[str, pa.DataType], origin: Mapping[str, Any]) -> pa.Schema:
        """Return the columns of the output: whatever is carried through, then the scores.

        `origin` becomes the metadata. Raises NotScorable if a carried column has a score's name.
        """
        scores = [score.id for score in self.scorer.instrument.scores]
        made = [(name, pa.float64()) for name in scores]
        if self.answered:
            counts = [(f"{name}{SUFFIX}", pa.int16()) for name in scores]
            made = [pair for both in zip(made, counts, strict=True) for pair in both]
        if both := sorted({name for name, _ in made} & set(self.columns.carried)):
            raise NotScorable(
                f"The file has columns with the names of scores: {', '.join(both)}. Rename them."
            )
        carried = [(name, types[name]) for name in self.columns.carried]
        metadata = {"svar": json.dumps(origin, ensure_ascii=False)}
        return pa.schema([*carried, *made], metadata=metadata)


def score_table(
    table: Table,
    writer: Writer,
    schema: pa.Schema,
    plan: Plan,
    report: Report,
    progress: Progress,
) -> Tally:
    """Score a table from its first row to its last; return what became of the rows.

    A row with an answer that cannot be read is kept without scores. Raises Stopped if the report is
    strict, NotATable if the file turns out to be torn.
    """
    tally = Tally(null={score.id: 0 for score in plan.scorer.instrument.scores})
    for batch in table.batches(plan.columns.carried):
        answers, unread = _answers(batch, plan, report)
        scores = plan.scorer.score(answers, plan.rule)
        writer.write(_output(batch, scores, unread, plan, schema))
        tally.count(scores, int(unread.sum()), len(batch.left_out))
        progress(table, tally)
    return tally


def _answers(batch: Batch, plan: Plan, report: Report) -> tuple[Floats, Flags]:
    """Return a batch's answers, all missing in rows with one that is wrong, and which those are."""
    answers = answers_in(batch, plan.columns, plan.missing)
    flags = plan.scorer.wrong(answers)
    if number := len(batch.left_out) + len(batch.emptied) + int(flags.sum()):
        parts = (batch.left_out, batch.emptied, _cells(batch, flags, plan))
        report.take(merge(*parts, key=attrgetter("place")), number)
    unread: Flags = np.asarray(flags.any(axis=1))
    answers[unread] = np.nan
    return answers, unread


def _cells(batch: Batch, flags: Flags, plan: Plan) -> Iterator[Unreadable]:
    instrument = plan.scorer.instrument
    for row, place in np.argwhere(flags):
        item = instrument.items[place]
        cell = batch.columns[plan.columns.items[item.id] or ""][row].as_py()
        why = why_wrong(cell, item, instrument)
        yield Unreadable(int(batch.places[row]), plan.columns.shown(item.id), why)


def _output(batch: Batch, scores: Scores, unread: Flags, plan: Plan, schema: pa.Schema) -> pa.Table:
    made = {name: batch.columns[name] for name in plan.columns.carried}
    for name, values in scores.values.items():
        made[name] = pa.array(values, from_pandas=True)
        if plan.answered:
            counts = scores.answered[name].astype(np.int16)
            made[f"{name}{SUFFIX}"] = pa.array(counts, mask=unread)
    return pa.table([made[name] for name in schema.names], schema=schema)

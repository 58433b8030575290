"""Scores a whole file of answers, some rows at a time, and keeps its rows in their places."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from operator import attrgetter
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from app.columns import ANSWERED
from app.offline.codes import Flags, answers_in, why_wrong
from app.offline.plan import Plan
from app.offline.report import Report
from app.offline.tally import Tally
from app.tables import Batch, Table, Unreadable, Writer
from scoring import Scores
from scoring.methods import Floats

Progress = Callable[[Table, Tally], None]
"""Is told after each batch how far the reading has come, and what became of the rows so far."""


class Told(Protocol):
    """Is told of whatever could not be read."""

    def take(self, unreadable: Iterable[Unreadable], number: int) -> None:
        """Take what was found in some rows, `number` of it in all."""
        ...


class Scored(NamedTuple):
    """Some rows with their scores, and how many were kept without scores or left out."""

    rows: pa.Table
    scores: Scores
    unscored: int
    left_out: int


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
    for some in scored(table, schema, plan, report):
        writer.write(some.rows)
        tally.count(some.scores, some.unscored, some.left_out)
        progress(table, tally)
    return tally


def scored(table: Table, schema: pa.Schema, plan: Plan, told: Told) -> Iterator[Scored]:
    """Yield a table's rows with their scores, some at a time, from the first to the last."""
    for batch in table.batches(plan.columns.carried):
        answers, unread = _answers(batch, plan, told)
        scores = plan.scorer.score(answers, plan.rule)
        rows = _output(batch, scores, unread, plan, schema)
        yield Scored(rows, scores, int(unread.sum()), len(batch.left_out))


def look_through(table: Table, plan: Plan, told: Told) -> int:
    """Read a table from its first row to its last, and score nothing; return how many rows."""
    rows = 0
    for batch in table.batches(plan.columns.carried):
        _answers(batch, plan, told)
        rows += len(batch.places)
    return rows


def _answers(batch: Batch, plan: Plan, told: Told) -> tuple[Floats, Flags]:
    """Return a batch's answers, all missing in rows with one that is wrong, and which those are."""
    answers = answers_in(batch, plan.columns, plan.missing)
    flags = plan.scorer.wrong(answers)
    if number := len(batch.left_out) + len(batch.emptied) + int(flags.sum()):
        parts = (batch.left_out, batch.emptied, _cells(batch, flags, plan))
        told.take(merge(*parts, key=attrgetter("place")), number)
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
            made[f"{name}{ANSWERED}"] = pa.array(counts, mask=unread)
    return pa.table([made[name] for name in schema.names], schema=schema)

"""One row of somebody's file, and its scores explained step by step."""

from collections.abc import Iterator
from operator import itemgetter

import numpy as np

from app import shelf
from app.offline.codes import answers_in, why_wrong
from app.offline.columns import NotScorable
from app.offline.job import Job, extended, format_as
from app.offline.plan import Plan, make_plan
from app.tables import Batch, Table, Unreadable, open_table
from scoring import Instrument, compile_instrument
from scoring.explain import Explained, explain


def explain_row(job: Job, row: int) -> tuple[Instrument, list[Explained]]:
    """Return every score of the row of this number, counted from 1, with its arithmetic.

    Raises NotScorable for a row that is not there or cannot be read, and what `do` raises.
    """
    instrument = extended(job, shelf.load(job.folder, job.instrument, job.version).instrument)
    with open_table(
        job.answers, format_as(job.answers, job.from_, "--from"), job.delimiter, job.encoding
    ) as table:
        plan = make_plan(compile_instrument(instrument), table.types, job.asked())
        answers = _answers(table, plan, row)
    return instrument, explain(plan.scorer, answers, job.rule)


def _answers(table: Table, plan: Plan, row: int) -> dict[str, int]:
    passed = 0
    for batch in table.batches(()):
        rows = list(_in_order(batch))
        if row <= passed + len(rows):
            _, at = rows[row - passed - 1]
            if isinstance(at, Unreadable):
                raise NotScorable(f"Row {row} ({table.place} {at.place}) {at.why}")
            return _codes(batch, at, plan, f"Row {row} ({table.place} {batch.places[at]})")
        passed += len(rows)
    raise NotScorable(f"There is no row {row}: the file has {passed}, the first of them row 1.")


def _in_order(batch: Batch) -> Iterator[tuple[int, int | Unreadable]]:
    """Yield a batch's rows as they stand in the file, those that could not be read among them."""
    rows: list[tuple[int, int | Unreadable]] = [(one.place, one) for one in batch.left_out]
    rows += ((int(place), at) for at, place in enumerate(batch.places))
    yield from sorted(rows, key=itemgetter(0))


def _codes(batch: Batch, at: int, plan: Plan, name: str) -> dict[str, int]:
    answers = answers_in(batch, plan.columns, plan.missing)[at : at + 1]
    for place in np.flatnonzero(plan.scorer.wrong(answers)[0]):
        item = plan.scorer.instrument.items[place]
        cell = batch.columns[str(plan.columns.items[item.id])][at].as_py()
        why = why_wrong(cell, item, plan.scorer.instrument)
        raise NotScorable(f"{name}, column {plan.columns.shown(item.id)}: {why}")
    row = dict(zip(plan.scorer.items, answers[0].tolist(), strict=True))
    return {item: int(code) for item, code in row.items() if not np.isnan(code)}

"""The command that shows one person's arithmetic."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import out, stop
from app.cli.offline import (
    INSTRUMENTS,
    Absent,
    Answers,
    Characters,
    Delimiter,
    Folder,
    From,
    InstrumentName,
    Maps,
    Missing,
    Rule,
    Sets,
    Version,
    named,
    stopping,
)

if TYPE_CHECKING:
    from scoring.explain import Explained


def explain(
    instrument: InstrumentName,
    answers: Answers,
    row: Annotated[int, typer.Option(min=1, help="The row to explain; the first is 1")] = 1,
    score: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this score; may be repeated")
    ] = None,
    map_: Maps = None,
    absent: Absent = None,
    missing: Missing = None,
    missing_rule: Rule = None,
    value_set: Sets = None,
    version: Version = None,
    instruments: Folder = INSTRUMENTS,
    from_: From = None,
    delimiter: Delimiter = None,
    encoding: Characters = "utf-8",
) -> None:
    """Explain one person's scores: each answer, what it is worth, and every step to the score."""
    from app.offline.job import Job
    from app.offline.one_row import explain_row

    id_, its_version = named(instrument, version)
    job = Job(
        answers=answers,
        folder=instruments,
        instrument=id_,
        version=its_version,
        value_sets=value_set or (),
        maps=map_ or (),
        absent=absent or (),
        missing=missing or (),
        rule=missing_rule,
        from_=from_,
        delimiter=delimiter,
        encoding=encoding,
    )
    with stopping(job):
        found, explained = explain_row(job, row)
    chosen = _chosen(explained, score or (), found.id)
    out.print(f"{found.name}, {found.id} {found.version}: row {row} of {job.name}", markup=False)
    for one in chosen:
        _show(one)


def _chosen(
    explained: Sequence["Explained"], names: Sequence[str], instrument: str
) -> list["Explained"]:
    """Return the scores that are asked for, or all; stop at a name that none has."""
    known = [one.score.id for one in explained]
    if unknown := sorted(set(names) - set(known)):
        stop(f"{instrument} has no score {', '.join(unknown)}; it has: {', '.join(known)}.")
    return [one for one in explained if not names or one.score.id in names]


def _show(one: "Explained") -> None:
    value, band = one.given["value"], one.given.get("band")
    told = "no score" if value is None else f"{value:.10g}" + (f" ({band})" if band else "")
    out.print(f"\n{one.score.id} = {told}", style="bold", markup=False)
    counted = f"{one.given['answered']} of {one.given['items']} items answered"
    for line in (f"{one.score.name}; {counted}", *one.told.steps, f"Source: {one.score.source}"):
        out.print(f"  {line}", markup=False)

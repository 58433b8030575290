"""Commands about instruments and value sets as files: check them, see which there are."""

import csv
import json
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Column, Table

from app import shelf
from app.cli.console import err, out, stop
from app.settings import HOUSE
from scoring import NotValid, ValueSet
from scoring.extend import paper

COLUMNS = ("id", "instrument", "country", "year", "type", "checked", "paper", "citation", "note")


def check(
    files: Annotated[list[Path], typer.Argument(help="Definitions, wordings, value sets")],
) -> None:
    """Check files as publishing would: shape, meaning, ranges, and their own examples."""
    wrong = sum([not _check(path) for path in files])
    if wrong:
        stop(f"{wrong} of {len(files)} files must be mended.")


def _check(path: Path) -> bool:
    try:
        what = shelf.check_file(path)
    except (NotValid, OSError) as error:
        problems = error.problems if isinstance(error, NotValid) else [error]
        err.print(f"✗ {path}", style="red", markup=False)
        for problem in problems:
            err.print(f"    {problem}", markup=False)
        return False
    out.print(f"✓ {path}: {what}", markup=False)
    return True


def list_value_sets(
    instrument: Annotated[str | None, typer.Option(help="Those of one, such as eq-5d-5l")] = None,
    format_: Annotated[
        Literal["table", "csv", "json"], typer.Option("--format", help="How to show them")
    ] = "table",
    instruments: Annotated[Path, typer.Option(help="Folder of definitions and value sets")] = (
        HOUSE / "instruments"
    ),
) -> None:
    """List the value sets that there are, each with the paper it was published in."""
    try:
        found = shelf.all_value_sets(instruments)
    except NotValid as error:
        stop(str(error))
    sets = [one for one in found if instrument in (None, one.instrument)]
    if not sets:
        stop(f"There are no value sets for {instrument or 'any instrument'} in {instruments}.")
    rows = [one.model_dump() | {"paper": paper(one)} for one in sets]
    objects = [{name: row[name] for name in COLUMNS} for row in rows]
    if format_ == "table":
        _show(sets)
    elif format_ == "csv":
        lines = [list(one.values()) for one in objects]
        csv.writer(sys.stdout, lineterminator="\n").writerows([COLUMNS, *lines])
    else:
        sys.stdout.write(json.dumps(objects, indent=2, ensure_ascii=False) + "\n")


def _show(sets: Sequence[ValueSet]) -> None:
    """Show value sets to people; what is said of those in dispute stands below."""
    names = ("id", "country", "year", "type", "checked")
    columns = [Column(name, no_wrap=name != "country") for name in names]
    columns.append(Column("paper", overflow="fold", min_width=33))
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name, some in groupby(sets, key=lambda one: one.instrument):
        table.add_row(f"\n{name}", style="bold")
        for one in some:
            year = str(one.year or "–")
            table.add_row(one.id, one.country, year, one.type, one.checked, paper(one))
    out.print(table)
    for one in sets:
        if one.checked == "disputed":
            out.print(f"{one.id} is disputed: {one.note}", markup=False)

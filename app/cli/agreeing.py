"""Commands for agreements with those who own a questionnaire: added, ended, listed."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app import agreements
from app.agreements import MOST_BYTES, New
from app.browser import SentFile
from app.cli import database
from app.cli.console import first_bytes, out
from app.cli.staffing import WHO

Day = Annotated[str, typer.Option(help="Such as 2026-12-31; the whole of that day")]


def add(
    instrument: Annotated[str, typer.Argument(help="Such as eq-5d-5l")],
    holder: Annotated[str, typer.Option(help="Who owns the questionnaire")],
    reference: Annotated[str, typer.Option(help="By what the holder knows the agreement")],
    valid_from: Day,
    valid_to: Day,
    registry: Annotated[list[str], typer.Option(help="May be repeated: whom it is for")],
    file: Annotated[Path | None, typer.Option(help="PDF, PNG, JPEG or text, at most 5 MB")] = None,
) -> None:
    """Add an agreement, under which registries may order an instrument; print its id."""
    sent = SentFile(file.name, first_bytes(file, MOST_BYTES)) if file else None
    new = New(instrument, holder, reference, valid_from, valid_to, registry, sent)
    with database.told() as session:
        made = agreements.add(session, new, WHO)
    out.print(str(made.id))


def end(agreement: Annotated[UUID, typer.Argument(help="Its id, as `list` shows it")]) -> None:
    """End an agreement, at once: nothing more is ordered under it."""
    with database.told() as session:
        found = agreements.end(session, agreement, WHO)
    out.print(f"Ended {found.reference} for {found.instrument}.", markup=False)


def show(
    instrument: Annotated[str | None, typer.Option(help="Those of one, such as eq-5d-5l")] = None,
) -> None:
    """List agreements: the next to run out first, ended ones last."""
    with database.told() as session:
        for one, registries, _ in agreements.entries(session, instrument):
            ended = f"; ended {one.ended_at:%Y-%m-%d}" if one.ended_at else ""
            what = f"{one.id} {one.instrument}: {one.reference}, {one.holder}"
            when = f"{one.valid_from} to {one.valid_to}{ended}"
            out.print(f"{what}; {when}; {', '.join(registries)}", markup=False)

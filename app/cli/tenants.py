"""Commands that set up a registry: its name and its units."""

import re
from typing import Annotated

import typer
from sqlmodel import Session

from app import audit, look
from app.cli import database
from app.cli.console import out, stop
from app.models import Registry, Unit, now

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def an_id(given: str | None) -> str | None:
    """Return a given id. Raises BadParameter if it cannot be one."""
    if given is not None and not ID.fullmatch(given):
        raise typer.BadParameter("at most 40 letters, digits, dots, hyphens and underscores")
    return given


RegistryId = Annotated[str, typer.Option("--registry", help="The registry's id")]


def create_registry(
    id: Annotated[str, typer.Argument(help="Short id, such as hips", callback=an_id)],  # noqa: A002
    name: Annotated[str, typer.Option(help="Full name")],
    orgnr: Annotated[str | None, typer.Option(help="Organisation number, nine digits")] = None,
) -> None:
    """Create a registry."""
    with database.write() as session:
        if session.get(Registry, id) is not None:
            stop(f"The registry {id} exists already.")
        session.add(Registry(id=id, name=name, orgnr=orgnr, created_at=now()))
        audit.append(session, id, "cli", "registry.created", id)
    out.print(f"Created registry {id}. Next: svar unit create --registry {id} …")


def set_registry(
    id: Annotated[str, typer.Argument(help="The registry's id")],  # noqa: A002
    name: Annotated[str | None, typer.Option(help="Full name, as patients read it")] = None,
    colour: Annotated[
        str | None, typer.Option(help="Colour of its patients' pages, such as #1d5a5e, or none")
    ] = None,
    shows_scores: Annotated[
        bool | None, typer.Option(help="Let patients see their own results")
    ] = None,
) -> None:
    """Change how a registry meets its patients; what is not given stays as it is."""
    given = {"name": name, "colour": colour, "shows_scores": shows_scores}
    kept = {"name": _name(name), "colour": _colour(colour), "shows_scores": shows_scores}
    named = [field for field, value in given.items() if value is not None]
    if not named:
        stop("Say what to change: --name, --colour, --shows-scores or --no-shows-scores.")
    with database.write() as session:
        registry = _registry(session, id)
        for field in named:
            setattr(registry, field, kept[field])
        session.add(registry)
        audit.append(session, id, "cli", "registry.changed", id)
    out.print(f"Changed registry {id}: {', '.join(named)}.")


def _name(given: str | None) -> str | None:
    if given is not None and not given.strip():
        stop("The name must have something to read in it.")
    return given


def _colour(given: str | None) -> str | None:
    """Return a colour as it is kept; None, our own, also for the word none."""
    if given in (None, "none"):
        return None
    try:
        return look.check_colour(given)
    except look.Unreadable as unreadable:
        stop(str(unreadable))


def create_unit(
    id: Annotated[str, typer.Argument(help="Short id, such as oslo-ortho", callback=an_id)],  # noqa: A002
    registry: RegistryId,
    name: Annotated[str, typer.Option(help="Full name")],
    resh_id: Annotated[str | None, typer.Option(help="The unit's RESH id")] = None,
) -> None:
    """Create a unit of a registry."""
    with database.write() as session:
        _registry(session, registry)
        if session.get(Unit, (registry, id)) is not None:
            stop(f"The registry {registry} has a unit {id} already.")
        session.add(Unit(registry_id=registry, id=id, name=name, resh_id=resh_id))
        audit.append(session, registry, "cli", "unit.created", id)
    out.print(f"Created unit {id} of {registry}.")


def _registry(session: Session, registry_id: str) -> Registry:
    registry = session.get(Registry, registry_id)
    if registry is None:
        stop(f"There is no registry {registry_id}. Create it: svar registry create {registry_id} …")
    return registry

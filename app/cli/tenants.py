"""Commands that set up a registry: its name and its units."""

import re
from typing import Annotated

import typer
from sqlmodel import Session

from app import audit
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

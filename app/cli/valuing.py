"""Commands by which a registry names value sets besides those of the definitions."""

from typing import Annotated

import typer

from app import valuation
from app.cli import database
from app.cli.console import out, stop
from app.errors import SvarError
from scoring import ValueSet

TheRegistry = Annotated[str, typer.Argument(help="The registry's id", metavar="REGISTRY")]
TheValueSet = Annotated[
    str, typer.Argument(help="Such as eq-5d-5l/uk-2026", metavar="INSTRUMENT/ID")
]


def add(registry: TheRegistry, value_set: TheValueSet) -> None:
    """Let a registry's results carry the index of one more value set, in its newest version."""
    try:
        with database.write() as session:
            one = valuation.name(session, registry, value_set, "cli")
    except SvarError as error:
        stop(error.detail)
    out.print(f"From now on results of {one.instrument} for {registry} have the index of")
    _tell(one)
    again = f"svar rescore --instrument {one.instrument} --to …"
    out.print(f"Earlier responses get it when they are scored again: {again}")


def remove(registry: TheRegistry, value_set: TheValueSet) -> None:
    """Leave the index of a value set out of a registry's results from now on."""
    try:
        with database.write() as session:
            valuation.unname(session, registry, value_set, "cli")
    except SvarError as error:
        stop(error.detail)
    out.print(f"From now on results for {registry} are without the index of {value_set}.")


def show(registry: TheRegistry) -> None:
    """List the value sets that a registry has named, each with its paper."""
    try:
        with database.current() as found, found.read() as session:
            sets = valuation.of_registry(session, registry)
    except SvarError as error:
        stop(error.detail)
    for one, newest in sets:
        _tell(one)
        if newest != one.version:
            out.print(f"  Version {newest} is published; add the set again to have it used.")
    if not sets:
        out.print(f"{registry} has named none: its results have the definitions' own.")


def _tell(one: ValueSet) -> None:
    """Say where a value set is published, and what there is to know of it."""
    out.print(f"{one.instrument}/{one.id} {one.version}, {one.country}")
    out.print(f"  {one.citation}\n  {_paper(one)}", markup=False)
    if one.note:
        word = "DISPUTED" if one.checked == "disputed" else "Note"
        out.print(f"  {word}: {one.note}", markup=False)


def _paper(one: ValueSet) -> str:
    """Return every way to find what a value set was published in."""
    ways = {"doi:": one.doi, "": one.url, "ISBN ": one.isbn}
    return ", ".join(f"{word}{way}" for word, way in ways.items() if way)

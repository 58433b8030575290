"""Commands for reviewing an instrument: what differs, and what good practice says of it."""

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from app import shelf
from app.catalogue import shape
from app.cli.console import out, stop
from app.settings import HOUSE
from scoring import Instrument, NotValid, Wording
from scoring.difference import difference
from scoring.practice import remarks

Folder = Annotated[Path, typer.Option("--instruments", help="Folder of the published ones")]
Version = Annotated[str, typer.Argument(help="A definition's file, or such as rand-36/1.0")]
SHIPPED = HOUSE / "instruments"


class Read(NamedTuple):
    """A definition's file and what it says."""

    path: Path
    instrument: Instrument


def diff(before: Version, after: Version, instruments: Folder = SHIPPED) -> None:
    """Tell what differs between two versions of an instrument: MAJOR or MINOR, and why."""
    old, new = (_read(name, instruments).instrument for name in (before, after))
    if old.id != new.id:
        stop(f"{old.id} and {new.id} are two instruments, not two versions of one.")
    found = difference(old, new)
    for change in found.changes:
        out.print(f"{'MAJOR' if change.asked else 'minor'}  {change.sentence}", markup=False)
    out.print(f"{found.verdict}: {found.why}", markup=False)
    out.print(f"{old.id} {old.version} with these changes is version {found.needs}.")


def lint(
    places: Annotated[list[Path], typer.Argument(help="Definitions, or folders that have them")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if there is a remark")] = (
        False
    ),
) -> None:
    """Remark on what goes against good practice, with the reason and whose advice it is."""
    files = [path for place in places for path in _definitions(place)]
    if not files:
        stop(f"There are no definitions in {', '.join(map(str, places))}.")
    made = sum([_remark(_read(str(path), path)) for path in files])
    if made and strict:
        raise typer.Exit(1)


def _definitions(place: Path) -> list[Path]:
    """Return the definitions' files of a folder of instruments, or of one instrument; or a file."""
    if not place.is_dir():
        return [place]
    found = (*place.glob("[0-9]*.json"), *place.glob("*/[0-9]*.json"))
    return [path for path in sorted(found) if path.stem.count(".") == 1]


def _remark(read: Read) -> int:
    """Tell the remarks on one instrument with its wordings; return how many there are."""
    try:
        wordings = [
            shape(Wording, shelf.read(path))
            for path in sorted(read.path.parent.glob(f"{read.path.stem}.*.json"))
        ]
    except NotValid as error:
        stop(f"A wording beside {read.path}: {error}")
    found = remarks(read.instrument, wordings)
    out.print(f"{read.path}: {len(found)} remarks", markup=False)
    for remark in found:
        out.print(f"    {remark.place}: {remark.seen}", markup=False)
        out.print(f"        {remark.reason} [{remark.source}]", markup=False)
    return len(found)


def _read(name: str, folder: Path) -> Read:
    """Return a definition in a file, or of a folder by its name; stops if there is none."""
    path = Path(name) if name.endswith(".json") else folder / f"{name}.json"
    try:
        return Read(path, shape(Instrument, shelf.read(path)))
    except NotValid as error:
        stop(f"{path}: {error}")
    except OSError as error:
        stop(f"{path}: {error.strerror}")

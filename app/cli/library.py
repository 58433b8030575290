"""Commands about instruments and value sets as files: check them, see which there are."""

from pathlib import Path
from typing import Annotated

import typer

from app import shelf
from app.cli.console import err, out, stop
from scoring import NotValid


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

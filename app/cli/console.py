"""What the `svar` command says, and how it stops."""

from typing import NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def stop(message: str) -> NoReturn:
    """Say why it cannot go on, and leave with exit code 1."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(1)

"""What the `svar` command says, and how it stops."""

from typing import NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def tell(line: str) -> None:
    """Say a line that may hold words of somebody's file, without what would steer a terminal."""
    shown = "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in line)
    err.print(shown, markup=False)


def stop(message: str) -> NoReturn:
    """Say why it cannot go on, and leave with exit code 1."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(1)

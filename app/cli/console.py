"""What the `svar` command says, and how it stops."""

from typing import NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def tell(line: str) -> None:
    """Say a line, which may hold words of somebody's file."""
    err.print(_plain(line), markup=False)


def stop(message: str) -> NoReturn:
    """Say why it cannot go on, and leave with exit code 1."""
    err.print(_plain(message), style="red", markup=False)
    raise typer.Exit(1)


def _plain(text: str) -> str:
    """Return a text without what would steer a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)

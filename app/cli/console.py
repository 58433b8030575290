"""What the `svar` command says, and how it stops."""

from pathlib import Path
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


def first_bytes(file: Path, most: int) -> bytes:
    """Return a file's content, and one byte more than `most` where it is larger; stop for none."""
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        stop(f"{file}: {error.strerror}")


def _plain(text: str) -> str:
    """Return a text without what would steer a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)

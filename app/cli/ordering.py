"""Commands about orders, for whoever stands in the clinic."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app import codes
from app.cli import database
from app.cli.console import out, stop
from app.cli.tenants import RegistryId
from app.errors import SvarError

Picture = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write the QR code here, as SVG")
]


def make_code(
    order_id: Annotated[UUID, typer.Argument()], registry: RegistryId, output: Picture = None
) -> None:
    """Make a short code that opens an order on the clinic's tablet, once."""
    settings = database.settings()
    with database.write() as session:
        try:
            made = codes.make(session, settings, registry, order_id, "cli")
        except SvarError as error:
            stop(error.detail)
        if output:
            try:
                output.write_text(codes.drawn(made.url), encoding="utf-8")
            except OSError as error:  # then no code is made
                stop(f"{output} cannot be written: {error.strerror}.")
    expires = made.expires_at.astimezone(settings.zone)
    out.print(f"code: {made.code}\nworks until: {expires:%Y-%m-%d %H:%M}\nurl: {made.url}")

"""Commands for the PRO centre's people: the first of them is invited here."""

from typing import Annotated

import typer

from app import staff, tokens
from app.cli import database
from app.cli.console import err, out

WHO = "cli"

Email = Annotated[str, typer.Argument(help="E-mail address")]
Roles = Annotated[
    list[str], typer.Option("--role", help=f"May be repeated: {', '.join(staff.ROLES)}")
]


def invite(
    email: Email,
    role: Roles,
    name: Annotated[str, typer.Option(help="Name; the address if left out")] = "",
) -> None:
    """Invite somebody, and print the link by which they choose a password, once."""
    with database.told() as session:
        person = staff.invite(session, email, name, role, WHO)
        link = staff.link(session, database.settings(), person.email, WHO)
    _show(link)


def link(email: Email) -> None:
    """Make a new link for somebody who has lost theirs, or the password, and print it."""
    with database.told() as session:
        made = staff.link(session, database.settings(), email.strip().lower(), WHO)
    _show(made)


def token(
    email: Email,
    name: Annotated[str, typer.Option(help="What it is for, such as git")],
    days: Annotated[int, typer.Option(help="How long it works")] = tokens.DAYS,
) -> None:
    """Make a token by which somebody's script acts with their roles, and print it, this once."""
    with database.told() as session:
        address = email.strip().lower()
        made = tokens.make(session, database.settings(), address, name, days, WHO)
    out.print(made)
    err.print(f"The token works for {days} days, and is not shown again.")


def roles(email: Email, role: Roles) -> None:
    """Give somebody these roles and no others."""
    with database.told() as session:
        staff.change_roles(session, email.strip().lower(), role, WHO)
    out.print(f"{email}: {', '.join(staff.as_roles(role))}")


def revoke(email: Email) -> None:
    """End somebody's access at once, and their sessions."""
    with database.told() as session:
        staff.revoke(session, email.strip().lower(), WHO)
    out.print(f"Revoked {email}.")


def show() -> None:
    """List who has access, with which roles, and who had it."""
    with database.told() as session:
        for one in staff.everyone(session):
            state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "has access"
            waiting = "" if one.password or one.revoked_at else ", no password yet"
            out.print(f"{one.email}: {', '.join(one.roles)}; {state}{waiting}", markup=False)


def _show(link: str) -> None:
    out.print(link)
    hours = int(staff.LINK_LASTS.total_seconds() // 3600)
    err.print(f"The link works once, for {hours} hours, and is not shown again.")

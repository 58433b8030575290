"""Commands that take an instrument from file to published to withdrawn."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from app import authoring, drafts, library, reviews, runs, staff
from app.cli import database
from app.cli.console import first_bytes, out, stop, tell
from app.errors import NotPermitted
from app.exchange import arrival
from app.exchange.binder import File
from app.exchange.workbook import MOST_BYTES
from app.models import InstrumentDraft
from scoring import NotValid

Name = Annotated[str, typer.Argument(help="Such as who-5/1.1")]
As = Annotated[str, typer.Option("--as", help="E-mail address of the person who does it")]

DRAFT = 3
"""The exit code when a draft is kept that cannot be handed in yet."""


def show() -> None:
    """List the drafts, those in review first, with what stands in their way."""
    with database.told() as session:
        for one in drafts.listed(session):
            out.print(f"{_told(session, one)}; {one.editors[-1]}", markup=False)


def propose(
    files: Annotated[list[Path], typer.Argument(help="An XLSX or CSV file, or JSON documents")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the draft there is")] = False,
    who: As = "",
) -> None:
    """Keep an instrument as a draft in the service, and tell what is wrong or left open.

    Exit codes: 0 it can be handed in; 1 nothing is kept; 3 a draft is kept, and must be mended.
    """
    with database.told() as session:
        doer = _who(session, who, "author")
        try:
            brought = arrival.read(
                [File(path.name, first_bytes(path, MOST_BYTES)) for path in files]
            )
        except NotValid as error:
            stop("\n".join(map(str, error.problems)))
        draft = authoring.begin(session, brought, doer, replace=replace)
        told = _told(session, draft)
        found = _open(session, draft)
    for one in found:
        tell(one)
    out.print(told, markup=False)
    if found:
        raise typer.Exit(DRAFT)


def hand_in(name: Name, who: As = "") -> None:
    """Hand a draft in for review; refused while anything is wrong or left open."""
    with database.told() as session:
        doer, draft = _who(session, who, "author"), _draft(session, name)
        reviews.hand_in(session, draft, doer)
        told = f"{name} is in review: SHA-256 {drafts.digest(drafts.parts(draft))}"
    out.print(told, markup=False)


def decide(
    name: Name,
    number: Annotated[int, typer.Argument(help="Which one, counted from 1", min=1)],
    revision: Annotated[int, typer.Option(help="The draft's revision, as it was looked at", min=1)],
    who: As = "",
) -> None:
    """Tick off one thing that a file left open, once it is written into the draft."""
    with database.told() as session:
        doer, draft = _who(session, who, "author"), _draft(session, name)
        authoring.decide(session, draft, number, revision, doer)
        told, found = _told(session, draft), _open(session, draft)
    for one in found:
        tell(one)
    out.print(told, markup=False)


def take_back(name: Name, who: As = "") -> None:
    """Take a draft back from review, to change it."""
    with database.told() as session:
        doer = _who(session, who, "author")
        reviews.take_back(session, _draft(session, name), doer)
    out.print(f"{name} is taken back.", markup=False)


def give_back(
    name: Name,
    remark: Annotated[str, typer.Option(help="What must be changed")],
    who: As = "",
) -> None:
    """Give a draft back to its authors, with a remark."""
    with database.told() as session:
        doer = _who(session, who, "reviewer")
        reviews.give_back(session, _draft(session, name), remark, doer)
    out.print(f"{name} is given back.", markup=False)


def publish(
    name: Name,
    sha256: Annotated[str, typer.Option(help="The draft's hash, as it was looked at")],
    who: As = "",
) -> None:
    """Approve and publish a draft that somebody else has written."""
    two_people = database.settings().two_people
    with database.told() as session:
        doer, draft = _who(session, who, "reviewer"), _draft(session, name)
        reviews.publish(session, draft, sha256, doer, two_people=two_people)
        again = runs.to_score_again(session, draft.instrument, draft.version)
    out.print(f"{name} is published.", markup=False)
    if again:
        command = f"svar rescore --instrument {draft.instrument} --to {draft.version}"
        out.print(f"{again} responses could be scored again: {command}", markup=False)


def withdraw(name: Name, who: As = "") -> None:
    """Withdraw a published version, for good; open orders of it still take answers."""
    instrument, _, version = name.partition("/")
    with database.told() as session:
        reviews.withdraw(session, instrument, version, _who(session, who, "reviewer"))
        waiting = library.open_orders(session, instrument, version)
    out.print(f"{name} is withdrawn; {waiting} open orders still take answers.", markup=False)


def discard(name: Name, who: As = "") -> None:
    """Throw a draft away, for good."""
    with database.told() as session:
        doer = _who(session, who, "author")
        authoring.discard(session, _draft(session, name), doer)
    out.print(f"The draft of {name} is gone.", markup=False)


def _draft(session: Session, name: str) -> InstrumentDraft:
    instrument, _, version = name.partition("/")
    return drafts.get(session, instrument, version)


def _who(session: Session, email: str, role: str) -> str:
    """Return how the audit trail names who does it; raises NotFound, NotPermitted."""
    if not email:
        return "cli"
    person = staff.get(session, email.strip().lower())
    if person.revoked_at is not None or role not in person.roles:
        raise NotPermitted(f"{person.email} does not have the role {role}.")
    return f"cli:{person.email}"


def _told(session: Session, draft: InstrumentDraft) -> str:
    number = len(_open(session, draft))
    state = "in review" if draft.status == "in_review" else f"{number} to mend or decide"
    return f"{draft.instrument}/{draft.version}: {state} (revision {draft.revision})"


def _open(session: Session, draft: InstrumentDraft) -> list[str]:
    """Return all that keeps a draft from being published."""
    return [f"{one.field}: {one.message}" for one in reviews.still_open(session, draft)]

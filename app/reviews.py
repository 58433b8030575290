"""From draft to published to withdrawn: handed in, given back or approved, by two people."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sqlmodel import Session

from app import audit, catalogue, drafts, revisions, valuation
from app.drafts import DEFINITION, Checked
from app.errors import Conflict, FieldError, NotPermitted, Refused
from app.models import AuditEvent, InstrumentDraft, PublishedInstrument, now
from app.papers import parse

MOST_NAMED = 50
"""How many problems are named at a time."""

LONGEST_REMARK = 2000

MOST_TOLD = 50
"""How many of the newest acts are told of a draft."""

TURNS = ("draft.begun", "draft.handed_in", "draft.taken_back", "draft.given_back")
"""The acts after which it is somebody else's turn."""


def check(session: Session, draft: InstrumentDraft) -> Checked:
    """Check a draft as publishing would, under the id and version that it was begun for."""
    return drafts.checked(session, drafts.parts(draft), (draft.instrument, draft.version))


def hand_in(session: Session, draft: InstrumentDraft, who: str) -> None:
    """Hand a draft in for review; from then on nobody changes it.

    Raises Conflict when it is in review already, and Refused with every problem and every decision
    that is open.
    """
    there = drafts.get(session, draft.instrument, draft.version, hold=True)
    if there.status == "in_review":
        raise Conflict(f"It was handed in already, by {there.submitted_by}.")
    _is_right(session, there)
    there.status, there.submitted_at, there.submitted_by = "in_review", now(), who
    drafts.done(session, there, who, "draft.handed_in")


def _is_right(session: Session, draft: InstrumentDraft) -> None:
    if found := list(still_open(session, draft)):
        raise Refused.several(found[:MOST_NAMED], len(found))


def still_open(session: Session, draft: InstrumentDraft) -> Iterator[FieldError]:
    """Yield all that keeps a draft from being published."""
    for number, one in enumerate(draft.decisions, 1):
        yield FieldError(f"decisions.{number}", f"{one['path']}: {one['message']}")
    for part, problems in check(session, draft).problems.items():
        yield from (FieldError(f"{part}: {one.path}", one.message) for one in problems)


def take_back(session: Session, draft: InstrumentDraft, who: str) -> None:
    """Take a draft back to change it; raises Conflict when it is not in review."""
    there = _in_review(session, draft)
    _reopen(there)
    drafts.done(session, there, who, "draft.taken_back")


def give_back(session: Session, draft: InstrumentDraft, remark: str, who: str) -> None:
    """Give a draft back to its authors with a remark; raises Conflict as `take_back`, Refused."""
    remark = remark.strip()
    if not 1 <= len(remark) <= LONGEST_REMARK or not remark.replace("\n", " ").isprintable():
        raise Refused("remark", f"say what must be changed, in {LONGEST_REMARK} signs at most")
    there = _in_review(session, draft)
    _reopen(there)
    there.remark = remark
    drafts.done(session, there, who, "draft.given_back")


def history(session: Session, draft: InstrumentDraft) -> list[AuditEvent]:
    """Return what was done to a draft, and to those of its version before it, newest first."""
    lines = audit.of_record(session, f"{draft.instrument}/{draft.version}", MOST_TOLD)
    return [line for line in lines if line.what.startswith("draft.")]


class Stand(NamedTuple):
    """How a draft stands: `draft`, `in_review` or `given_back`, by whom, and how much is wrong."""

    state: Literal["draft", "in_review", "given_back"]
    who: str
    problems: int


def stand(session: Session, draft: InstrumentDraft) -> Stand:
    """Return how a draft stands; one in review was right when it was handed in."""
    if draft.status == "in_review":
        return Stand("in_review", draft.submitted_by or "", 0)
    wrong = sum(map(len, check(session, draft).problems.values()))
    turns = [line for line in history(session, draft) if line.what in TURNS]
    if turns and turns[0].what == "draft.given_back":
        return Stand("given_back", turns[0].who, wrong)
    return Stand("draft", "", wrong)


def fate(session: Session, instrument: str, version: str) -> Literal["published", "discarded", ""]:
    """Return what became of a draft that is no more; nothing where there never was one."""
    if session.get(PublishedInstrument, (instrument, version)) is not None:
        return "published"
    lines = audit.of_record(session, f"{instrument}/{version}", 1)
    return "discarded" if lines and lines[0].what == "draft.discarded" else ""


def _in_review(session: Session, draft: InstrumentDraft) -> InstrumentDraft:
    there = drafts.get(session, draft.instrument, draft.version, hold=True)
    if there.status != "in_review":
        raise Conflict("The draft is not in review.")
    return there


def _reopen(draft: InstrumentDraft) -> None:
    draft.status, draft.submitted_at, draft.submitted_by = "draft", None, None


def has_written(draft: InstrumentDraft, who: str) -> bool:
    """Say whether somebody edited a draft or handed it in, by whichever door."""
    return _person(who) in map(_person, [*draft.editors, draft.submitted_by or ""])


def _person(who: str) -> str:
    """Return the address of `staff:kari@example.org` and `cli:kari@example.org`; else the whole."""
    return who.rpartition(":")[2]


def publish(
    session: Session, draft: InstrumentDraft, digest: str, who: str, *, two_people: bool
) -> None:
    """Approve a draft, and publish its value sets, definition and wordings; the draft goes.

    What is published already stays as it is. `digest` stands for what the approver has looked at.
    Raises Conflict when the draft is not in review, or another one than that; NotPermitted where it
    takes two people and `who` is one of its authors; Refused when it contradicts what was published
    since it was handed in.
    """
    there = _in_review(session, draft)
    if two_people and (has_written(there, who) or "@" not in who):
        raise NotPermitted("Somebody else must approve it: it takes two people (SVAR_TWO_PEOPLE).")
    parts = drafts.parts(there)
    if digest != drafts.digest(parts):
        raise Conflict("The draft is another one than the one you looked at. Look at it anew.")
    _is_right(session, there)
    _publish(session, parts, who)
    told = f" {digest}, written by {', '.join(there.editors)}"
    session.delete(there)
    session.flush()
    drafts.note(session, there, who, "draft.published", told)


def _publish(session: Session, parts: dict[str, str], who: str) -> None:
    documents = {part: parse(text.encode()) for part, text in parts.items()}
    definition = documents.pop(DEFINITION)
    for part, document in documents.items():
        if part.startswith("value set "):
            valuation.publish(session, document, who)
    own = {
        f"{one['instrument']}/{one['id']}": one
        for part, one in documents.items()
        if part.startswith("value set ")
    }
    value_sets = valuation.documents(session, str(definition["id"])) | own
    catalogue.publish(session, definition, value_sets, who)
    for part, document in documents.items():
        if part.startswith("wording "):
            revisions.publish(session, document, who)


def withdraw(session: Session, instrument: str, version: str, who: str) -> None:
    """Withdraw a published version, for good: open orders still take answers, new ones are refused.

    Raises NotFound, and Conflict for one that is withdrawn already.
    """
    catalogue.definition_row(session, instrument, version)
    row = session.get_one(
        PublishedInstrument, (instrument, version), with_for_update=True, populate_existing=True
    )
    if row.status == "withdrawn":
        raise Conflict(f"{instrument} {version} is withdrawn already.")
    row.status = "withdrawn"
    session.add(row)
    session.flush()
    name = f"{instrument}/{version}"
    audit.append(session, audit.NO_REGISTRY, who, "instrument.withdrawn", name)

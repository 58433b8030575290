"""The pages of drafts: whose turn it is, what is wrong, and the way to published."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app import authoring, drafts, reviews, since
from app import reading as reading_of
from app.centre.files import attachment
from app.centre.guard import Staff, reading, writing
from app.centre.pages import page, to
from app.errors import Conflict, NotFound, Refused
from app.exchange import parcel, sheets_draft
from app.exchange.places import places
from app.models import InstrumentDraft
from scoring import NotValid
from scoring.practice import remarks

router = APIRouter(
    prefix="/centre/drafts", default_response_class=HTMLResponse, include_in_schema=False
)

Reading = Annotated[Staff, reading("reader")]
Writing = Annotated[Staff, writing("author")]
Reviewing = Annotated[Staff, writing("reviewer")]

Gone = Annotated[str, Query(pattern=r"^([a-z0-9-]{1,40} [0-9.]{3,12})?$")]

ONE = "/{instrument}/{version}"


@router.get("")
def every(here: Reading, gone: Gone = "") -> Response:
    """List the drafts, what waits for whoever looks first; `gone` is one that was discarded."""
    found = drafts.listed(here.session)
    turns = {f"{one.instrument}/{one.version}": _turn(here, one) for one in found}
    states = {f"{one.instrument}/{one.version}": reviews.stand(here.session, one) for one in found}
    found.sort(key=lambda one: turns[f"{one.instrument}/{one.version}"] != "yours")
    return page(here, "drafts.html", drafts=found, turns=turns, states=states, gone=gone)


def _turn(here: Staff, draft: InstrumentDraft) -> str:
    """Return whose turn it is: `yours`, or the `author`'s or `reviewer`'s."""
    if draft.status == "draft":
        return "yours" if "author" in here.person.roles else "author"
    return "yours" if _may_approve(here, draft) else "reviewer"


def _may_approve(here: Staff, draft: InstrumentDraft) -> bool:
    takes_another = here.settings.two_people and reviews.has_written(draft, here.who)
    return "reviewer" in here.person.roles and not takes_another


@router.get(ONE)
def draft(instrument: str, version: str, here: Reading) -> Response:
    """Show a draft, what is wrong and what can be done now; else lead to what became of it."""
    with suppress(NotFound):
        return _show(here, drafts.get(here.session, instrument, version))
    match reviews.fate(here.session, instrument, version):
        case "published":
            return to(f"/centre/instruments/{instrument}/{version}")
        case "discarded":
            return to(f"/centre/drafts?gone={instrument}+{version}")
    raise NotFound(f"There is no draft of {instrument} {version}.")


def _show(
    here: Staff, draft: InstrumentDraft, status: int = 200, wrong: str = "", typed: str = ""
) -> Response:
    found = reviews.check(here.session, draft)
    number = sum(map(len, found.problems.values()))
    instrument, worded = found.instrument, list(found.wordings.values())
    worded.sort(key=lambda one: one.language != here.language)
    told = reviews.history(here.session, draft)
    return page(
        here,
        "draft.html",
        status,
        draft=draft,
        parts=drafts.parts(draft),
        found=found,
        number=number,
        remarks=remarks(instrument, worded) if instrument else [],
        unready=reading_of.unready(worded),
        since=since.of_draft(here.session, instrument, worded) if instrument else None,
        worded=worded,
        questions=reading_of.questions,
        answered=reading_of.answered,
        recipes=reading_of.scores(instrument) if instrument else [],
        history=told,
        given_back=next((line for line in told if line.what == "draft.given_back"), None),
        digest=drafts.digest(drafts.parts(draft)),
        ready=not (number or draft.decisions),
        may_approve=_may_approve(here, draft),
        wrong=wrong,
        typed=typed,
    )


@router.get(ONE + "/part")
def part(
    instrument: str, version: str, here: Reading, name: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Give the text of one part as a file."""
    texts = drafts.parts(drafts.get(here.session, instrument, version))
    if name not in texts:
        raise NotFound("The draft has no such part.")
    beside = name.replace(" ", "-")
    return attachment(texts[name].encode(), f"{instrument}-{version}-{beside}.json")


@router.get(ONE + "/xlsx")
def spreadsheet(instrument: str, version: str, here: Reading) -> Response:
    """Give a draft as a spreadsheet, right or wrong, which can be brought in again."""
    draft = drafts.get(here.session, instrument, version)
    try:
        made = sheets_draft.export(authoring.binder(draft))
    except NotValid as error:
        first = "; ".join(map(str, error.problems[: drafts.MOST_PARTS]))
        raise Conflict(f"It cannot stand in a spreadsheet as it is: {first}") from None
    return attachment(made, f"{instrument}-{version}.xlsx")


@router.get(ONE + "/zip")
def folder(instrument: str, version: str, here: Reading) -> Response:
    """Give all parts as a zip of JSON files, each where it stands in a folder of instruments."""
    draft = drafts.get(here.session, instrument, version)
    try:
        files = places(authoring.binder(draft))
    except NotValid as error:
        raise Conflict(f"It must be mended before it can be packed: {error}") from None
    return attachment(parcel.packed(files), f"{instrument}-{version}.zip")


@router.post(ONE + "/parts")
def add_part(instrument: str, version: str, here: Writing) -> Response:
    """Add a wording in a further language, or a value set."""
    draft = drafts.get(here.session, instrument, version)
    name, kind = here.first("name"), here.first("kind")
    try:
        authoring.add_part(
            here.session, draft, f"{kind} {name}", "", here.number("revision"), here.who
        )
    except (Refused, Conflict) as error:
        return _show(here, draft, error.status, error.detail, name)
    return _back(draft)


@router.post(ONE + "/parts/remove")
def remove_part(instrument: str, version: str, here: Writing) -> Response:
    """Take a part out of a draft."""
    draft = drafts.get(here.session, instrument, version)
    revision = here.number("revision")
    authoring.remove_part(here.session, draft, here.first("part"), revision, here.who)
    return _back(draft)


@router.post(ONE + "/decide")
def decide(instrument: str, version: str, here: Writing) -> Response:
    """Tick off one thing that a file left open."""
    draft = drafts.get(here.session, instrument, version)
    number, revision = here.number("number"), here.number("revision")
    authoring.decide(here.session, draft, number, revision, here.who)
    return _back(draft)


@router.post(ONE + "/hand-in")
def hand_in(instrument: str, version: str, here: Writing) -> Response:
    """Hand a draft in for review."""
    draft = drafts.get(here.session, instrument, version)
    reviews.hand_in(here.session, draft, here.who)
    return _back(draft)


@router.post(ONE + "/take-back")
def take_back(instrument: str, version: str, here: Writing) -> Response:
    """Take a draft back from review."""
    draft = drafts.get(here.session, instrument, version)
    reviews.take_back(here.session, draft, here.who)
    return _back(draft)


@router.post(ONE + "/discard")
def discard(instrument: str, version: str, here: Writing) -> Response:
    """Throw a draft away, once that was ticked."""
    draft = drafts.get(here.session, instrument, version)
    if not here.first("sure"):
        return _show(here, draft, 422, "Tick that it may be thrown away.")
    authoring.discard(here.session, draft, here.who)
    return to(f"/centre/drafts?gone={draft.instrument}+{draft.version}")


@router.post(ONE + "/give-back")
def give_back(instrument: str, version: str, here: Reviewing) -> Response:
    """Give a draft back with a remark."""
    draft = drafts.get(here.session, instrument, version)
    remark = here.first("remark")
    try:
        reviews.give_back(here.session, draft, remark.replace("\r", ""), here.who)
    except Refused as error:
        return _show(here, draft, 422, error.detail, remark)
    return _back(draft)


@router.post(ONE + "/publish")
def publish(instrument: str, version: str, here: Reviewing) -> Response:
    """Approve and publish a draft, as it was when the page was made."""
    draft = drafts.get(here.session, instrument, version)
    two_people = here.settings.two_people
    reviews.publish(here.session, draft, here.first("digest"), here.who, two_people=two_people)
    return to(f"/centre/instruments/{draft.instrument}/{draft.version}/published")


def _back(draft: InstrumentDraft) -> Response:
    return to(f"/centre/drafts/{draft.instrument}/{draft.version}")

"""The patient's way: open the link, welcome, look over, send, receipt."""

from collections.abc import Iterable
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from app import course, orders, responses
from app.errors import Refused
from app.form.fields import in_words
from app.orders import Asked
from app.patient import kept
from app.patient.guard import (
    Answering,
    Asking,
    From,
    Looking,
    Patient,
    Reading,
    Sending,
    Sent,
    Writing,
    database_of,
)
from app.patient.pages import RECEIPT, TO_ENTER, keep_visit, page, to, words_of
from app.responses import Step
from app.security import Visit
from app.settings import Settings
from app.texts import Texts

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

SECONDS = 12
"""About how long one question takes, for telling beforehand how long the whole will take."""


@router.api_route("/s/{token}", methods=["GET", "HEAD"])
def open_link(request: Request, token: str) -> Response:
    """Open a personal link: from here on a cookie says who it is, and the address says nothing.

    That it was opened is noted the first time, for the ledger; after that nothing is written.
    """
    settings: Settings = request.app.state.settings
    with database_of(request).read() as session:
        order = orders.by_link(session, settings, token)
        visit = Visit.of(order)
    if request.method == "GET" and course.is_unopened(order):
        with database_of(request).write() as session:
            course.note_opened(session, order.registry_id, order.id)
    answer = to("/form/")
    keep_visit(answer, settings, visit)
    return answer


@router.get("/form/")
def welcome(patient: Reading) -> Response:
    """Say what is asked, how long it takes, and that answers are saved on the way."""
    return _welcome(patient)


@router.post("/form/")
def begin(patient: Writing, sent: Sending) -> Response:
    """Begin, or go on where the patient left off; without a consent that is asked for, nothing."""
    order = patient.order
    if patient.lacks_consent:
        if sent.first("consent") != "yes":
            return _welcome(patient, lacking=True)
        orders.consent(patient.session, order)
    orders.start(patient.session, order)
    return to(_first(patient) or "/form/check")


def _first(patient: Patient) -> str | None:
    """Return where to begin or go on: what is to be read before a question comes first."""
    address, before = patient.undone(), None
    for step in patient.shown:
        if address == f"/form/{step.number}":
            return before or address
        before = None if step.is_question else before or f"/form/{step.number}"
    return address


def _welcome(patient: Patient, *, lacking: bool = False) -> Response:
    order, asked, given = patient.order, patient.questions, patient.given
    return page(
        patient,
        "welcome.html",
        422 if lacking else 200,
        registry=patient.registry.name,
        wordings=list({step.wording.instrument: step.wording for step in asked}.values()),
        total=len(asked),
        done=sum(responses.is_done(given, step) for step in asked),
        minutes=-(-len(asked) * SECONDS // 60),
        begun=order.status == "started",
        closes=order.closes,
        consent=order.consent if patient.lacks_consent else None,
        lacking=lacking,
    )


@router.get("/form/who")
def ask_who(patient: Asking, came_from: From = "") -> Response:
    """Ask who answers: the patient alone, with somebody's help, or somebody else."""
    draft = patient.draft
    chosen = (draft.respondent, draft.relation) if draft else (None, None)
    return _who(patient, came_from, chosen)


@router.post("/form/who")
def say_who(patient: Answering, sent: Sending, came_from: From = "") -> Response:
    """Keep who answers, and go on."""
    respondent, relation = sent.first("respondent"), sent.first("relation") or None
    relation = relation if respondent == "proxy" else None
    try:
        responses.say_who(patient.session, patient.order, respondent, relation)
    except Refused as refused:
        return _who(patient, came_from, (respondent, relation), refused.errors[0].field)
    return to("/form/check")


def _who(
    patient: Patient, came_from: str, chosen: tuple[str | None, str | None], wrong: str = ""
) -> Response:
    shown = patient.shown
    return page(
        patient,
        "who.html",
        422 if wrong else 200,
        respondents=responses.RESPONDENTS,
        relations=responses.RELATIONS,
        chosen=chosen,
        wrong=wrong,
        here="/form/who" + ("?from=check" if came_from == "check" else ""),
        back="/form/check" if came_from == "check" else f"/form/{shown[-1].number}",
        to_check=came_from == "check",
    )


@router.get("/form/stay")
def stay(patient: Looking) -> Response:
    """Let the visit go on while a page stays open."""
    answer = Response(status_code=204)
    keep_visit(answer, patient.settings, patient.visit)
    return answer


@router.get("/form/check")
def check(patient: Asking) -> Response:
    """Show every answer before it is sent."""
    if undone := patient.undone():
        return to(undone)
    words, given, asked = words_of(patient), patient.given, patient.questions
    texts = {step.number: _told(step, responses.answer_to(given, step), words) for step in asked}
    groups = [
        (steps[0], [(step, texts[step.number]) for step in steps]) for steps in _by_page(asked)
    ]
    numbers = {step.number: place for place, step in enumerate(asked, 1)}
    spoken = patient.language if patient.language != patient.order.language else None
    draft = patient.draft
    return page(patient, "check.html", groups=groups, numbers=numbers, draft=draft, spoken=spoken)


def _told(step: Step, value: object, words: Texts) -> list[str]:
    return in_words(step.definition.instrument, step.wording, step.item.id, value, words)


@router.post("/form/send")
def send(request: Request, sent: Sending) -> Response:
    """Send the answers; the transaction is over before the reply goes out."""
    try:
        with database_of(request).write() as session:
            responses.submit(session, sent.visit, _asked(request, session, sent))
    except responses.Unfinished as unfinished:
        return to(f"/form/{unfinished.where}")
    return to(RECEIPT)


def _asked(request: Request, session: Session, sent: Sent) -> Asked | None:
    """Return what was asked in the words of the page that was sent; None for those ordered."""
    language = sent.first("language")
    if not language:
        return None
    order = orders.get(session, sent.visit.registry_id, sent.visit.order_id)
    return orders.worded(session, request.app.state.settings, order, language)


@router.get(RECEIPT)
def receipt(patient: Looking) -> Response:
    """Thank the patient, with the receipt number."""
    order = patient.order
    if order.receipt is None:
        return to("/form/")
    answer = page(
        patient,
        "receipt.html",
        receipt=order.receipt,
        at=order.completed_at,
        registry=patient.registry.name,
        may_keep=kept.may_keep(patient),
        has_result=bool(kept.shown(patient)),
    )
    if patient.visit.shared:
        answer.headers["Refresh"] = TO_ENTER
    return answer


def _by_page(asked: Iterable[Step]) -> list[list[Step]]:
    pages = groupby(asked, key=lambda step: (step.definition.sha256, step.page.id))
    return [list(steps) for _, steps in pages]

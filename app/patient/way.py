"""The patient's way: open the link, welcome, look over, send, receipt."""

from collections.abc import Iterable
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from app import orders, responses
from app.orders import Asked
from app.patient.guard import Looking, Reading, Sending, Sent, Writing, database_of
from app.patient.pages import RECEIPT, keep_visit, page, to
from app.responses import Given, Step
from app.security import Visit
from app.settings import Settings
from scoring.instrument import Choice

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

SECONDS = 12
"""About how long one question takes, for telling beforehand how long the whole will take."""


@router.api_route("/s/{token}", methods=["GET", "HEAD"])
def open_link(request: Request, token: str) -> Response:
    """Open a personal link: from here on a cookie says who it is, and the address says nothing."""
    settings: Settings = request.app.state.settings
    with database_of(request).read() as session:
        visit = Visit.of(orders.by_link(session, settings, token))
    answer = to("/form/")
    keep_visit(answer, settings, visit)
    return answer


@router.get("/form/")
def welcome(patient: Reading) -> Response:
    """Say what is asked, how long it takes, and that answers are saved on the way."""
    way, given = patient.way, patient.given
    return page(
        patient,
        "welcome.html",
        wordings=list({step.wording.instrument: step.wording for step in way}.values()),
        total=len(way),
        done=sum(responses.is_done(given, step) for step in way),
        minutes=-(-len(way) * SECONDS // 60),
        begun=patient.order.status == "started",
        closes=patient.order.closes,
    )


@router.post("/form/")
def begin(patient: Writing) -> Response:
    """Begin, or go on where the patient left off."""
    step = patient.undone()
    return to(f"/form/{step.number}" if step else "/form/check")


@router.get("/form/check")
def check(patient: Reading) -> Response:
    """Show every answer before it is sent."""
    if step := patient.undone():
        return to(f"/form/{step.number}")
    way = patient.way
    groups = [
        (steps[0], [(step, _answer_text(patient.given, step)) for step in steps])
        for steps in _by_page(way)
    ]
    spoken = patient.language if patient.language != patient.order.language else None
    return page(patient, "check.html", groups=groups, total=len(way), spoken=spoken)


@router.post("/form/send")
def send(request: Request, sent: Sending) -> Response:
    """Send the answers; the transaction is over before the reply goes out."""
    try:
        with database_of(request).write() as session:
            responses.submit(session, sent.visit, _asked(request, session, sent))
    except responses.Unfinished as unfinished:
        return to(f"/form/{unfinished.step}")
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
    return page(patient, "receipt.html", receipt=order.receipt, at=order.completed_at)


def _by_page(way: Iterable[Step]) -> list[list[Step]]:
    pages = groupby(way, key=lambda step: (step.definition.sha256, step.page.id))
    return [list(steps) for _, steps in pages]


def _answer_text(given: Given, step: Step) -> str | None:
    code = responses.answer_to(given, step)
    if code is None or not isinstance(step.item, Choice):
        return None if code is None else str(code)
    return step.wording.options[step.item.options][code]

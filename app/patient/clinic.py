"""A tablet that is handed round in a clinic: a code opens the questions, and it is handed back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from app import codes, orders, security
from app.browser import came_from, sent_from_here
from app.form.pages import render
from app.patient.guard import Sending, database_of
from app.patient.languages import language_for
from app.patient.pages import end_visit, keep_visit, to, was_shared
from app.security import Visit
from app.settings import Settings
from app.texts import Texts, texts_in

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

EXAMPLE = "K7F3\u2011QXM2"  # a hyphen at which no line breaks
LONGEST = 40
"""So much of what was typed is shown again: more is no code."""

Fields = Annotated[list[tuple[str, str]], Depends(sent_from_here)]


@router.get("/enter")
def ask(request: Request, code: str = "") -> Response:
    """Ask for a code; the last patient's visit, if it is over, is forgotten by the browser.

    One that goes on is not: Back from its first page leads here.
    """
    settings: Settings = request.app.state.settings
    if visit := _under_way(request):
        return _ask(request, code) if code else _ask_whose(request, visit)
    answer = _ask(request, code)
    if was_shared(request):
        end_visit(answer, settings)
    return answer


@router.post("/enter")
def enter(request: Request, fields: Fields) -> Response:
    """Begin a visit by a code, which is used by that; say what is wrong with one that is none."""
    settings: Settings = request.app.state.settings
    sent = dict(fields)
    typed = sent.get("code", "")
    if not security.is_enter_token(settings, sent.get("csrf", "")):
        return _ask(request, typed, "enter.wrong_stale", 403)
    code = codes.read(typed)
    if not set(code) <= set(security.READABLE):
        return _ask(request, typed, "enter.wrong_signs", 422)
    if len(code) != codes.LENGTH:
        return _ask(request, typed, "enter.wrong_length", 422)
    try:
        order = codes.redeem(database_of(request), settings, came_from(request), code)
    except codes.NoSuchCode:
        return _ask(request, typed, "enter.wrong_code", 422)
    answer = to("/form/")
    keep_visit(answer, settings, Visit.of(order, shared=True))
    return answer


@router.post("/handback")
def hand_back(request: Request, sent: Sending) -> Response:  # noqa: ARG001 - it must be ours
    """End a visit, and leave nothing of it in the browser."""
    answer = to("/enter")
    end_visit(answer, request.app.state.settings)
    return answer


def _ask(request: Request, typed: str, wrong: str = "", status: int = 200) -> HTMLResponse:
    csrf, shown = security.enter_token(request.app.state.settings), typed.strip()[:LONGEST]
    more = {"csrf": csrf, "typed": shown, "wrong": wrong, "example": EXAMPLE}
    return render(_words(request), "enter.html", status, this_page="/enter", **more)


def _words(request: Request) -> Texts:
    return texts_in(language_for(request, None), request.app.state.settings.zone)


def _ask_whose(request: Request, visit: Visit) -> HTMLResponse:
    """Say that a questionnaire is open on this tablet; looking at that does not keep it open."""
    settings: Settings = request.app.state.settings
    csrf = security.form_token(settings, visit)
    answer = render(_words(request), "open.html", 200, csrf=csrf, this_page="/enter")
    answer.headers["Refresh"] = str(settings.shared_minutes * 60 + 5)
    return answer


def _under_way(request: Request) -> Visit | None:
    """Return the visit on this tablet, if its questions are not sent yet."""
    settings: Settings = request.app.state.settings
    visit = security.read_visit(settings, request.cookies.get(security.visit_cookie(settings)))
    if visit is None or not visit.shared:
        return None
    with database_of(request).read() as session:
        order = orders.get(session, visit.registry_id, visit.order_id)
        return visit if orders.state(order) in orders.TAKES_ANSWERS else None

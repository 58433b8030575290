"""The patient's pages: templates filled in, in the patient's language, and the pages for errors."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from app import look, security
from app.browser import language_cookie, this_page
from app.errors import Closed, status_of
from app.form.pages import render
from app.models import Order
from app.patient.guard import Patient, database_of
from app.patient.languages import WELCOME, language_for
from app.security import Visit
from app.settings import Settings
from app.texts import Texts, texts_in

RECEIPT = "/form/receipt"
TO_ENTER = "60; url=/enter"
"""After a minute the browser goes by itself to the page that asks for a code."""


def words_of(patient: Patient) -> Texts:
    """Return the pages' own sentences in the patient's language."""
    return texts_in(patient.language, patient.settings.zone)


def page(patient: Patient, template: str, status: int = 200, **more: Any) -> HTMLResponse:
    """Return a page of a visit; the visit counts as used."""
    csrf = security.form_token(patient.settings, patient.visit)
    shared, sheet = patient.visit.shared, look.sheet(patient.registry.colour)
    idle = patient.settings.shared_minutes if shared else patient.settings.idle_minutes
    more |= {"csrf": csrf, "idle": idle, "sheet": sheet, "shared": shared}
    more["this_page"] = patient.this_page
    answer = render(words_of(patient), template, status, **more)
    keep_visit(answer, patient.settings, patient.visit)
    return answer


def to(address: str) -> RedirectResponse:
    """Send the browser on, with a GET."""
    return RedirectResponse(address, 303)


def keep_visit(answer: Response, settings: Settings, visit: Visit) -> None:
    """Give the browser the cookie by which it is known until it is closed."""
    answer.set_cookie(
        security.visit_cookie(settings),
        security.sign_visit(settings, visit),
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def end_visit(answer: Response, settings: Settings) -> None:
    """Let the browser forget the visit, its language, and what it has kept of the pages."""
    answer.delete_cookie(
        security.visit_cookie(settings), secure=settings.secure, httponly=True, samesite="lax"
    )
    answer.delete_cookie(
        language_cookie(settings), secure=settings.secure, httponly=True, samesite="lax"
    )
    if settings.secure:
        answer.headers["Clear-Site-Data"] = '"cache"'


_CLOSED = {"expired": 410, "cancelled": 410, "not open yet": 403}


def error_page(request: Request, error: Exception) -> Response:
    """Return a page that says what happened and what to do, in the patient's language."""
    order = _order_of(request)
    words = texts_in(language_for(request, order), request.app.state.settings.zone)
    if isinstance(error, Closed) and order:
        return _closed(request, words, order, error.state)
    status = status_of(error)
    if status == 401 and was_shared(request):
        answer = _problem(request, words, status, kind="enter.over", when=None)
        answer.headers["Refresh"] = TO_ENTER
        return answer
    kind = str(status) if f"error.{status}.title" in words else "error"
    answer = _problem(request, words, status, kind=f"error.{kind}", when=None)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def was_shared(request: Request) -> bool:
    """Say whether the browser has a cookie of a visit on a device that is handed round."""
    settings: Settings = request.app.state.settings
    return security.was_shared(settings, request.cookies.get(security.visit_cookie(settings)))


def _closed(request: Request, words: Texts, order: Order, state: str) -> Response:
    if state not in _CLOSED:  # sent already, or not begun: both have a page of their own
        return to(RECEIPT if state == "completed" else "/form/")
    when = order.opens if state == "not open yet" else order.closes
    kind = f"closed.{state.replace(' ', '_')}"
    return _problem(request, words, _CLOSED[state], kind=kind, when=when)


def _problem(request: Request, words: Texts, status: int, **more: Any) -> HTMLResponse:
    """Return a page that says what happened; what was sent is never sent again from it."""
    here = this_page(request) if request.method == "GET" else WELCOME
    return render(words, "error.html", status, this_page=here, **more)


def _order_of(request: Request) -> Order | None:
    """Return the order of whoever asks, if that can be found out, to speak their language."""
    settings: Settings = request.app.state.settings
    visit = security.read_visit(settings, request.cookies.get(security.visit_cookie(settings)))
    if visit is None:
        return None
    try:
        with database_of(request).read() as session:
            return session.get(Order, (visit.registry_id, visit.order_id))
    except SQLAlchemyError:  # the page is shown all the same, in bokmål
        return None

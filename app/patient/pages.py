"""The patient's pages: templates filled in, in the patient's language, and the pages for errors."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from app import security
from app.errors import Closed, SvarError
from app.models import Order
from app.patient.guard import Patient, database_of
from app.patient.languages import WELCOME, language_for, this_page
from app.security import Visit
from app.settings import Settings
from app.texts import LANGUAGES, Texts, direction, texts_in

RECEIPT = "/form/receipt"

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates" / "patient"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals.update(languages=LANGUAGES, direction=direction)


def words_of(patient: Patient) -> Texts:
    """Return the pages' own sentences in the patient's language."""
    return texts_in(patient.language, patient.settings.zone)


def page(patient: Patient, template: str, status: int = 200, **more: Any) -> HTMLResponse:
    """Return a page of a visit; the visit counts as used."""
    csrf = security.form_token(patient.settings, patient.visit)
    more |= {"csrf": csrf, "idle": patient.settings.idle_minutes, "this_page": patient.this_page}
    answer = render(words_of(patient), template, status, **more)
    keep_visit(answer, patient.settings, patient.visit)
    return answer


def render(words: Texts, template: str, status: int, **more: Any) -> HTMLResponse:
    """Return a page of nobody in particular; each needs `this_page`, its own address."""
    return HTMLResponse(_pages.get_template(template).render(t=words, **more), status)


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


_CLOSED = {"expired": 410, "cancelled": 410, "not open yet": 403}


def error_page(request: Request, error: Exception) -> Response:
    """Return a page that says what happened and what to do, in the patient's language."""
    order = _order_of(request)
    words = texts_in(language_for(request, order), request.app.state.settings.zone)
    if isinstance(error, Closed) and order:
        return _closed(request, words, order, error.state)
    status = _status(error)
    kind = str(status) if f"error.{status}.title" in words else "error"
    answer = _problem(request, words, status, kind=f"error.{kind}", when=None)
    answer.headers.update((error.headers or {}) if isinstance(error, HTTPException) else {})
    return answer


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


def _status(error: Exception) -> int:
    match error:
        case SvarError():
            return error.status
        case HTTPException():
            return error.status_code
        case RequestValidationError():
            return 422
        case _:
            return 500


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

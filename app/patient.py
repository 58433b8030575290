"""The patient's door: the pages behind a personal link, one question at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.exceptions import HTTPException

from app import orders, responses, security
from app.db import Database
from app.errors import Closed, NotAuthentic, NotFound, NotPermitted, Refused, SvarError, Unclear
from app.models import Order
from app.responses import Given, Step
from app.security import Visit
from app.settings import Settings
from app.texts import Texts, texts_in
from scoring.instrument import Choice

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

FIELDS = 20
"""A page's form has two or three fields; a body with more than this is not one of ours."""

SECONDS = 12
"""About how long one question takes, for telling beforehand how long the whole will take."""

RECEIPT = "/form/receipt"

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates" / "patient"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent from one of this visit's own pages."""

    visit: Visit
    fields: list[tuple[str, str]]

    def values(self, name: str) -> list[str]:
        """Return what was filled in under a name, without what was left empty."""
        return [text.strip() for key, text in self.fields if key == name and text.strip()]


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient behind a visit: the order, its questions, and the request's transaction."""

    settings: Settings
    visit: Visit
    session: Session
    order: Order

    @property
    def way(self) -> list[Step]:
        """Every question of the order."""
        return responses.steps(self.session, self.order)

    @property
    def given(self) -> Given:
        """The answers so far."""
        return responses.draft(self.session, self.order)

    def step(self, number: str) -> Step:
        """Return the question that an address names; raises NotFound."""
        found = next((step for step in self.way if str(step.number) == number), None)
        if found is None:
            raise NotFound("There is no such question.")
        return found

    def undone(self) -> Step | None:
        """Return the first question that is neither answered nor skipped."""
        given = self.given
        return next((step for step in self.way if not responses.is_done(given, step)), None)


def _visit(request: Request) -> Visit:
    settings: Settings = request.app.state.settings
    visit = security.read_visit(settings, request.cookies.get(security.VISIT))
    if visit is None:
        raise NotAuthentic("There is no visit, or it has run out.")
    return visit


async def _sent(request: Request) -> Sent:
    """Read a form and see that it comes from a page of the visit that the cookie names.

    It fails, as it should, when another link was opened in the same browser since.
    """
    visit = _visit(request)
    body = (await request.body()).decode(errors="replace")
    try:
        sent = Sent(visit, parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        raise Unclear("The form has more fields than any page asks for.") from None
    ours = security.form_token(request.app.state.settings, visit)
    if not any(security.same(token, ours) for token in sent.values("csrf")[:1]):
        raise NotPermitted("The form does not belong to this visit.")
    return sent


def _looking(request: Request) -> Iterator[Patient]:
    """Let a patient look at their order, whatever its state; nothing is changed."""
    visit, database = _visit(request), _database(request)
    with database.read() as session:
        order = orders.get(session, visit.registry_id, visit.order_id)
        _by_its_link(visit, order)
        yield Patient(request.app.state.settings, visit, session, order)


def _reading(patient: Annotated[Patient, Depends(_looking, scope="function")]) -> Patient:
    """Let a patient read the questions while the order takes answers."""
    if (state := orders.state(patient.order)) not in orders.TAKES_ANSWERS:
        raise Closed(state)
    return patient


def _writing(request: Request, sent: Annotated[Sent, Depends(_sent)]) -> Iterator[Patient]:
    """Let a patient answer: the order is held, and has begun; committed before the reply."""
    visit = sent.visit
    with _database(request).write() as session:
        order = orders.hold(session, visit.registry_id, visit.order_id)
        _by_its_link(visit, order)
        orders.start(session, order)
        yield Patient(request.app.state.settings, visit, session, order)


def _by_its_link(visit: Visit, order: Order) -> None:
    """Turn away a visit whose link has been replaced: it may have gone to the wrong person."""
    if visit != Visit.of(order):
        raise NotAuthentic("The link of this visit has been replaced.")


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Looking = Annotated[Patient, Depends(_looking, scope="function")]
Reading = Annotated[Patient, Depends(_reading, scope="function")]
Writing = Annotated[Patient, Depends(_writing, scope="function")]
Sending = Annotated[Sent, Depends(_sent)]
From = Annotated[str, Query(alias="from")]
"""`check` when a question was opened from the last page, to go back there afterwards."""


@router.api_route("/s/{token}", methods=["GET", "HEAD"])
def open_link(request: Request, token: str) -> Response:
    """Open a personal link: from here on a cookie says who it is, and the address says nothing."""
    settings: Settings = request.app.state.settings
    with _database(request).read() as session:
        order = orders.by_link(session, settings, token)
        visit = Visit.of(order)
    answer = _to("/form/")
    answer.set_cookie(
        security.VISIT,
        security.sign_visit(settings, visit),
        path="/form",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/form/")
def welcome(patient: Reading) -> Response:
    """Say what is asked, how long it takes, and that answers are saved on the way."""
    way, given = patient.way, patient.given
    return _page(
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
    return _to(f"/form/{step.number}" if step else "/form/check")


@router.get("/form/check")
def check(patient: Reading) -> Response:
    """Show every answer before it is sent."""
    if step := patient.undone():
        return _to(f"/form/{step.number}")
    way = patient.way
    groups = [
        (steps[0], [(step, _answer_text(patient.given, step)) for step in steps])
        for steps in _by_page(way)
    ]
    return _page(patient, "check.html", groups=groups, total=len(way))


@router.post("/form/send")
def send(request: Request, sent: Sending) -> Response:
    """Send the answers; the transaction is over before the reply goes out."""
    visit = sent.visit
    try:
        with _database(request).write() as session:
            responses.submit(session, visit)
    except responses.Unfinished as unfinished:
        return _to(f"/form/{unfinished.step}")
    return _to(RECEIPT)


@router.get(RECEIPT)
def receipt(patient: Looking) -> Response:
    """Thank the patient, with the receipt number."""
    order = patient.order
    if order.receipt is None:
        return _to("/form/")
    return _page(patient, "receipt.html", receipt=order.receipt, at=order.completed_at)


@router.get("/form/{number}")
def question(patient: Reading, number: str, came_from: From = "") -> Response:
    """Ask one question."""
    return _question(patient, patient.step(number), came_from)


@router.post("/form/{number}")
def answer(patient: Writing, sent: Sending, number: str, came_from: From = "") -> Response:
    """Save one answer and go on; without one, ask whether to skip the question."""
    step = patient.step(number)
    values = sent.values(step.item.id)
    if not values:
        return _to(_here(step, came_from, "/skip"))
    try:
        responses.save(patient.session, patient.order, step, _code(step, values))
    except Refused:
        return _question(patient, step, came_from, typed=values[0])
    return _to(_after(patient, step, came_from))


@router.get("/form/{number}/skip")
def ask_to_skip(patient: Reading, number: str, came_from: From = "") -> Response:
    """Ask whether to skip a question that was left open."""
    step = patient.step(number)
    return _page(
        patient,
        "skip.html",
        step=step,
        total=len(patient.way),
        here=_here(step, came_from, "/skip"),
        back=_here(step, came_from),
    )


@router.post("/form/{number}/skip")
def skip(patient: Writing, number: str, came_from: From = "") -> Response:
    """Skip a question and go on."""
    step = patient.step(number)
    responses.save(patient.session, patient.order, step, None)
    return _to(_after(patient, step, came_from))


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)


def _here(step: Step, came_from: str, part: str = "") -> str:
    return f"/form/{step.number}{part}" + ("?from=check" if came_from == "check" else "")


def _after(patient: Patient, step: Step, came_from: str) -> str:
    last = step.number == len(patient.way)
    return "/form/check" if last or came_from == "check" else f"/form/{step.number + 1}"


def _before(step: Step, came_from: str) -> str:
    if came_from == "check":
        return "/form/check"
    return f"/form/{step.number - 1}" if step.number > 1 else "/form/"


def _code(step: Step, values: list[str]) -> int:
    """Return the one code that was sent; raises Refused for what is no code."""
    (text, *more) = values
    if more or not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise Refused(step.item.id, "give one whole number")
    return int(text)


def _question(patient: Patient, step: Step, came_from: str, typed: str | None = None) -> Response:
    """Show a question with the answer it has; `typed` is what was sent and could not be taken."""
    scale = not isinstance(step.item, Choice)
    return _page(
        patient,
        "scale.html" if scale else "choice.html",
        200 if typed is None else 422,
        step=step,
        stem=step.wording.stems.get(step.page.id),
        chosen=responses.answer_to(patient.given, step),
        typed=typed,
        total=len(patient.way),
        several=len(patient.order.instruments) > 1,
        here=_here(step, came_from),
        back=_before(step, came_from),
        to_check=came_from == "check",
    )


def _by_page(way: Iterable[Step]) -> list[list[Step]]:
    pages = groupby(way, key=lambda step: (step.definition.sha256, step.page.id))
    return [list(steps) for _, steps in pages]


def _answer_text(given: Given, step: Step) -> str | None:
    code = responses.answer_to(given, step)
    if code is None or not isinstance(step.item, Choice):
        return None if code is None else str(code)
    return step.wording.options[step.item.options][code]


def _page(patient: Patient, template: str, status: int = 200, **more: Any) -> HTMLResponse:
    csrf = security.form_token(patient.settings, patient.visit)
    words = texts_in(patient.order.language, patient.settings.zone)
    return _render(words, template, status, csrf=csrf, **more)


def _render(words: Texts, template: str, status: int, **more: Any) -> HTMLResponse:
    return HTMLResponse(_pages.get_template(template).render(t=words, **more), status)


_CLOSED = {"expired": 410, "cancelled": 410, "not open yet": 403}


def error_page(request: Request, error: Exception) -> Response:
    """Return a page that says what happened and what to do, in the patient's language."""
    order = _order_of(request)
    words = texts_in(order.language if order else "nb", request.app.state.settings.zone)
    if isinstance(error, Closed) and order:
        return _closed(words, order, error.state)
    status = _status(error)
    kind = str(status) if f"error.{status}.title" in words else "error"
    page = _render(words, "error.html", status, kind=f"error.{kind}", when=None)
    page.headers.update((error.headers or {}) if isinstance(error, HTTPException) else {})
    return page


def _closed(words: Texts, order: Order, state: str) -> Response:
    if state not in _CLOSED:  # sent already, or not begun: both have a page of their own
        return _to(RECEIPT if state == "completed" else "/form/")
    when = order.opens if state == "not open yet" else order.closes
    kind = f"closed.{state.replace(' ', '_')}"
    return _render(words, "error.html", _CLOSED[state], kind=kind, when=when)


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
    visit = security.read_visit(request.app.state.settings, request.cookies.get(security.VISIT))
    if visit is None:
        return None
    try:
        with _database(request).read() as session:
            return session.get(Order, (visit.registry_id, visit.order_id))
    except SQLAlchemyError:  # the page is shown all the same, in bokmål
        return None

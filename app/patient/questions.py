"""One question at a time: asked, answered, left open, skipped."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app import responses
from app.errors import Refused
from app.patient.guard import From, Patient, Reading, Sending, Writing
from app.patient.pages import page, to
from app.responses import Step
from scoring.instrument import Choice

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


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
        return to(_here(step, came_from, "/skip"))
    try:
        responses.save(patient.session, patient.order, step, _code(step, values))
    except Refused:
        return _question(patient, step, came_from, typed=values[0])
    return to(_after(patient, step, came_from))


@router.get("/form/{number}/skip")
def ask_to_skip(patient: Reading, number: str, came_from: From = "") -> Response:
    """Ask whether to skip a question that was left open."""
    step = patient.step(number)
    return page(
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
    return to(_after(patient, step, came_from))


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
    return page(
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

"""One question at a time, or a short group: asked, answered, left open, skipped."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app import responses
from app.errors import Refused
from app.form import fields
from app.form.questions import asked, template
from app.form.screens import Screen
from app.patient import screens
from app.patient.guard import Answering, Asking, From, Patient, Sending, Sent
from app.patient.pages import keep_visit, page, to, words_of
from app.responses import Saved, Step

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/form/{number}")
def question(patient: Asking, number: str, came_from: From = "") -> Response:
    """Ask what stands at this place of the way."""
    return _asked(patient, screens.screen(patient, number), came_from)


@router.post("/form/{number}")
def answer(patient: Answering, sent: Sending, number: str, came_from: From = "") -> Response:
    """Save what was answered and go on; where nothing was, ask whether to skip it."""
    screen = screens.screen(patient, number)
    whole = sent.first("view") == "grid"
    wrong = _keep(patient, sent, screen.steps)[1]
    if wrong:
        return _asked(patient, screen, came_from, sent)
    looked_at = screen.steps if whole else [screen.current]
    if _open(patient, sent, looked_at):
        return to(screen.address(came_from, "/skip") + _all(came_from, whole=whole))
    step = screen.steps[-1] if whole else screen.current
    if sent.first("view") == "any":  # Enter was pressed, in a grid of whichever width
        waiting = screens.open_steps(patient, screen.steps)
        if waiting:
            return to(f"/form/{waiting[0].number}")
        step = screen.steps[-1]
    return to(screens.after(patient, step, came_from))


@router.post("/form/{number}/save", response_class=JSONResponse)
def save(patient: Answering, sent: Sending, number: str) -> JSONResponse:
    """Save what was answered, while the page stays open."""
    saved, wrong = _keep(patient, sent, screens.screen(patient, number).steps)
    older = [name for name, one in saved.items() if not one.kept]
    elsewhere = any(one.elsewhere for one in saved.values())
    told = {"saved": list(saved), "older": older, "elsewhere": elsewhere, "wrong": wrong}
    reply = JSONResponse(told)
    keep_visit(reply, patient.settings, patient.visit)
    return reply


@router.get("/form/{number}/skip")
def ask_to_skip(patient: Asking, number: str, came_from: From = "", all: str = "") -> Response:  # noqa: A002
    """Ask whether to skip what was left open."""
    screen = screens.screen(patient, number)
    steps = screens.open_steps(patient, screen.steps) if all else [screen.current]
    if not steps:
        return to(screens.after(patient, screen.steps[-1], came_from))
    return page(
        patient,
        "skip.html",
        screen=screen,
        steps=steps,
        here=screen.address(came_from, "/skip") + _all(came_from, whole=bool(all)),
        back=screen.address(came_from),
    )


@router.post("/form/{number}/skip")
def skip(patient: Answering, number: str, came_from: From = "", all: str = "") -> Response:  # noqa: A002
    """Skip what was left open, and go on."""
    screen = screens.screen(patient, number)
    steps = screens.open_steps(patient, screen.steps) if all else [screen.current]
    for step in steps:
        responses.save(patient.session, patient.order, step, None, device=patient.visit.device)
    last = screen.steps[-1] if all else screen.current
    return to(screens.after(patient, last, came_from))


def _all(came_from: str, *, whole: bool) -> str:
    """Return the part of an address that says that the whole group is meant."""
    return ("&all=1" if came_from == "check" else "?all=1") if whole else ""


def _keep(patient: Patient, sent: Sent, steps: list[Step]) -> tuple[dict[str, Saved], list[str]]:
    """Save what was changed since the page was made; return what was saved, and what is wrong.

    What the page had already is left alone: it may have been changed elsewhere since.
    """
    saved: dict[str, Saved] = {}
    wrong: list[str] = []
    device = patient.visit.device
    for step in (step for step in steps if step.is_question):
        name = step.item.id
        try:
            value = fields.read(step, sent)
        except Refused:
            wrong.append(name)
            continue
        if value is not None and _sent(step, sent) != sent.first(f"was.{name}"):
            age = _seconds(sent.first(f"age.{name}"))
            saved[name] = responses.save(
                patient.session, patient.order, step, value, device=device, age=age
            )
    return saved, wrong


def _sent(step: Step, sent: Sent) -> str:
    return fields.joined(fields.typed(step, sent))


def _seconds(milliseconds: str) -> float:
    return int(milliseconds) / 1000 if milliseconds.isdecimal() and len(milliseconds) < 10 else 0


def _open(patient: Patient, sent: Sent, steps: list[Step]) -> bool:
    """Say whether anything was left empty: never answered, or emptied on this page.

    What this page never had may have been answered elsewhere since; that is not left empty.
    """
    return any(
        step.is_question
        and not _sent(step, sent).strip()
        and (not responses.is_done(patient.given, step) or bool(sent.first(f"was.{step.item.id}")))
        for step in steps
    )


def _asked(patient: Patient, screen: Screen, came_from: str, sent: Sent | None = None) -> Response:
    """Show a screen with the answers it has, or with what was `sent` and could not be taken."""
    given = patient.given
    answers = {step.item.id: responses.answer_to(given, step) for step in screen.steps}
    return page(
        patient,
        template(screen),
        422 if sent else 200,
        **asked(screen, answers, words_of(patient), sent),
        several=len(patient.order.instruments) > 1,
        here=screen.address(came_from),
        save=screen.address("", "/save"),
        back=screens.before(patient, screen.current, came_from),
        back_grid=screens.before(patient, screen.steps[0], came_from),
        to_check=came_from == "check",
        elsewhere=_is_open_elsewhere(patient),
    )


def _is_open_elsewhere(patient: Patient) -> bool:
    """Say whether another visit saved last, after this one had begun."""
    draft = patient.draft
    if draft is None or draft.device in (None, patient.visit.device):
        return False
    return draft.updated_at.timestamp() > patient.visit.began

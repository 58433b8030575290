"""A draft tried: as the patient will see it, filled in, with its scores and how they come about."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app import drafts, look, rehearsals, responses
from app.answers import Value
from app.centre.bench import may_write, root
from app.centre.guard import Reader, Staff, form_token, writing
from app.centre.pages import page, to
from app.edge import FRAMED, FRAMING, POLICY
from app.errors import NotFound, Refused
from app.form import fields, screens
from app.form.pages import pages
from app.form.questions import asked, template
from app.form.screens import Screen
from app.models import InstrumentDraft
from app.rehearsals import Trial
from app.responses import Step
from app.texts import texts_in

ROOT = "/centre/drafts/{instrument_id}/{version}/bench"
Word = Annotated[str, Query(max_length=20)]
Trying = Annotated[Staff, writing("reader")]

_pages = pages("trial", "patient")


def framed(request: Request) -> None:
    """Let whatever answers a frame, a page about an error too, stand on a page of ours."""
    request.state.headers = {POLICY: FRAMED}


router = APIRouter(prefix=ROOT, default_response_class=HTMLResponse, include_in_schema=False)
frames = APIRouter(
    prefix="/try/{language}",
    default_response_class=HTMLResponse,
    include_in_schema=False,
    dependencies=[Depends(framed)],
)


@router.get("/preview")
def preview(
    instrument_id: str, version: str, here: Reader, phone: Word = "", wide: Word = ""
) -> Response:
    """Show the draft on a phone and on a wide screen, each in a language, with its scores."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = rehearsals.trial(here.session, draft, here.person.email)
    languages = list(trial.wordings) if trial else []
    own = here.language if here.language in languages else next(iter(languages), "")
    chosen = {
        name: one if one in languages else own for name, one in (("phone", phone), ("wide", wide))
    }
    answer = page(
        here,
        "bench_preview.html",
        draft=draft,
        root=root(draft),
        here="preview",
        trial=trial,
        spoken=languages,
        chosen=chosen,
        begins={name: _begins(trial, one) for name, one in chosen.items() if trial and one},
        may_write=may_write(here, draft),
    )
    answer.headers[POLICY] = FRAMING
    return answer


def _begins(trial: Trial, language: str) -> int:
    """Return the number of the first question that is neither answered nor left open."""
    way = trial.shown(trial.way(language))
    return next((one.number for one in way if not responses.is_done(trial.given, one)), 1)


@router.get("/scores")
def scores(instrument_id: str, version: str, here: Reader) -> Response:
    """Show the scores of what is filled in, for the page that stands open to take in."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = rehearsals.trial(here.session, draft, here.person.email)
    return page(here, "bench_scores.html", trial=trial)


@router.post("/reset")
def reset(instrument_id: str, version: str, here: Trying) -> Response:
    """Forget what was filled in."""
    draft = drafts.get(here.session, instrument_id, version)
    rehearsals.reset(here.session, draft, here.person.email)
    return to(f"{root(draft)}/preview")


@frames.get("/{number}")
def question(
    instrument_id: str, version: str, language: str, number: str, here: Reader
) -> Response:
    """Ask a question of a draft as the patient will be asked it; after the last, say so."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = _trial(here, draft, language)
    if number == "end":
        address = f"{root(draft)}/try/{language}"
        back = f"{address}/{trial.shown(trial.way(language))[-1].number}"
        return _frame(here, language, "end.html", again=f"{address}/1", back=back)
    return _asked(here, draft, trial, language, number)


@frames.post("/{number}")
def answer(instrument_id: str, version: str, language: str, number: str, here: Trying) -> Response:
    """Keep what was answered, or that it was left open, and go on."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = _trial(here, draft, language)
    screen = _screen(draft, trial, language, number)
    given, wrong = _read(here, screen.steps)
    if wrong:
        return _asked(here, draft, trial, language, number, sent=here)
    whole = here.first("view") != "one"
    looked_at = screen.steps if whole else [screen.current]
    empty: dict[str, Value | None] = {one.item.id: None for one in looked_at if one.is_question}
    rehearsals.keep(here.session, draft, here.person.email, {**empty, **given})
    last = looked_at[-1].number
    after = rehearsals.trial(here.session, draft, here.person.email) or trial
    later = [one.number for one in after.shown(after.way(language)) if one.number > last]
    return to(f"{screen.root}/{later[0] if later else 'end'}")


@frames.post("/{number}/save", response_class=JSONResponse)
def save(
    instrument_id: str, version: str, language: str, number: str, here: Trying
) -> JSONResponse:
    """Keep what was answered while the page stays open, and tell it as its script expects."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = _trial(here, draft, language)
    given, wrong = _read(here, _screen(draft, trial, language, number).steps)
    rehearsals.keep(here.session, draft, here.person.email, given)
    return JSONResponse({"saved": list(given), "older": [], "elsewhere": False, "wrong": wrong})


def _trial(here: Staff, draft: InstrumentDraft, language: str) -> Trial:
    """Return the trial of a draft that can be asked in a language; raises NotFound."""
    trial = rehearsals.trial(here.session, draft, here.person.email)
    if trial is None or language not in trial.wordings:
        raise NotFound("The draft cannot be asked in this language now: something in it is wrong.")
    return trial


def _read(here: Staff, steps: list[Step]) -> tuple[dict[str, Value], list[str]]:
    """Return what a form answers, by item, and the items whose answer is none."""
    given: dict[str, Value] = {}
    wrong: list[str] = []
    for step in (step for step in steps if step.is_question):
        try:
            value = fields.read(step, here)
        except Refused:
            wrong.append(step.item.id)
            continue
        if value is not None:
            given[step.item.id] = value
    return given, wrong


def _screen(draft: InstrumentDraft, trial: Trial, language: str, number: str) -> Screen:
    way = trial.way(language)
    return screens.screen(way, trial.shown(way), number, f"{root(draft)}/try/{language}")


def _asked(
    here: Staff,
    draft: InstrumentDraft,
    trial: Trial,
    language: str,
    number: str,
    sent: Staff | None = None,
) -> Response:
    """Show a screen with its answers, or with what was `sent` and is no answer."""
    screen = _screen(draft, trial, language, number)
    answers = {one.item.id: responses.answer_to(trial.given, one) for one in screen.steps}
    more = asked(screen, answers, texts_in(language, here.settings.zone), sent)
    more |= {"several": False, "to_check": False, "elsewhere": False}
    more |= {"here": screen.address(""), "save": screen.address("", "/save")}
    more["back"] = _before(trial, screen, screen.current)
    more["back_grid"] = _before(trial, screen, screen.steps[0])
    return _frame(here, language, template(screen), 422 if sent else 200, **more)


def _before(trial: Trial, screen: Screen, step: Step) -> str:
    """Return the address of what comes before a step; of the first, its own."""
    shown = trial.shown(trial.way(step.wording.language))
    earlier = [one for one in shown if one.number < step.number]
    return screen.at(earlier[-1] if earlier else step)


def _frame(staff: Staff, language: str, name: str, status: int = 200, **more: Any) -> Response:
    """Return a page in a frame, in the questionnaire's language; that it is a trial, in ours."""
    said = texts_in(staff.language, staff.settings.zone, "centre")
    more |= {"csrf": form_token(staff.settings, staff.token), "sheet": look.SHEET}
    more |= {"trial": said("bench.trial"), "finished": said("bench.finished")}
    more |= {"begin_again": said("bench.again"), "spoken": said.language}
    words = texts_in(language, staff.settings.zone)
    return HTMLResponse(_pages.get_template(name).render(t=words, **more), status)


router.include_router(frames)

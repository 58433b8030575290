"""What a patient may keep: a copy of the answers, and their own result, while the visit lasts."""

from math import floor

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app import sent
from app.form.fields import in_words
from app.patient.guard import Looking, Patient
from app.patient.pages import RECEIPT, page, to, words_of
from app.sent import Profile, Sent
from app.texts import Texts
from scoring.item import Choice, Statement

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

Group = tuple[str | None, list[tuple[str, list[str]]]]
"""Questions under one opening text, each with its answer in words; nothing for a skipped one."""


@router.get("/form/copy")
def copy(patient: Looking) -> Response:
    """Show every question and answer as they were sent, to be printed or kept."""
    if not may_keep(patient):
        return to(RECEIPT)
    order = patient.order
    kept = [
        (one.wording, _groups(one, words_of(patient))) for one in sent.sent(patient.session, order)
    ]
    return page(patient, "copy.html", kept=kept, receipt=order.receipt, at=order.completed_at)


@router.get("/form/result")
def result(patient: Looking) -> Response:
    """Show what the answers came to, where the registry lets patients see it."""
    profiles = shown(patient)
    if not profiles:
        return to(RECEIPT)
    return page(patient, "result.html", profiles=profiles, points=points)


def may_keep(patient: Patient) -> bool:
    """Say whether this visit may see what was sent.

    Only the visit in which it was sent: afterwards the link, which stays in the message, shows no
    answers. Never on a device that is handed round.
    """
    at = patient.order.completed_at
    return at is not None and not patient.visit.shared and patient.visit.began <= at.timestamp()


def shown(patient: Patient) -> list[Profile]:
    """Return the profiles that this visit may see; none where the registry shows no scores."""
    if not (may_keep(patient) and patient.registry.shows_scores):
        return []
    return sent.profiles(patient.session, patient.order)


def points(value: float | None) -> int | None:
    """Return a score in whole points, half a point upwards."""
    return None if value is None else floor(value + 0.5)


def _groups(one: Sent, words: Texts) -> list[Group]:
    unseen = {item.id for item in one.instrument.open_items if isinstance(item, Statement)}
    unseen |= {name for name, why in one.response.missing.items() if why == "not_shown"}
    groups = [
        (
            one.wording.stems.get(asked.id),
            [
                (one.wording.items[name], _told(one, name, words))
                for name in asked.items
                if name not in unseen
            ],
        )
        for asked in one.instrument.pages
    ]
    return [(stem, rows) for stem, rows in groups if rows]


def _told(one: Sent, name: str, words: Texts) -> list[str]:
    """Return an answer in the words that the patient chose; nothing for a skipped question."""
    item = one.instrument.asked(name)
    if isinstance(item, Choice) and one.response.missing.get(name) == "not_applicable":
        texts = one.wording.options[item.options]
        return [" / ".join(texts[code] for code in item.not_applicable)]
    return in_words(one.instrument, one.wording, name, one.response.answers.get(name), words)

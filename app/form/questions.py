"""What the page of a question is filled in with, whoever it is shown to."""

from collections.abc import Mapping
from typing import Any

from app.answers import bounds
from app.form import fields
from app.form.fields import Sent
from app.form.screens import Screen
from app.models import now
from app.responses import Step
from app.texts import Texts
from scoring.item import Date, FreeText, Quantity

TEMPLATES = {
    "single_choice": "choice",
    "yes_no": "choice",
    "multiple_choice": "several",
    "eq_vas": "scale",
    "numeric_rating": "rating",
    "number": "number",
    "date": "date",
    "short_text": "text",
    "long_text": "text",
    "statement": "statement",
}
"""The page of each type of question, by whose name its own sentences go too."""


def template(screen: Screen) -> str:
    """Return the name of the page that shows a screen."""
    return f"{'grid' if screen.is_grid else TEMPLATES[screen.current.item.type]}.html"


def asked(
    screen: Screen, answers: Mapping[str, Any], words: Texts, sent: Sent | None = None
) -> dict[str, Any]:
    """Return what a screen's page says of its questions and the `answers` they have, by item.

    Or what was `sent` and could not be taken, with why.
    """
    filled = {
        step.item.id: fields.filled(step, answers[step.item.id], words) for step in screen.steps
    }
    return {
        "screen": screen,
        "step": screen.current,
        "wording": screen.current.wording,
        "stem": screen.current.wording.stems.get(screen.current.page.id),
        "given": filled | (fields.typed_again(screen.steps, sent) if sent else {}),
        "was": {name: fields.joined(value) for name, value in filled.items()},
        "wrong": why_not(screen.current, words) if sent else None,
    }


def why_not(step: Step, words: Texts) -> str:
    """Return what is wrong with an answer, and what would be right."""
    ends: dict[str, object] = {}
    match step.item:
        case Date() as item:
            first, last = bounds(item, now().date())
            ends = {"first": words.day(first), "last": words.day(last)}
        case Quantity() as item:
            ends = {"least": words.number(item.least), "most": words.number(item.most)}
        case FreeText() as item:
            ends = {"most": item.most_characters}
    return words(f"{TEMPLATES[step.item.type]}.wrong", **ends)

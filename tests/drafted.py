"""Drafts in the tests: begun from a small instrument, handed in, approved."""

import json
from typing import Any

from sqlmodel import Session

from app import authoring, drafts, reviews
from app.exchange.binder import Binder, Brought
from app.models import InstrumentDraft
from scoring import Problem
from tests.documents import SMALL, Document, read
from tests.worded import wording_for

AUTHOR, REVIEWER = "staff:author@example.org", "staff:reviewer@example.org"
NAME = ("mean-all", "1.0")


def small(**more: Any) -> Document:
    return read(SMALL / "mean-all.json") | more


def brought(*decisions: Problem, languages: tuple[str, ...] = ("nb",), **more: Any) -> Brought:
    """Return a small instrument as a file that was brought in says it."""
    definition = small(**more)
    wordings = tuple(wording_for(small(), one) | _of(definition) for one in languages)
    return Brought(Binder(definition, wordings), decisions)


def _of(definition: Document) -> Document:
    return {"version": definition["version"]}


def begun(session: Session, *decisions: Problem, **more: Any) -> InstrumentDraft:
    return authoring.begin(session, brought(*decisions, **more), AUTHOR)


def handed_in(session: Session, **more: Any) -> InstrumentDraft:
    draft = begun(session, **more)
    reviews.hand_in(session, draft, AUTHOR)
    return draft


def approve(session: Session, draft: InstrumentDraft, who: str = REVIEWER) -> None:
    digest = drafts.digest(drafts.parts(draft))
    reviews.publish(session, draft, digest, who, two_people=True)


def published(session: Session, **more: Any) -> None:
    approve(session, handed_in(session, **more))


def document(draft: InstrumentDraft, part: str = "definition") -> Document:
    found: Document = json.loads(drafts.parts(draft)[part])
    return found

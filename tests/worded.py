"""Writes a wording for a small definition, so that patients can be asked it in a test."""

from typing import Any

from sqlmodel import Session

from app import catalogue, revisions
from scoring import Instrument
from scoring.item import Choice, Quantity
from tests.documents import SMALL, Document, read


def wording_for(definition: Document, language: str = "nb") -> Document:
    """Return a made-up wording: every text says what it stands for."""
    made = Instrument.model_validate(definition)
    asked = {item.id: f"Spørsmål om {item.id}" for item in made.in_order()}
    scales = [item.id for item in made.items if not isinstance(item, Choice)]
    units = {item.id: "kg" for item in made.open_items if isinstance(item, Quantity)}
    wording: dict[str, Any] = {
        "instrument": made.id,
        "version": made.version,
        "language": language,
        "revision": 1,
        "status": "unreviewed",
        "source": "Made up for tests",
        "credit": "Laget for tester.",
        "title": f"Skjema {made.id}",
        "stems": {page.id: f"Om {page.id}" for page in made.pages if page.stem},
        "items": asked,
        "options": {
            name: {str(code): f"{name} {code}" for code in codes}
            for name, codes in made.option_sets.items()
        },
        "anchors": {name: {"best": "Best mulig", "worst": "Verst mulig"} for name in scales},
    }
    return wording | ({"units": units} if units else {})


def publish_small(session: Session, name: str) -> None:
    """Publish one of the small definitions with a made-up wording."""
    definition = read(SMALL / f"{name}.json")
    catalogue.publish(session, definition, {}, "a test")
    revisions.publish(session, wording_for(definition), "a test")

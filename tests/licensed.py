"""Agreements and official words in the tests: made up, and marked as such."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

from app import agreements, catalogue, revisions
from app.agreements import New
from app.browser import SentFile
from app.db import Database
from app.exchange import labels
from app.exchange.labels import Said
from app.models import Agreement, now
from scoring import Wording

EQ = "eq-5d-5l"
OSLO = ZoneInfo("Europe/Oslo")
PDF = SentFile("avtale.pdf", b"%PDF-1.7 made up for tests")


def in_days(days: int) -> str:
    """Return the day after so many days, where the service is, as it is entered."""
    return str(now().astimezone(OSLO).date() + timedelta(days=days))


def agree(
    database: Database,
    *registries: str,
    instrument: str = EQ,
    first: int = -100,
    last: int = 100,
    file: SentFile | None = None,
) -> Agreement:
    """Add an agreement between these days, counted from today."""
    days = in_days(first), in_days(last)
    new = New(instrument, "Made-up Holder", "no. 17", *days, registries or ("hips",), file)
    with database.write() as session:
        return agreements.add(session, new, "tests' administrator")


def made_up(like: Wording, **other: str | None) -> bytes:
    """Return a file of labels in which every text says what it stands for; None leaves one out."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";")
    rows.writerow(("place", "text"))
    said = {place: f"Made up: {place}" for place, _ in labels.places(like)}
    for place, label in (said | other).items():
        if label is not None:
            rows.writerow((place, label))
    return text.getvalue().encode()


def make_official(database: Database, language: str = "nb") -> None:
    """Publish made-up words for the EQ-5D-5L as the centre does with those of EuroQol."""
    with database.write() as session:
        row = catalogue.wording_row(session, EQ, "1.0", language)
        like = Wording.model_validate_json(row.document)
        said = Said(language, "Made up for tests", "Made up for tests.")
        revisions.publish(session, labels.wording(made_up(like), like, said), "a test")


def ended_before(database: Database, agreement: Agreement, days: int) -> None:
    """Let an agreement have been ended so many days ago."""
    with database.write() as session:
        found = agreements.end(session, agreement.id, "tests' administrator")
        found.ended_at = now() - timedelta(days=days)
        session.add(found)

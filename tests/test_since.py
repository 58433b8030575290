"""app/since.py: what a draft or a version changes of what was published before it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session

from app import catalogue, revisions, since
from app.db import Database
from app.since import Since
from scoring import Instrument, Wording
from tests.documents import SMALL, read
from tests.worded import wording_for

SMALL_ONE = read(SMALL / "mean-all.json")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


def instrument(**more: Any) -> Instrument:
    return Instrument.model_validate(SMALL_ONE | {"value_sets": {}} | more)


def worded(language: str = "nb", **more: Any) -> dict[str, Any]:
    return wording_for(SMALL_ONE, language) | more


def of_draft(session: Session, *wordings: dict[str, Any], **more: Any) -> Since | None:
    read_in = [Wording.model_validate(one) for one in wordings]
    return since.of_draft(session, instrument(**more), read_in)


def publish(session: Session, *wordings: dict[str, Any], **more: Any) -> None:
    catalogue.publish(session, SMALL_ONE | more, {}, "me")
    for one in wordings:
        revisions.publish(session, one, "me")


def test_a_changed_word_of_a_published_version_is_told_side_by_side(session: Session) -> None:
    assert of_draft(session, worded()) is None
    publish(session, worded())
    same = of_draft(session, worded())
    assert same is not None
    assert (same.verdict, same.words, same.moves) == ("SAME", (), False)
    found = of_draft(session, worded(revision=2, title="Ny tittel"))
    assert found is not None
    assert (found.verdict, found.moves) == ("WORDS", False)
    assert [one.path for one in found.words[0].texts] == ["title"]
    turned = {"level": {str(code): f"level {3 - code}" for code in range(4)}}
    moved = of_draft(session, worded(revision=2, options=turned))
    assert moved is not None
    assert moved.moves
    assert len(moved.words[0].moved) == 4


def test_a_draft_is_held_against_the_newest_version_that_is_not_above_it(
    session: Session,
) -> None:
    publish(session, worded())
    publish(session, version="2.0", recall_period="4 weeks")
    found = of_draft(session, worded(version="1.1"), version="1.1", name="Another")
    assert found is not None
    assert found.difference is not None
    assert (found.verdict, found.difference.before) == ("MINOR", "1.0")
    assert found.words == ()
    new = of_draft(session, worded("nn"))
    assert new is not None
    assert (new.verdict, new.words[0].before, new.words[0].texts) == ("WORDS", None, ())


def test_a_published_version_tells_what_its_last_revision_corrected(session: Session) -> None:
    publish(session, worded())
    first = [Wording.model_validate(worded())]
    assert since.of_published(session, instrument(), first) is None
    publish(session, worded(revision=2, title="Ny"))
    found = since.of_published(
        session, instrument(), [Wording.model_validate(worded(revision=2, title="Ny"))]
    )
    assert found is not None
    assert (found.difference, found.verdict) == (None, "WORDS")
    assert found.words[0].before is not None
    assert found.words[0].before.revision == 1

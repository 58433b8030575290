"""What is otherwise than in what was published before: the definition, and the words."""

from collections.abc import Callable, Iterable
from operator import le, lt
from typing import Any, Literal, NamedTuple

from sqlmodel import Session

from app import catalogue
from app.models import PublishedWording
from scoring import Instrument, Wording
from scoring.difference import Difference, difference
from scoring.rewording import Reworded, moved, reworded

Earlier = Callable[[Any, Any], bool]
"""Which is earlier than what is looked at: a draft may be of a version that is published."""


class NewWords(NamedTuple):
    """A wording whose words are new, and the published one that it is held against, if any.

    `texts` are those that differ; `moved` has the paths of those that stood elsewhere before.
    """

    wording: Wording
    before: PublishedWording | None
    texts: tuple[Reworded, ...]
    moved: frozenset[str]


class Since(NamedTuple):
    """What differs: in the definition, where there is one before it, and in words by language."""

    difference: Difference | None
    words: tuple[NewWords, ...]

    @property
    def verdict(self) -> Literal["MAJOR", "MINOR", "WORDS", "SAME"]:
        """Which number must be raised, WORDS where it is a revision's, SAME where nothing is."""
        if self.difference is not None and self.difference.verdict != "SAME":
            return self.difference.verdict
        return "WORDS" if self.words else "SAME"

    @property
    def moves(self) -> bool:
        """Whether a text stands where another one stood: then answers would mean another thing."""
        return any(one.moved for one in self.words)


def of_draft(session: Session, instrument: Instrument, wordings: Iterable[Wording]) -> Since | None:
    """Return what a draft changes of what is published; None where nothing of it is.

    It is held against its own version if that is published, else against the newest one below it.
    """
    return _since(session, instrument, wordings, le)


def of_published(
    session: Session, instrument: Instrument, wordings: Iterable[Wording]
) -> Since | None:
    """Return what a published version changed, and its wordings; None where all of it was new."""
    found = _since(session, instrument, wordings, lt)
    return found if found and (found.difference or found.words) else None


def _since(
    session: Session, instrument: Instrument, wordings: Iterable[Wording], earlier: Earlier
) -> Since | None:
    if not catalogue.exists(session, instrument.id):
        return None
    own = _number(instrument.version)
    known = (one.instrument for one, _ in catalogue.versions(session, instrument.id))
    before = next((one for one in known if earlier(_number(one.version), own)), None)
    rows = catalogue.revisions(session, instrument.id, instrument.version)
    if before is not None and before.version != instrument.version:
        rows = catalogue.revisions(session, instrument.id, before.version) + rows
    compared = (_words(session, one, rows, earlier) for one in wordings)
    words = tuple(one for one in compared if one.texts or (before and not one.before))
    return Since(difference(before, instrument) if before else None, words)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _words(
    session: Session, wording: Wording, rows: Iterable[PublishedWording], earlier: Earlier
) -> NewWords:
    """Hold a wording against the last of the rows, oldest first, that is before it.

    A placeholder has no words that could be held against it.
    """
    found = [
        row
        for row in rows
        if row.language == wording.language
        and row.status != "placeholder"
        and (row.version != wording.version or earlier(row.revision, wording.revision))
    ]
    if not found:
        return NewWords(wording, None, (), frozenset())
    old = catalogue.wording_of(session, found[-1].sha256)
    away = frozenset(one.path for one in moved(old, wording))
    return NewWords(wording, found[-1], reworded(old, wording), away)

"""Trying a draft: answers that one of the staff invents, scored and explained as real ones."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlmodel import Session

from app import answers, catalogue, drafts
from app.answers import Value
from app.catalogue import Published
from app.drafts import DEFINITION
from app.errors import FieldError, Refused
from app.library import Compared
from app.models import InstrumentDraft, Rehearsal, now
from app.places import appended
from app.responses import Given, Step, shown, steps_of
from scoring import Wording
from scoring.explain import Explained, explain
from scoring.item import AnyItem

MOST = 16
"""So many drafts are remembered as they were last tried."""


class Trial(NamedTuple):
    """A draft that can be asked, with what somebody has filled in; a null was left open."""

    definition: Published
    wordings: Mapping[str, Wording]
    answers: Mapping[str, Value | None]

    @property
    def given(self) -> Given:
        """The answers as a patient's draft holds them."""
        return {self.definition.instrument.id: {"answers": self.filled, "missing": self.open}}

    @property
    def filled(self) -> dict[str, Any]:
        """What was answered, by item."""
        return {name: value for name, value in self.answers.items() if value is not None}

    @property
    def open(self) -> dict[str, str]:
        """What was left open, by item."""
        return {name: "skipped" for name, value in self.answers.items() if value is None}

    @property
    def codes(self) -> dict[str, int]:
        """The answers that scores are made of, but for questions that others leave out."""
        given, out = self.filled, answers.left_out(self.definition.way, self.filled)
        items = [one.id for one in self.definition.instrument.items if one.id not in out]
        return {name: given[name] for name in items if name in given}

    def wording(self, language: str) -> Wording | None:
        """Return the wording in a language, else in any, else none."""
        return self.wordings.get(language) or next(iter(self.wordings.values()), None)

    def way(self, language: str) -> list[Step]:
        """Return all that is asked, in a language that there is a right wording in."""
        return steps_of(self.definition, self.wordings[language])

    def shown(self, way: list[Step]) -> list[Step]:
        """Return what is asked after these answers."""
        return shown(way, self.given)

    def scores(self) -> list[Explained]:
        """Return every score of these answers, or why there is none, step by step."""
        return explain(self.definition.scorer, self.codes)


def trial(session: Session, draft: InstrumentDraft, email: str) -> Trial | None:
    """Return a draft with somebody's answers; None while its definition cannot be asked.

    Answers that the definition has no place for any more are left out.
    """
    tried = _askable(session, draft)
    if tried is None:
        return None
    row = session.get(Rehearsal, (email, draft.instrument, draft.version))
    asked = {one.id: one for one in tried[0].way if one.id in tried[0].questions}
    kept = {
        name: value
        for name, value in (row.answers if row else {}).items()
        if name in asked and _fits(tried[0], asked[name], value)
    }
    return Trial(*tried, kept)


def _fits(definition: Published, item: AnyItem, value: Value | None) -> bool:
    try:
        if value is not None:
            answers.check(definition.instrument, item, value, now().date())
    except Refused:
        return False
    return True


def _askable(
    session: Session, draft: InstrumentDraft
) -> tuple[Published, Mapping[str, Wording]] | None:
    """Return a draft's definition, ready, and its right wordings; from memory if tried before."""
    key = tuple(drafts.parts(draft).items())
    if key not in _tried:
        checked = drafts.checked(session, dict(key))
        if checked.instrument is None:
            return None
        digest = catalogue.sha256(draft.definition)
        _tried[key] = catalogue.ready(checked.instrument, digest), checked.wordings
        for old in list(_tried)[:-MOST]:
            _tried.pop(old, None)
    return _tried.get(key)


_tried: dict[tuple[tuple[str, str], ...], tuple[Published, Mapping[str, Wording]]] = {}
"""What could be asked, by its texts. A value set that it took never changes: it is published."""


def keep(
    session: Session, draft: InstrumentDraft, email: str, given: Mapping[str, Value | None]
) -> None:
    """Keep what somebody answered, beside what they had answered before."""
    key = (draft.instrument, draft.version)
    session.get_one(InstrumentDraft, key, with_for_update=True)  # one at a time: both are kept
    row = session.get(Rehearsal, (email, *key), populate_existing=True)
    if row is None:
        instrument, version = key
        row = Rehearsal(
            email=email, instrument=instrument, version=version, answers={}, changed_at=now()
        )
    row.answers, row.changed_at = row.answers | dict(given), now()
    session.add(row)
    session.flush()


def reset(session: Session, draft: InstrumentDraft, email: str) -> None:
    """Forget what somebody answered."""
    row = session.get(Rehearsal, (email, draft.instrument, draft.version))
    if row is not None:
        session.delete(row)


class Vouched(NamedTuple):
    """An example that somebody vouches for: what they expect, figured by hand or from a manual."""

    name: str
    source: str
    expected: Mapping[str, float | None]


def compared(trial: Trial, vouched: Vouched) -> list[Compared]:
    """Return what somebody expects beside what the scoring gives."""
    given = trial.definition.scorer.score_one(trial.codes)
    return [Compared(name, value, given[name]["value"]) for name, value in vouched.expected.items()]


def add_example(
    session: Session,
    draft: InstrumentDraft,
    trial: Trial,
    vouched: Vouched,
    *,
    revision: int,
    who: str,
) -> bool:
    """Write the answers into the definition as an example; False, and nothing kept, if they differ.

    Raises Refused for what is lacking; Conflict as `drafts.keep` does.
    """
    _whole(trial, vouched)
    if not all(one.same for one in compared(trial, vouched)):
        return False
    example: dict[str, object] = {
        "name": vouched.name,
        "source": vouched.source,
        "answers": trial.codes,
        "expected": dict(vouched.expected),
    }
    text = appended(draft.definition, "examples", example)
    drafts.keep(session, draft, DEFINITION, text, revision, who)
    return True


def _whole(trial: Trial, vouched: Vouched) -> None:
    names = {one.name for one in trial.definition.instrument.examples}
    wrong = [
        FieldError(field, message)
        for field, message, is_so in (
            ("name", "give the example a name", not vouched.name),
            ("name", "another example has this name", vouched.name in names),
            ("source", "say where the expected values are from", not vouched.source),
            ("expected", "type what at least one score must be", not vouched.expected),
        )
        if is_so
    ]
    if wrong:
        raise Refused.several(wrong, len(wrong))

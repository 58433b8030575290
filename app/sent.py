"""What a patient has sent, read again: questions with their answers, and what they came to.

Everything is read from what was stored when it was sent: no draft, and nothing scored anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import exists
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app import catalogue
from app.models import Correction, Order, QuestionnaireResponse, ScoringRun
from scoring import Instrument, Wording
from scoring.wording import ScoreText

Values = Mapping[str, float | None]
"""Scores by name; None for one that could not be given."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One questionnaire as it was answered, with the wording that it was asked in."""

    response: QuestionnaireResponse
    instrument: Instrument
    wording: Wording

    @property
    def has_result(self) -> bool:
        """Whether there are scores for whoever answered to see: those of their own, and named."""
        return self.response.respondent == "self" and bool(self.wording.scores)


@dataclass(frozen=True, slots=True)
class Result:
    """What one response came to, and when it was sent."""

    at: datetime
    values: Values


@dataclass(frozen=True, slots=True)
class Profile:
    """The named scores of a questionnaire: now, and those `before`, oldest first.

    `scores` has what each is called, in the order of the definition.
    """

    wording: Wording
    scores: Mapping[str, ScoreText]
    now: Result
    before: list[Result]

    @property
    def earlier(self) -> list[Result]:
        """Those that there is room for on a phone: the first, and the last before the present."""
        return self.before[:1] + self.before[1:][-1:]

    @property
    def more(self) -> bool:
        """Whether there is no room for some."""
        return len(self.before) > len(self.earlier)

    @property
    def lacking(self) -> bool:
        """Whether a score could not be given, now or earlier."""
        results = (self.now, *self.earlier)
        return any(one.values[name] is None for one in results for name in self.scores)


def sent(session: Session, order: Order) -> list[Sent]:
    """Return the questionnaires of an order as they were answered, in their order."""
    query = select(QuestionnaireResponse).where(
        QuestionnaireResponse.registry_id == order.registry_id,
        QuestionnaireResponse.order_id == order.id,
    )
    newest = {row.instrument: row for row in session.exec(query.order_by(*_IN_TIME))}
    return [
        Sent(
            newest[asked["instrument"]],
            catalogue.definition(session, asked["definition_sha256"]).instrument,
            catalogue.wording_of(session, str(newest[asked["instrument"]].wording_sha256)),
        )
        for asked in order.instruments
    ]


def profiles(session: Session, order: Order) -> list[Profile]:
    """Return what an order's patient may see of their own scores, questionnaire by questionnaire.

    Beside them stand those of the same case's earlier answers to the same questions, wherever they
    were collected. What was withdrawn counts no longer.
    """
    shown = [one for one in sent(session, order) if one.has_result]
    gone = set(session.exec(_withdrawn([one.response.id for one in shown])))
    return [_profile(session, order, one) for one in shown if one.response.id not in gone]


_IN_TIME = (col(QuestionnaireResponse.submitted_at), col(QuestionnaireResponse.id))


def _profile(session: Session, order: Order, one: Sent) -> Profile:
    texts, in_order = one.wording.scores, [score.id for score in one.instrument.scores]
    names = {name: texts[name] for name in in_order if name in texts}
    rows = _up_to(session, order, one.response)
    newest_runs = _newest_runs(session, order.registry_id, [row.id for row in rows])
    results = [Result(row.submitted_at, _values(newest_runs[row.id], names)) for row in rows]
    return Profile(one.wording, names, results[-1], results[:-1])


def _up_to(
    session: Session, order: Order, now: QuestionnaireResponse
) -> list[QuestionnaireResponse]:
    """Return a case's own answers to the same questions, oldest first, up to the present ones."""
    query = select(QuestionnaireResponse).where(
        QuestionnaireResponse.registry_id == order.registry_id,
        QuestionnaireResponse.case_id == order.case_id,
        QuestionnaireResponse.instrument == now.instrument,
        ~exists().where(*_IS_CORRECTED),
    )
    before = takewhile(lambda row: row.id != now.id, session.exec(query.order_by(*_IN_TIME)))
    return [*(row for row in before if _is_alike(row, now)), now]


_IS_CORRECTED = (
    col(Correction.registry_id) == col(QuestionnaireResponse.registry_id),
    col(Correction.response_id) == col(QuestionnaireResponse.id),
)


def _withdrawn(ids: list[UUID]) -> SelectOfScalar[UUID]:
    query = select(Correction.response_id).where(Correction.kind == "withdrawn")
    return query.where(col(Correction.response_id).in_(ids))


def _is_alike(one: QuestionnaireResponse, other: QuestionnaireResponse) -> bool:
    """Say whether the same person answered the same questions: those of one MAJOR version."""
    majors = {row.version.split(".")[0] for row in (one, other)}
    return len(majors) == 1 and one.respondent == other.respondent


def _newest_runs(session: Session, registry_id: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    query = select(ScoringRun.response_id, ScoringRun.document).where(
        ScoringRun.registry_id == registry_id, col(ScoringRun.response_id).in_(ids)
    )
    return dict(session.exec(query.order_by(col(ScoringRun.seq))).all())


def _values(document: str, names: Iterable[str]) -> Values:
    scores: dict[str, dict[str, Any]] = orjson.loads(document)["scores"] or {}
    return {name: scores[name]["value"] if name in scores else None for name in names}

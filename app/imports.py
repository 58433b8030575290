"""Takes in answers that were collected elsewhere: checks them as the form does, scores, keeps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import func, text
from sqlmodel import Session, col, select

from app import audit, catalogue, given, responses, runs, valuation, worth
from app.catalogue import Published
from app.db import insert_into, insert_rows
from app.errors import Conflict, FieldError, NotFound, Refused, SvarError
from app.models import (
    PatientCase,
    QuestionnaireResponse,
    ScoringRun,
    Unit,
    new_id,
    now,
    table,
)
from app.runs import Run

T = TypeVar("T")

Outcome = Literal["stored", "unchanged"]
"""What became of a response: it was stored, or it was there before."""


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What was collected elsewhere, already of the right shape; `case` holds only what was given.

    `version` may be left open. A date without a time of day is kept as the beginning of that day,
    in UTC. `sent_sha256` is the hash of all that was sent.
    """

    external_id: str
    case_id: str
    unit: str
    case: Mapping[str, Any]
    time_point: str
    instrument: str
    version: str | None
    language: str
    mode: str
    respondent: str
    relation: str | None
    submitted_at: datetime | date
    answers: Mapping[str, Any]
    missing: Mapping[str, str]
    sent_sha256: str


class Taken(NamedTuple):
    """A response that was taken in. `facts` is the `response` part of its result document."""

    outcome: Outcome
    facts: Mapping[str, Any]
    sent_sha256: str
    row: Mapping[str, Any]
    definition: Published


class There(NamedTuple):
    """A response that was there before."""

    outcome: Outcome
    id: UUID
    sent_sha256: str


class Tried(NamedTuple):
    """A response that could be stored, and what it would be worth."""

    facts: Mapping[str, Any]
    scores: worth.Scored | None


class _Asked(NamedTuple):
    """Of whom and when answers tell, as an order says it of those that come by a link."""

    external_id: str
    case_id: str
    unit_id: str
    time_point: str
    index_date: date | None


def store(
    session: Session, zone: ZoneInfo, registry_id: str, who: str, new: Sequence[NewResponse]
) -> list[Taken | There | SvarError]:
    """Store some responses, score them, and say of each, in order, what became of it.

    One that is wrong stops no other: it comes back as the error, Refused or Conflict, that names
    what is wrong. All that is stored is durable when the caller's transaction has committed. Those
    who import for one registry wait for each other, so that no external id is taken twice.
    """
    _alone(session, registry_id)
    batch = _Batch(session, zone, registry_id, new)
    found = [batch.take(one) for one in new]
    taken = [one for one in found if isinstance(one, Taken)]
    if stored := list({one.facts["id"]: one for one in taken}.values()):
        batch.keep_cases()
        insert_rows(session, table(QuestionnaireResponse), [one.row for one in stored])
        ids = [str(one.facts["id"]) for one in stored]
        audit.append_all(session, registry_id, who, "response.imported", ids)
        made = [Run(one.row["id"], one.facts, None, one.definition.sha256) for one in stored]
        runs.append(session, registry_id, made)
    return found


def check(
    session: Session, zone: ZoneInfo, registry_id: str, new: Sequence[NewResponse]
) -> list[Tried | There | SvarError]:
    """Say what `store` would make of some responses, with their scores; nothing is stored."""
    batch = _Batch(session, zone, registry_id, new)
    found = [batch.take(one) for one in new]
    named = valuation.named_by(session, registry_id)
    return [_tried(session, named, one) if isinstance(one, Taken) else one for one in found]


def _tried(session: Session, named: valuation.Named, one: Taken) -> Tried:
    answers = {str(one.facts["id"]): one.facts["answers"]}
    return Tried(one.facts, worth.of(session, one.definition, named, answers)[0].scores)


def _alone(session: Session, registry_id: str) -> None:
    """Wait until nobody else imports for a registry; on SQLite nobody else writes anyway."""
    if session.get_bind().dialect.name == "postgresql":
        mine = {"mine": f"import {registry_id}"}
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:mine, 0))")
        session.connection().execute(lock, mine)


class _Batch:
    """Some responses of one registry, with all that is looked up for them, read at once."""

    def __init__(
        self, session: Session, zone: ZoneInfo, registry_id: str, new: Sequence[NewResponse]
    ) -> None:
        self.session, self.registry_id = session, registry_id
        self.at = now()
        self.today = self.at.astimezone(zone).date()
        self.units = set(session.exec(select(Unit.id).where(Unit.registry_id == registry_id)))
        self.known: dict[str, Taken | There] = self._known([one.external_id for one in new])
        self.cases = self._cases({one.case_id for one in new})
        self.changed: set[str] = set()
        self.definitions: dict[tuple[str, str | None, str], Published] = {}

    def _known(self, external_ids: Sequence[str]) -> dict[str, Taken | There]:
        query = select(
            QuestionnaireResponse.external_id,
            QuestionnaireResponse.id,
            QuestionnaireResponse.sent_sha256,
        ).where(
            QuestionnaireResponse.registry_id == self.registry_id,
            col(QuestionnaireResponse.external_id).in_(external_ids),
            col(QuestionnaireResponse.supersedes).is_(None),
        )
        return {str(name): There("unchanged", *more) for name, *more in self.session.exec(query)}

    def _cases(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        query = select(PatientCase).where(
            PatientCase.registry_id == self.registry_id, col(PatientCase.id).in_(ids)
        )
        return {one.id: one.model_dump() for one in self.session.exec(query)}

    def take(self, new: NewResponse) -> Taken | There | SvarError:
        """Return a response to be stored, the one that is there before, or what is wrong."""
        try:
            if there := self.known.get(new.external_id):
                return self._the_same(there, new)
            taken = self._read(new)
        except SvarError as error:
            return error
        self._note_case(new)
        self.known[new.external_id] = taken
        return taken

    def _read(self, new: NewResponse) -> Taken:
        """Check a response whole; raises Refused, naming every field that is wrong."""
        definition, *checked = self._checked(new)
        row = self._row(new, definition, *checked)
        index_date = new.case.get("index_date") or self._of_case(new, "index_date")
        asked = _Asked(new.external_id, new.case_id, new.unit, new.time_point, index_date)
        facts = responses.facts(asked, row)
        return Taken("stored", facts, new.sent_sha256, row, definition)

    def _checked(self, new: NewResponse) -> tuple[Published, datetime, Any, Any]:
        """Return what it is to, when it was given, its answers, and why some are missing."""
        wrong: list[FieldError] = []

        def checked(check: Callable[..., T], *parts: Any) -> T | None:
            try:
                return check(*parts)
            except Refused as refused:
                wrong.extend(refused.errors)
                return None

        checked(self._must_know, new.unit)
        checked(responses.check_who, new.respondent, new.relation)
        at, definition = checked(self._moment, new.submitted_at), checked(self._definition, new)
        read = definition and checked(given.read, definition, new.answers, new.missing, self.today)
        if at is None or definition is None or read is None or wrong:
            raise Refused.several(wrong, len(wrong))
        return definition, at, *read

    def _must_know(self, unit: str) -> None:
        if unit not in self.units:
            raise Refused("case.unit", f"{unit} is not a unit of this registry")

    def _row(
        self,
        new: NewResponse,
        definition: Published,
        submitted_at: datetime,
        kept: Any,
        missing: Any,
    ) -> dict[str, Any]:
        return {
            "registry_id": self.registry_id,
            "id": new_id(),
            "order_id": None,
            "case_id": new.case_id,
            "external_id": new.external_id,
            "sent_sha256": new.sent_sha256,
            "instrument": definition.instrument.id,
            "version": definition.instrument.version,
            "wording_sha256": None,
            "language": new.language,
            "answers": kept,
            "missing": missing,
            "mode": new.mode,
            **responses.who_answered(new.respondent, new.relation),
            "started_at": submitted_at,
            "submitted_at": submitted_at,
        }

    def _moment(self, sent: datetime | date) -> datetime:
        is_time = isinstance(sent, datetime)
        if sent > (self.at if is_time else self.today):
            raise Refused("submitted_at", f"{sent.isoformat()} is still to come")
        begins = sent if isinstance(sent, datetime) else datetime.combine(sent, time.min, UTC)
        return begins.astimezone(UTC)

    def _definition(self, new: NewResponse) -> Published:
        key = (new.instrument, new.version, new.language)
        if key not in self.definitions:
            try:
                self.definitions[key] = self._found(*key)
            except NotFound as error:
                field = "version" if new.version else "instrument"
                hint = "GET /api/v1/instruments lists what there is."
                raise Refused(field, f"{error.detail} {hint}") from None
        return self.definitions[key]

    def _found(self, instrument: str, version: str | None, language: str) -> Published:
        if version is not None:
            return catalogue.orderable(self.session, instrument, version)
        return catalogue.latest(self.session, instrument, language)

    def _of_case(self, new: NewResponse, name: str) -> Any:
        return self.cases.get(new.case_id, {}).get(name)

    def _note_case(self, new: NewResponse) -> None:
        """Bring what is known of a case up to date with what a response says of it."""
        nothing = {"registry_id": self.registry_id, "id": new.case_id} | dict.fromkeys(OF_CASE)
        before = self.cases.get(new.case_id, nothing)
        said = {name: value for name, value in new.case.items() if value is not None}
        after = before | said | {"unit_id": new.unit}
        if after != before:
            self.cases[new.case_id] = after
            self.changed.add(new.case_id)

    def keep_cases(self) -> None:
        """Insert the new cases and change those that are told otherwise; each in the same order."""
        rows = [self.cases[one] for one in sorted(self.changed)]
        if rows:
            statement = insert_into(self.session, PatientCase)
            said = {"unit_id": statement.excluded.unit_id} | {
                name: func.coalesce(statement.excluded[name], table(PatientCase).c[name])
                for name in OF_CASE
            }
            statement = statement.on_conflict_do_update(
                index_elements=["registry_id", "id"], set_=said
            )
            self.session.connection().execute(statement, rows)

    def _the_same(self, there: Taken | There, new: NewResponse) -> Taken | There:
        """See that what is known by an external id is what is sent now; raises Conflict."""
        same = there._replace(outcome="unchanged")
        if there.sent_sha256 == new.sent_sha256:
            return same
        before = there.facts if isinstance(there, Taken) else self._told(there.id)
        if new.version is None and new.instrument == before["instrument"]:
            new = replace(new, version=before["version"])
        if differs := list(self._differences(before, new)):
            message = (
                f"{new.external_id} is already the response {before['id']}, and differs in "
                f"{', '.join(differs)}. Use a new external_id, or amend the response."
            )
            raise Conflict(f"external_id: {message}", FieldError("external_id", message))
        return same

    def _told(self, response_id: UUID) -> Mapping[str, Any]:
        """Return what was told of a response when it was stored."""
        query = select(ScoringRun.document).where(
            ScoringRun.registry_id == self.registry_id, ScoringRun.response_id == response_id
        )
        document = self.session.exec(query.order_by(col(ScoringRun.seq)).limit(1)).one()
        facts: Mapping[str, Any] = orjson.loads(document)["response"]
        return facts

    def _differences(self, before: Mapping[str, Any], new: NewResponse) -> Iterator[str]:
        after = self._read(new).facts
        for name, field in FIELDS.items():
            if before[name] != after[name]:
                yield field
        for name, value in new.case.items():
            if name != "index_date" and value not in (None, self._of_case(new, name)):
                yield f"case.{name}"


OF_CASE = ("birth_year", "sex", "index_date")
FIELDS = {"case": "case.id", "unit": "case.unit", "index_date": "case.index_date"} | {
    name: name
    for name in (
        "time_point",
        "instrument",
        "version",
        "language",
        "mode",
        "respondent",
        "helped",
        "relation",
        "submitted_at",
        "answers",
        "missing",
    )
}
"""What is compared when an external id comes again: how a result has it, and how it was sent."""

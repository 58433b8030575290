"""Instruments being written: kept as their authors left them, checked as publishing would."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlmodel import Session

from app import audit, catalogue, valuation
from app.catalogue import Document
from app.errors import Conflict, Frozen, NotFound
from app.models import InstrumentDraft, now
from app.papers import parse
from scoring import Instrument, NotValid, Problem, ValueSet, Wording
from scoring.checks.rules import instrument_problems, unscorable

DEFINITION = "definition"
"""The part that every draft has; others have names such as `wording nb`, `value set no-2024`."""


class Checked(NamedTuple):
    """What a draft's documents say where they are right, and all that publishing would refuse.

    `problems` holds what is wrong by the part's name; parts that are right have none. `instrument`
    can be asked and scored with, though its examples may be wrong; it is none while it cannot.
    """

    instrument: Instrument | None
    wordings: dict[str, Wording]
    value_sets: dict[str, ValueSet]
    problems: dict[str, tuple[Problem, ...]]


def get(session: Session, instrument: str, version: str) -> InstrumentDraft:
    """Return the draft of a version; raises NotFound."""
    draft = session.get(InstrumentDraft, (instrument, version))
    if draft is None:
        raise NotFound(f"There is no draft of {instrument} {version}.")
    return draft


def parts(draft: InstrumentDraft) -> dict[str, str]:
    """Return the texts of a draft by the names of its parts, the definition first."""
    return {
        DEFINITION: draft.definition,
        **{f"wording {name}": text for name, text in sorted(draft.wordings.items())},
        **{f"value set {name}": text for name, text in sorted(draft.value_sets.items())},
    }


def keep(
    session: Session, draft: InstrumentDraft, part: str, text: str, revision: int, who: str
) -> None:
    """Keep what somebody wrote in a part, whether or not it is right; the draft's revision rises.

    Raises Conflict when it is in review, or was changed since `revision`; NotFound for no part.
    """
    if draft.status == "in_review":
        raise Conflict("The draft is in review. Take it back before you change it.")
    if draft.revision != revision:
        raise Conflict(f"{draft.editors[-1]} has changed the draft meanwhile. Look at it anew.")
    kind, _, name = part.rpartition(" ")
    if part not in parts(draft):
        raise NotFound(f"The draft has no part {part}.")
    if part == DEFINITION:
        draft.definition = text
    elif kind == "wording":
        draft.wordings = draft.wordings | {name: text}
    else:
        draft.value_sets = draft.value_sets | {name: text}
    draft.revision, draft.changed_at = revision + 1, now()
    draft.editors = [one for one in draft.editors if one != who] + [who]
    session.add(draft)
    session.flush()
    audit.append(
        session, audit.NO_REGISTRY, who, "draft.changed", f"{draft.instrument}/{draft.version}"
    )


def checked(session: Session, parts: Mapping[str, str]) -> Checked:
    """Check the texts of a draft's parts as publishing would; nothing is kept."""
    found: dict[str, list[Problem]] = {part: [] for part in parts}
    documents = {part: _read(text, found[part]) for part, text in parts.items()}
    sets = {part: document for part, document in documents.items() if part.startswith("value set ")}
    value_sets = {
        one.id: one for part, document in sets.items() if (one := _value_set(document, found[part]))
    }
    instrument = _instrument(session, documents[DEFINITION], sets, found[DEFINITION])
    wordings = {
        part.removeprefix("wording "): wording
        for part, document in documents.items()
        if part.startswith("wording ")
        and (wording := _wording(document, instrument, found[part])) is not None
    }
    problems = {part: tuple(some) for part, some in found.items() if some}
    return Checked(instrument, wordings, value_sets, problems)


def _read(text: str, found: list[Problem]) -> Document | None:
    try:
        return parse(text.encode())
    except NotValid as error:
        found += error.problems
        return None


def _value_set(document: Document | None, found: list[Problem]) -> ValueSet | None:
    try:
        return None if document is None else catalogue.check_value_set(document)
    except NotValid as error:
        found += error.problems
        return None


def _instrument(
    session: Session,
    document: Document | None,
    sets: Mapping[str, Document | None],
    found: list[Problem],
) -> Instrument | None:
    if document is None:
        return None
    name = str(document.get("id"))
    own = {f"{name}/{part.split()[-1]}": one for part, one in sets.items() if one is not None}
    whole = catalogue.resolve(document, valuation.documents(session, name) | own)
    try:
        instrument = catalogue.shape(Instrument, whole)
    except NotValid as error:
        found += error.problems
        return None
    if unfit := unscorable(instrument):
        found += unfit
        return None
    found += instrument_problems(instrument)
    try:
        catalogue.may_be(session, instrument, whole)
    except Frozen as error:
        found.append(Problem("version", error.detail))
    return instrument


def _wording(
    document: Document | None, instrument: Instrument | None, found: list[Problem]
) -> Wording | None:
    if document is None or instrument is None:
        return None
    try:
        return catalogue.check_wording(document, instrument)
    except NotValid as error:
        found += error.problems
        return None

"""Instruments being written: kept as their authors left them, checked as publishing would."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from sqlmodel import Session, col, select

from app import audit, catalogue, revisions, valuation
from app.catalogue import Document, canonical
from app.errors import Conflict, Frozen, NotFound, Refused
from app.models import InstrumentDraft, now
from app.papers import MOST_BYTES, parse
from scoring import Instrument, NotValid, Problem, ValueSet, Wording
from scoring.checks.rules import instrument_problems, misnamed, unscorable
from scoring.instrument import Example

DEFINITION = "definition"
"""The part that every draft has; others are named like `wording nb` and `value set no-2024`."""

MOST_PARTS = 60
"""How many parts a draft has at most."""

ID = re.compile(r"(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*")
_PART = re.compile(rf"wording [a-z]{{2,3}}|value set {ID.pattern}")


class Checked(NamedTuple):
    """What a draft's documents say where they are right, and all that publishing would refuse.

    `problems` holds what is wrong by the part's name; parts that are right have none. `instrument`
    can be asked and scored with, though its examples may lack or not be reproduced; those that say
    nothing that can be read are left out. It is none while it cannot.
    """

    instrument: Instrument | None
    wordings: dict[str, Wording]
    value_sets: dict[str, ValueSet]
    problems: dict[str, tuple[Problem, ...]]


def listed(session: Session) -> list[InstrumentDraft]:
    """Return every draft, those in review first, then by what was changed last."""
    query = select(InstrumentDraft).order_by(
        col(InstrumentDraft.status).desc(), col(InstrumentDraft.changed_at).desc()
    )
    return list(session.exec(query))


def get(session: Session, instrument: str, version: str, *, hold: bool = False) -> InstrumentDraft:
    """Return the draft of a version, its row locked if it is to change; raises NotFound."""
    query = select(InstrumentDraft).where(
        InstrumentDraft.instrument == instrument, InstrumentDraft.version == version
    )
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    draft = session.exec(query).first()
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


def digest(parts: Mapping[str, str]) -> str:
    """Return the SHA-256 that stands for a draft: over the canonical texts of its parts.

    How a text is spaced makes no difference, while it is JSON.
    """
    return catalogue.sha256(json.dumps({part: _same(text) for part, text in parts.items()}))


def _same(text: str) -> str:
    try:
        return canonical(parse(text.encode()))
    except NotValid:
        return text


def keep(
    session: Session, draft: InstrumentDraft, part: str, text: str, revision: int, who: str
) -> None:
    """Keep what somebody wrote in a part, whether or not it is right; the draft's revision rises.

    Raises Conflict when it is in review, or was changed since `revision`; NotFound for no part;
    Refused for a text that cannot be kept.
    """
    keep_all(session, draft, {part: text}, revision, who)


def keep_all(
    session: Session, draft: InstrumentDraft, texts: Mapping[str, str], revision: int, who: str
) -> None:
    """Keep what somebody wrote in several parts at once; raises what `keep` does."""
    there = change(session, draft, revision)
    if unknown := [part for part in texts if part not in parts(there)]:
        raise NotFound(f"The draft has no part {unknown[0]}.")
    put(there, {**parts(there), **texts})
    changed(session, there, who, "draft.changed")


def change(session: Session, draft: InstrumentDraft, revision: int) -> InstrumentDraft:
    """Return a draft as it is now, its row locked, for somebody who is about to change it.

    Raises NotFound when it is gone, Conflict when it is in review or was changed since `revision`.
    """
    there = get(session, draft.instrument, draft.version, hold=True)
    if there.status == "in_review":
        raise Conflict("The draft is in review. Take it back before you change it.")
    if there.revision != revision:
        raise Conflict(f"{there.editors[-1]} has changed the draft meanwhile. Look at it anew.")
    return there


def changed(session: Session, draft: InstrumentDraft, who: str, what: str) -> None:
    """Keep what somebody has changed: the draft's revision rises, and they are its last editor."""
    draft.revision, draft.changed_at = draft.revision + 1, now()
    draft.editors = [one for one in draft.editors if one != who] + [who]
    done(session, draft, who, what)


def put(draft: InstrumentDraft, texts: Mapping[str, str]) -> None:
    """Give a draft these parts and no others; raises Refused as `see`."""
    see(texts)
    draft.definition = texts[DEFINITION]
    draft.wordings = _of_kind("wording ", texts)
    draft.value_sets = _of_kind("value set ", texts)


def see(texts: Mapping[str, str]) -> None:
    """See that texts can be kept as parts; raises Refused for a name or text that will not do."""
    if len(texts) > MOST_PARTS:
        raise Refused("parts", f"a draft has {MOST_PARTS} at most")
    for part, text in texts.items():
        if part != DEFINITION and not _PART.fullmatch(part):
            raise Refused("part", "write it as `wording nb` or `value set no-2024`")
        if "\0" in text or len(text.encode(errors="replace")) > MOST_BYTES:
            raise Refused(part, f"is no text of {MOST_BYTES // 1_000_000} MB at most")
        if not text.isascii() and _is_broken(text):
            raise Refused(part, "holds half a character; write it anew")


def _is_broken(text: str) -> bool:
    """Say whether a text holds half of a character (a lone surrogate), which cannot be stored."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _of_kind(kind: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {part.removeprefix(kind): text for part, text in texts.items() if part.startswith(kind)}


def done(session: Session, draft: InstrumentDraft, who: str, what: str) -> None:
    """Keep a draft as it is now, with a line in the audit of what was done to it."""
    session.add(draft)
    session.flush()
    note(session, draft, who, what)


def note(session: Session, draft: InstrumentDraft, who: str, what: str, more: str = "") -> None:
    """Append to the audit what somebody did to a draft."""
    name = f"{draft.instrument}/{draft.version}{more}"
    audit.append(session, audit.NO_REGISTRY, who, what, name)


def checked(
    session: Session, parts: Mapping[str, str], of: tuple[str, str] | None = None
) -> Checked:
    """Check the texts of a draft's parts as publishing would; nothing is kept.

    `of` is the id and version that the definition must have: those that the draft was begun for.
    """
    found: dict[str, list[Problem]] = {part: [] for part in parts}
    documents = {part: _read(text, found[part]) for part, text in parts.items()}
    sets = {part: document for part, document in documents.items() if part.startswith("value set ")}
    value_sets = {
        one.id: one
        for part, document in sets.items()
        if (one := _value_set(session, document, found[part]))
    }
    instrument = _instrument(session, documents[DEFINITION], sets, found[DEFINITION])
    wordings = {
        part.removeprefix("wording "): wording
        for part, document in documents.items()
        if part.startswith("wording ")
        and (wording := _wording(session, document, instrument, found[part])) is not None
    }
    _misnamed(documents, of, found)
    problems = {part: tuple(some) for part, some in found.items() if some}
    return Checked(instrument, wordings, value_sets, problems)


@contextmanager
def _noting(found: list[Problem], contradicted: str) -> Iterator[None]:
    """Note what is wrong; `contradicted` is where it stands when it contradicts what is published.

    What comes after the first thing that is wrong is left out.
    """
    try:
        yield
    except NotValid as error:
        found += error.problems
    except Frozen as error:
        found.append(Problem(contradicted, error.detail))


def _read(text: str, found: list[Problem]) -> Document | None:
    try:
        return parse(text.encode())
    except NotValid as error:
        found += error.problems
        return None


def _misnamed(
    documents: Mapping[str, Document | None],
    of: tuple[str, str] | None,
    found: Mapping[str, list[Problem]],
) -> None:
    """Add what is wrong where a document says another name than the draft or its part has."""
    definition = documents[DEFINITION] or {}
    for part, document in documents.items():
        kind, _, name = part.rpartition(" ")
        wanted = {"wording": {"language": name}, "value set": {"id": name}}.get(kind, {})
        if kind == "value set" and isinstance(definition.get("id"), str):
            wanted["instrument"] = definition["id"]
        if part == DEFINITION and of is not None:
            wanted = {"id": of[0], "version": of[1]}
        for field, right in wanted.items():
            if document is not None and document.get(field) != right:
                found[part].append(Problem(field, f"must be {right}, as this draft has it"))


def _value_set(
    session: Session, document: Document | None, found: list[Problem]
) -> ValueSet | None:
    value_set = None
    if document is not None:
        with _noting(found, "version"):
            value_set = catalogue.check_value_set(document)
            valuation.is_published(session, value_set, canonical(document))
    return value_set


def _instrument(
    session: Session,
    document: Document | None,
    sets: Mapping[str, Document | None],
    found: list[Problem],
) -> Instrument | None:
    if document is None:
        return None
    name = str(document.get("id"))
    known = valuation.documents(session, name) if ID.fullmatch(name) else {}
    own = {f"{name}/{part.split()[-1]}": one for part, one in sets.items() if one is not None}
    whole = catalogue.resolve(document, known | own)
    instrument = None
    with _noting(found, "version"):
        instrument, unread = _scorable(whole)
        found += unread or instrument_problems(instrument)
        catalogue.may_be(session, instrument, whole)
    return instrument


def _scorable(whole: Document) -> tuple[Instrument, list[Problem]]:
    """Return a definition with those of its examples that can be run, and why others cannot.

    Examples are figured by trying, so that none of them, or a wrong one, keeps nobody from trying.
    Raises NotValid for what else is wrong.
    """
    try:
        instrument, wrong = catalogue.shape(Instrument, whole), list[Problem]()
    except NotValid as error:
        wrong = [one for one in error.problems if one.path.split(".")[0] == "examples"]
        if len(wrong) < len(error.problems):
            raise
        bare = catalogue.shape(Instrument, whole | {"examples": [NO_EXAMPLE]})
        instrument = _with(bare, tuple(_shaped(whole.get("examples"))))
    wrong += misnamed(instrument)
    right = [one for one in instrument.examples if not any(misnamed(_with(instrument, (one,))))]
    if unfit := unscorable(instrument):
        raise NotValid(unfit)
    return _with(instrument, tuple(right)), wrong


NO_EXAMPLE = {"name": "-", "source": "-", "answers": {}, "expected": {"none": None}}
"""What stands for the examples of a definition while the rest of it is read."""


def _with(instrument: Instrument, examples: tuple[Example, ...]) -> Instrument:
    return instrument.model_copy(update={"examples": examples})


def _shaped(examples: object) -> Iterator[Example]:
    """Yield those of a definition's examples that can be read."""
    for one in examples if isinstance(examples, list) else ():
        with suppress(NotValid):
            yield catalogue.shape(Example, one)


def _wording(
    session: Session,
    document: Document | None,
    instrument: Instrument | None,
    found: list[Problem],
) -> Wording | None:
    wording = None
    if document is not None and instrument is not None:
        with _noting(found, "revision"):
            wording = catalogue.check_wording(document, instrument)
            revisions.is_published(session, wording, canonical(document))
    return wording

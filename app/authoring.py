"""What authors do with a draft: begin it, add to it, decide what a file left open, discard it."""

import json
import re
from collections.abc import Mapping

from sqlmodel import Session, col

from app import catalogue, drafts
from app.catalogue import Document
from app.db import insert_into
from app.drafts import DEFINITION, ID, change, changed, done, note, parts, put, see
from app.errors import Conflict, NotFound, Refused
from app.exchange.binder import Binder, Brought
from app.exchange.names import VERSION
from app.exchange.names import named as named_as
from app.exchange.order import ordered
from app.models import InstrumentDraft, PublishedInstrument, now
from app.papers import parse
from scoring import Instrument, NotValid, Wording


def begin(
    session: Session, brought: Brought, who: str, *, replace: bool = False
) -> InstrumentDraft:
    """Keep what was brought in as a draft, right or wrong, with what is to be decided.

    Raises Refused for a definition whose id or version can be no name, and for parts without one;
    Conflict where there is a draft of this version already, unless it is to be replaced.
    """
    instrument, version, texts = read(brought.binder)
    see(texts)
    texts |= _as_published(session, instrument, version, brought.binder)
    is_new = _is_begun(session, instrument, version, who)
    if not (is_new or replace):
        raise Conflict(
            f"There is a draft of {instrument} {version} already. Replace it, or raise the version."
        )
    draft = drafts.get(session, instrument, version, hold=True)
    draft = change(session, draft, draft.revision)
    put(draft, texts)
    draft.decisions = [{"path": one.path, "message": one.message} for one in brought.decisions]
    if is_new:
        done(session, draft, who, "draft.begun")
    else:
        changed(session, draft, who, "draft.replaced")
    return draft


def named(brought: Brought, instrument: str, version: str) -> Brought:
    """Give a definition and its wordings the id and version that their author says, if it has none.

    What was to be decided about them is decided by that. An empty text says nothing.
    """
    said = {"id": instrument, "version": version}
    lacking = {
        name: text
        for name, text in said.items()
        if text and brought.binder.definition and name not in brought.binder.definition
    }
    of = {"instrument" if name == "id" else name: text for name, text in lacking.items()}
    told = brought.binder._replace(
        definition=lacking | brought.binder.definition,
        wordings=tuple(of | one for one in brought.binder.wordings),
    )
    places = {f"instrument.{name}" for name in lacking}
    return Brought(told, tuple(one for one in brought.decisions if one.path not in places))


def _as_published(session: Session, instrument: str, version: str, of: Binder) -> dict[str, str]:
    """Return the parts that say just what is published, in its own text.

    So what is taken out and comes in unchanged is not another content, whether a spreadsheet writes
    1 or 1.0.
    """
    row = session.get(PublishedInstrument, (instrument, version))
    if row is None:
        return {}
    definition = json.loads(row.document)
    found, whole = {}, of.definition | {"value_sets": definition["value_sets"]}
    if _alike(Instrument, whole, definition):
        del definition["value_sets"]
        found[DEFINITION] = text_of(definition)
    published = [
        json.loads(one.document) for one in catalogue.revisions(session, row.id, row.version)
    ]
    for one in published:
        if any(_alike(Wording, wording, one) for wording in of.wordings):
            found[f"wording {one['language']}"] = text_of(ordered(one, definition))
    return found


def _alike(model: type[Instrument | Wording], one: Document, other: Document) -> bool:
    try:
        return catalogue.shape(model, one) == catalogue.shape(model, other)
    except NotValid:
        return False


def _is_begun(session: Session, instrument: str, version: str, who: str) -> bool:
    """Make room for a draft unless there is one; of several who try at once, one makes it."""
    at = now()
    row = {
        "instrument": instrument,
        "version": version,
        "definition": "",
        "wordings": {},
        "value_sets": {},
        "decisions": [],
        "status": "draft",
        "revision": 1,
        "editors": [who],
        "begun_at": at,
        "changed_at": at,
        "remark": "",
    }
    made = insert_into(session, InstrumentDraft).values(row).on_conflict_do_nothing()
    named = made.returning(col(InstrumentDraft.instrument))
    return session.connection().execute(named).first() is not None


def read(of: Binder) -> tuple[str, str, dict[str, str]]:
    """Return the id, the version and the parts that documents make; raises Refused as `begin`."""
    if not of.definition:
        raise Refused("files", "there is no definition among them; bring it along")
    named = [(DEFINITION, of.definition)]
    named += [(f"wording {one.get('language')}", one) for one in of.wordings]
    named += [(f"value set {one.get('id')}", one) for one in of.value_sets]
    texts: dict[str, str] = {}
    for part, document in named:
        if part in texts:
            raise Refused("files", f"there are two of the part {part!r}; bring one")
        texts[part] = text_of(document)
    instrument = _name(of.definition, "id", ID, "small letters, digits and hyphens: rand-36")
    return instrument, _name(of.definition, "version", VERSION, "two numbers: 1.0"), texts


def binder(draft: InstrumentDraft) -> Binder:
    """Return a draft's parts as documents; raises NotValid for a part that is no JSON object."""
    return Binder(
        parse(draft.definition.encode()),
        tuple(parse(text.encode()) for _, text in sorted(draft.wordings.items())),
        tuple(parse(text.encode()) for _, text in sorted(draft.value_sets.items())),
    )


def text_of(document: Document) -> str:
    """Return a document as its author reads it."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def _name(document: Document, field: str, pattern: re.Pattern[str], wanted: str) -> str:
    given = document.get(field)
    if not isinstance(given, str) or not pattern.fullmatch(given):
        said = f"{given[:40]!r}" if isinstance(given, str) else "lacking"
        better = named_as(given, "-")[:40] if field == "id" and isinstance(given, str) else ""
        raise Refused(field, f"is {said} in the definition; write {better or wanted}")
    return given


def copy(session: Session, instrument: str, before: str, version: str, who: str) -> InstrumentDraft:
    """Begin the next version from one that is published, with its newest wordings.

    Value sets are resolved anew when it is published. Raises NotFound, Refused for a version that
    is none of `next_versions`, and Conflict as `begin`.
    """
    row = catalogue.definition_row(session, instrument, before)
    following = next_versions(session, instrument, before)
    if version not in following:
        raise Refused("version", f"choose {' or '.join(following)}")
    definition = json.loads(row.document) | {"version": version}
    del definition["value_sets"]
    wordings = tuple(
        ordered(json.loads(one.document), definition) | {"version": version, "revision": 1}
        for one in catalogue.wordings(session, instrument, before)
    )
    return begin(session, Brought(Binder(definition, wordings), ()), who)


def next_versions(session: Session, instrument: str, before: str) -> tuple[str, str]:
    """Return the versions that may follow one: where only the scoring changes, and where more does.

    Raises NotFound for an unknown instrument.
    """
    known = [one.instrument.version for one, _ in catalogue.versions(session, instrument)]
    numbers = [tuple(map(int, one.split("."))) for one in known]
    major = int(before.split(".")[0])
    minor = max(number[1] for number in numbers if number[0] == major)
    return f"{major}.{minor + 1}", f"{max(numbers)[0] + 1}.0"


def rewrite(
    session: Session, draft: InstrumentDraft, texts: Mapping[str, str], revision: int, who: str
) -> None:
    """Write all parts of a draft anew; what is left out is taken away, but for the definition.

    Raises Conflict as `keep`, and Refused for names or texts that will not do.
    """
    there = change(session, draft, revision)
    put(there, {DEFINITION: there.definition, **texts})
    changed(session, there, who, "draft.changed")


def add_part(
    session: Session, draft: InstrumentDraft, part: str, text: str, revision: int, who: str
) -> None:
    """Add a wording in a further language, or a value set: `wording nn`, `value set se-2025`.

    Without a text it is begun: a wording with the texts of the first one that there is, marked as
    placeholders. Raises Refused for a name that is none, and Conflict for a part that is there.
    """
    there = change(session, draft, revision)
    if part in parts(there):
        raise Conflict(f"The draft has the part {part} already.")
    put(there, parts(there) | {part: text or _begun(there, part)})
    changed(session, there, who, "draft.part_added")


def _begun(draft: InstrumentDraft, part: str) -> str:
    kind, _, name = part.rpartition(" ")
    if kind != "wording":
        return text_of({"instrument": draft.instrument, "id": name})
    marked = {"language": name, "revision": 1, "status": "placeholder"}
    first = next(iter(sorted(draft.wordings.items())), ("", "{}"))[1]
    words = ordered(_parsed(first), _parsed(draft.definition))
    return text_of({"instrument": draft.instrument, "version": draft.version} | words | marked)


def _parsed(text: str) -> Document:
    """Return a part as a document; an empty one while it is none."""
    try:
        return parse(text.encode())
    except NotValid:
        return {}


def remove_part(
    session: Session, draft: InstrumentDraft, part: str, revision: int, who: str
) -> None:
    """Take a wording or a value set out of a draft.

    Raises Conflict as `keep`, NotFound for no part, and Refused for the definition.
    """
    there = change(session, draft, revision)
    if part == DEFINITION:
        raise Refused("part", "the definition stays; discard the draft if it is not wanted")
    left = parts(there)
    if left.pop(part, None) is None:
        raise NotFound(f"The draft has no part {part}.")
    put(there, left)
    changed(session, there, who, "draft.part_removed")


def decide(session: Session, draft: InstrumentDraft, number: int, revision: int, who: str) -> None:
    """Tick off a decision, counted from 1; raises Conflict as `keep`, NotFound for none."""
    there = change(session, draft, revision)
    if not 1 <= number <= len(there.decisions):
        raise NotFound(f"There is no decision {number} left.")
    there.decisions = [one for place, one in enumerate(there.decisions, 1) if place != number]
    changed(session, there, who, "draft.decided")


def discard(session: Session, draft: InstrumentDraft, who: str) -> None:
    """Throw a draft away, with what was filled in to try it; raises Conflict when in review."""
    there = change(session, draft, draft.revision)
    session.delete(there)
    session.flush()
    note(session, there, who, "draft.discarded")

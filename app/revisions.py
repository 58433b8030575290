"""Publishing a wording: a revision corrects words, and no more.

A label that stood at another code before, or a question at another item, is refused: an answer that
was given before would mean something else.
"""

from sqlmodel import Session, select

from app import audit, catalogue
from app.catalogue import Document
from app.errors import Frozen
from app.models import PublishedWording, now
from scoring import Wording
from scoring.rewording import asked, moved


def publish(session: Session, document: Document, by: str) -> Wording:
    """Publish a wording of a published definition. The same one again changes nothing.

    Raises NotValid, NotFound (no such definition), or Frozen: this revision has another content, a
    new MINOR version would be asked in other words than any revision of its MAJOR was, or a text
    has moved to another place.
    """
    shaped = catalogue.shape(Wording, document)
    asks = catalogue.get(session, shaped.instrument, shaped.version)
    wording = catalogue.check_wording(document, asks.instrument)
    text = catalogue.canonical(document)
    if not is_published(session, wording, text):
        _freeze(session, wording, text, by)
    return wording


def is_published(session: Session, wording: Wording, text: str) -> bool:
    """Say whether a wording of this canonical text is published; raises Frozen if it cannot be."""
    key = (wording.instrument, wording.version, wording.language, wording.revision)
    there = session.get(PublishedWording, key)
    if there is None:
        _same_words(session, wording)
    elif there.sha256 != catalogue.sha256(text):
        raise Frozen(
            f"{wording.instrument} {wording.version} in {wording.language} is published with "
            f"another content as revision {wording.revision}. Raise the revision."
        )
    return there is not None


def _freeze(session: Session, wording: Wording, text: str, by: str) -> None:
    row = PublishedWording(
        instrument=wording.instrument,
        version=wording.version,
        language=wording.language,
        revision=wording.revision,
        sha256=catalogue.sha256(text),
        document=text,
        status=wording.status,
        published_at=now(),
        published_by=by,
    )
    session.add(row)
    session.flush()
    name = f"{wording.instrument}/{wording.version}/{wording.language}/{wording.revision}"
    audit.append(session, audit.NO_REGISTRY, by, "wording.published", name)


def _same_words(session: Session, wording: Wording) -> None:
    """A MINOR version's first wording says what its MAJOR's said; a revision only corrects it."""
    query = select(PublishedWording.version, PublishedWording.document).where(
        PublishedWording.instrument == wording.instrument,
        PublishedWording.language == wording.language,
    )
    found = [(version, Wording.model_validate_json(text)) for version, text in session.exec(query)]
    major = catalogue.major(wording.version)
    said = [(version, one) for version, one in found if catalogue.major(version) == major]
    name = f"{wording.instrument} {wording.version} in {wording.language}"
    if away := [one for _, before in said for one in moved(before, wording)]:
        path, before, after = away[0]
        raise Frozen(
            f"{name}: {path} said {before!r} and now says {after!r}, which stood elsewhere: "
            "an answer given before would mean something else; make the next MAJOR version."
        )
    revises = any(version == wording.version for version, _ in said)
    if said and not revises and asked(wording) not in [asked(one) for _, one in said]:
        raise Frozen(
            f"{name} has other words than version {said[-1][0]}. "
            "Publish the same words first, then correct them in a revision."
        )

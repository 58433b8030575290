"""Agreements with those who own a questionnaire: added, ended, and looked up for an order.

An agreement is never changed and never removed: another registry, or another year, is another
agreement. So it can always be told under which one something was ordered.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from app import audit, catalogue
from app.browser import SentFile
from app.errors import FieldError, NotFound, Refused
from app.models import Agreement, AgreementFile, AgreementRegistry, Registry, new_id, now
from app.settings import Settings

MOST_BYTES = 5_000_000
"""How large an agreement's file may be."""

MOST_SIGNS = 200
"""How long a holder's name, or a reference, may be."""

SIGNATURES = {
    b"%PDF-": ("application/pdf", ".pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
}
"""How the files begin that are taken besides plain text; a file is what it holds, not its name."""

_UNSEEN = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class New:
    """An agreement as it is entered; days as texts, such as 2026-12-31."""

    instrument: str
    holder: str
    reference: str
    valid_from: str
    valid_to: str
    registries: Collection[str]
    file: SentFile | None = None


class Entry(NamedTuple):
    """An agreement with its registries, names by id, and the name of its file, if it has one."""

    agreement: Agreement
    registries: dict[str, str]
    file: str | None


def today(settings: Settings) -> date:
    """Return the day that it is where the service is."""
    return now().astimezone(settings.zone).date()


def add(session: Session, new: New, who: str) -> Agreement:
    """Keep a new agreement, with its registries and its file.

    Raises Refused, naming every field that is wrong.
    """
    if wrong := list(_wrong(session, new)):
        raise Refused.several(wrong, len(wrong))
    made = _agreement(new, who)
    session.add(made)
    session.flush()
    for registry in sorted(set(new.registries)):
        session.add(AgreementRegistry(registry_id=registry, agreement_id=made.id))
    if new.file:
        session.add(_file(made, new.file))
    session.flush()
    _note(session, who, "added", made)
    return made


def _agreement(new: New, who: str) -> Agreement:
    return Agreement(
        id=new_id(),
        instrument=new.instrument,
        holder=new.holder.strip(),
        reference=new.reference.strip(),
        valid_from=date.fromisoformat(new.valid_from),
        valid_to=date.fromisoformat(new.valid_to),
        added_at=now(),
        added_by=who,
    )


def _file(made: Agreement, file: SentFile) -> AgreementFile:
    media_type, ending = _kind(file.content) or ("", "")
    return AgreementFile(
        agreement_id=made.id,
        name=_file_name(file.name, ending),
        media_type=media_type,
        content=file.content,
    )


def end(session: Session, agreement_id: UUID, who: str) -> Agreement:
    """End an agreement, at once: nothing more is ordered under it. Ending again changes nothing.

    Raises NotFound.
    """
    found = get(session, agreement_id)
    if found.ended_at is None:
        found.ended_at, found.ended_by = now(), who
        session.add(found)
        session.flush()
        _note(session, who, "ended", found)
    return found


def get(session: Session, agreement_id: UUID) -> Agreement:
    """Return an agreement, ended or not; raises NotFound."""
    found = session.get(Agreement, agreement_id)
    if found is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    return found


def file_of(session: Session, agreement_id: UUID) -> AgreementFile:
    """Return an agreement's file; raises NotFound where it has none."""
    found = session.get(AgreementFile, agreement_id)
    if found is None:
        raise NotFound(f"There is no file of an agreement {agreement_id}.")
    return found


def valid(session: Session, registry_id: str, instrument: str, day: date) -> Agreement | None:
    """Return the agreement under which a registry may order on a day, the longest if several."""
    query = (
        select(Agreement)
        .join(AgreementRegistry, col(AgreementRegistry.agreement_id) == col(Agreement.id))
        .where(
            AgreementRegistry.registry_id == registry_id,
            Agreement.instrument == instrument,
            col(Agreement.ended_at).is_(None),
            col(Agreement.valid_from) <= day,
            col(Agreement.valid_to) >= day,
        )
        .order_by(col(Agreement.valid_to).desc(), col(Agreement.id))
    )
    return session.exec(query).first()


def entries(session: Session, instrument: str | None = None) -> list[Entry]:
    """Return all agreements, or an instrument's: the next to run out first, ended ones last."""
    query = select(Agreement)
    if instrument is not None:
        query = query.where(Agreement.instrument == instrument)
    found = session.exec(query.order_by(col(Agreement.valid_to), col(Agreement.id))).all()
    names = _registries(session)
    files = dict(session.exec(select(AgreementFile.agreement_id, AgreementFile.name)).all())
    listed = [Entry(one, names.get(one.id, {}), files.get(one.id)) for one in found]
    return sorted(listed, key=lambda one: one.agreement.ended_at is not None)


def registries(session: Session) -> dict[str, str]:
    """Return the name of every registry by its id, in the order of their names."""
    query = select(Registry.id, Registry.name).order_by(Registry.name)
    return dict(session.exec(query).all())


def covered_until(periods: Iterable[tuple[date, date]], day: date) -> date:
    """Return the last day that periods cover without a gap from `day` on; the day before if none.

    Both days of a period are covered, and one that begins the day after another goes on from it.
    """
    until = day - timedelta(days=1)
    for first, last in sorted(periods):
        if first > until + timedelta(days=1):
            break
        until = max(until, last)
    return until


def last_day(settings: Settings, one: Agreement) -> date:
    """Return the last whole day on which an agreement is valid, or was before it was ended."""
    if one.ended_at is None:
        return one.valid_to
    ended = one.ended_at.astimezone(settings.zone).date() - timedelta(days=1)
    return min(one.valid_to, ended)


def _registries(session: Session) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = {}
    query = select(AgreementRegistry.agreement_id, Registry.id, Registry.name)
    query = query.join(Registry, col(Registry.id) == col(AgreementRegistry.registry_id))
    for agreement_id, registry, name in session.exec(query.order_by(Registry.name)):
        found.setdefault(agreement_id, {})[registry] = name
    return found


def _wrong(session: Session, new: New) -> Iterable[FieldError]:
    """Yield each field of a new agreement that will not do, and what to do about it."""
    known = new.instrument.isprintable() and catalogue.exists(session, new.instrument)
    if not known:  # PostgreSQL could not look for a NUL
        yield FieldError("instrument", "choose one of the instruments that are published")
    for name, text in (("holder", new.holder), ("reference", new.reference)):
        if not 1 <= len(text.strip()) <= MOST_SIGNS or not text.isprintable():
            yield FieldError(name, f"write it in one line of at most {MOST_SIGNS} signs")
    yield from _wrong_days(new)
    yield from _wrong_registries(session, new.registries)
    if new.file and len(new.file.content) > MOST_BYTES:
        yield FieldError("file", f"is larger than {MOST_BYTES // 1_000_000} MB; make it smaller")
    elif new.file and _kind(new.file.content) is None:
        yield FieldError(
            "file", "is none of PDF, PNG, JPEG and plain text in UTF-8; save it as one"
        )


def _wrong_days(new: New) -> Iterable[FieldError]:
    first, last = _day(new.valid_from), _day(new.valid_to)
    for name, found in (("valid_from", first), ("valid_to", last)):
        if found is None:
            yield FieldError(name, "write a day from 2000 to 2100, such as 2026-12-31")
    if first and last and last < first:
        yield FieldError("valid_to", "is before the first day; let it end later")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _wrong_registries(session: Session, given: Collection[str]) -> Iterable[FieldError]:
    if not given:
        yield FieldError("registry", "choose at least one registry that it is for")
    elif unknown := sorted(set(given) - registries(session).keys()):
        yield FieldError("registry", f"there is no registry {', '.join(unknown)}")


def _kind(content: bytes) -> tuple[str, str] | None:
    """Return the media type that a file's content is of, and its usual ending; None for others."""
    for begins, kind in SIGNATURES.items():
        if content.startswith(begins):
            return kind
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    return ("text/plain", ".txt") if content and not _UNSEEN.search(content) else None


def _file_name(name: str, ending: str) -> str:
    """Return a file's name without folders or signs that mislead, with its content's ending."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    stem = "".join(sign for sign in name if sign.isalnum() or sign in " .-_()")
    stem = stem.rpartition(".")[0] or stem
    return f"{stem.strip(' .')[:90] or 'agreement'}{ending}"


def _note(session: Session, who: str, what: str, one: Agreement) -> None:
    record = f"{one.instrument}/{one.id}"
    audit.append(session, audit.NO_REGISTRY, who, f"agreement.{what}", record)

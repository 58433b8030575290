"""What may be sent to patients: words that are fit for them, and licensed ones by an agreement.

In demo mode everything may, so that placeholders can be tried.
"""

from typing import NamedTuple

from sqlmodel import Session

from app import agreements, catalogue
from app.errors import NotFound, Refused
from app.models import PublishedWording
from app.settings import Settings
from scoring import Instrument


class Wanted(NamedTuple):
    """The language that is asked for, and the field that is named when it cannot be had."""

    field: str
    language: str


def is_fit(instrument: Instrument, status: str) -> bool:
    """Say whether patients may get a wording: no placeholder; a licensed one is official only."""
    return status == "official" or (status == "unreviewed" and not _is_licensed(instrument))


def words(
    session: Session, settings: Settings, registry_id: str, instrument: Instrument, wanted: Wanted
) -> dict[str, str]:
    """Return the words that patients get, by hash, and the agreement under which, if one is needed.

    Raises Refused, naming the field: all that is lacking is told at once, and whom to ask.
    """
    wording = _newest(session, instrument, wanted.language)
    if _is_licensed(instrument) and not settings.demo:
        return _under_agreement(session, settings, registry_id, instrument, wanted, wording)
    if wording is None:
        there = _languages(session, instrument)
        name = f"{instrument.id} {instrument.version}"
        raise Refused("language", f"{name} has no wording in {wanted.language}; it has {there}")
    if not (settings.demo or is_fit(instrument, wording.status)):
        raise Refused(
            wanted.field,
            f"{instrument.id} has only a {wording.status} wording in {wanted.language}, which "
            f"patients must not get. Ask {centre(settings)} to load the official wording.",
        )
    return {"wording_sha256": wording.sha256}


def centre(settings: Settings) -> str:
    """Return how registries are told of the PRO centre, with its address if it has given one."""
    contact = settings.centre_contact
    return f"the PRO centre ({contact})" if contact else "the PRO centre"


def _is_licensed(instrument: Instrument) -> bool:
    return instrument.licence.status == "licensed"


def _under_agreement(
    session: Session,
    settings: Settings,
    registry_id: str,
    instrument: Instrument,
    wanted: Wanted,
    wording: PublishedWording | None,
) -> dict[str, str]:
    """Return the same of a licensed instrument, or tell whether agreement, words or both lack."""
    today = agreements.today(settings)
    agreement = agreements.valid(session, registry_id, instrument.id, today)
    lacks, ask, do = [], [], []
    if agreement is None:
        holder = instrument.licence.holder
        lacks.append(f"no agreement with {holder} that is valid today for your registry")
        ask.append(f"{holder} for a licence")
        do.append("enter the agreement")
    if wording is None or not is_fit(instrument, wording.status):
        lacks.append(_no_words(session, instrument, wanted.language, wording))
        do.append("load the official wording")
    if agreement is None or wording is None or lacks:
        ask.append(f"{centre(settings)} to {' and to '.join(do)}")
        told = f"{instrument.id} is licensed, and there is {', and '.join(lacks)}."
        raise Refused(wanted.field, f"{told} Ask {', and '.join(ask)}.")
    return {"wording_sha256": wording.sha256, "agreement": str(agreement.id)}


def _no_words(
    session: Session, instrument: Instrument, language: str, wording: PublishedWording | None
) -> str:
    """Return in words that there is no official wording, and what there is instead."""
    if wording is None:
        return (
            f"no official wording in {language} (its languages: {_languages(session, instrument)})"
        )
    return (
        f"no official wording in {language}, only one that patients must not get: {wording.status}"
    )


def _newest(session: Session, instrument: Instrument, language: str) -> PublishedWording | None:
    try:
        return catalogue.wording_row(session, instrument.id, instrument.version, language)
    except NotFound:
        return None


def _languages(session: Session, instrument: Instrument) -> str:
    rows = catalogue.wordings(session, instrument.id, instrument.version)
    return ", ".join(row.language for row in rows) or "none"

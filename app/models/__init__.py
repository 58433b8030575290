"""The tables. They never leave the process, and what must hold in them is held by the database."""

from app.models.answered import AuditEvent, Correction, QuestionnaireResponse, ScoringRun
from app.models.drafted import InstrumentDraft, Rehearsal
from app.models.library import PublishedInstrument, PublishedValueSet, PublishedWording
from app.models.licensed import Agreement, AgreementFile, AgreementRegistry
from app.models.ordered import Draft, EntryCode, EntryTry, Order, PatientCase
from app.models.parties import Client, Credential, Registry, Unit, UsedOnce
from app.models.shared import UtcTime, cursor, new_id, now, table
from app.models.staff import Person, PersonLink, StaffSession, StaffToken

__all__ = [
    "Agreement",
    "AgreementFile",
    "AgreementRegistry",
    "AuditEvent",
    "Client",
    "Correction",
    "Credential",
    "Draft",
    "EntryCode",
    "EntryTry",
    "InstrumentDraft",
    "Order",
    "PatientCase",
    "Person",
    "PersonLink",
    "PublishedInstrument",
    "PublishedValueSet",
    "PublishedWording",
    "QuestionnaireResponse",
    "Registry",
    "Rehearsal",
    "ScoringRun",
    "StaffSession",
    "StaffToken",
    "Unit",
    "UsedOnce",
    "UtcTime",
    "cursor",
    "new_id",
    "now",
    "table",
]

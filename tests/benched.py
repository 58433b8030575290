"""Drafts in the tests: there at once, as somebody might have left them."""

import json
from typing import Any

from app.db import Database
from app.models import InstrumentDraft, now
from tests.documents import SMALL, Document, read
from tests.worded import wording_for


def draft(database: Database, name: str, **more: Any) -> str:
    """Put a draft of a small definition in place, with a wording in bokmål; return its bench."""
    definition = read(SMALL / f"{name}.json")
    text = (SMALL / f"{name}.json").read_text("utf-8")
    return put(database, definition, {"definition": text} | more)


def put(database: Database, definition: Document, more: dict[str, Any]) -> str:
    """Put a draft in place, as text written by somebody; return the address of its bench."""
    parts: dict[str, Any] = {
        "definition": json.dumps(definition, indent=2),
        "wordings": {"nb": json.dumps(wording_for(definition), ensure_ascii=False)},
        "value_sets": {},
        "decisions": [],
        "status": "draft",
        "revision": 1,
        "editors": ["staff:ola@example.org"],
        "begun_at": now(),
        "changed_at": now(),
    }
    name, version = definition["id"], definition["version"]
    with database.write() as session:
        session.add(InstrumentDraft(instrument=name, version=version, **parts | more))
    return f"/centre/drafts/{name}/{version}/bench"


def kept(database: Database, bench: str) -> InstrumentDraft:
    """Return a draft as it is kept."""
    name, version = bench.split("/")[3:5]
    with database.read() as session:
        return session.get_one(InstrumentDraft, (name, version))

"""A clinic's tablet in the tests: codes are made for it, typed on it, and grow old."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import select
from starlette.testclient import TestClient

from app import codes, security
from app.codes import Code
from app.db import Database
from app.models import EntryCode, EntryTry
from app.settings import Settings
from tests.conftest import Party
from tests.walk import PageReader

UNKNOWN = "2222-2222"


def code_path(order_id: object) -> str:
    return f"/api/v1/orders/{order_id}/code"


def code_for(party: Party, order_id: object) -> str:
    """Make a code as a registry does, and return it."""
    answer = party.post(code_path(order_id))
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["code"]
    return code


def made(database: Database, settings: Settings, order_id: UUID | str) -> Code:
    with database.write() as session:
        return codes.make(session, settings, "hips", UUID(str(order_id)), "tests")


def plain(code: str) -> str:
    return code.replace("-", "")


def types(tablet: TestClient, code: str, **more: Any) -> Any:
    """Open the page that asks, type a code, and press the button."""
    form = PageReader(tablet.get("/enter").text).form
    assert form is not None
    return tablet.post(form.action, data=form.filled({"code": code}), **more)


def has_visit(tablet: TestClient) -> bool:
    return security.VISIT in tablet.cookies


def change_code(database: Database, **values: Any) -> None:
    """Change every code behind the service's back, as time does."""
    with database.write() as session:
        session.connection().execute(update(EntryCode).values(values))


def change_tries(database: Database, **values: Any) -> None:
    with database.write() as session:
        session.connection().execute(update(EntryTry).values(values))


def tries(database: Database) -> dict[str, int]:
    """Return how many tries are counted: for all together, and for the others."""
    with database.read() as session:
        rows = session.exec(select(EntryTry)).all()
    return {"*" if row.who == codes.ALL else "one": row.tries for row in rows}

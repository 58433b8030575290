"""The PRO centre's people in the tests: there at once, or in by the page as they come in."""

import html
import re
from collections.abc import Callable
from typing import Any

from sqlmodel import select
from starlette.testclient import TestClient

from app import security, staff, tokens
from app.centre.guard import form_token
from app.db import Database
from app.models import AuditEvent, Person
from app.settings import Settings

PASSWORD = "canary of a long password"


def somebody(database: Database, *roles: str, email: str = "") -> str:
    """Put somebody with these roles and PASSWORD in place; return the address."""
    email = email or f"{roles[0]}@example.org"
    with database.write() as session:
        if session.get(Person, email) is None:
            person = staff.invite(session, email, f"Kari {roles[0]}", roles, "tests")
            person.password = security.hash_secret(PASSWORD)
    return email


def come_as(client: TestClient, database: Database, settings: Settings, *roles: str) -> str:
    """Come with the cookie of a new session of somebody; return the hidden field of its forms."""
    email = somebody(database, *roles)
    with database.write() as session:
        token = staff.begin(session, settings, email)
    client.cookies.set(security.STAFF, token, domain="127.0.0.1", path="/")
    return form_token(settings, token)


def bearer(database: Database, settings: Settings, *roles: str) -> dict[str, str]:
    """Return the header of somebody's script, with a new token."""
    email = somebody(database, *roles)
    with database.write() as session:
        named = f"n{len(tokens.of_person(session, email))}"
        text = tokens.make(session, settings, email, named, 1, "tests")
    return {"Authorization": f"Bearer {text}"}


def by_turns(client: TestClient, database: Database, settings: Settings) -> Callable[..., Any]:
    """Return how a form is sent as somebody with a role: `send("author", path, name="…")`."""

    def send(role: str, path: str, files: Any = None, **fields: str) -> Any:
        fields["csrf"] = come_as(client, database, settings, role)
        return client.post(path, data=fields, files=files)

    return send


def looker(client: TestClient, database: Database, settings: Settings) -> Callable[..., str]:
    """Return how a page is looked at in English as somebody with a role: `look("author", path)`."""

    def look(role: str, path: str, status: int = 200) -> str:
        come_as(client, database, settings, role)
        client.cookies.set("svar_language", "en", domain="127.0.0.1", path="/")
        answer = client.get(path)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    return look


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the first form of a page, and those of the same names."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    assert found
    return dict(found)


def logs_in(client: TestClient, email: str, password: str = PASSWORD, **more: Any) -> Any:
    """Open the page that asks, fill it in, and press the button."""
    sent = hidden(client.get("/centre/login").text) | {"email": email, "password": password}
    return client.post("/centre/login", data=sent, **more)


def trail(database: Database) -> list[tuple[str, str, str]]:
    """Return who did what to which record of no registry, but for what the tests published."""
    with database.read() as session:
        rows = session.exec(select(AuditEvent).order_by(AuditEvent.id))  # type: ignore[arg-type]
        return [(one.who, one.what, one.record) for one in rows if one.what.startswith("staff.")]

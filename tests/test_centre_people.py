"""/centre/people and `svar staff`: who is invited, what they may do, and how it ends."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app import staff
from app.db import Database
from app.settings import Settings
from tests.conftest import HERE, SECRET_KEY
from tests.flow import nothing_stored
from tests.staffed import PASSWORD, come_as, hidden, logs_in, somebody, trail
from tests.test_cli import fails, works

PEOPLE = "/centre/people"


@pytest.fixture
def csrf(client: TestClient, database: Database, settings: Settings) -> dict[str, str]:
    """An administrator is in; the hidden field of their forms."""
    return {"csrf": come_as(client, database, settings, "administrator")}


def roles_of(database: Database, email: str) -> list[str]:
    with database.read() as session:
        return staff.get(session, email).roles


def test_an_administrator_invites_somebody_and_has_the_link_this_once(
    client: TestClient, csrf: dict[str, str], database: Database
) -> None:
    sent: dict[str, Any] = csrf | {"email": "Ola@example.org", "name": " Ola  N "}
    page = client.post(PEOPLE, data=sent | {"role": ["reviewer", "author"]})
    assert page.status_code == 200
    link = page.text.split(f"{HERE}/centre/invitation/")[1].split("<")[0]
    assert "Ola N" in page.text
    assert link not in client.get(PEOPLE).text
    assert roles_of(database, "ola@example.org") == ["author", "reviewer"]
    assert trail(database)[-2:] == [
        ("staff:administrator@example.org", "staff.invited", "ola@example.org: author, reviewer"),
        ("staff:administrator@example.org", "staff.link_made", "ola@example.org"),
    ]
    assert link not in str(trail(database))
    assert client.get(f"/centre/invitation/{link}").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"email": "nonsense", "role": "reader"}, 422, "write an e-mail address"),
        ({"email": "a" * 250 + "@example.org", "role": "reader"}, 422, "write an e-mail address"),
        ({"email": "ola@example.org"}, 422, "choose at least one of"),
        ({"email": "ola@example.org", "role": "king"}, 422, "king: the roles are"),
        ({"email": "ola@demo.invalid", "role": "reader"}, 422, "known to everyone"),
        ({"email": "administrator@example.org", "role": "reader"}, 409, "has access already"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said_and_nothing_typed_is_lost(
    client: TestClient,
    csrf: dict[str, str],
    database: Database,
    sent: dict[str, str],
    status: int,
    words: str,
) -> None:
    with nothing_stored(database):
        page = client.post(PEOPLE, data=csrf | {"name": "Ola <b>"} | sent)
    assert page.status_code == status
    assert words in page.text
    assert f'value="{sent["email"]}"' in page.text
    assert 'value="Ola &lt;b&gt;"' in page.text


def test_other_roles_and_an_end_hold_from_the_next_request(
    client: TestClient, database: Database, settings: Settings
) -> None:
    come_as(client, database, settings, "author", "administrator")
    theirs = dict(client.cookies)
    csrf = {"csrf": come_as(client, database, settings, "administrator")}
    mine = dict(client.cookies)
    theirs_is = {"Cookie": "; ".join(f"{name}={value}" for name, value in theirs.items())}
    client.cookies.clear()
    assert client.get(PEOPLE, headers=theirs_is).status_code == 200
    client.cookies.update(mine)
    of = csrf | {"email": "author@example.org"}
    assert client.post(f"{PEOPLE}/roles", data=of | {"role": "author"}).status_code == 303
    client.cookies.clear()
    assert client.get(PEOPLE, headers=theirs_is).status_code == 403
    client.cookies.update(mine)
    assert client.post(f"{PEOPLE}/revoke", data=of).status_code == 303
    assert client.post(f"{PEOPLE}/roles", data=of | {"role": "author"}).status_code == 409
    assert client.post(f"{PEOPLE}/link", data=of).status_code == 409
    assert "Tilgangen ble avsluttet" in client.get(PEOPLE).text
    client.cookies.clear()
    assert client.get("/centre/", headers=theirs_is).status_code == 401
    assert logs_in(client, "author@example.org").status_code == 401


def test_nobody_shuts_themselves_out(
    client: TestClient, csrf: dict[str, str], database: Database
) -> None:
    of = csrf | {"email": "administrator@example.org"}
    with nothing_stored(database):
        assert client.post(f"{PEOPLE}/roles", data=of | {"role": "reader"}).status_code == 409
        assert client.post(f"{PEOPLE}/revoke", data=of).status_code == 409
        assert client.post(f"{PEOPLE}/link", data=csrf | {"email": "x"}).status_code == 404
    both: dict[str, Any] = of | {"role": ["author", "administrator"]}
    assert client.post(f"{PEOPLE}/roles", data=both).status_code == 303


def test_the_first_administrator_is_invited_at_the_command_line(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)
    link = works("staff", "invite", "kari@example.org", "--role", "administrator").strip()
    assert "no password yet" in works("staff", "list")
    path = link.removeprefix(HERE)
    sent = hidden(client.get(path).text) | {"password": PASSWORD, "again": PASSWORD}
    assert client.post(path, data=sent).status_code == 303
    assert client.get(PEOPLE).status_code == 200
    assert works("staff", "roles", "kari@example.org", "--role", "reader").endswith("reader\n")
    assert works("staff", "link", "Kari@example.org") != link
    works("staff", "revoke", "kari@example.org")
    assert "revoked" in works("staff", "list")
    assert "has ended" in fails("staff", "link", "kari@example.org")
    assert "king" in fails("staff", "invite", "ola@example.org", "--role", "king")
    works("staff", "invite", "kari@example.org", "--role", "author", "--name", "Kari")
    assert roles_of(database, "kari@example.org") == ["author"]
    somebody(database, "reader")
    assert "author; has access, no password yet" in works("staff", "list")

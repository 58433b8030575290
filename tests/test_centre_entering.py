"""/centre/login, /centre/logout and the invitation: who comes in, and who does not."""

from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app import security, staff
from app.db import Database
from app.errors import NotAuthentic
from app.models import EntryTry, Person, PersonLink, StaffSession, now
from app.settings import Settings
from tests.conftest import settings_for
from tests.flow import nothing_stored
from tests.staffed import PASSWORD, come_as, hidden, logs_in, somebody, trail


def change(database: Database, table: Any, **values: Any) -> None:
    """Change every row of a table behind the service's back, as time does."""
    with database.write() as session:
        session.connection().execute(update(table).values(values))


def sessions(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(StaffSession)).all())


def invited(database: Database, settings: Settings, email: str = "kari@example.org") -> str:
    """Invite somebody; return the path of the link."""
    with database.write() as session:
        staff.invite(session, email, "Kari", ["author"], "tests")
        return staff.link(session, settings, email, "tests").removeprefix(settings.public_url)


def test_somebody_comes_in_sees_the_library_and_goes_out(
    client: TestClient, database: Database
) -> None:
    email = somebody(database, "reader")
    answer = logs_in(client, email.upper() + " ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/centre/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age" not in cookie
    page = client.get("/centre/")
    assert page.status_code == 200
    assert "/centre/people" not in page.text
    kept = client.cookies[security.STAFF]
    out = client.post("/centre/logout", data=hidden(page.text))
    assert (out.status_code, out.headers["location"]) == (303, "/centre/login")
    client.cookies.set(security.STAFF, kept, domain="127.0.0.1", path="/")
    assert client.get("/centre/").status_code == 401
    acts = [(who, what.removeprefix("staff.")) for who, what, _ in trail(database)][1:]
    assert acts == [(f"staff:{email}", "logged_in"), (f"staff:{email}", "logged_out")]


def test_logging_in_gives_another_session_and_ends_the_one_before(
    client: TestClient, database: Database
) -> None:
    email = somebody(database, "reader")
    logs_in(client, email)
    first = client.cookies[security.STAFF]
    logs_in(client, email)
    assert client.cookies[security.STAFF] != first
    assert sessions(database) == 1
    with database.read() as session:
        assert first.encode() not in session.exec(select(StaffSession)).one().digest


REFUSED = {
    ("reader@example.org", "wrong"): "reader@example.org",
    ("nobody@example.org", PASSWORD): "unknown address",
    ("kari@example.org", ""): "kari@example.org",
    ("author@example.org", PASSWORD): "author@example.org",
    ("no\0body", PASSWORD): "unknown address",
}
"""What is typed, and what the audit says of it: Kari waits, the author's access has ended."""


def told(client: TestClient, email: str, password: str) -> str:
    """Return the page that refuses, without what was typed and what is another on each page."""
    answer = logs_in(client, email, password)
    assert answer.status_code == 401
    text = str(answer.text)
    for value in (*hidden(text).values(), email):
        text = text.replace(value, "")
    return text


def test_unknown_wrong_waiting_and_revoked_look_the_same(
    client: TestClient, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody(database, "reader")
    gone = somebody(database, "author")
    invited(database, settings)
    with database.write() as session:
        staff.revoke(session, gone, "tests")
    looked: list[str] = []

    def look(digest: str, password: str) -> bool:
        looked.append(digest)
        return password == PASSWORD and digest == security._nobody()

    monkeypatch.setattr(security, "_is_secret", look)
    assert len({told(client, *typed) for typed in REFUSED}) == 1
    assert len(looked) == len(REFUSED)  # each took as long as a real one
    failed = [about for _, what, about in trail(database) if what == "staff.login_failed"]
    assert failed == list(REFUSED.values())


def test_a_password_that_is_tried_too_often_is_not_looked_at(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setattr(security, "_is_secret", lambda *_: False)
    email = somebody(database, "reader")
    for number in range(staff.TRIES_OF_ACCOUNT):
        with pytest.raises(NotAuthentic):
            staff.log_in(database, settings, f"192.0.2.{number}", email, "wrong")
    monkeypatch.undo()
    refused = logs_in(client, email)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    change(database, EntryTry, since=now() - timedelta(minutes=2))
    assert logs_in(client, email).status_code == 303  # and from here the account is known
    for _ in range(staff.TRIES_OF_ACCOUNT + 1):
        staff.log_in(database, settings, "testclient", email, PASSWORD)
    change(database, EntryTry, tries=staff.TRIES_OF_ONE)
    assert logs_in(client, email).status_code == 429


@pytest.mark.parametrize(
    "late", [{"seen_at": staff.IDLE}, {"began_at": staff.LONGEST}], ids=["idle", "eight hours"]
)
def test_a_session_ends(
    client: TestClient, database: Database, settings: Settings, late: dict[str, timedelta]
) -> None:
    come_as(client, database, settings, "reader")
    for name, lasts in late.items():
        began = {"began_at": now() - timedelta(hours=1)} if name == "seen_at" else {}
        change(database, StaffSession, **began | {name: now() - lasts + timedelta(minutes=1)})
        assert client.get("/centre/").status_code == 200
        change(database, StaffSession, **began | {name: now() - lasts - timedelta(seconds=1)})
        assert client.get("/centre/").status_code == 401
    come_as(client, database, settings, "reader")
    assert sessions(database) == (1 if "began_at" in late else 2)  # what is long over is forgotten


def test_using_a_session_prolongs_it_but_is_not_written_each_time(
    client: TestClient, database: Database, settings: Settings
) -> None:
    come_as(client, database, settings, "reader")
    for age, moves in ((timedelta(seconds=20), False), (timedelta(minutes=20), True)):
        before = now() - age
        change(database, StaffSession, began_at=before, seen_at=before)
        assert client.get("/centre/").status_code == 200
        with database.read() as session:
            assert (session.exec(select(StaffSession.seen_at)).one() > before) is moves


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(
    client: TestClient, database: Database
) -> None:
    email = somebody(database, "reader")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    change(database, Person, password=weak)
    assert logs_in(client, email).status_code == 303
    with database.read() as session:
        kept = session.exec(select(Person.password).where(col(Person.email) == email)).one()
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert not security.is_outdated(kept)
    assert logs_in(client, email).status_code == 303


def test_whose_password_changes_meanwhile_does_not_come_in(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = somebody(database, "reader")

    def meanwhile(*_: object) -> bool:
        change(database, Person, password="another")
        return True

    monkeypatch.setattr(security, "is_password", meanwhile)
    with pytest.raises(NotAuthentic):
        staff.log_in(database, settings, "192.0.2.1", email, PASSWORD)
    assert sessions(database) == 0


def test_who_is_not_in_is_asked_and_comes_to_where_they_wanted(
    client: TestClient, database: Database
) -> None:
    asked = client.get("/centre/instruments/who-5/1.0?language=en")
    assert asked.status_code == 401
    sent = hidden(asked.text) | {"email": somebody(database, "reader"), "password": PASSWORD}
    answer = client.post("/centre/login", data=sent)
    assert answer.headers["location"] == "/centre/instruments/who-5/1.0?language=en"
    for goal in ("https://elsewhere.example", "//elsewhere.example", "/form/", "/centre/\\x"):
        answer = client.post("/centre/login", data=sent | {"goal": goal})
        assert answer.headers["location"] == "/centre/"


def test_a_log_in_page_that_is_not_ours_or_too_old_lets_nobody_in(
    client: TestClient, database: Database
) -> None:
    email = somebody(database, "reader")
    sent = {"email": email, "password": PASSWORD}
    with nothing_stored(database):
        stale = client.post("/centre/login", data=sent | {"csrf": "nonsense"})
        assert (stale.status_code, f'value="{email}"' in stale.text) == (403, True)
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert logs_in(client, email, headers=elsewhere).status_code == 403


def test_a_link_lets_somebody_choose_a_password_once(
    client: TestClient, database: Database, settings: Settings
) -> None:
    path = invited(database, settings)
    with nothing_stored(database):
        for _ in range(2):
            page = client.get(path)
            assert (page.status_code, "Velkommen, Kari" in page.text) == (200, True)
        mark = hidden(page.text)
        for password, again, csrf, status in (
            ("short", "short", mark, 422),
            ("kari@example.org", "kari@example.org", mark, 422),
            ("x" * 201, "x" * 201, mark, 422),
            (PASSWORD, "another one", mark, 422),
            (PASSWORD, PASSWORD, {"csrf": ""}, 403),
        ):
            sent = {"password": password, "again": again} | csrf
            assert client.post(path, data=sent).status_code == status
    sent = mark | {"password": PASSWORD, "again": PASSWORD}
    assert client.post(path, data=sent).headers["location"] == "/centre/"
    assert client.get("/centre/").status_code == 200
    assert client.post(path, data=sent).status_code == 404
    assert client.get(path).status_code == 404
    assert logs_in(client, "kari@example.org").status_code == 303


def test_a_new_link_ends_the_old_one_and_a_new_password_all_sessions(
    client: TestClient, database: Database, settings: Settings
) -> None:
    old = invited(database, settings)
    with database.write() as session:
        new = staff.link(session, settings, "kari@example.org", "tests").rsplit("/", 1)[1]
        staff.begin(session, settings, "kari@example.org")
    assert client.get(old).status_code == 404
    with database.write() as session:
        staff.choose_password(session, settings, new, PASSWORD)
    assert sessions(database) == 0


def test_a_link_that_is_too_old_opens_nothing(
    client: TestClient, database: Database, settings: Settings
) -> None:
    path = invited(database, settings)
    change(database, PersonLink, expires_at=now() - timedelta(seconds=1))
    assert client.get(path).status_code == 404


def test_over_https_the_cookie_is_the_hosts_own(
    client: TestClient, database: Database, settings: Settings
) -> None:
    secure = settings_for(settings.database_url, public_url="https://svar.example.org")
    service: Any = client.app
    service.state.settings = secure
    try:
        answer = logs_in(client, somebody(database, "reader"))
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-svar_staff=")
        assert "; Secure" in cookie
        token = cookie.split("=", 1)[1].split(";")[0]
        mine = {"Cookie": f"__Host-svar_staff={token}"}
        csrf = hidden(client.get("/centre/", headers=mine).text)
        out = client.post("/centre/logout", data=csrf, headers=mine)
        assert out.headers["clear-site-data"] == '"cache"'
    finally:
        service.state.settings = settings


def test_the_pages_speak_the_language_that_was_chosen(client: TestClient) -> None:
    said = {
        "en": client.get("/centre/login", headers={"Accept-Language": "en"}).text,
        "nb": client.get("/centre/login", headers={"Accept-Language": "pl"}).text,
    }
    assert "<h1>Log in</h1>" in said["en"]
    assert "<h1>Logg inn</h1>" in said["nb"]
    client.get("/language/en")
    assert "<h1>Log in</h1>" in client.get("/centre/login").text


def test_what_is_not_there_or_fails_has_a_page(
    client: TestClient, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(client, database, settings, "administrator")
    for path in ("/centre/nothing", "/centre/instruments/nothing", "/centre/instruments/x/1.0"):
        assert "Her er det ingenting" in client.get(path).text
    assert client.get("/centre/audit?begin=yesterday").status_code == 422
    assert "2026-02-31 is no day" in client.get("/centre/audit?begin=2026-02-31").text
    monkeypatch.setattr(staff, "everyone", lambda _: 1 / 0)
    failed = client.get("/centre/people")
    assert (failed.status_code, "Noe gikk galt" in failed.text) == (500, True)

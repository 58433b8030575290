"""/centre/tokens: one's own tokens, shown once, gone with the access and with the password."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from app import staff, tokens
from app.db import Database
from app.errors import Conflict, NotAuthentic, NotFound
from app.models import StaffToken
from app.settings import Settings
from tests.staffed import by_turns, come_as, somebody

PAGE = "/centre/tokens"


@pytest.fixture
def send(client: TestClient, database: Database, settings: Settings) -> Callable[..., Any]:
    return by_turns(client, database, settings)


def test_a_token_is_shown_once_and_can_be_revoked(
    send: Callable[..., Any], client: TestClient, database: Database, settings: Settings
) -> None:
    made = send("author", PAGE, name="library git", days="7")
    (text,) = re.findall(r"svar_centre_[\w-]{43}", made.text)
    assert "library git" in made.text
    assert text not in client.get(PAGE).text
    with database.read() as session:
        assert tokens.by_token(session, settings, text).email == "author@example.org"
        (held,) = tokens.of_person(session, "author@example.org")
        assert held.expires_at - held.made_at == timedelta(days=7)
    come_as(client, database, settings, "reviewer")
    assert "library git" not in client.get(PAGE).text
    assert send("reviewer", f"{PAGE}/revoke", name="library git").status_code == 404
    assert send("author", f"{PAGE}/revoke", name="library git").status_code == 303
    with database.read() as session, pytest.raises(NotAuthentic):
        tokens.by_token(session, settings, text)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "<b>"}, 422),
        ({"name": "a", "days": "366"}, 422),
        ({"name": "a", "days": "0"}, 422),
        ({"name": "a", "days": "many"}, 422),
        ({"name": "a"}, 200),
    ],
)
def test_what_will_not_do_is_told_and_kept_on_the_page(
    send: Callable[..., Any], fields: dict[str, str], status: int
) -> None:
    answer = send("author", PAGE, **fields)
    assert answer.status_code == status
    if status == 422:
        assert "<b>" not in answer.text


def test_a_name_stands_once_and_tokens_are_few(
    send: Callable[..., Any], database: Database, settings: Settings
) -> None:
    assert send("author", PAGE, name="git").status_code == 200
    assert send("author", PAGE, name="git").status_code == 409
    with database.write() as session:
        for number in range(tokens.MOST - 1):
            tokens.make(session, settings, "author@example.org", f"n{number}", 1, "cli")
        with pytest.raises(Conflict):
            tokens.make(session, settings, "author@example.org", "more", 1, "cli")


def test_tokens_end_in_time_with_the_access_and_with_the_password(
    database: Database, settings: Settings
) -> None:
    email = somebody(database, "author")

    def made(days: int = 1) -> str:
        with database.write() as session:
            return tokens.make(session, settings, email, "git", days, "cli")

    def works(text: str) -> bool:
        with database.read() as session:
            try:
                return tokens.by_token(session, settings, text).email == email
            except NotAuthentic:
                return False

    first = made()
    assert works(first)
    assert not works(first + "x")
    with database.write() as session:
        held = session.exec(select(StaffToken)).one()
        held.expires_at = held.made_at
    assert not works(first)
    with database.write() as session:
        tokens.revoke(session, email, "git", "cli")
    second = made()
    with database.write() as session:
        link = staff.link(session, settings, email, "cli")
        staff.choose_password(session, settings, link.rpartition("/")[2], "another long password")
    assert not works(second)
    third = made()
    with database.write() as session:
        staff.revoke(session, email, "cli")
        with pytest.raises(Conflict, match="has ended"):
            tokens.make(session, settings, email, "git", 1, "cli")
        with pytest.raises(NotFound):
            tokens.make(session, settings, "nobody@example.org", "git", 1, "cli")
    assert not works(third)

"""/centre/audit: who did what when, to be filtered and taken along, and never changed."""

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.testclient import TestClient

from app import audit
from app.centre import trail
from app.centre.trail import harmless
from app.db import Database
from app.models import now
from app.settings import Settings
from tests.conftest import Party
from tests.staffed import come_as

AUDIT = "/centre/audit"


@pytest.fixture
def administrator(client: TestClient, database: Database, settings: Settings) -> TestClient:
    with database.write() as session:
        names = (f"who-5/1.{number}/nb/1" for number in range(12))
        audit.append_all(session, audit.NO_REGISTRY, "a colleague", "wording.published", names)
    come_as(client, database, settings, "administrator")
    return client


def rows(client: TestClient, query: str = "") -> list[list[str]]:
    answer = client.get(f"{AUDIT}/file{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    first, *found = csv.reader(io.StringIO(answer.text))
    assert first == ["at", "who", "what", "record"]
    return found


def test_the_trail_is_filtered_by_person_act_and_day(administrator: TestClient) -> None:
    every = rows(administrator)
    assert {row[2] for row in every} >= {"staff.invited", "staff.logged_in", "wording.published"}
    assert [row[0] for row in every] == sorted((row[0] for row in every), reverse=True)
    assert {row[1] for row in rows(administrator, "?who=ADMINISTRATOR")} == {
        "staff:administrator@example.org"
    }
    assert len(rows(administrator, "?what=staff.logged_in")) == 1
    today, tomorrow = now().date(), now().date() + timedelta(days=2)
    yesterday = today - timedelta(days=2)
    assert rows(administrator, f"?begin={yesterday}&end={tomorrow}&what=staff.invited")
    assert not rows(administrator, f"?begin={tomorrow}")
    assert not rows(administrator, "?end=2020-01-01")
    page = administrator.get(f"{AUDIT}?what=staff.logged_in&who=kari")
    assert "Det er ingenting som passer" in page.text


def test_the_page_leads_to_what_is_older(
    administrator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "ON_A_PAGE", 5)
    first = administrator.get(f"{AUDIT}?who=colleague").text
    assert first.count('scope="row"') == 5
    older = first.split("&amp;before=")[1].split('"')[0]
    second = administrator.get(f"{AUDIT}?who=colleague&before={older}").text
    assert second.count('scope="row"') == 5
    assert second != first


def test_what_registries_and_patients_do_is_not_in_it(
    administrator: TestClient, hips: Party
) -> None:
    order = hips.order()["id"]
    text = administrator.get(AUDIT).text + str(rows(administrator))
    assert order not in text
    assert "order.created" not in text


def test_a_file_that_would_be_too_long_is_refused(
    administrator: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "IN_A_FILE", 2)
    answer = administrator.get(f"{AUDIT}/file")
    assert (answer.status_code, "ask for fewer days" in answer.text) == (422, True)


def test_no_cell_is_a_formula(administrator: TestClient, database: Database) -> None:
    with database.write() as session:
        audit.append(session, "-", "=cmd|' /C calc'!A0", "staff.invited", "@SUM(1)")
    newest = rows(administrator)[0]
    assert newest[1].startswith("'=")
    assert newest[3].startswith("'@")


@given(some.text())
def test_a_cell_is_as_it_was_or_begins_with_an_apostrophe(cell: str) -> None:
    assert harmless(cell) in (cell, f"'{cell}")
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r"))

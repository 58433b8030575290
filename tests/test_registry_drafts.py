"""/api/v1/instruments by script: from a file in git to published, by two people's tokens."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import staff
from app.access.pace import Pace
from app.db import Database
from app.exchange import sheets_out
from app.settings import Settings
from scoring import Instrument, Problem, Wording
from tests.conftest import Party
from tests.drafted import NAME, begun, brought, published, small
from tests.flow import nothing_stored, refusal
from tests.staffed import bearer

LIBRARY = "/api/v1/instruments"
HERE = f"{LIBRARY}/mean-all/1.0"
Ask = Callable[..., Any]


@pytest.fixture
def ask(client: TestClient, database: Database, settings: Settings) -> Ask:
    """Ask as the script of somebody with a role."""
    kept: dict[str, dict[str, str]] = {}

    def asking(role: str, method: str, path: str, match: int = 0, **more: Any) -> Any:
        if role not in kept:
            kept[role] = bearer(database, settings, role)
        headers = kept[role] | ({"If-Match": f'"{match}"'} if match else {})
        return client.request(method, path, headers=headers, **more)

    return asking


def test_a_pipeline_brings_a_file_and_another_person_publishes_it(ask: Ask, hips: Party) -> None:
    made = ask("author", "POST", LIBRARY, content=json.dumps(small()))
    assert (made.status_code, made.json()["problems"], made.json()["decisions"]) == (201, [], [])
    assert "RateLimit" in made.headers
    wording = json.dumps(brought().binder.wordings[0])
    parts = made.json()["parts"] | {"wording nb": wording}
    sent = ask("author", "PUT", f"{HERE}/draft", 1, json={"parts": parts})
    assert (sent.status_code, sent.json()["revision"]) == (200, 2)
    there = ask("reader", "GET", f"{HERE}/draft")
    assert (there.headers["etag"], there.json()["parts"]) == ('"2"', parts)
    assert ask("author", "POST", f"{HERE}/draft/hand-in").json()["status"] == "in_review"
    remark = {"remark": "Name it better"}
    assert ask("reviewer", "POST", f"{HERE}/draft/give-back", json=remark).status_code == 200
    (listed,) = ask("reader", "GET", "/api/v1/drafts").json()["drafts"]
    assert (listed["remark"], listed["status"]) == ("Name it better", "draft")
    ask("author", "POST", f"{HERE}/draft/hand-in")
    assert ask("author", "POST", f"{HERE}/draft/take-back").json()["status"] == "draft"
    digest = ask("author", "POST", f"{HERE}/draft/hand-in").json()["sha256"]
    other = {"sha256": 64 * "0"}
    refusal(ask("reviewer", "POST", f"{HERE}/draft/publish", json=other), 409)
    done = ask("reviewer", "POST", f"{HERE}/draft/publish", json={"sha256": digest})
    assert done.json() == {"instrument": "mean-all", "version": "1.0", "to_score_again": 0}
    hips.order(instruments=["mean-all"], language="nb")
    gone = ask("reviewer", "POST", f"{HERE}/withdraw").json()
    assert (gone["status"], gone["open_orders"]) == ("withdrawn", 1)
    refusal(ask("reviewer", "POST", f"{HERE}/withdraw"), 409)


def test_a_dry_run_tells_the_same_and_keeps_nothing(ask: Ask, database: Database) -> None:
    text = json.dumps(small(name=""))
    ask("author", "GET", "/api/v1/drafts")
    with nothing_stored(database):
        dry = ask("author", "POST", f"{LIBRARY}?dry_run=true", content=text)
    made = ask("author", "POST", LIBRARY, content=text)
    assert (dry.status_code, made.status_code) == (200, 201)
    assert dry.json() | {"changed_at": ""} == made.json() | {"changed_at": ""}
    assert [one["path"] for one in made.json()["problems"]] == ["name"]
    refusal(ask("author", "POST", LIBRARY, content=text), 409)
    again = ask("author", "POST", f"{LIBRARY}?replace=true", content=text)
    assert again.json()["revision"] == 2


def test_a_spreadsheet_comes_in_by_its_bytes(ask: Ask) -> None:
    definition, wording = brought().binder.definition, brought().binder.wordings[0]
    table = sheets_out.export(
        Instrument.model_validate(definition), [Wording.model_validate(wording)]
    )
    made = ask("author", "POST", LIBRARY, content=table)
    assert (made.status_code, made.json()["problems"]) == (201, [])
    assert list(made.json()["parts"]) == ["definition", "wording nb"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("", "file: items"),
        ("{", "file: document"),
        ('{"a": NaN}', "file: a"),
        ('{"id": "who-5"}', "version"),
        ('{"language": "nb"}', "files"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(
    ask: Ask, database: Database, content: str, field: str
) -> None:
    ask("author", "GET", "/api/v1/drafts")
    with nothing_stored(database):
        assert field in refusal(ask("author", "POST", LIBRARY, content=content), 422)


def test_what_was_changed_meanwhile_is_not_written_over(ask: Ask) -> None:
    made = ask("author", "POST", LIBRARY, content=json.dumps(small())).json()
    body = {"parts": made["parts"]}
    assert ask("author", "PUT", f"{HERE}/draft", 1, json=body).status_code == 200
    refusal(ask("author", "PUT", f"{HERE}/draft", 1, json=body), 409)
    assert "If-Match" in refusal(ask("author", "PUT", f"{HERE}/draft", json=body), 422)
    broken = {"parts": {"definition": "{", "value set x": "half \ud800"}}
    for content in (json.dumps(broken), json.dumps({"parts": {"wording ../nb": "{}"}})):
        assert ask("author", "PUT", f"{HERE}/draft", 2, content=content).status_code == 422
    kept = ask("author", "PUT", f"{HERE}/draft", 2, json={"parts": {"definition": "{ 1e400"}})
    assert kept.json()["parts"] == {"definition": "{ 1e400"}
    assert ask("author", "DELETE", f"{HERE}/draft").status_code == 204
    refusal(ask("author", "GET", f"{HERE}/draft"), 404)


def test_what_is_open_is_decided_one_by_one(ask: Ask, database: Database) -> None:
    with database.write() as session:
        begun(session, Problem("scores", "are not told"), Problem("items", "too"))
    refused = ask("author", "POST", f"{HERE}/draft/hand-in")
    assert refusal(refused, 422) == ["decisions.1", "decisions.2"]
    for revision in (1, 2):
        answer = ask("author", "POST", f"{HERE}/draft/decide", revision, json={"number": 1})
    assert answer.json()["decisions"] == []
    refusal(ask("author", "POST", f"{HERE}/draft/decide", 3, json={"number": 1}), 404)


def test_a_token_works_as_long_as_the_access_and_the_role(ask: Ask, database: Database) -> None:
    with database.write() as session:
        published(session)
    assert ask("reviewer", "GET", "/api/v1/drafts").status_code == 200
    with database.write() as session:
        staff.change_roles(session, "reviewer@example.org", ["author"], "cli")
    refusal(ask("reviewer", "POST", f"{LIBRARY}/{'/'.join(NAME)}/withdraw"), 403)
    with database.write() as session:
        staff.revoke(session, "reviewer@example.org", "cli")
    refusal(ask("reviewer", "GET", "/api/v1/drafts"), 401)


def test_a_script_that_asks_too_often_is_told_to_wait(ask: Ask, client: TestClient) -> None:
    service: Any = client.app
    service.state.pace = Pace(1, 2)
    answers = [ask("author", "GET", "/api/v1/drafts").status_code for _ in range(3)]
    assert answers == [200, 200, 429]

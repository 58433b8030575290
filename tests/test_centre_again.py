"""/centre/instruments/…/again: responses are scored again from a page, and it is given numbers."""

import ast
import html
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app import reviews, runs
from app.centre import again
from app.db import Database
from app.models import AuditEvent
from app.settings import HOUSE, Settings
from scoring import Scorer
from tests.conftest import Party
from tests.drafted import REVIEWER, published, small
from tests.flow import answer_and_send, nothing_stored
from tests.sending import at_once
from tests.staffed import come_as, hidden

OLD, NEW = "/centre/instruments/mean-all/1.0", "/centre/instruments/mean-all/1.1"
HERE = f"{NEW}/again"


class Desk:
    """Somebody of the PRO centre, by turns in each of the roles."""

    def __init__(self, client: TestClient, database: Database, settings: Settings) -> None:
        self.client, self.database, self.settings = client, database, settings

    def look(self, path: str, role: str = "reviewer", status: int = 200) -> str:
        come_as(self.client, self.database, self.settings, role)
        self.client.cookies.set("svar_language", "en", domain="127.0.0.1", path="/")
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    def press(self, page: str, role: str = "reviewer") -> str:
        """Send the form of a page, and return the page that it leads to."""
        sent = {name: hidden(page)[name] for name in ("of", "before")}
        csrf = come_as(self.client, self.database, self.settings, role)
        answer = self.client.post(HERE, data=sent | {"csrf": csrf})
        assert answer.status_code == 303, answer.text
        return self.look(answer.headers["location"], role)


@pytest.fixture
def desk(client: TestClient, database: Database, settings: Settings) -> Desk:
    return Desk(client, database, settings)


@pytest.fixture
def three(hips: Party, knees: Party, database: Database) -> None:
    """Two responses of hips and one of knees to 1.0, and a 1.1 that scores otherwise."""
    with database.write() as session:
        published(session)
    for party in (hips, hips, knees):
        respond(party, database)
    publish_minor(database, "1.1")


def respond(party: Party, database: Database) -> None:
    order = party.order(instruments=["mean-all"], language="nb")
    answer_and_send(database, order["id"], registry=party.registry)


def publish_minor(database: Database, version: str) -> None:
    with database.write() as session:
        scores = [small()["scores"][0] | {"name": f"Named anew in {version}"}]
        published(session, version=version, scores=scores)


def wait(database: Database) -> int:
    with database.read() as session:
        return runs.to_score_again(session, "mean-all", "1.1")


def trail(session: Session) -> list[tuple[str, str, str]]:
    lines = select(AuditEvent).where(AuditEvent.what == "responses.rescored")
    found = session.exec(lines.order_by(col(AuditEvent.id))).all()
    return [(one.registry_id, one.who, one.record.split(" to ")[0]) for one in found]


@pytest.mark.usefixtures("three")
def test_a_reviewer_scores_again_from_the_page_and_the_audit_says_who(
    desk: Desk, hips: Party, knees: Party, database: Database
) -> None:
    before = hips.results()
    for page, role in ((f"{NEW}/published", "reviewer"), (NEW, "administrator")):
        assert f'href="{HERE}">Score 3 responses again' in desk.look(page, role)
    assert HERE not in desk.look(NEW, "author")
    reader = desk.look(f"{NEW}/published", "reader")
    assert "3 responses could be scored again" in reader
    assert "role reviewer or administrator" in reader
    assert HERE not in reader
    asked = desk.look(HERE)
    rows = dict(re.findall(r'<th scope="row">(.+?)</th><td.*?>(\d+)</td>', asked))
    assert rows == {"hips": "2", "knees": "1"}
    assert "progress" not in asked
    assert "No response waits" in desk.press(asked)
    assert hips.results()[:2] == before
    for party, number in ((hips, 2), (knees, 1)):
        results = party.results()
        assert [one["provenance"]["definition_version"] for one in results] == (
            ["1.0"] * number + ["1.1"] * number
        )
    with database.read() as session:
        who = "staff:reviewer@example.org"
        assert Counter(trail(session)) == Counter(
            [("-", who, "mean-all/1.1"), ("hips", who, "2 runs"), ("knees", who, "1 runs")]
        )
    assert HERE not in desk.look(NEW)
    assert "responses scored again" in desk.look(
        "/centre/audit?what=responses.rescored", "administrator"
    )


@pytest.mark.usefixtures("three")
def test_it_goes_bit_by_bit_and_what_comes_in_meanwhile_is_counted_too(
    desk: Desk, hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = hips.order(instruments=["mean-all/1.0"], language="nb")["id"]
    monkeypatch.setattr(runs, "BATCH", 1)
    monkeypatch.setattr(again, "SECONDS", 0)
    page = desk.press(desk.look(HERE))
    assert 'value="1" max="3"' in page
    assert "data-goes-on" in page
    assert "Go on" in page
    answer_and_send(database, waiting)
    page = desk.press(page)
    assert 'value="1" max="3"' in page
    answer_and_send(database, hips.order(instruments=["mean-all/1.0"], language="nb")["id"])
    assert 'value="0" max="3"' in desk.look(f"{HERE}?of=3&before=3")
    for _ in range(3):
        page = desk.press(page, "administrator")
    assert "No response waits" in page
    assert 'value="3" max="3"' in page
    assert '<form class="actions"' not in page


@pytest.mark.usefixtures("three")
def test_what_cannot_be_scored_is_told_and_not_tried_again_and_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = desk.look(HERE)
    with monkeypatch.context() as broken:
        broken.setattr(Scorer, "score_one", lambda *_: 1 / 0)
        broken.setattr(Scorer, "score", lambda *_: 1 / 0)
        page = desk.press(asked)
    assert "these could not be scored" in page
    assert "data-goes-on" not in page
    assert "No response waits" in desk.press(page)


@pytest.mark.usefixtures("three")
def test_a_version_that_is_withdrawn_or_not_the_newest_is_refused_and_not_offered(
    desk: Desk, client: TestClient, database: Database, settings: Settings
) -> None:
    publish_minor(database, "1.2")
    assert "mean-all 1.2 is newer" in desk.look(HERE, status=409)
    with database.write() as session:
        reviews.withdraw(session, "mean-all", "1.2", REVIEWER)
    assert HERE in desk.look(NEW)
    withdrawn = "/centre/instruments/mean-all/1.2/again"
    for path, told in ((f"{OLD}/again", "1.1 is newer"), (withdrawn, "1.2 is withdrawn")):
        assert told in desk.look(path, status=409)
        csrf = come_as(client, database, settings, "reviewer")
        with nothing_stored(database):
            refused = client.post(path, data={"csrf": csrf, "of": "3", "before": "3"})
        assert refused.status_code == 409
        assert told in refused.text
        page = desk.look(path.removesuffix("/again"))
        assert f'href="{path}"' not in page
        assert "could be scored again" not in desk.look(path.replace("again", "published"))
    desk.look("/centre/instruments/mean-all/7.0/again", status=404)
    csrf = come_as(client, database, settings, "reviewer")
    with nothing_stored(database):
        wrong = client.post(HERE, data={"csrf": csrf, "of": "many", "before": "3"})
    assert wrong.status_code == 422
    assert "of" in wrong.text


@pytest.mark.usefixtures("three")
def test_two_who_press_at_once_score_nothing_twice(
    hips: Party, knees: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", 1)
    mine, others = (runs.rescore(database, "mean-all", "1.1", who) for who in ("a", "b"))
    at_once(lambda: list(mine), lambda: list(others))
    publish_minor(database, "1.2")
    by_turns = (runs.rescore(database, "mean-all", "1.2", who) for who in ("a", "b"))
    assert len(list(zip_longest(*by_turns))) == 3
    for party, number in ((hips, 2), (knees, 1)):
        superseded = [one["provenance"]["supersedes"] for one in party.results()]
        assert len(superseded) == 3 * number
        assert len({*superseded}) == 2 * number + 1  # the first ones supersede none
    with database.read() as session:
        lines = trail(session)
    assert sum(int(what.split()[0]) for where, _, what in lines if where != "-") == 6


@contextmanager
def said(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the database is sent meanwhile."""
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.usefixtures("three")
def test_the_page_asks_for_numbers_and_never_for_an_answer(desk: Desk, database: Database) -> None:
    with said(desk.client.app.state.database) as statements:  # type: ignore[attr-defined]
        page = desk.look(HERE)
        desk.look(NEW)
    counted = [one for one in statements if "scoring_run" in one]
    assert counted
    for one in statements:
        assert "questionnaire_response" not in one
        assert "scoring_run.document" not in one
        assert "response_id," not in one
    assert "MCE" not in page


def test_no_module_of_the_centres_door_knows_a_table_with_answers() -> None:
    files = sorted((HOUSE / "app" / "centre").glob("*.py"))
    assert files
    names = {
        one.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.models")
        for one in node.names
    }
    assert names
    assert not names & {"QuestionnaireResponse", "ScoringRun", "Correction", "Draft"}

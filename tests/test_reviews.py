"""Two people publish an instrument: one hands it in, another approves what was looked at."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app import authoring, catalogue, drafts, reviews, revisions, runs, shelf
from app.db import Database
from app.errors import Conflict, Frozen, NotFound, NotPermitted, Refused
from app.exchange.binder import Binder, Brought
from app.main import built, opened
from app.models import AuditEvent, Person, Rehearsal, now
from app.settings import Settings
from scoring import Problem
from tests.conftest import HERE, Party, holding
from tests.documents import INSTRUMENTS, VALUE_SETS, read
from tests.drafted import (
    AUTHOR,
    NAME,
    REVIEWER,
    approve,
    begun,
    brought,
    document,
    handed_in,
    published,
    small,
)
from tests.flow import answer_and_send, nothing_stored


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as opened:
        yield opened


def test_what_is_wrong_or_open_keeps_a_draft_from_being_handed_in(session: Session) -> None:
    draft = begun(session, Problem("scores", "are not told"), name="")
    with pytest.raises(Refused) as refused:
        reviews.hand_in(session, draft, AUTHOR)
    assert [one.field for one in refused.value.errors] == ["decisions.1", "definition: name"]
    assert draft.status == "draft"


def test_nobody_changes_what_is_in_review(session: Session) -> None:
    draft = handed_in(session)
    for act in (
        lambda: drafts.keep(session, draft, "definition", "{}", 1, AUTHOR),
        lambda: authoring.begin(session, brought(), AUTHOR, replace=True),
        lambda: authoring.discard(session, draft, AUTHOR),
        lambda: reviews.hand_in(session, draft, AUTHOR),
    ):
        with pytest.raises(Conflict):
            act()
    reviews.take_back(session, draft, AUTHOR)
    assert (draft.status, draft.submitted_by) == ("draft", None)
    with pytest.raises(Conflict, match="not in review"):
        reviews.take_back(session, draft, AUTHOR)


@pytest.mark.parametrize("remark", ["", " \n ", "x" * 2001, "a \0 sign"])
def test_who_gives_a_draft_back_says_why(session: Session, remark: str) -> None:
    draft = handed_in(session)
    with pytest.raises(Refused, match="remark"):
        reviews.give_back(session, draft, remark, REVIEWER)
    reviews.give_back(session, draft, " Item q2 is\nreversed. ", REVIEWER)
    assert (draft.status, draft.remark) == ("draft", "Item q2 is\nreversed.")
    reviews.hand_in(session, draft, AUTHOR)
    assert draft.remark == "Item q2 is\nreversed."


def test_it_takes_two_people_by_whichever_door(session: Session) -> None:
    draft = begun(session)
    drafts.keep(session, draft, "definition", json.dumps(small()), 1, "cli:kari@example.org")
    reviews.hand_in(session, draft, "staff:ola@example.org")
    for who in (AUTHOR, "staff:kari@example.org", "cli:ola@example.org", "cli"):
        with pytest.raises(NotPermitted, match="two people"):
            approve(session, draft, who)
    digest = drafts.digest(drafts.parts(draft))
    reviews.publish(session, draft, digest, AUTHOR, two_people=False)
    assert catalogue.exists(session, "mean-all")


def test_what_was_looked_at_is_what_is_published(session: Session) -> None:
    draft = handed_in(session)
    looked_at = drafts.digest(drafts.parts(draft))
    reviews.take_back(session, draft, AUTHOR)
    drafts.keep(session, draft, "definition", json.dumps(small(name="Later")), 1, AUTHOR)
    with pytest.raises(Conflict, match="not in review"):
        reviews.publish(session, draft, looked_at, REVIEWER, two_people=True)
    reviews.hand_in(session, draft, AUTHOR)
    with pytest.raises(Conflict, match="another one"):
        reviews.publish(session, draft, looked_at, REVIEWER, two_people=True)


def test_the_draft_goes_and_the_trail_says_who_wrote_and_who_approved(
    session: Session, database: Database
) -> None:
    draft = handed_in(session)
    digest = drafts.digest(drafts.parts(draft))
    session.add(Person(email="a@example.org", name="A", roles=["author"], invited_at=now()))
    session.flush()
    answers: dict[str, Any] = {"email": "a@example.org", "answers": {}, "changed_at": now()}
    session.add(Rehearsal(instrument=NAME[0], version=NAME[1], **answers))
    session.flush()
    approve(session, draft)
    assert session.exec(select(Rehearsal)).all() == []
    with pytest.raises(NotFound):
        drafts.get(session, *NAME)
    line = session.exec(select(AuditEvent).where(AuditEvent.what == "draft.published")).one()
    assert (line.who, line.record) == (REVIEWER, f"mean-all/1.0 {digest}, written by {AUTHOR}")
    assert catalogue.wording_row(session, *NAME, "nb").published_by == REVIEWER


def test_value_sets_come_with_their_definition_and_the_published_stays(session: Session) -> None:
    name = "eq-5d-5l"
    norway = read(VALUE_SETS / name / "no-2024.json")
    mine = norway | {"version": "9.0", "note": "Read anew"}
    copied = authoring.copy(session, name, "1.0", "1.1", AUTHOR)
    wordings = tuple(document(copied, part) for part in drafts.parts(copied) if "wording" in part)
    binder = Binder(document(copied), wordings, (mine,))
    draft = authoring.begin(session, Brought(binder, ()), AUTHOR, replace=True)
    reviews.hand_in(session, draft, AUTHOR)
    approve(session, draft)
    found = catalogue.get(session, name, "1.1").instrument.value_sets["no-2024"]
    assert (found.version, found.note) == ("9.0", "Read anew")
    published(session)
    published(session, languages=("nb", "nn"))
    assert [one.language for one in catalogue.wordings(session, *NAME)] == ["nb", "nn"]


def test_what_was_published_meanwhile_is_not_contradicted(session: Session) -> None:
    draft = handed_in(session)
    catalogue.publish(session, small(name="Another"), {}, "tests of others")
    with pytest.raises(Refused, match="published with another content"):
        approve(session, draft)


def test_half_of_it_is_never_published(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as session:
        draft = handed_in(session)

    def fails(*_: object) -> None:
        raise Frozen("made up")

    monkeypatch.setattr(revisions, "publish", fails)
    with nothing_stored(database), pytest.raises(Frozen), database.write() as session:
        approve(session, draft)
    with database.read() as session:
        assert not catalogue.exists(session, "mean-all")
        assert drafts.get(session, *NAME).status == "in_review"


def test_another_worker_sees_at_once_what_is_published_and_withdrawn(
    settings: Settings, hips: Party, database: Database
) -> None:
    beside: FastAPI = opened(built(with_demo=False), settings, Database(settings.database_url))
    there = TestClient(beside, HERE)
    here = holding(there, "hips", hips.headers["Authorization"].removeprefix("Bearer "))
    address = "/api/v1/instruments/mean-all/1.0"
    assert here.get(address).status_code == 404
    with database.write() as session:
        published(session)
    assert here.get(address).json()["name"] == small()["name"]
    order = here.order(instruments=["mean-all/1.0"], language="nb")
    with database.write() as session:
        reviews.withdraw(session, *NAME, REVIEWER)
    entries = here.get("/api/v1/instruments/mean-all").json()["instruments"]
    assert [one["status"] for one in entries] == ["withdrawn"]
    for name in ("mean-all/1.0", "mean-all"):
        body = here.order_body(instruments=[name], language="nb")
        refused = here.post("/api/v1/orders", json=body)
        assert refused.status_code == 422
        assert "withdrawn" in refused.text
    answer_and_send(database, order["id"])
    assert len(hips.results(instrument="mean-all")) == 1
    there.close()
    beside.state.database.close()


def test_withdrawn_is_for_good(session: Session) -> None:
    published(session)
    reviews.withdraw(session, *NAME, REVIEWER)
    with pytest.raises(Conflict, match="withdrawn already"):
        reviews.withdraw(session, *NAME, REVIEWER)
    with pytest.raises(NotFound):
        reviews.withdraw(session, "mean-all", "7.0", REVIEWER)
    row = session.exec(select(AuditEvent).where(AuditEvent.what == "instrument.withdrawn")).one()
    assert row.record == "mean-all/1.0"


def test_a_minor_version_offers_to_score_again_and_a_major_one_does_not(
    hips: Party, database: Database
) -> None:
    with database.write() as session:
        published(session)
    answer_and_send(database, hips.order(instruments=["mean-all"], language="nb")["id"])
    scores = [small()["scores"][0] | {"name": "Total, named anew"}]
    with database.write() as session:
        published(session, version="1.1", scores=scores)
        published(session, version="2.0", recall_period="4 weeks")
    with database.read() as session:
        waiting = {v: runs.to_score_again(session, "mean-all", v) for v in ("1.0", "1.1", "2.0")}
    assert waiting == {"1.0": 0, "1.1": 1, "2.0": 0}


def test_files_do_not_fight_with_what_the_centre_has_published(
    session: Session, tmp_path: Path
) -> None:
    published(session)
    reviews.withdraw(session, *NAME, REVIEWER)
    folder = tmp_path / "mean-all"
    folder.mkdir()
    (folder / "1.0.json").write_text(json.dumps(small()))
    assert shelf.publish_folder(session, tmp_path, "svar migrate") == ["mean-all/1.0"]
    assert catalogue.definition_row(session, *NAME).status == "withdrawn"
    (folder / "1.0.json").write_text(json.dumps(small(name="Another")))
    (folder / "1.0.nb.json").write_text(json.dumps(brought().binder.wordings[0] | {"title": "Ny"}))
    left: list[str] = []
    assert shelf.publish_folder(session, tmp_path, "svar migrate", left) == []
    assert ["1.0.json" in left[0], len(left)] == [True, 1]
    with pytest.raises(shelf.NotPublished):
        shelf.publish_folder(session, tmp_path, "svar migrate")


def test_files_of_others_are_as_strict_as_ever(session: Session, tmp_path: Path) -> None:
    (tmp_path / "who-5").mkdir()
    shipped = read(INSTRUMENTS / "who-5" / "1.0.json")
    (tmp_path / "who-5" / "1.0.json").write_text(json.dumps(shipped | {"name": "Another"}))
    with pytest.raises(shelf.NotPublished, match="another content"):
        shelf.publish_folder(session, tmp_path, "svar migrate", [])


def at_once(database: Database, act: Any) -> list[str]:
    """Let two people do the same at the same time; return what became of each."""

    def trying(_: int) -> str:
        try:
            with database.write() as session:
                act(session)
        except (Conflict, NotFound) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as two:
        return sorted(two.map(trying, range(2)))


def test_of_two_who_begin_or_approve_at_once_one_does(database: Database) -> None:
    assert at_once(database, begun) == ["Conflict", "done"]
    with database.write() as session:
        draft = drafts.get(session, *NAME)
        reviews.hand_in(session, draft, AUTHOR)
    assert at_once(database, lambda session: approve(session, draft)) == ["NotFound", "done"]
    withdrawn = at_once(database, lambda session: reviews.withdraw(session, *NAME, REVIEWER))
    assert withdrawn == ["Conflict", "done"]

"""/centre/drafts: an instrument is brought in, mended, handed in, approved, withdrawn by page."""

import html
import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from app import catalogue, drafts, reviews
from app.db import Database
from app.edge import FILE_BYTES
from app.models import InstrumentDraft
from app.settings import Settings
from scoring import Problem
from tests.conftest import Party
from tests.documents import INSTRUMENTS, read
from tests.drafted import NAME, REVIEWER, begun, brought, handed_in, published, small
from tests.flow import answer_and_send
from tests.staffed import by_turns, looker
from tests.worded import publish_small

HERE = "/centre/drafts/mean-all/1.0"
LIBRARY = "/centre/instruments/mean-all/1.0"
Send = Callable[..., Any]


@pytest.fixture
def send(client: TestClient, database: Database, settings: Settings) -> Send:
    return by_turns(client, database, settings)


@pytest.fixture
def look(client: TestClient, database: Database, settings: Settings) -> Callable[..., str]:
    return looker(client, database, settings)


def there(database: Database) -> InstrumentDraft:
    with database.read() as session:
        return drafts.get(session, *NAME)


def files(*documents: Any) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (f"{n}.json", json.dumps(one).encode())) for n, one in enumerate(documents)]


def test_an_instrument_goes_from_files_to_published_by_two_people(
    send: Send, look: Callable[..., str], database: Database, hips: Party
) -> None:
    binder = brought().binder
    answer = send("author", "/centre/drafts", files(binder.definition, *binder.wordings))
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    assert "Hand in for review" in look("author", HERE)
    assert "Hand in for review" not in look("reviewer", HERE)
    assert send("author", f"{HERE}/hand-in").status_code == 303
    page = look("reviewer", HERE)
    digest = re.findall('name="digest" value="([0-9a-f]{64})"', page)[0]
    assert "Approve and publish" not in look("author", HERE)
    assert "yours" in look("reviewer", "/centre/drafts")
    assert send("reviewer", f"{HERE}/publish", digest="0" * 64).status_code == 409
    answer = send("reviewer", f"{HERE}/publish", digest=digest)
    assert answer.headers["location"] == f"{LIBRARY}/published"
    assert "Score stored answers again" not in look("reader", f"{LIBRARY}/published")
    assert hips.order(instruments=["mean-all"], language="nb")["id"]
    assert "There are no drafts" in look("author", "/centre/drafts")
    assert "draft approved and published" in look("reader", LIBRARY)
    assert digest in look("administrator", "/centre/audit?what=draft.published")


def test_a_table_of_items_alone_becomes_the_draft_that_its_author_names(
    send: Send, database: Database
) -> None:
    table = [("files", ("items.csv", b"id;type;text:nb\nq1;eq_vas;Hvordan har du det?\n"))]
    assert send("author", "/centre/drafts", table, version="1.0").status_code == 422
    named = {"instrument": "vas-alone", "version": "1.0"}
    answer = send("author", "/centre/drafts", table, **named)
    assert answer.headers["location"] == "/centre/drafts/vas-alone/1.0"
    with database.read() as session:
        draft = drafts.get(session, "vas-alone", "1.0")
        assert json.loads(draft.wordings["nb"])["instrument"] == "vas-alone"
        assert json.loads(draft.definition)["id"] == "vas-alone"
        paths = [one["path"] for one in draft.decisions]
    assert "instrument.kind" in paths
    assert not {"instrument.id", "instrument.version"} & set(paths)
    text = json.dumps(small())
    answer = send("author", "/centre/drafts", text=text, **named)
    assert answer.headers["location"] == HERE


def test_what_is_pasted_is_kept_on_the_page_where_it_cannot_be_brought_in(send: Send) -> None:
    wrong = send("author", "/centre/drafts", text='{"id": "<b>"')
    assert wrong.status_code == 422
    assert "{&#34;id&#34;: &#34;&lt;b&gt;&#34;" in wrong.text
    assert "text: document" in wrong.text
    text = json.dumps(small())
    assert send("author", "/centre/drafts", text=text).status_code == 303
    again = send("author", "/centre/drafts", text=text)
    assert again.status_code == 409
    assert "mean-all" in again.text
    assert send("author", "/centre/drafts", text=text, replace="yes").status_code == 303
    nameless = send("author", "/centre/drafts", text='{"id": "x"}')
    assert (nameless.status_code, "<strong>version</strong>" in nameless.text) == (422, True)
    assert send("author", "/centre/drafts").status_code == 422
    plain = [("files", ("", b""))]
    assert send("author", "/centre/drafts", plain).status_code == 422


def test_a_form_with_files_is_bounded_and_must_come_from_here(
    send: Send, client: TestClient
) -> None:
    large = [("files", ("large.json", b" " * FILE_BYTES))]
    assert client.post("/centre/drafts", files=large).status_code == 413
    assert send("author", "/centre/drafts", files(*[{}] * 31)).status_code == 400
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/centre/drafts", files=files({}), headers=elsewhere)
    assert answer.status_code == 403


def test_a_spreadsheet_comes_in_as_the_template_goes_out(
    send: Send, client: TestClient, look: Callable[..., str]
) -> None:
    assert 'href="/centre/drafts/template"' in look("author", "/centre/drafts/new")
    template = client.get("/centre/drafts/template")
    assert 'filename="rand-12-template.xlsx"' in template.headers["content-disposition"]
    answer = send("author", "/centre/drafts", [("files", ("a.xlsx", template.content))])
    assert answer.headers["location"] == "/centre/drafts/rand-12/1.0"
    page = look("author", answer.headers["location"])
    assert "Nothing: it can be published as it is." in page
    again = client.get("/centre/drafts/rand-12/1.0/xlsx")
    assert again.content.startswith(b"PK")
    packed = client.get("/centre/drafts/rand-12/1.0/zip")
    with ZipFile(BytesIO(packed.content)) as opened:
        assert opened.namelist() == [f"rand-12/1.0{one}.json" for one in ("", ".en", ".nb")]


def test_a_drafts_page_says_what_is_wrong_and_what_is_to_be_decided(
    send: Send, look: Callable[..., str], database: Database, client: TestClient
) -> None:
    with database.write() as session:
        published(session)
        draft = begun(session, Problem("scores", "are not told"), name="Another")
        drafts.keep(session, draft, "wording nb", "{", 1, "staff:author@example.org")
    page = look("author", HERE)
    assert "One problem" in page
    assert "mean-all 1.0 is published with another content" in page
    assert "document: " not in page
    assert "MINOR" in page
    assert "it can be handed in" not in page
    assert send("author", f"{HERE}/hand-in").status_code == 422
    assert send("author", f"{HERE}/decide", number="1", revision="2").status_code == 303
    assert send("author", f"{HERE}/decide", number="1", revision="x").status_code == 422
    assert there(database).decisions == []
    assert client.get(f"{HERE}/part?name=wording+nb").text == "{"
    assert client.get(f"{HERE}/part?name=wording+fi").status_code == 404
    assert client.get(f"{HERE}/zip").status_code == 409
    with database.write() as session:
        drafts.keep(session, there(database), "definition", "{", 3, "staff:author@example.org")
    page = look("author", HERE)
    assert "checked once the definition is right" not in page
    assert client.get(f"{HERE}/xlsx").status_code == 409


def test_parts_are_added_and_removed_on_the_page(send: Send, database: Database) -> None:
    with database.write() as session:
        begun(session)
    added = {"kind": "wording", "name": "nn", "revision": "1"}
    assert send("author", f"{HERE}/parts", **added).status_code == 303
    for again in (added | {"revision": "2"}, added | {"name": "N N", "revision": "2"}):
        wrong = send("author", f"{HERE}/parts", **again)
        assert wrong.status_code in {409, 422}
        assert f'value="{again["name"]}"' in wrong.text
    gone = {"part": "wording nn", "revision": "2"}
    assert send("author", f"{HERE}/parts/remove", **gone).status_code == 303
    assert list(there(database).wordings) == ["nb"]


def test_a_draft_is_given_back_taken_back_and_discarded(
    send: Send, look: Callable[..., str], database: Database
) -> None:
    with database.write() as session:
        handed_in(session)
    assert "A reviewer who has not written it" in look("reader", HERE)
    assert send("reviewer", f"{HERE}/give-back", remark="").status_code == 422
    assert send("reviewer", f"{HERE}/give-back", remark="q2 is\r\nreversed").status_code == 303
    assert "q2 is\nreversed" in look("author", HERE)
    assert "the authors'" in look("reader", "/centre/drafts")
    assert send("author", f"{HERE}/hand-in").status_code == 303
    assert "a reviewer's" in look("author", "/centre/drafts")
    assert send("author", f"{HERE}/take-back").status_code == 303
    assert send("author", f"{HERE}/discard").status_code == 422
    assert send("author", f"{HERE}/discard", sure="yes").status_code == 303
    assert "There are no drafts" in look("author", "/centre/drafts")


def test_who_wrote_it_does_not_approve_it_whatever_the_form_says(
    send: Send, database: Database
) -> None:
    with database.write() as session:
        draft = handed_in(session)
        reviews.take_back(session, draft, REVIEWER)
        drafts.keep(session, draft, "definition", json.dumps(small()), 1, REVIEWER)
        reviews.hand_in(session, draft, "staff:author@example.org")
        digest = drafts.digest(drafts.parts(draft))
    assert send("reviewer", f"{HERE}/publish", digest=digest).status_code == 403


def test_the_next_version_is_written_from_the_published_one(
    send: Send, look: Callable[..., str], database: Database, hips: Party
) -> None:
    with database.write() as session:
        published(session)
    answer_and_send(database, hips.order(instruments=["mean-all"], language="nb")["id"])
    for _ in range(2):
        answer = send("author", f"{LIBRARY}/next", version="1.1")
        assert answer.headers["location"] == "/centre/drafts/mean-all/1.1"
    assert send("author", f"{LIBRARY}/next", version="9.9").status_code == 422
    scores = [small()["scores"][0] | {"name": "Named anew"}]
    with database.write() as session:
        published(session, version="1.2", scores=scores)
        published(session, version="2.0", recall_period="4 weeks")
    minor = look("reader", "/centre/instruments/mean-all/1.2/published")
    assert "svar rescore --instrument mean-all --to 1.2" in minor
    assert "One response could be scored again" in minor
    major = look("reader", "/centre/instruments/mean-all/2.0/published")
    assert "orders of that version are asked and scored as before" in major


def test_a_version_is_withdrawn_once_that_was_asked(
    send: Send, look: Callable[..., str], database: Database, hips: Party
) -> None:
    with database.write() as session:
        published(session)
    for _ in range(2):
        hips.order(instruments=["mean-all"], language="nb")
    assert "2 orders of it are open" in look("reviewer", f"{LIBRARY}/withdraw")
    assert "Withdraw" in look("reviewer", LIBRARY)
    assert send("reviewer", f"{LIBRARY}/withdraw").status_code == 303
    page = look("reviewer", LIBRARY)
    assert "instrument withdrawn" in page
    assert f"{LIBRARY}/withdraw" not in page


def test_a_version_goes_out_as_a_spreadsheet_and_on_paper(
    look: Callable[..., str], client: TestClient
) -> None:
    page = look("reader", "/centre/instruments/rand-12/1.0/paper?language=nb")
    wording = read(INSTRUMENTS / "rand-12" / "1.0.nb.json")
    assert all(html.unescape(text) in page for text in wording["items"].values())
    assert "1.0" in page
    assert client.get("/centre/instruments/rand-12/1.0/xlsx").content.startswith(b"PK")
    assert client.get("/centre/instruments/rand-12/1.0/paper?language=fi").status_code == 404
    shelf = look("reader", "/centre/instruments/eq-5d-5l/1.0/paper")
    assert "placeholder" in shelf


@pytest.mark.parametrize(
    "name", ["date", "free-text", "number", "multiple-choice", "show-when", "statement", "eq-vas"]
)
def test_every_kind_of_question_has_its_place_on_paper(
    look: Callable[..., str], database: Database, name: str
) -> None:
    with database.write() as session:
        publish_small(session, name)
        row = catalogue.versions(session, name)[0][0].instrument
    page = look("reader", f"/centre/instruments/{name}/1.0/paper")
    assert all(f"Spørsmål om {item.id}" in page for item in row.in_order())

"""What is read before a draft is approved, and after: the draft's page, the version's, the list."""

import html
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import authoring, catalogue, drafts, reviews
from app.db import Database
from app.exchange.binder import Binder, Brought
from app.settings import Settings
from tests.documents import INSTRUMENTS, read
from tests.drafted import AUTHOR, NAME, REVIEWER, approve, begun, handed_in, published, small
from tests.staffed import by_turns, looker
from tests.worded import publish_small, wording_for

HERE, LIBRARY = "/centre/drafts/mean-all/1.0", "/centre/instruments/mean-all/1.0"
Look = Callable[..., str]


@pytest.fixture
def look(client: TestClient, database: Database, settings: Settings) -> Look:
    return looker(client, database, settings)


def revised(**more: Any) -> Brought:
    wording = wording_for(small()) | {"revision": 2} | more
    return Brought(Binder(small(), (wording,)), ())


def test_labels_that_were_turned_are_shown_loudly_and_cannot_be_handed_in(
    look: Look, client: TestClient, database: Database, settings: Settings
) -> None:
    turned = {"level": {str(code): f"level {3 - code}" for code in range(4)}}
    with database.write() as session:
        published(session)
        authoring.begin(session, revised(options=turned), AUTHOR)
    for role in ("author", "reviewer"):
        page = look(role, HERE)
        assert "Texts have changed places" in page
        assert "make the next MAJOR version" in page
        assert "SAME" not in page
        assert ">level 0</td>" in page
        assert page.count("stood elsewhere before") == 4
    send = by_turns(client, database, settings)
    refused = send("author", f"{HERE}/hand-in")
    assert refused.status_code == 422
    assert "would mean something else" in html.unescape(refused.text)


def test_corrected_words_are_told_side_by_side_before_and_after(
    look: Look, database: Database
) -> None:
    items = wording_for(small())["items"] | {"q2": "Hvor <mye> sov du?"}
    with database.write() as session:
        published(session)
        draft = authoring.begin(session, revised(items=items), AUTHOR)
        reviews.hand_in(session, draft, AUTHOR)
    page = look("reviewer", HERE)
    assert "new words in Norwegian Bokmål (revision 2)" in page
    assert "Nothing else differs" in page
    with database.write() as session:
        approve(session, drafts.get(session, *NAME))
    page = look("reader", LIBRARY)
    assert "Changed words" in page
    assert '<td data-label="1.0, Revision 1" lang="nb">Spørsmål om q2</td>' in page
    assert '<td data-label="1.0, Revision 2" lang="nb">Hvor <mye> sov du?</td>' in page
    assert "SHA-256 of the definition" in page


def test_where_nothing_differs_the_page_says_how_a_text_is_corrected(
    look: Look, database: Database
) -> None:
    with database.write() as session:
        published(session)
        begun(session, languages=("nb", "nn"))
    page = look("author", HERE)
    assert "This language is new" in page
    assert "Every question and answer is the same text as in Norwegian Bokmål" in page
    with database.write() as session:
        authoring.begin(
            session, Brought(Binder(small(), (wording_for(small()),)), ()), AUTHOR, replace=True
        )
    assert "bring in the same version with a new revision" in look("author", HERE)


def test_a_draft_shows_all_that_is_approved_and_a_version_all_that_was(
    look: Look, database: Database
) -> None:
    folder = INSTRUMENTS / "rand-12"
    wording = read(folder / "1.0.nb.json")
    english = read(folder / "1.0.en.json")
    files = (read(folder / "1.0.json"), (wording, english), ())
    with database.write() as session:
        authoring.begin(session, Brought(Binder(*files), ()), AUTHOR)
    for path, answered in (
        ("/centre/drafts/rand-12/1.0", english),  # the reader's language comes first
        ("/centre/instruments/rand-12/1.0?language=nb", wording),
    ):
        page = look("reviewer", path)
        for texts in (wording["items"], wording["stems"], *wording["options"].values()):
            assert all(text in page for text in texts.values())
        for told in ("Reversed: a higher code is worth less", "a constant and the points", "→"):
            assert told in page
        for score in files[0]["scores"]:
            assert f"{score['name']}<span>{score['id']}</span>" in page
        assert all(example["name"] in page for example in files[0]["examples"])
        options = {item["id"]: item["options"] for item in files[0]["items"]}
        for name, code in files[0]["examples"][0]["answers"].items():
            text = answered["options"][options[name]][str(code)]
            assert f'<li>{name}: {code} = <span lang="{answered["language"]}">{text}</span>' in page


FEATURES = (
    "cases",
    "date",
    "free-text",
    "lookup",
    "missing-options",
    "multiple-choice",
    "number",
    "show-when",
    "statement",
)


def test_every_feature_of_a_definition_can_be_read(look: Look, database: Database) -> None:
    with database.write() as session:
        for name in FEATURES:
            publish_small(session, name)
        known = {name: catalogue.versions(session, name)[0][0].instrument for name in FEATURES}
    for name, one in known.items():
        page = look("reader", f"/centre/instruments/{name}")
        assert all(f"{score.name}<span>{score.id}</span>" in page for score in one.scores)
        assert all(f'<th scope="row">{item.id}<span>' in page for item in one.in_order())


def test_a_definition_without_words_is_read_by_its_codes(look: Look, database: Database) -> None:
    with database.write() as session:
        draft = begun(session)
        authoring.remove_part(session, draft, "wording nb", 1, AUTHOR)
    page = look("author", HERE)
    assert "What is approved" in page
    assert "<li>3 → <strong>3</strong></li>" in page


def test_the_list_tells_who_gave_a_draft_back_and_what_is_wrong_with_it(
    look: Look, database: Database
) -> None:
    with database.write() as session:
        draft = handed_in(session)
        reviews.give_back(session, draft, "q2 is reversed", REVIEWER)
        drafts.keep(session, draft, "wording nb", "{", 1, AUTHOR)
    listed = look("author", "/centre/drafts")
    assert f"given back, {REVIEWER}" in listed
    assert "One problem" in listed
    with database.write() as session:
        draft = drafts.get(session, *NAME)
        text = json.dumps(wording_for(small()) | {"status": "placeholder"})
        drafts.keep(session, draft, "wording nb", text, 2, AUTHOR)
        reviews.hand_in(session, draft, AUTHOR)
    assert f"in review, {AUTHOR}" in look("author", "/centre/drafts")
    page = look("reviewer", HERE)
    assert "q2 is reversed" in page
    assert f"draft given back, {REVIEWER}" in page
    assert "The status of this wording is placeholder" in page


def test_a_draft_that_is_no_more_leads_to_what_became_of_it(
    look: Look, client: TestClient, database: Database, settings: Settings
) -> None:
    look("author", HERE, 404)
    send = by_turns(client, database, settings)
    with database.write() as session:
        begun(session)
    thrown = send("author", f"{HERE}/discard", sure="yes").headers["location"]
    assert client.get(HERE).headers["location"] == thrown
    assert "The draft of mean-all 1.0 has been thrown away" in look("author", thrown)
    with database.write() as session:
        published(session)
    assert client.get(HERE).headers["location"] == LIBRARY
    assert client.get("/centre/drafts?gone=<b>").status_code == 422

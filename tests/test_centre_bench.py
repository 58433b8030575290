"""/centre/drafts/…/bench: a draft is written, and what is wrong stands beside its line."""

import html
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.settings import Settings
from tests.benched import draft, kept
from tests.documents import SMALL
from tests.staffed import come_as

TEXT = (SMALL / "mean-all.json").read_text("utf-8")
WRONG = TEXT.replace('"range": [0, 3]', '"range": [0, 9]')


@pytest.fixture
def author(client: TestClient, database: Database, settings: Settings) -> dict[str, str]:
    """The hidden fields of an author's form, of whom the client now has the cookie."""
    csrf = come_as(client, database, settings, "author")
    return {"csrf": csrf, "part": "definition", "revision": "1"}


def editor(page: Any, name: str = "text") -> str:
    """Return what stands in a text box, as a browser would have it."""
    inside: str = page.text.split(f'<textarea id="{name}"')[1].split(">", 1)[1]
    return html.unescape(inside.split("</textarea>")[0].removeprefix("\n"))


def test_a_part_is_shown_as_it_was_written_with_what_is_wrong_at_its_line(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all", definition=WRONG)
    page = client.get(bench)
    assert editor(page) == WRONG
    line = 1 + WRONG[: WRONG.index("[0, 9]")].count("\n")
    assert f'data-line="{line}"' in page.text
    assert "scores.total.range" in page.text
    wording = client.get(f"{bench}?part=wording+nb")
    assert json.loads(editor(wording))["language"] == "nb"
    assert client.get(f"{bench}?part=wording+en").status_code == 404
    assert client.get(bench.replace("mean-all", "no-such")).status_code == 404


def test_what_is_checked_is_not_kept_and_remarks_are_apart_from_problems(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all")
    told = client.post(f"{bench}/check", data=author | {"text": WRONG}).json()
    assert [one["path"] for one in told["found"]] == ["scores.total.range"]
    assert told["wrong"] == {"definition": 1, "wording nb": 0}
    broken = client.post(f"{bench}/check", data=author | {"text": '{\r\n "id" 1}'}).json()
    assert [(one["line"], one["column"]) for one in broken["found"]] == [(2, 7)]
    wording = json.loads(kept(database, bench).wordings["nb"])
    wording["items"]["q2"] = "<b>Hvor vondt?</b>"
    text = json.dumps(wording, indent=1, ensure_ascii=False)
    told = client.post(f"{bench}/check", data=author | {"part": "wording nb", "text": text}).json()
    said = [one for one in told["found"] if "<b>" in one["message"]]
    assert [(one["kind"], one["path"]) for one in said] == [("remark", "items.q2")]
    assert text.split("\n")[said[0]["line"] - 1].endswith('"<b>Hvor vondt?</b>",')
    turned = TEXT.replace("higher_is_better", "none")
    told = client.post(f"{bench}/check", data=author | {"text": turned}).json()
    assert {one["path"] for one in told["found"] if one["kind"] == "remark"} >= {
        "items.q1.direction"
    }
    assert kept(database, bench).definition == TEXT
    assert kept(database, bench).revision == 1


def test_what_an_author_saves_is_kept_right_or_wrong(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all")
    text = "{\n no JSON <script>alert(1)</script></textarea>"
    sent = author | {"text": text.replace("\n", "\r\n")}
    answer = client.post(bench, data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{bench}?part=definition")
    now = kept(database, bench)
    assert (now.definition, now.revision, now.editors[-1]) == (text, 2, "staff:author@example.org")
    page = client.get(bench)
    assert editor(page) == text
    assert "<script>alert" not in page.text


def test_where_somebody_was_quicker_both_texts_are_shown_and_nothing_is_lost(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all", revision=2)
    page = client.post(bench, data=author | {"text": WRONG})
    assert page.status_code == 409
    assert (editor(page), editor(page, "theirs")) == (WRONG, TEXT)
    assert "ola@example.org" in page.text
    assert 'name="revision" value="2"' in page.text
    same = client.post(bench, data=author | {"text": TEXT})
    assert 'id="theirs"' not in same.text
    odd = client.post(bench, data=author | {"text": "a\0b", "revision": "2"})
    assert (odd.status_code, editor(odd)) == (422, "a\0b")
    assert client.post(bench, data=author | {"text": "x", "revision": "two"}).status_code == 409
    assert kept(database, bench).definition == TEXT


def test_in_review_and_for_others_than_authors_it_is_only_read(
    client: TestClient, database: Database, settings: Settings, author: dict[str, str]
) -> None:
    at = kept(database, draft(database, "mean-all")).begun_at
    reviewed = {"status": "in_review", "submitted_at": at, "submitted_by": "staff:a"}
    bench = draft(database, "mean-half", **reviewed)
    page = client.get(bench).text
    assert "readonly" in page
    assert "til godkjenning" in page
    assert client.post(bench, data=author | {"text": "mine"}).status_code == 409
    for role in ("reader", "reviewer", "administrator"):
        come_as(client, database, settings, role)
        text = client.get(bench.replace("mean-half", "mean-all")).text
        assert "readonly" in text
        assert "Kontroller og lagre" not in text


def test_more_problems_than_one_can_read_are_counted(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all")
    wrong = json.loads(TEXT)
    wrong["items"] += [{"id": f"x{number}"} for number in range(300)]
    told = client.post(f"{bench}/check", data=author | {"text": json.dumps(wrong)}).json()
    assert len(told["found"]) == 200
    assert told["more"] == told["wrong"]["definition"] - 200 > 0


def test_a_text_of_thousands_of_items_is_taken_and_one_beyond_all_bounds_is_not(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all")
    text = TEXT + " " * 1_000_000
    assert client.post(bench, data=author | {"text": text}).status_code == 303
    assert len(kept(database, bench).definition) == len(text)
    larger = author | {"revision": "2", "text": TEXT + " " * (4 << 20)}
    assert client.post(bench, data=larger).status_code == 413
    assert kept(database, bench).revision == 2

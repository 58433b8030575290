"""/centre/drafts/…/bench/…: a draft is seen as patients will see it, filled in, and scored."""

import json
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app import drafts, rehearsals
from app.centre.by_hand import ROWS
from app.db import Database
from app.models import InstrumentDraft, Rehearsal
from app.settings import Settings
from tests.benched import draft, kept, put
from tests.documents import SMALL, read
from tests.staffed import come_as
from tests.worded import wording_for


@pytest.fixture
def csrf(client: TestClient, database: Database, settings: Settings) -> str:
    """The hidden field of a reviewer's forms, of whom the client now has the cookie."""
    return come_as(client, database, settings, "reviewer")


def answers(database: Database) -> dict[str, Any]:
    with database.read() as session:
        found = session.exec(select(Rehearsal)).first()
        return dict(found.answers) if found else {}


def test_a_trial_goes_from_screen_to_screen_as_the_patients_form_does(
    client: TestClient, database: Database, csrf: str
) -> None:
    bench = draft(database, "show-when")
    first = client.get(f"{bench}/try/nb/1")
    assert "Spørsmål om q1" in first.text
    assert "En prøve: ingenting lagres" in first.text
    assert client.get(f"{bench}/try/nb/3").text.count("Spørsmål om q1") > 0  # left out as yet
    no = client.post(f"{bench}/try/nb/1", data={"csrf": csrf, "view": "one", "q1": "0"})
    assert no.headers["location"] == f"{bench}/try/nb/end"
    assert "siste spørsmålet" in client.get(f"{bench}/try/nb/end").text
    yes = client.post(f"{bench}/try/nb/1", data={"csrf": csrf, "view": "one", "q1": "1"})
    assert yes.headers["location"] == f"{bench}/try/nb/2"
    empty = client.post(f"{bench}/try/nb/2", data={"csrf": csrf, "view": "one"})
    assert empty.headers["location"] == f"{bench}/try/nb/end"
    assert answers(database) == {"q1": 1, "q2": None}
    second = client.get(f"{bench}/try/nb/2").text
    assert f'<nav class="back"><a href="{bench}/try/nb/1">' in second
    assert client.get(f"{bench}/try/nb/99").status_code == 404
    assert client.get(f"{bench}/try/pl/1").status_code == 404


def test_a_group_is_a_grid_and_what_is_no_answer_is_said(
    client: TestClient, database: Database, csrf: str
) -> None:
    bench = draft(database, "mean-all")
    grid = client.get(f"{bench}/try/nb/1").text
    assert f'data-action="{bench}/try/nb/3" data-save="{bench}/try/nb/3/save"' in grid
    sent = {"csrf": csrf, "view": "grid", "q1": "0", "q2": "1", "q3": "7"}
    wrong = client.post(f"{bench}/try/nb/1", data=sent)
    assert wrong.status_code == 422
    assert answers(database) == {}
    told = client.post(f"{bench}/try/nb/1/save", data=sent).json()
    assert told == {"saved": ["q1", "q2"], "older": [], "elsewhere": False, "wrong": ["q3"]}
    client.post(f"{bench}/try/nb/1", data=sent | {"q3": "3"})
    assert answers(database) == {"q1": 0, "q2": 1, "q3": 3}
    scores = client.get(f"{bench}/scores").text
    assert "1,333333333" in scores
    assert "3 av 3 besvart" in scores
    assert "mean: (0 + 1 + 3) / 3 = 1.333333333" in scores
    client.post(f"{bench}/try/nb/1", data={"csrf": csrf, "view": "one", "q2": "2"})
    assert "ingen skår" in client.get(f"{bench}/scores").text  # q1 was emptied


def test_an_answer_to_a_question_that_others_leave_out_is_not_scored(
    client: TestClient, database: Database, csrf: str
) -> None:
    bench = draft(database, "show-when")
    for first, told in (("1", "1 av 1 besvart"), ("0", "0 av 1 besvart")):
        client.post(f"{bench}/hand", data={"csrf": csrf, "q1": first, "q2": "3"})
        assert told in client.get(f"{bench}/scores").text


def test_frames_stand_on_our_own_pages_only_and_nothing_else_may_be_framed(
    client: TestClient, database: Database, csrf: str
) -> None:
    bench = draft(database, "mean-all")

    def policy(path: str) -> str:
        return str(client.get(path).headers["content-security-policy"])

    usual = policy(bench)
    assert "frame-ancestors 'none'" in usual
    framed = usual.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    assert policy(f"{bench}/try/nb/1") == policy(f"{bench}/try/xx/1") == framed
    assert policy(f"{bench}/preview") == f"{usual}; frame-src 'self'"
    client.cookies.clear()
    assert policy(f"{bench}/try/nb/1") == framed
    assert client.get(f"{bench}/try/nb/1").status_code == 401


def test_the_preview_shows_each_language_and_begins_where_one_left_off(
    client: TestClient, database: Database, csrf: str
) -> None:
    definition = read(SMALL / "show-when.json")
    texts = {one: json.dumps(wording_for(definition, one)) for one in ("en", "nb")}
    texts["nb"] = texts["nb"].replace('"unreviewed"', '"placeholder"')
    bench = draft(database, "show-when", wordings=texts)
    client.post(f"{bench}/try/nb/1", data={"csrf": csrf, "view": "one", "q1": "1"})
    page = client.get(f"{bench}/preview?phone=en&wide=nonsense").text
    assert f'src="{bench}/try/en/2"' in page
    assert f'src="{bench}/try/nb/2"' in page
    assert "Dette er en prøve" in page
    assert 'class="mark"' in client.get(f"{bench}/try/en/2").text
    assert "Skjemaet" not in page
    english, norsk = (client.get(f"{bench}/try/{one}/2").text for one in ("en", "nb"))
    assert (english.count('class="mark"'), norsk.count('class="mark"')) == (1, 2)
    assert client.post(f"{bench}/reset", data={"csrf": csrf}).status_code == 303
    assert client.post(f"{bench}/reset", data={"csrf": csrf}).status_code == 303
    assert answers(database) == {}


def test_scripts_in_a_wording_are_shown_as_the_text_they_are(
    client: TestClient, database: Database, csrf: str
) -> None:
    wording = wording_for(read(SMALL / "mean-all.json"))
    wording["items"]["q1"] = wording["options"]["level"]["0"] = "<script>alert('boo')</script>"
    bench = draft(database, "mean-all", wordings={"nb": json.dumps(wording)})
    for page in ("/try/nb/1", "/hand", "/preview", "?part=wording+nb"):
        assert "<script>alert" not in client.get(f"{bench}{page}").text
    assert "&lt;script&gt;alert" in client.get(f"{bench}/try/nb/1").text


def test_what_cannot_be_tried_says_so_and_scores_need_no_wording(
    client: TestClient, database: Database, csrf: str
) -> None:
    nothing = draft(database, "mean-all", definition="[not JSON")
    for page in ("preview", "scores", "hand", "examples"):
        answer = client.get(f"{nothing}/{page}")
        assert (answer.status_code, "kan ikke prøves" in answer.text) == (200, True), page
    assert "kan ikke prøves" in client.post(f"{nothing}/hand", data={"csrf": csrf}).text
    assert client.get(f"{nothing}/try/nb/1").status_code == 404
    half = draft(database, "mean-half", wordings={"nb": "{}"})
    assert "Ingen ordlyd er riktig" in client.get(f"{half}/preview").text
    items = read(SMALL / "mean-half.json")["items"]
    sent = {"csrf": csrf} | {one["id"]: "1" for one in items}
    assert client.post(f"{half}/hand", data=sent).status_code == 303
    assert "av" in client.get(f"{half}/scores").text
    assert answers(database) == {one["id"]: 1 for one in items}


@pytest.mark.parametrize(
    ("name", "typed", "kept", "wrong"),
    [
        ("multiple-choice", "1, 2", [1, 2], "1 x"),
        ("date", "2020-02-29", "2020-02-29", "29.2.2020"),
        ("number", "1,5", 1.5, "much"),
    ],
)
def test_every_type_is_typed_in_one_box_and_what_is_no_answer_stays_there(
    client: TestClient, database: Database, csrf: str, name: str, typed: str, kept: Any, wrong: str
) -> None:
    definition = read(SMALL / f"{name}.json")
    item = definition["open_items"][0]
    bench = draft(database, name)
    page = client.post(f"{bench}/hand", data={"csrf": csrf, item["id"]: wrong})
    assert page.status_code == 422
    assert f'value="{wrong}" aria-invalid="true"' in page.text
    assert answers(database) == {}
    if name == "number":
        typed, kept = str(item["least"]), item["least"]
    if name == "multiple-choice":
        kept = definition["option_sets"][item["options"]][:2]
        typed = ", ".join(map(str, kept))
    done = client.post(f"{bench}/hand", data={"csrf": csrf, item["id"]: typed})
    assert done.headers["location"] == f"{bench}/hand?first=1"
    assert answers(database)[item["id"]] == kept
    assert 'aria-invalid="true"' not in client.get(f"{bench}/hand").text


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("mean-all", '<li>0 = <span lang="nb">level 0</span></li>'),
        (
            "eq-vas",
            '0 = <span lang="nb">Verst mulig</span> – 100 = <span lang="nb">Best mulig</span>',
        ),
    ],
)
def test_beside_each_box_stand_the_codes_with_their_words(
    client: TestClient, database: Database, csrf: str, name: str, offered: str
) -> None:
    assert csrf
    bench = draft(database, name)
    assert offered in client.get(f"{bench}/hand").text


def test_the_words_beside_each_box_are_in_the_readers_language_if_there_are_such(
    client: TestClient, database: Database, csrf: str
) -> None:
    assert csrf
    definition = read(SMALL / "mean-all.json")
    texts = {one: json.dumps(wording_for(definition, one)) for one in ("en", "nb")}
    bench = draft(database, "mean-all", wordings=texts)
    for language, other in (("nb", "en"), ("en", "nb")):
        client.cookies.set("svar_language", language, domain="127.0.0.1", path="/")
        page = client.get(f"{bench}/hand").text
        assert f'0 = <span lang="{language}">' in page
        assert f'0 = <span lang="{other}">' not in page


def large(count: int) -> dict[str, Any]:
    names = [f"q{number}" for number in range(1, count + 1)]
    made = read(SMALL / "mean-all.json")
    score = made["scores"][0] | {"items": names, "missing": "half"}
    item = {"type": "single_choice", "options": "level", "direction": "higher_is_better"}
    return made | {
        "items": [item | {"id": name} for name in names],
        "pages": [{"id": "all", "stem": False, "items": names}],
        "scores": [score],
    }


def test_a_questionnaire_of_hundreds_is_filled_in_a_table_at_a_time(
    client: TestClient, database: Database, csrf: str
) -> None:
    bench = put(database, large(400), {})
    page = client.get(f"{bench}/hand?first={ROWS + 1}").text
    assert page.count('<input type="text"') == ROWS
    assert client.get(f"{bench}/hand?first=401").status_code == 404
    sent = {"csrf": csrf} | {f"q{number}": "3" for number in range(1, ROWS + 1)}
    assert client.post(f"{bench}/hand", data=sent).status_code == 303
    assert len(answers(database)) == ROWS
    scores = client.get(f"{bench}/scores").text
    assert "150 av 400 besvart" in scores
    assert scores.count("<li>") < 210


def test_answers_are_ones_own_and_go_with_the_draft(
    client: TestClient, database: Database, settings: Settings, csrf: str
) -> None:
    bench = draft(database, "mean-all")
    client.post(f"{bench}/hand", data={"csrf": csrf, "q1": "3"})
    come_as(client, database, settings, "reader")
    assert 'value="3"' not in client.get(f"{bench}/hand").text
    with database.write() as session:
        session.delete(session.get_one(InstrumentDraft, ("mean-all", "1.0")))
    assert answers(database) == {}


def test_an_answer_that_the_definition_has_no_place_for_any_more_is_left_out(
    database: Database, client: TestClient, csrf: str
) -> None:
    bench = draft(database, "mean-all")
    given = {"q1": 3, "q2": None, "q3": 1, "gone": 2}
    email = "reviewer@example.org"
    one = kept(database, bench)
    with database.write() as session:
        rehearsals.keep(session, drafts.get(session, one.instrument, one.version), email, given)
        found = drafts.get(session, one.instrument, one.version)
        found.definition = found.definition.replace('"level": [0, 1, 2, 3]', '"level": [0, 1, 2]')
        found.definition = found.definition.replace("[0, 3]", "[0, 2]")
        assert tried(session, found, email) == {"q2": None, "q3": 1}


def tried(session: Session, draft: InstrumentDraft, email: str) -> dict[str, Any]:
    found = rehearsals.trial(session, draft, email)
    assert found is not None
    return dict(found.answers)


def test_what_was_tried_long_ago_is_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsals, "MOST", 1)
    benches = [draft(database, name) for name in ("mean-all", "mean-half")]
    with database.read() as session:
        for bench in (*benches, *benches):
            assert tried(session, kept(database, bench), "nobody@example.org") == {}
    assert len(rehearsals._tried) == 1

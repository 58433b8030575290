"""GET /api/v1/instruments/…/codebook: what every column of the results means, open to anyone."""

import csv
import io
import re
from typing import Any

import pytest

from app import catalogue, revisions
from app.columns import columns_of
from app.db import Database
from app.registry import codebook
from tests.conftest import Party
from tests.documents import INSTRUMENTS, SMALL, instrument, read, shipped, shipped_definitions
from tests.flow import nothing_stored, refusal
from tests.test_registry_instruments import keep_official
from tests.worded import publish_small, wording_for

PATH = "/api/v1/instruments"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def book(party: Party, name: str, **params: Any) -> dict[str, Any]:
    answer = party.get(f"{PATH}/{name}/1.0/codebook", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def column(of: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in of["columns"] if one["name"] == name]
    return dict(found)


def lines(answer: Any) -> dict[str, dict[str, str]]:
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return {row["name"]: row for row in csv.DictReader(io.StringIO(answer.text, newline=""))}


@pytest.mark.parametrize("path", shipped_definitions(), ids=lambda path: path.parent.name)
def test_anyone_may_read_what_every_column_means(stranger: Party, hips: Party, path: Any) -> None:
    name = path.parent.name
    found = book(stranger, name)
    assert [one["name"] for one in found["columns"]] == (
        [one.name for one in columns_of(instrument(path))]
    )
    assert found["definition_sha256"] == (
        stranger.get(f"{PATH}/{name}/1.0").headers["etag"].strip('"')
    )
    assert found["wording"]["credit"]
    assert book(hips, name) == found


def test_a_column_says_everything(stranger: Party, knees: Party) -> None:
    found = book(stranger, "rand-36", language="nb")
    words = read(INSTRUMENTS / "rand-36/1.0.nb.json")
    q3 = column(found, "q3")
    assert q3["label"] == words["items"]["q3"]
    assert q3["stem"] == words["stems"]["activities"]
    assert q3["codes"] == words["options"]["limited"]
    assert q3["missing_codes"] == [9]
    assert q3["path"] == ["response", "answers", "q3"]
    score = column(found, "physical_functioning")
    assert score["range"] == [0, 100]
    assert score["missing_rule"] == "given when 5 of 10 items are answered (1 under `any`)"
    assert column(book(knees, "phq-9"), "total")["bands"]["10"] == "moderate"
    assert (found["wording"]["language"], found["wording"]["status"]) == ("nb", "unreviewed")


def test_a_placeholder_is_called_one(stranger: Party) -> None:
    assert book(stranger, "eq-5d-5l", language="nb")["wording"]["status"] == "placeholder"
    page = stranger.get(f"{PATH}/eq-5d-5l/1.0/codebook?format=html").text
    assert "not the questionnaire’s own words" in page


@pytest.mark.parametrize("instrument_id", ["eq-5d-5l", "koos"])
def test_a_wording_that_is_licensed_is_not_shown_to_anyone(
    stranger: Party, hips: Party, database: Database, instrument_id: str
) -> None:
    with database.write() as session:
        keep_official(session, instrument_id)
    for party in (stranger, hips):
        found = book(party, instrument_id, language="nb")
        assert found["wording"] is None
        items = [one for one in found["columns"] if one["part"] == "item"]
        assert items
        for one in items:
            assert one["label"] == one["path"][-1]
            assert one["stem"] is None
            assert set(one["codes"].values()) <= {None}
    page = stranger.get(f"{PATH}/{instrument_id}/1.0/codebook?format=html&language=nb").text
    assert "it is for those who hold a licence" in page
    assert book(stranger, instrument_id)["wording"]["language"] == "en"


def test_an_instrument_without_any_wording_has_its_codes(
    stranger: Party, database: Database
) -> None:
    with database.write() as session:
        catalogue.publish(session, read(SMALL / "sum.json"), {}, "a test")
    found = book(stranger, "sum")
    assert found["wording"] is None
    assert column(found, "q1")["label"] == "q1"


def test_an_index_by_another_value_set_is_explained_when_it_is_asked_for(stranger: Party) -> None:
    found = book(stranger, "eq-5d-5l", value_set="uk-2026")
    assert "index_uk_2026" in [one["name"] for one in found["columns"]]
    path = f"{PATH}/eq-5d-5l/1.0/codebook?value_set=uk-2025"
    assert refusal(stranger.get(path), 422) == ["value_set"]


def test_csv_has_a_line_for_each_column(stranger: Party) -> None:
    found = lines(stranger.get(f"{PATH}/phq-9/1.0/codebook?format=csv&language=en"))
    assert list(found) == [one.name for one in columns_of(instrument(shipped("phq-9")))]
    assert found["q1"]["codes"].startswith("0 = Not at all; 1 = ")
    assert found["total"]["bands"].startswith("0 = minimal; 5 = mild")
    assert (found["total"]["least"], found["total"]["most"]) == ("0.0", "27.0")
    assert found["q1"]["missing_reasons"] == "skipped"
    assert found["mode"]["codes"].startswith("web = ")
    licensed = lines(stranger.get(f"{PATH}/gs-peq/1.0/codebook?format=csv"))
    assert licensed["gkv_1"]["missing_reasons"] == "skipped not_applicable"


def test_csv_is_safe_to_open_in_a_spreadsheet(stranger: Party, database: Database) -> None:
    definition = read(SMALL / "sum.json")
    wording = wording_for(definition)
    wording["items"]["q1"] = "=HYPERLINK(1)"
    with database.write() as session:
        catalogue.publish(session, definition, {}, "a test")
        revisions.publish(session, wording, "a test")
    found = lines(stranger.get(f"{PATH}/sum/1.0/codebook?format=csv"))
    assert found["q1"]["label"] == "'=HYPERLINK(1)"
    minus = lines(stranger.get(f"{PATH}/eq-5d-5l/1.0/codebook?format=csv"))
    assert minus["index_no_2024"]["least"] == "-0.453"


def test_a_page_can_be_read_by_people(stranger: Party) -> None:
    answer = stranger.get(f"{PATH}/rand-36/1.0/codebook", headers={"Accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for name in ("q36", "pcs_oblique_answered", "supersedes"):
        assert f"<code>{name}</code>" in answer.text
    assert "1 = Excellent; 2 = Very good" in answer.text
    assert "0 to 100" in answer.text
    assert "5 of 10 items" in answer.text
    (style,) = re.findall(r'rel="stylesheet" href="([^"]+)"', answer.text)
    assert stranger.get(style).status_code == 200
    assert "<script" not in answer.text


def test_a_page_leads_to_the_same_codebook_as_a_file(stranger: Party, database: Database) -> None:
    with database.write() as session:
        publish_small(session, "number")
    path = f"{PATH}/number/1.0/codebook"
    page = stranger.get(f"{path}?format=html&language=nb").text
    (link,) = re.findall(r'href="(\?format=csv[^"]*)"', page)
    found = lines(stranger.get(path + link.replace("&amp;", "&")))
    assert "Spørsmål om" in found["q1"]["label"]
    assert "(kg)" in page


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, text/html", "text/html; charset=utf-8"),
        ("text/html;q=much, text/csv", "text/csv; charset=utf-8"),
    ],
)
def test_the_format_is_the_one_that_is_liked_best(stranger: Party, accept: str, kind: str) -> None:
    answer = stranger.get(f"{PATH}/gad-7/1.0/codebook", headers={"Accept": accept})
    assert answer.headers["content-type"] == kind
    assert answer.headers["vary"] == "Accept"


def test_a_format_that_is_not_offered_is_refused(stranger: Party) -> None:
    answer = stranger.get(f"{PATH}/gad-7/1.0/codebook", headers={"Accept": "image/png"})
    assert refusal(answer, 406) == []
    assert "application/json and text/csv and text/html" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "fields"),
    [
        ("sf-36/1.0/codebook", 404, []),
        ("rand-36/9.9/codebook", 404, []),
        ("rand-36/1.0/codebook?language=fi", 422, ["language"]),
        ("rand-36/1.0/codebook?language=NB", 422, ["language"]),
        ("rand-36/1.0/codebook?format=xlsx", 422, ["format"]),
        ("rand-36/1.0/codebook?lang=nb", 422, ["lang"]),
        ("RAND/1.0/codebook", 422, ["instrument_id"]),
        ("rand-36/1/codebook", 422, ["version"]),
    ],
)
def test_what_cannot_be_is_named(
    stranger: Party, database: Database, path: str, status: int, fields: list[str]
) -> None:
    with nothing_stored(database):
        assert refusal(stranger.get(f"{PATH}/{path}"), status) == fields


def test_a_language_that_is_not_there_names_those_that_are(stranger: Party) -> None:
    answer = stranger.get(f"{PATH}/rand-36/1.0/codebook?language=fi")
    assert answer.json()["errors"][0]["message"] == "there is no wording in fi; there is: en, nb"


def test_codes_without_texts_stand_alone() -> None:
    assert codebook.pairs({1: None, 2: "Two", "web": "in a browser"}) == (
        "1; 2 = Two; web = in a browser"
    )

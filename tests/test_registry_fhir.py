"""GET /api/v1/instruments/{id}/{version}/fhir: open to anyone, but for licensed wordings."""

import pytest

from app.db import Database
from tests.conftest import Party
from tests.flow import refusal
from tests.test_registry_instruments import keep_official

PATH = "/api/v1/instruments"


def test_hips_knees_and_a_stranger_read_the_same(
    hips: Party, knees: Party, stranger: Party
) -> None:
    answers = [one.get(f"{PATH}/gs-peq/1.0/fhir") for one in (hips, knees, stranger)]
    assert {one.status_code for one in answers} == {200}
    assert answers[0].headers["content-type"] == "application/fhir+json"
    found = answers[0].json()
    assert [one.json() == found for one in answers] == [True] * 3
    assert found["url"].endswith("/api/v1/instruments/gs-peq/1.0")
    assert found["language"] == "nb"
    english = stranger.get(f"{PATH}/who-5/1.0/fhir", params={"language": "en"}).json()
    assert english["item"][0]["item"][0]["text"]


@pytest.mark.parametrize(("name", "other"), [("eq-5d-5l", "en"), ("gs-peq", None)])
def test_a_licensed_wording_never_leaves(
    stranger: Party, database: Database, name: str, other: str | None
) -> None:
    path = f"{PATH}/{name}/1.0/fhir"
    assert stranger.get(path).json()["item"][0]["item"][0]["text"]
    with database.write() as session:
        keep_official(session, name)
    refused = stranger.get(path, params={"language": "nb"})
    refusal(refused, 404)
    assert "licensed" in refused.json()["detail"]
    found = stranger.get(path).json()
    assert found.get("language") == other
    item = found["item"][0]["item"][0]
    assert ("text" in item) == (other is not None)
    assert ("display" in item["answerOption"][0]["valueCoding"]) == (other is not None)


@pytest.mark.parametrize(
    ("path", "status", "fields"),
    [
        ("who-5/9.9/fhir", 404, []),
        ("who-5/1.0/fhir?language=nb", 404, []),
        ("who-5/1.0/fhir?language=N", 422, ["language"]),
    ],
)
def test_what_is_not_there_is_told(
    stranger: Party, path: str, status: int, fields: list[str]
) -> None:
    assert refusal(stranger.get(f"{PATH}/{path}"), status) == fields

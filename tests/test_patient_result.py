"""The patient's own result: the scores that were stored, in plain words, while the visit lasts."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import catalogue, revisions
from app.db import Database
from app.models import now
from app.patient.kept import points
from app.settings import Settings
from app.texts import texts_in
from tests.collected import RESPONSES, rand_36
from tests.conftest import HERE, Party, PlaceOrder
from tests.documents import INSTRUMENTS, read, resolved
from tests.flow import answer_and_send, nothing_stored
from tests.visits import (
    ALL_OF_RAND_12,
    OSLO,
    change,
    change_registry,
    come_as,
    come_to_send,
    order_in,
    score_again,
    supersede,
)
from tests.walk import visit, walk

RESULT, RECEIPT = "/form/result", "/form/receipt"
ALL = {f"q{number}": 1 for number in range(1, 37)}
NAMES = [
    "Fysisk funksjon",
    "Gjøremål og kropp",
    "Gjøremål og følelser",
    "Energi og overskudd",
    "Psykisk velvære",
    "Sosialt liv",
    "Smertefrihet",
    "Helsen i det hele",
]
SCORES = [
    "physical_functioning",
    "role_physical",
    "role_emotional",
    "energy_fatigue",
    "emotional_well_being",
    "social_functioning",
    "pain",
    "general_health",
]


class Table(HTMLParser):
    """Reads the table of a result: its columns, and each score's numbers under its name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.columns: list[str] = []
        self.names: list[str] = []
        self.numbers: list[list[str]] = []
        self._into: list[str] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag, dict(attrs).get("scope"):
            case "th", "col":
                self._begin(self.columns)
            case "strong", _:
                self._begin(self.names)
            case "th", "rowgroup":
                self.numbers.append([])
            case "td", _:
                self._begin(self.numbers[-1])

    def _begin(self, into: list[str]) -> None:
        into.append("")
        self._into = into

    def handle_endtag(self, tag: str) -> None:
        if tag in {"th", "td", "strong"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data.strip()


@pytest.fixture(autouse=True)
def _shown(database: Database) -> None:
    for registry in ("hips", "knees"):
        change_registry(database, registry, shows_scores=True)


def answered(database: Database, hips: Party, on: tuple[int, int] = (1, 1), **given: int) -> UUID:
    """Answer RAND-36 for the usual case on a day of a month this year; return the order."""
    order_id = UUID(hips.order()["id"])
    moment = datetime(2026, on[1], on[0], 12, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as past:
        past.setattr("app.responses.now", lambda: moment)
        answer_and_send(database, order_id, **given)
    return order_id


def arrive(client: TestClient, place_order: PlaceOrder, **order: Any) -> UUID:
    """Answer RAND-36 as the usual case's patient, up to the receipt; return the order."""
    order_id, link = place_order(["rand-36"], **order)
    come_to_send(client, order_id, link, **ALL)
    return order_id


def test_the_result_has_the_named_scores_of_the_stored_run_in_whole_points(
    client: TestClient, place_order: PlaceOrder, hips: Party
) -> None:
    arrive(client, place_order)
    (stored,) = hips.results()
    text = client.get(RESULT).text
    table = Table(text)
    assert table.names == NAMES
    expected = [round(stored["scores"][name]["value"]) for name in SCORES]
    assert table.numbers == [[str(value)] for value in expected]
    assert len(set(expected)) > 3
    for score in read(INSTRUMENTS / "rand-36/1.0.nb.json")["scores"].values():
        assert score["high"] in text
    assert "Tidligere" not in text
    assert "Mangler" not in text


def test_the_picture_says_in_words_what_it_shows(
    client: TestClient, place_order: PlaceOrder
) -> None:
    arrive(client, place_order)
    text = client.get(RESULT).text
    picture = re.search(r'<svg class="profile"[^>]*>', text)
    assert picture is not None
    assert 'role="img"' in picture[0]
    for attribute, tag in (("labelledby", "title"), ("describedby", "desc")):
        named = re.search(rf'aria-{attribute}="([\w-]+)"', picture[0])
        assert named is not None
        assert f'<{tag} id="{named[1]}">' in text
    described = text.split("<desc")[1].split("</desc>")[0]
    for name, (value,) in zip(NAMES, Table(text).numbers, strict=True):
        assert f"{name}: {value}." in described
    assert text.count('class="now"') == len(NAMES)


def test_earlier_answers_stand_beside_the_present_ones(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    answered(database, hips, on=(3, 2), q21=6, q22=5)
    arrive(client, place_order)
    text = client.get(RESULT).text
    table = Table(text)
    today = texts_in("nb", OSLO).day(now())
    assert table.columns == ["3.\u00a0februar 2026", f"Nå{today}"]
    assert table.numbers[NAMES.index("Smertefrihet")] == ["0", "100"]
    assert text.count('class="before"') == len(NAMES) + 1  # and one in the legend
    assert "flere ganger før" not in text


def test_of_many_earlier_answers_the_first_and_the_last_are_shown(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    for month, pain in ((1, 6), (2, 5), (3, 4), (4, 3)):
        answered(database, hips, on=(1, month), q21=pain, q22=1)
    arrive(client, place_order)
    text = client.get(RESULT).text
    months = [column.split()[1] for column in Table(text).columns[:-1]]
    assert months == ["januar", "april"]
    assert Table(text).numbers[NAMES.index("Smertefrihet")] == ["50", "80", "100"]
    assert "Her står den første og den forrige gangen." in text


def test_what_was_sent_later_is_not_earlier(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    arrive(client, place_order)
    answer_and_send(database, hips.order()["id"])
    assert len(Table(client.get(RESULT).text).columns) == 1


def test_a_score_that_could_not_be_given_is_said_to_be_missing_and_is_no_zero(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    answer_and_send(database, hips.order()["id"], skip=("q21", "q22"))
    _, link = place_order(["rand-36"])
    walk(client, link, {name: code for name, code in ALL.items() if name not in {"q20", "q32"}})
    text = client.get(RESULT).text
    numbers = dict(zip(NAMES, Table(text).numbers, strict=True))
    assert numbers["Sosialt liv"][1] == "Mangler"
    assert numbers["Smertefrihet"] == ["Mangler", "100"]
    assert "Sosialt liv: Mangler." in text
    assert "«Mangler» betyr" in text
    assert text.count('class="now"') == len(NAMES)  # seven, and one in the legend
    assert text.count('class="before"') == len(NAMES)


def test_what_was_not_scored_is_missing_altogether(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    score_again(database, arrive(client, place_order), None)
    assert Table(client.get(RESULT).text).numbers == [["Mangler"]] * len(NAMES)


def test_scores_come_from_the_newest_stored_run_and_are_never_figured_anew(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    score_again(database, answered(database, hips), {"pain": 12.5})
    score_again(database, arrive(client, place_order), {"pain": 33.4999, "general_health": 0.0})
    numbers = dict(zip(NAMES, Table(client.get(RESULT).text).numbers, strict=True))
    assert numbers["Smertefrihet"] == ["13", "33"]
    assert numbers["Helsen i det hele"][1] == "0"


def test_an_answer_that_was_superseded_stands_there_once(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    supersede(database, answered(database, hips))
    supersede(database, arrive(client, place_order))
    assert len(Table(client.get(RESULT).text).columns) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"case": {"id": "MCE-2", "unit": "oslo-ortho"}},
        {"instruments": ["rand-12"]},
        {"registry": "knees"},
    ],
    ids=["case", "instrument", "registry"],
)
def test_what_is_anothers_is_not_shown(
    client: TestClient, place_order: PlaceOrder, database: Database, other: dict[str, Any]
) -> None:
    order_id, _ = place_order(**({"instruments": ["rand-36"]} | other))
    answer_and_send(database, order_id, registry=other.get("registry", "hips"))
    arrive(client, place_order)
    assert len(Table(client.get(RESULT).text).columns) == 1


def test_what_somebody_else_answered_is_not_beside_the_patients_own(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    supersede(database, answered(database, hips), respondent="proxy")
    arrive(client, place_order)
    assert len(Table(client.get(RESULT).text).columns) == 1


def test_what_was_answered_on_paper_stands_beside_it_until_it_is_withdrawn(
    client: TestClient, place_order: PlaceOrder, hips: Party
) -> None:
    made = hips.post(RESPONSES, json=rand_36(0) | {"case": hips.order_body()["case"]}).json()
    arrive(client, place_order)
    assert len(Table(client.get(RESULT).text).columns) == 2
    hips.post(f"{RESPONSES}/{made['id']}/withdraw", json={"reason": "another patient's"})
    assert len(Table(client.get(RESULT).text).columns) == 1


def test_what_was_withdrawn_is_shown_to_nobody(
    client: TestClient, place_order: PlaceOrder, hips: Party
) -> None:
    arrive(client, place_order)
    (result,) = hips.results()
    made = result["response"]["id"]
    hips.post(f"{RESPONSES}/{made}/withdraw", json={"reason": "another patient's"})
    nothing_to_see(client)


def test_who_answers_for_a_patient_is_shown_no_result(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    answered(database, hips)
    supersede(database, arrive(client, place_order), respondent="proxy")
    nothing_to_see(client)


def nothing_to_see(client: TestClient) -> None:
    assert client.get(RESULT).headers["location"] == RECEIPT
    assert RESULT not in visit(client, RECEIPT).links


def test_answers_to_other_questions_are_not_compared(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    answered(database, hips)
    wording = read(INSTRUMENTS / "rand-36/1.0.nb.json") | {"version": "2.0"}
    with database.write() as session:
        document = resolved(INSTRUMENTS / "rand-36/1.0.json") | {"version": "2.0"}
        del document["value_sets"]
        catalogue.publish(session, document, {}, "me")
        revisions.publish(session, wording, "me")
    arrive(client, place_order)
    table = Table(client.get(RESULT).text)
    assert table.names == NAMES
    assert len(table.columns) == 1


def test_a_registry_that_shows_no_scores_shows_none(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    arrive(client, place_order)
    assert RESULT in visit(client, RECEIPT).links
    change_registry(database, "hips", shows_scores=False)
    nothing_to_see(client)


def test_a_questionnaire_whose_wording_names_no_scores_shows_none(
    client: TestClient, place_order: PlaceOrder
) -> None:
    order_id, link = place_order(["rand-12"])
    come_to_send(client, order_id, link, **ALL_OF_RAND_12)
    nothing_to_see(client)


def test_before_sending_there_is_no_result(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    answered(database, hips)
    _, link = place_order(["rand-36"])
    visit(client, link)
    assert client.get(RESULT).headers["location"] == RECEIPT


def test_when_the_link_is_opened_again_later_it_shows_no_result(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-36"])
    come_to_send(client, order_id, link, **ALL)
    at = order_in(database, order_id).completed_at
    assert at is not None
    change(database, order_id, completed_at=at - timedelta(minutes=1))
    visit(client, link)
    nothing_to_see(client)


def test_on_a_device_that_is_handed_round_there_is_no_result(
    client: TestClient, place_order: PlaceOrder, database: Database, settings: Settings
) -> None:
    order_id = arrive(client, place_order)
    client.cookies.clear()
    come_as(client, settings, order_in(database, order_id), shared=True)
    nothing_to_see(client)


def test_nobody_sees_anybody_elses_result(
    client: TestClient, app: FastAPI, place_order: PlaceOrder, database: Database
) -> None:
    order_id = arrive(client, place_order)
    stranger = TestClient(app, HERE, follow_redirects=False)
    assert stranger.get(RESULT).status_code == 401
    change(database, order_id, link_hash=b"another link")
    assert client.get(RESULT).status_code == 401


def test_looking_at_a_result_changes_nothing(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    arrive(client, place_order)
    with nothing_stored(database):
        page = visit(client, RESULT)
    assert page.forms == 0
    text = client.get(RESULT).text
    for words in ("ingen diagnose", "opp og ned", "Snakk med dem som behandler deg"):
        assert words in text


def test_in_english_the_scores_have_english_names(
    client: TestClient, place_order: PlaceOrder
) -> None:
    arrive(client, place_order, language="en")
    table = Table(client.get(RESULT).text)
    assert table.names[0] == "Physical functioning"
    assert len(table.names) == len(NAMES)


@pytest.mark.parametrize(
    ("value", "shown"), [(0, 0), (0.4999, 0), (0.5, 1), (12.5, 13), (99.5, 100), (None, None)]
)
def test_half_a_point_is_rounded_upwards(value: float | None, shown: int | None) -> None:
    assert points(value) == shown

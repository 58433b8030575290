"""A language is chosen on any page: the pages follow, and the questions where they can."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from app import catalogue, revisions
from app.db import Database
from app.models import PublishedWording, QuestionnaireResponse, now
from app.settings import HOUSE, Settings
from app.texts import LANGUAGES
from tests.conftest import Party, PlaceOrder
from tests.flow import nothing_stored
from tests.visits import ALL_OF_RAND_12, begin, change, csrf, draft_in, order_in
from tests.walk import PageReader, follow, submit, visit

NOT_IN_POLISH = "Pytania nie są dostępne po polsku. Język pytań: norweski (bokmål)."


def speak(client: TestClient, language: str, to: str = "/form/") -> PageReader:
    return visit(client, f"/language/{language}?to={to}")


def publish(database: Database, language: str, status: str = "unreviewed") -> str:
    """Publish RAND-12 in one more language; return the wording's hash."""
    path = HOUSE / "instruments/rand-12/1.0.nb.json"
    document = json.loads(path.read_text("utf-8"))
    document |= {"language": language, "status": status}
    document["items"]["rand_1"] = f"The first question in {language}"
    with database.write() as session:
        revisions.publish(session, document, "a test")
        row = catalogue.wording_row(session, "rand-12", "1.0", language)
        return row.sha256


def kept(database: Database) -> QuestionnaireResponse:
    with database.read() as session:
        return session.exec(select(QuestionnaireResponse)).one()


def wording(database: Database, language: str) -> PublishedWording:
    with database.read() as session:
        return catalogue.wording_row(session, "rand-12", "1.0", language)


def test_a_language_is_remembered_and_leads_back_to_the_page(client: TestClient) -> None:
    answer = client.get("/language/se?to=/form/3%3Ffrom%3Dcheck")
    assert (answer.status_code, answer.headers["location"]) == (303, "/form/3?from=check")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("svar_language=se;")
    assert {"httponly", "samesite=lax", "path=/", "max-age=31536000"} <= set(cookie.split("; "))


@pytest.mark.parametrize("language", ["de", "NB", "nb.json", "..", "%00"])
def test_a_language_that_the_pages_do_not_speak_is_not_found(
    client: TestClient, language: str
) -> None:
    answer = client.get(f"/language/{language}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "to",
    [
        "",
        "form/",
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/%5Celsewhere.example/",
        "%5C%5Celsewhere.example/",
        "/%09/elsewhere.example/",
        "/%0d%0aset-cookie:x=y",
        "/æ",
        "javascript:alert(1)",
        "/" + "x" * 400,
    ],
)
def test_nobody_is_led_elsewhere(client: TestClient, to: str) -> None:
    assert client.get(f"/language/pl?to={to}").headers["location"] == "/form/"


def test_over_https_the_language_is_kept_where_no_other_site_can_set_it(
    app: FastAPI, client: TestClient, settings: Settings
) -> None:
    app.state.settings = settings.model_copy(update={"public_url": "https://svar.example"})
    cookie = client.get("/language/en").headers["set-cookie"].lower()
    assert cookie.startswith("__host-svar_language=en;")
    assert "secure" in cookie


def offers(text: str) -> dict[str, str]:
    """Return the languages that a page offers, each with the address to come back to."""
    found = re.findall(r'<a href="/language/(\w+)\?to=([^"]*)" lang="(\w+)" hreflang', text)
    assert all(one == other for one, _, other in found)
    return {language: unescape(to) for language, to, _ in found}


def test_every_page_offers_every_language_and_comes_back_to_itself(
    client: TestClient, place_order: PlaceOrder
) -> None:
    addresses = ["/s/no-such-link", "/form/", "/nonsense?x=1%262"]
    answers = [(address, client.get(address)) for address in addresses]
    _, link = place_order(["rand-12"])
    begin(client, link)
    more = ["/form/", "/form/1", "/form/1?from=check", "/form/1/skip", "/form/99"]
    answers += [(address, client.get(address)) for address in more]
    for address, answer in answers:
        found = offers(answer.text)
        assert list(found) == list(LANGUAGES), address
        assert client.get(f"/language/pl?to={found['pl']}").headers["location"] == address
        assert all(f">{name}</a>" in answer.text for name in LANGUAGES.values())


def test_a_page_that_says_what_is_wrong_comes_back_to_its_question(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    hidden = csrf(client)
    wrong = client.post("/form/1", data=hidden | {"rand_1": "77"})
    assert (wrong.status_code, offers(wrong.text)["pl"]) == (422, "/form/1")
    refused = client.post("/form/send", data={"csrf": "nonsense"})
    assert (refused.status_code, offers(refused.text)["pl"]) == (403, "/form/")


def test_a_page_for_a_closed_order_is_in_the_language_that_was_chosen(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    visit(client, link)
    change(database, order_id, opens=now() - timedelta(days=2), closes=now() - timedelta(days=1))
    client.get("/language/nn")
    answer = client.get("/form/")
    assert answer.status_code == 410
    assert "Du treng ikkje å gjere noko" in answer.text
    assert offers(answer.text)["se"] == "/form/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_way_is_there_in_every_language(
    client: TestClient, place_order: PlaceOrder, database: Database, language: str
) -> None:
    _, link = place_order(["rand-12"])
    client.get(f"/language/{language}")
    page = visit(client, link)
    for _ in range(40):
        assert page.language == language
        if page.receipt:
            break
        page = submit(client, page, ALL_OF_RAND_12 | {"rand_5": ""})
    assert page.receipt
    assert kept(database).missing == {"rand_5": "skipped"}


def test_without_an_order_the_browser_says_which_language_and_a_choice_goes_before(
    client: TestClient,
) -> None:
    polish = {"accept-language": "pl,en;q=0.5"}
    assert '<html lang="pl" dir="ltr">' in client.get("/form/", headers=polish).text
    client.get("/language/en")
    assert '<html lang="en" dir="ltr">' in client.get("/form/", headers=polish).text


def test_with_an_order_the_orders_language_goes_before_the_browsers(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"], language="en")
    client.headers["accept-language"] = "pl"
    assert visit(client, link).language == "en"


def test_a_language_that_nobody_speaks_here_in_the_cookie_is_passed_over(
    client: TestClient,
) -> None:
    client.cookies.set("svar_language", "xx")
    assert '<html lang="nb"' in client.get("/form/").text


def test_the_questions_follow_the_choice_and_the_answers_stay(
    client: TestClient, place_order: PlaceOrder, database: Database, hips: Party
) -> None:
    order_id, link = place_order(["rand-12"])
    page = submit(client, begin(client, link), ALL_OF_RAND_12)
    with nothing_stored(database):
        before = order_in(database, order_id)
        speak(client, "en", "/form/2")
        after = order_in(database, order_id)
    assert (after.language, after.instruments) == (before.language, before.instruments)
    text = client.get("/form/2").text
    assert wording(database, "en").document.count("Moderate activities")
    assert "Moderate activities" in text
    assert "shown in" not in text
    assert draft_in(database, order_id)["rand-12"]["answers"] == {"rand_1": 2}
    page = visit(client, "/form/2")
    while not page.receipt:
        page = submit(client, page, ALL_OF_RAND_12)
    sent = kept(database)
    assert (sent.language, sent.wording_sha256) == ("en", wording(database, "en").sha256)
    assert sent.answers == ALL_OF_RAND_12
    (result,) = hips.results()
    assert result["response"]["language"] == "en"
    assert result["provenance"]["wording_sha256"] == sent.wording_sha256


def test_where_the_questions_are_not_in_the_language_the_page_says_so(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    assert "vises på" not in client.get("/form/1").text
    client.get("/language/pl")
    for path in ("/form/", "/form/1"):
        assert NOT_IN_POLISH in client.get(path).text
    text = client.get("/form/1").text
    assert '<html lang="pl" dir="ltr">' in text
    assert '<div lang="nb">' in text
    page = visit(client, "/form/1")
    while not page.title.startswith("Sprawdź"):
        page = submit(client, page, ALL_OF_RAND_12)
    assert NOT_IN_POLISH in client.get("/form/check").text
    submit(client, page, {})
    assert kept(database).language == "nb"
    assert kept(database).wording_sha256 == wording(database, "nb").sha256


def test_what_is_sent_was_asked_in_the_words_of_the_page_it_was_sent_from(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    _, link = place_order(["rand-12"])
    client.get("/language/en")
    page = begin(client, link)
    while not page.title.startswith("Look over"):
        page = submit(client, page, ALL_OF_RAND_12)
    client.get("/language/nn")  # in another tab, before this one is sent
    page = submit(client, page, {})
    assert page.title.startswith("Takk for svara dine")
    assert kept(database).language == "en"
    assert kept(database).wording_sha256 == wording(database, "en").sha256


@pytest.mark.parametrize("language", ["xx", "pl", "x" * 50])
def test_sent_in_a_language_that_there_is_not_it_was_asked_as_ordered(
    client: TestClient, place_order: PlaceOrder, database: Database, language: str
) -> None:
    _, link = place_order(["rand-12"])
    page = begin(client, link)
    while not page.title.startswith("Se over"):
        page = submit(client, page, ALL_OF_RAND_12)
    hidden = csrf(client)
    answer = client.post("/form/send", data=hidden | {"language": language})
    assert follow(client, answer).receipt
    assert kept(database).language == "nb"


def first_question(client: TestClient, link: str) -> str:
    client.get("/language/pl")
    begin(client, link)
    return client.get("/form/1").text


def test_a_wording_that_is_published_before_the_order_is_used_and_a_later_one_is_not(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    _, before = place_order(["rand-12"])
    publish(database, "pl")
    _, after = place_order(["rand-12"], case={"id": "B", "unit": "oslo-ortho"})
    assert NOT_IN_POLISH in first_question(client, before)
    text = first_question(client, after)
    assert "The first question in pl" in text
    assert NOT_IN_POLISH not in text


def test_a_placeholder_is_not_shown_to_patients_in_any_language(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    publish(database, "pl", "placeholder")
    _, link = place_order(["rand-12"])
    assert NOT_IN_POLISH in first_question(client, link)


@pytest.mark.demo
def test_in_the_demo_a_placeholder_may_be_tried_in_any_language(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    publish(database, "pl", "placeholder")
    _, link = place_order(["rand-12"])
    text = first_question(client, link)
    assert "The first question in pl" in text
    assert "To nie jest oficjalne brzmienie pytań" in text


def test_questions_ordered_in_a_language_that_the_pages_lack_run_their_own_way(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    publish(database, "he")
    _, link = place_order(["rand-12"], language="he")
    page = begin(client, link)
    assert page.language == "nb"
    text = client.get("/form/1").text
    assert '<html lang="nb" dir="ltr">' in text
    assert '<div lang="he" dir="rtl">' in text
    assert "Spørsmålene finnes ikke" not in text
    wrong = client.post("/form/1", data=csrf(client) | {"rand_1": "77"}).text
    assert '<p class="wrong" id="wrong" lang="nb" dir="ltr">' in wrong
    speak(client, "en")
    assert "Moderate activities" in client.get("/form/2").text

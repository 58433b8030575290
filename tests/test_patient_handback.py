"""POST /handback: the tablet is given back, and nothing of the visit stays on it."""

from datetime import datetime
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import security
from app.models import now
from app.security import Visit
from app.settings import Settings
from tests.conftest import Party, PlaceOrder
from tests.tablet import code_for, has_visit, types
from tests.visits import ALL_OF_RAND_12, begin
from tests.walk import PageReader, submit, visit

RECEIPT = "/form/receipt"
PAGES = ["/form/", "/form/1", "/form/check", RECEIPT]


@pytest.fixture
def tablet(client: TestClient, hips: Party) -> TestClient:
    """A tablet on which a patient has just sent her answers."""
    types(client, code_for(hips, hips.order(instruments=["rand-12"])["id"]))
    page = visit(client, "/form/")
    while not page.receipt:
        page = submit(client, page, ALL_OF_RAND_12)
    return client


def hand_back(tablet: TestClient, path: str = RECEIPT) -> object:
    form = PageReader(tablet.get(path).text).form
    assert form is not None
    assert form.action == "/handback"
    answer = tablet.post(form.action, data=form.hidden)
    assert (answer.status_code, answer.headers["location"]) == (303, "/enter")
    return answer


def test_the_receipt_of_a_tablet_asks_for_it_and_goes_by_itself_after_a_minute(
    tablet: TestClient,
) -> None:
    answer = tablet.get(RECEIPT)
    assert answer.headers["refresh"] == "60; url=/enter"
    assert "Gi nettbrettet tilbake" in answer.text
    assert "lukke denne siden" not in answer.text
    assert PageReader(answer.text).receipt


def test_the_receipt_of_a_phone_does_not(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-12"])
    page = begin(client, link)
    while not page.receipt:
        page = submit(client, page, ALL_OF_RAND_12)
    answer = client.get(RECEIPT)
    assert "refresh" not in answer.headers
    assert "nettbrettet" not in answer.text
    assert page.forms == 0


def test_a_phones_pages_stay_as_they_are(client: TestClient, place_order: PlaceOrder) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    assert "refresh" not in client.get("/form/1").headers


def test_a_tablets_pages_look_anew_when_the_visit_has_run_out(
    client: TestClient, hips: Party
) -> None:
    types(client, code_for(hips, hips.order()["id"]))
    for path in ("/form/", "/form/1"):  # by a script that warns first, and without one at once
        text = client.get(path).text
        assert 'data-minutes="5"' in text
        assert '<noscript><meta http-equiv="refresh" content="305;url=/form/"></noscript>' in text


def test_handed_back_the_tablet_knows_nothing_of_the_visit(tablet: TestClient) -> None:
    hand_back(tablet)
    assert not has_visit(tablet)
    for path in PAGES:
        assert tablet.get(path).status_code == 401
    assert PageReader(tablet.get("/enter").text).title.startswith("Skriv inn koden")


def test_the_page_that_asks_for_a_code_forgets_a_visit_that_was_sent(tablet: TestClient) -> None:
    assert has_visit(tablet)
    assert PageReader(tablet.get("/enter").text).title.startswith("Skriv inn koden")
    assert not has_visit(tablet)


def test_over_https_the_browser_is_told_to_empty_its_cache(
    app: FastAPI, settings: Settings, hips: Party
) -> None:
    app.state.settings = settings.model_copy(update={"public_url": "https://svar.example"})
    tablet = TestClient(app, "https://svar.example", follow_redirects=False)
    types(tablet, code_for(hips, hips.order()["id"]))
    form = PageReader(tablet.get("/enter").text).form
    assert form is not None
    answer = tablet.post(form.action, data=form.hidden)
    assert answer.headers["clear-site-data"] == '"cache"'
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith('__Host-svar_visit="";')
    for part in ("Max-Age=0", "Path=/", "Secure", "HttpOnly"):
        assert part in cookie
    assert not tablet.cookies


def test_over_http_it_would_not_listen(tablet: TestClient) -> None:
    form = PageReader(tablet.get(RECEIPT).text).form
    assert form is not None
    assert "clear-site-data" not in tablet.post("/handback", data=form.hidden).headers


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_only_a_page_of_the_visit_can_end_it(tablet: TestClient, token: str | None) -> None:
    fields = {} if token is None else {"csrf": token}
    assert tablet.post("/handback", data=fields).status_code == 403
    assert has_visit(tablet)


def later(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    at = now().timestamp() + minutes * 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: at)


def test_a_tablet_that_is_left_lying_leads_to_the_page_that_asks_for_a_code(
    client: TestClient, hips: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    types(client, code_for(hips, hips.order()["id"]))
    assert client.get("/form/1").status_code == 200
    later(monkeypatch, 6)
    answer = client.get("/form/1")
    assert answer.status_code == 401
    assert PageReader(answer.text).title.startswith("Tiden er ute")
    assert "/enter" in PageReader(answer.text).links
    assert answer.headers["refresh"] == "60; url=/enter"
    assert PageReader(client.get("/enter").text).title.startswith("Skriv inn koden")
    assert not has_visit(client)


def test_the_answers_of_a_visit_that_ran_out_are_kept_for_the_next_code(
    client: TestClient, hips: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = hips.order(instruments=["rand-12"])["id"]
    types(client, code_for(hips, order))
    submit(client, submit(client, visit(client, "/form/"), {}), ALL_OF_RAND_12)
    with monkeypatch.context() as then:
        later(then, 6)
        assert client.get("/form/2").status_code == 401
        client.get("/enter")
    types(client, code_for(hips, order))
    assert "1 av 12" in client.get("/form/").text


def test_a_personal_link_on_the_same_tablet_works_as_usual(
    tablet: TestClient, place_order: PlaceOrder, settings: Settings
) -> None:
    hand_back(tablet)
    _, link = place_order(["rand-12"], language="en")
    page = begin(tablet, link)
    assert page.title.startswith("Question 1")
    begun = security.read_visit(settings, tablet.cookies[security.VISIT])
    assert begun is not None
    assert not begun.shared


@pytest.mark.parametrize(("minutes", "lasts"), [(4.9, True), (5.1, False)])
def test_a_shared_visit_runs_out_sooner(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, minutes: float, lasts: bool
) -> None:
    began = int(datetime.now().timestamp())  # noqa: DTZ005 - a number of seconds
    shared = Visit("hips", uuid4(), "a-link", "a-device", shared=True, began=began)
    cookie = security.sign_visit(settings, shared)
    later(monkeypatch, minutes)
    assert security.read_visit(settings, cookie) == (shared if lasts else None)
    assert security.was_shared(settings, cookie)


def test_a_personal_visit_and_a_forged_one_are_not_shared(settings: Settings) -> None:
    own = Visit("hips", uuid4(), "a-link", "a-device", shared=False, began=0)
    assert not security.was_shared(settings, security.sign_visit(settings, own))
    for cookie in (None, "", "WyJoaXBzIl0.x.y"):
        assert not security.was_shared(settings, cookie)

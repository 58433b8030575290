"""/enter: a code is typed on the clinic's tablet."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import security
from app.browser import came_from
from app.codes import TRIES_OF_ONE
from app.db import Database
from app.errors import TooMany, problem_of
from app.models import now
from app.security import is_enter_token
from app.settings import Settings
from tests.conftest import HERE, Party, PlaceOrder
from tests.flow import answer_and_send, nothing_stored
from tests.tablet import (
    UNKNOWN,
    change_code,
    change_tries,
    code_for,
    has_visit,
    tries,
    types,
)
from tests.visits import ALL_OF_RAND_12, change
from tests.walk import PageReader, submit, visit


def test_a_code_begins_a_visit_of_a_device_that_is_handed_round(
    client: TestClient, hips: Party, settings: Settings
) -> None:
    code = code_for(hips, hips.order()["id"])
    answer = types(client, code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/form/")
    begun = security.read_visit(settings, client.cookies[security.VISIT])
    assert begun is not None
    assert begun.shared
    assert visit(client, "/form/").title.startswith("Noen spørsmål til deg")


def test_the_cookie_is_as_safe_as_a_links(client: TestClient, hips: Party) -> None:
    cookie = types(client, code_for(hips, hips.order()["id"])).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age" not in cookie


def test_the_page_asks_and_sets_no_cookie(client: TestClient, database: Database) -> None:
    with nothing_stored(database):
        answer = client.get("/enter")
    assert answer.status_code == 200
    page = PageReader(answer.text)
    assert page.form is not None
    assert (page.forms, page.buttons, list(page.form.offers)) == (1, ["submit"], ["code"])
    assert "set-cookie" not in answer.headers
    assert "clear-site-data" not in answer.headers


def test_a_scanned_code_stands_there_already_and_is_not_used_by_that(
    client: TestClient, hips: Party
) -> None:
    code = code_for(hips, hips.order()["id"])
    for _ in range(2):
        answer = client.get("/enter", params={"code": code})
        assert f'value="{code}"' in answer.text
    assert types(client, code).status_code == 303


def test_what_was_scanned_is_shown_and_never_run(client: TestClient) -> None:
    text = client.get("/enter", params={"code": '"><script>' + "x" * 5000}).text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "x" * 50 not in text


@pytest.mark.parametrize("write", [str.lower, "\u00a0{} ".format, " ".join])
def test_a_code_may_be_typed_as_one_likes(client: TestClient, hips: Party, write: Any) -> None:
    assert types(client, write(code_for(hips, hips.order()["id"]))).status_code == 303


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "En kode har åtte tegn"),
        ("K7F3-QXM", "En kode har åtte tegn"),
        ("K7F3-QXM22", "En kode har åtte tegn"),
        ("K7F3-QXMO", "aldri tegnene 0, 1, I, L, O eller U"),
        ("01I0-QXM2", "aldri tegnene 0, 1, I, L, O eller U"),
        ("٣٣٣٣-٣٣٣٣", "aldri tegnene 0, 1, I, L, O eller U"),
    ],
)
def test_what_can_be_no_code_is_answered_kindly_and_not_counted(
    client: TestClient, database: Database, typed: str, words: str
) -> None:
    answer = types(client, typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert PageReader(answer.text).title.startswith("Feil: ")
    assert tries(database) == {}


def without_marks(answer: Any) -> str:
    """Return a page without what is another on each: the form's mark and the code typed."""
    assert answer.status_code == 422
    return re.sub(r'value="[^"]*"', "", answer.text)


def test_unknown_used_expired_and_closed_codes_all_look_the_same(
    client: TestClient, hips: Party, knees: Party, database: Database
) -> None:
    answers = [types(client, UNKNOWN)]
    used = code_for(knees, knees.order()["id"])
    types(client, used)
    client.cookies.clear()
    answers.append(types(client, used))
    late, cancelled, sent, expired = (hips.order()["id"] for _ in range(4))
    old = code_for(hips, late)
    change_code(database, expires_at=now() - timedelta(seconds=1))
    answers.append(types(client, old))
    mine = [code_for(hips, order) for order in (cancelled, sent, expired)]
    hips.post(f"/api/v1/orders/{cancelled}/cancel")
    answer_and_send(database, sent)
    past = {"opens": now() - timedelta(days=2), "closes": now() - timedelta(days=1)}
    change(database, UUID(expired), **past)
    answers += [types(client, code) for code in mine]
    assert len({without_marks(answer) for answer in answers}) == 1
    assert "Koden virker ikke" in answers[0].text
    assert not has_visit(client)


@pytest.mark.parametrize("token", [None, "", "nonsense", "WyJoaXBzIl0.x.y"])
def test_a_form_without_our_mark_is_asked_for_again_and_uses_no_code(
    client: TestClient, hips: Party, database: Database, token: str | None
) -> None:
    code = code_for(hips, hips.order()["id"])
    mark = {} if token is None else {"csrf": token}
    answer = client.post("/enter", data={"code": code} | mark)
    assert answer.status_code == 403
    assert "Trykk på knappen en gang til" in answer.text
    assert tries(database) == {}
    form = PageReader(answer.text).form
    assert form is not None
    assert client.post("/enter", data=form.hidden | {"code": code}).status_code == 303


def test_a_page_that_was_open_all_night_is_asked_for_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = security.enter_token(settings)
    assert is_enter_token(settings, token)
    later = now().timestamp() + 13 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert not is_enter_token(settings, token)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_a_code_that_a_page_elsewhere_sends_is_refused(
    client: TestClient, hips: Party, database: Database, headers: dict[str, str]
) -> None:
    code = code_for(hips, hips.order()["id"])
    with nothing_stored(database):
        assert types(client, code, headers=headers).status_code == 403
    assert not has_visit(client)


def test_a_new_code_takes_the_place_of_the_visit_before(client: TestClient, hips: Party) -> None:
    first, second = hips.order(language="nb")["id"], hips.order(language="en")["id"]
    types(client, code_for(hips, first))
    code = code_for(hips, second)
    page = PageReader(client.get("/enter", params={"code": code}).text)
    assert page.form is not None
    assert client.post("/enter", data=page.form.hidden | {"code": code}).status_code == 303
    assert visit(client, "/form/").language == "en"


def test_back_from_the_first_page_says_that_a_questionnaire_is_open_and_ends_nothing(
    client: TestClient, hips: Party
) -> None:
    types(client, code_for(hips, hips.order()["id"]))
    answer = client.get("/enter")
    page = PageReader(answer.text)
    assert page.title.startswith("Et skjema er åpent på dette nettbrettet")
    assert "/form/" in page.links
    assert "set-cookie" not in answer.headers  # to look does not keep it open
    assert answer.headers["refresh"] == "305"
    assert client.get("/form/").status_code == 200
    assert page.form is not None
    answer = client.post(page.form.action, data=page.form.hidden)
    assert (answer.status_code, answer.headers["location"]) == (303, "/enter")
    assert not has_visit(client)


def test_an_order_that_is_closed_meanwhile_holds_no_tablet(client: TestClient, hips: Party) -> None:
    order = hips.order()["id"]
    types(client, code_for(hips, order))
    hips.post(f"/api/v1/orders/{order}/cancel")
    assert PageReader(client.get("/enter").text).title.startswith("Skriv inn koden")
    assert not has_visit(client)


def test_a_personal_visit_is_neither_shown_nor_ended(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    visit(client, link)
    assert PageReader(client.get("/enter").text).title.startswith("Skriv inn koden")
    assert client.get("/form/").status_code == 200


def test_too_many_tries_wait_a_minute_and_are_told_so_calmly(
    client: TestClient, hips: Party, database: Database
) -> None:
    code = code_for(hips, hips.order()["id"])
    types(client, UNKNOWN)
    change_tries(database, tries=TRIES_OF_ONE)
    answer = types(client, code)
    assert answer.status_code == 429
    assert "Vent litt, og prøv igjen" in answer.text
    assert 50 < int(answer.headers["retry-after"]) <= 60
    assert "/enter" in PageReader(answer.text).links
    change_tries(database, since=now() - timedelta(minutes=1))
    assert types(client, code).status_code == 303


def test_a_machine_is_told_so_too() -> None:
    answer = problem_of(Request({"type": "http"}), TooMany("Too many codes were tried.", 7))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_each_address_counts_for_itself(app: FastAPI, database: Database) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        tablet = TestClient(app, HERE, client=(address, 1), follow_redirects=False)
        types(tablet, UNKNOWN)
    assert tries(database) == {"*": 2, "one": 1}


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(
    app: FastAPI, database: Database
) -> None:
    behind: Any = ProxyHeadersMiddleware(app, trusted_hosts="127.0.0.1")  # type: ignore[arg-type]
    for proxy, forged in (("127.0.0.1", "192.0.2.8"), ("127.0.0.1", "192.0.2.9")):
        tablet = TestClient(behind, HERE, client=(proxy, 1), follow_redirects=False)
        types(tablet, UNKNOWN, headers={"X-Forwarded-For": f"{forged}, 192.0.2.1"})
    assert tries(database) == {"*": 2, "one": 2}


def test_a_request_without_an_address_counts_too() -> None:
    assert came_from(Request({"type": "http", "client": None})) == ""


def test_a_page_of_nobody_leads_to_where_codes_are_typed(client: TestClient) -> None:
    assert "/enter" in PageReader(client.get("/form/").text).links
    assert "/enter" not in PageReader(client.get("/nowhere").text).links


def test_the_whole_way_by_a_code(client: TestClient, hips: Party) -> None:
    code = code_for(hips, hips.order(instruments=["rand-12"])["id"])
    types(client, code)
    page = visit(client, "/form/")
    while not page.receipt:
        page = submit(client, page, ALL_OF_RAND_12)
    (result,) = hips.results()
    assert result["response"]["answers"] == ALL_OF_RAND_12

"""Patients leave and come back: by another device, tab, day or link, or after being away."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from itsdangerous import TimestampSigner
from playwright.sync_api import expect

from app.models import now
from tests.browser.conftest import Person, Someone
from tests.browser.drafts import answered_but
from tests.conftest import Server, path_of
from tests.visits import change, draft_in

ELSEWHERE = "Svarene dine er også åpne på en annen enhet. Du ser de nyeste svarene."


def saved(server: Server, order_id: UUID) -> Any:
    return draft_in(server.app.state.database, order_id)["rand-12"]["answers"]


def begins(patient: Person, link: str) -> None:
    patient.opens(link)
    patient.presses("Begynn")


def test_of_two_devices_the_newer_answer_counts_and_the_older_is_told(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    phone, desk = someone(), someone(viewport={"width": 768, "height": 1024})
    begins(phone, link)
    desk.opens(link)
    desk.opens("/form/1")
    phone.forgives = (*phone.forgives, "ERR_INTERNET_DISCONNECTED")
    phone.page.context.set_offline(True)
    phone.chooses_number(1)
    time.sleep(0.01)  # the desk's answer is the newer one
    desk.saves(lambda: desk.chooses_number(3))
    phone.page.context.set_offline(False)
    told = "Du har svart på dette på en annen enhet etterpå. Det nyeste svaret gjelder."
    expect(phone.page.locator("#net")).to_contain_text(told)
    phone.presses("Neste")
    phone.sees(ELSEWHERE)
    phone.follows("Tilbake")
    assert phone.page.get_by_role("radio").nth(3).is_checked()
    assert saved(server, order_id) == {"rand_1": 4}


def test_whoever_answers_where_another_device_has_answered_is_told(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    phone, desk = someone(), someone(viewport={"width": 768, "height": 1024})
    begins(phone, link)
    phone.saves(lambda: phone.chooses_number(1))
    desk.opens(link)
    desk.opens("/form/1")
    desk.saves(lambda: desk.chooses_number(2))
    desk.sees(ELSEWHERE)
    assert saved(server, order_id) == {"rand_1": 3}


def test_two_tabs_overwrite_nothing_of_each_others(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    begins(patient, link)
    other = Person(server, patient.page.context.new_page(), scripts=True)
    other.opens("/form/1")
    other.answers_with(2)
    patient.page.bring_to_front()
    patient.presses("Neste")  # nothing is chosen here, and yet it is not open
    assert patient.where == "Spørsmål 2 av 12"
    assert ELSEWHERE not in patient.page.locator("main").inner_text()
    assert saved(server, order_id) == {"rand_1": 3}


def test_back_and_forward_and_reload_keep_the_answers(server: Server, someone: Someone) -> None:
    _, link = server.place_order(["rand-12"])
    patient = someone()
    begins(patient, link)
    for place in (1, 2, 0):
        patient.answers_with(place)
    assert patient.where == "Spørsmål 4 av 12"
    for number, place in ((3, 0), (2, 2), (1, 1)):
        patient.goes_back()
        assert patient.where == f"Spørsmål {number} av 12"
        assert patient.page.get_by_role("radio").nth(place).is_checked()
    patient.goes_forward()
    assert patient.where == "Spørsmål 2 av 12"
    patient.page.reload()
    assert patient.where == "Spørsmål 2 av 12"
    assert patient.page.get_by_role("radio").nth(2).is_checked()


def test_in_a_group_back_and_forward_work_without_a_network(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    answered_but(server, order_id, [9, 10, 11])
    patient = someone()
    patient.opens(link)
    patient.presses("Fortsett")
    patient.forgives = (*patient.forgives, "ERR_INTERNET_DISCONNECTED")
    patient.page.context.set_offline(True)
    patient.answers_with(1)
    assert patient.where == "Spørsmål 10 av 12"
    assert patient.page.evaluate("scrollY") == 0
    patient.goes_back()
    assert patient.where == "Spørsmål 9 av 12"
    patient.goes_forward()
    assert patient.where == "Spørsmål 10 av 12"
    assert patient.page.get_by_role("radio", checked=True).count() == 0


def test_a_change_from_the_last_page_leads_back_there_though_its_group_is_here(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    answered_but(server, order_id, [], who=True)
    patient = someone()
    patient.opens(link)
    patient.presses("Se over svarene")
    patient.follows("Endre spørsmål 9:")
    patient.chooses_number(3)
    patient.presses("Lagre endringen")
    assert patient.heading == "Se over svarene dine"
    assert saved(server, order_id)["rand_6a"] == 4


def test_the_next_day_on_another_device_one_goes_on(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    answered_but(server, order_id, range(6, 13))
    yesterday = now() - timedelta(days=1)
    change(server.app.state.database, order_id, started_at=yesterday, ordered_at=yesterday)
    patient = someone()
    patient.opens(link)
    assert patient.heading == "Fint at du er tilbake"
    patient.sees("Du har vært gjennom 5 av 12 spørsmål")
    patient.presses("Fortsett")
    assert patient.where == "Spørsmål 6 av 12"


def test_a_renewed_link_ends_the_visit_by_the_old_one_and_keeps_the_answers(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    begins(patient, link)
    patient.answers_with(2)
    new = server.hips.post(f"/api/v1/orders/{order_id}/link").json()["link"]
    with patient.page.expect_navigation():  # the page that cannot save is opened anew
        patient.page.get_by_role("radio").nth(1).click()
    patient.meets_a_good_page()
    assert patient.heading == "Åpne lenken din på nytt"
    patient.opens(path_of(new))
    patient.presses("Fortsett")
    assert patient.where == "Spørsmål 2 av 12"
    assert saved(server, order_id) == {"rand_1": 3}


def test_before_the_visit_ends_one_is_asked_and_may_go_on(server: Server, someone: Someone) -> None:
    _, link = server.place_order(["rand-12"])
    patient = someone()
    patient.page.clock.install()
    begins(patient, link)
    patient.page.clock.fast_forward("24:50")
    assert patient.page.get_by_role("dialog").count() == 0
    patient.page.clock.fast_forward("00:20")
    dialog = patient.page.get_by_role("dialog", name="Er du der fortsatt?")
    expect(dialog).to_be_visible()
    patient.meets_a_good_page()
    with patient.page.expect_response("**/form/stay") as stays:
        dialog.get_by_role("button", name="Ja, jeg vil fortsette").click()
    assert "svar_visit=" in (stays.value.header_value("set-cookie") or "")
    expect(dialog).to_be_hidden()
    patient.page.clock.fast_forward("24:00")
    assert patient.page.get_by_role("dialog").count() == 0
    patient.chooses_number(1)
    assert patient.where == "Spørsmål 1 av 12"


def test_a_visit_at_which_nothing_is_done_ends_and_the_answers_stay(
    server: Server, someone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    patient.page.clock.install()
    begins(patient, link)
    patient.answers_with(2)
    later = int(time.time()) + 30 * 60 + 5
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later)
    patient.page.clock.fast_forward("25:01")
    with patient.page.expect_navigation(url="**/form/"):
        patient.page.clock.fast_forward("05:05")
    patient.meets_a_good_page()
    assert patient.heading == "Åpne lenken din på nytt"
    patient.sees("Svarene du har lagret, er der fortsatt.")
    patient.opens(link)
    assert patient.heading == "Fint at du er tilbake"
    assert saved(server, order_id) == {"rand_1": 3}

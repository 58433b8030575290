"""The network fails, and nothing is lost: answers are saved as they are given, again and again."""

import time
from typing import Any
from uuid import UUID

from playwright.sync_api import expect

from tests.browser.conftest import Asked, Person, Someone
from tests.browser.drafts import answered_but
from tests.conftest import Server
from tests.visits import draft_in

FEELINGS = (9, 10, 11)
"""Where the three questions of RAND-12 stand that share their answers and a page."""


def saved(server: Server, order_id: UUID) -> Any:
    return draft_in(server.app.state.database, order_id)["rand-12"]["answers"]


def is_told(patient: Person, words: str) -> None:
    expect(patient.page.locator("#net")).to_contain_text(words, timeout=15_000)


def loses_the_network(patient: Person) -> None:
    patient.forgives = (*patient.forgives, "ERR_INTERNET_DISCONNECTED")
    patient.page.context.set_offline(True)


def test_without_a_network_one_goes_on_and_all_arrives_when_it_is_back(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    answered_but(server, order_id, FEELINGS, who=True)
    patient = someone()
    patient.opens(link)
    patient.presses("Fortsett")
    patient.saves(lambda: patient.chooses_number(1))
    loses_the_network(patient)
    when_she_goes_on_in_the_group(patient)
    assert "rand_6b" not in saved(server, order_id)
    patient.page.get_by_role("button", name="Neste").click()  # the next page is not here
    assert patient.where == "Spørsmål 11 av 12"
    with patient.page.expect_navigation(url="**/form/12"):
        patient.page.context.set_offline(False)
    patient.presses("Neste")
    patient.presses("Send svarene")
    then_the_registry_has(server, rand_6a=2, rand_6b=3, rand_6c=4)


def when_she_goes_on_in_the_group(patient: Person) -> None:
    patient.presses("Neste")
    assert patient.where == "Spørsmål 10 av 12"
    assert patient.page.url.endswith("/form/10")
    patient.chooses_number(2)
    is_told(patient, "Du er uten nett akkurat nå. Du kan fortsette.")
    patient.follows("Tilbake")
    assert patient.page.get_by_role("radio").nth(1).is_checked()
    patient.presses("Neste")
    assert patient.page.get_by_role("radio").nth(2).is_checked()
    patient.presses("Neste")
    assert patient.where == "Spørsmål 11 av 12"
    patient.chooses_number(3)


def then_the_registry_has(server: Server, **answers: int) -> None:
    (result,) = server.hips.results()
    assert result["response"]["missing"] == {}
    given = result["response"]["answers"]
    assert {name: given[name] for name in answers} == answers
    assert len(given) == 12


def test_the_way_back_waits_for_what_has_not_arrived(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    answered_but(server, order_id, [8])
    patient = someone()
    patient.opens(link)
    patient.presses("Fortsett")
    loses_the_network(patient)
    patient.chooses_number(4)
    patient.page.get_by_role("link", name="Tilbake").click()
    is_told(patient, "Du er uten nett")
    assert patient.where == "Spørsmål 8 av 12"
    with patient.page.expect_navigation(url="**/form/7"):
        patient.page.context.set_offline(False)
    assert saved(server, order_id)["rand_5"] == 5


def test_a_service_that_cannot_answer_for_a_while_is_asked_again(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    patient.opens(link)
    patient.presses("Begynn")
    patient.forgives = (*patient.forgives, "status of 503")
    patient.page.route("**/save", lambda route: route.fulfill(status=503))
    patient.chooses_number(1)
    is_told(patient, "Svaret er ikke lagret ennå. Vi prøver igjen.")
    patient.page.get_by_role("button", name="Neste").click()
    assert patient.where == "Spørsmål 1 av 12"
    with patient.page.expect_navigation(url="**/form/2"):
        patient.page.unroute("**/save")
    assert saved(server, order_id) == {"rand_1": 2}


def test_when_the_network_is_back_the_page_says_so(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    patient.opens(link)
    patient.presses("Begynn")
    loses_the_network(patient)
    patient.chooses_number(1)
    is_told(patient, "Du er uten nett akkurat nå")
    patient.meets_a_good_page()
    patient.page.context.set_offline(False)
    is_told(patient, "Nettet er tilbake. Svarene er lagret.")
    assert saved(server, order_id) == {"rand_1": 2}


def test_each_answer_is_saved_as_it_is_given(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    patient.opens(link)
    patient.presses("Begynn")
    patient.saves(lambda: patient.chooses_number(3))
    assert saved(server, order_id) == {"rand_1": 4}
    assert patient.page.locator("#net").is_hidden()  # quietly
    patient.saves(lambda: patient.chooses_number(2))
    assert saved(server, order_id) == {"rand_1": 3}
    patient.page.reload()
    assert patient.page.get_by_role("radio").nth(2).is_checked()


def test_closing_the_page_after_a_tap_loses_nothing(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone()
    patient.opens(link)
    patient.presses("Begynn")
    patient.page.evaluate("document.querySelectorAll('input[type=radio]')[1].click()")
    patient.page.close()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if draft_in(server.app.state.database, order_id):
            break
        time.sleep(0.05)
    assert saved(server, order_id) == {"rand_1": 2}


def test_words_are_saved_while_they_are_written(
    server: Server, someone: Someone, asked: Asked
) -> None:
    order_id, link = asked("free-text")
    patient = someone()
    patient.opens(link)
    patient.presses("Begynn")
    patient.answers_with(0)
    patient.presses("Neste")
    patient.presses("Hopp over spørsmålet")
    story = patient.page.get_by_label("Spørsmål om story")
    patient.saves(lambda: story.press_sequentially("Trappen er bratt"))
    part = draft_in(server.app.state.database, order_id)["free-text"]
    assert part["answers"] == {"q1": 1, "story": "Trappen er bratt"}

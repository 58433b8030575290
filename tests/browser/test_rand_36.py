"""A patient answers RAND-36 on a phone."""

import re
from typing import Any

import pytest

from tests.browser.conftest import PHONE, SMALL, Person, Someone
from tests.conftest import Server


@pytest.mark.parametrize("phone", [PHONE, SMALL], ids=["phone", "small phone"])
def test_from_link_to_receipt(server: Server, someone: Someone, phone: dict[str, int]) -> None:
    patient = someone(viewport=phone)
    given_an_opened_link(server, patient)
    when_she_begins(patient)
    when_she_answers_up_to(patient, 5)
    when_she_skips_a_question(patient)
    when_she_goes_back_and_finds_her_answer(patient)
    when_she_answers_the_rest(patient)
    when_she_looks_over_and_changes_one(patient)
    when_she_sends(patient)
    then_she_has_a_receipt(patient)
    then_each_page_had_a_title_of_its_own(patient)
    then_the_registry_has_her_answers(server)


def given_an_opened_link(server: Server, patient: Person) -> None:
    _, link = server.place_order(["rand-36"])
    patient.opens(link)
    assert patient.heading == "Noen spørsmål til deg"
    patient.sees("36 spørsmål")
    assert link.removeprefix("/s/") not in patient.page.url + patient.page.content()


def when_she_begins(patient: Person) -> None:
    patient.presses("Begynn")
    assert patient.where == "Spørsmål 1 av 36"
    assert patient.page.get_by_role("radio", checked=True).count() == 0


def when_she_answers_up_to(patient: Person, last: int) -> None:
    patient.chooses("Veldig god")
    assert patient.where == "Spørsmål 1 av 36"  # choosing alone leads nowhere
    patient.presses("Neste")
    for number in range(2, last):
        assert patient.where == f"Spørsmål {number} av 36"
        patient.answers_with(1)


def when_she_skips_a_question(patient: Person) -> None:
    patient.presses("Neste")
    assert patient.heading == "Du har ikke svart"
    patient.sees("Løfte eller bære poser med dagligvarer")
    patient.follows("Gå tilbake og svar")
    assert patient.where == "Spørsmål 5 av 36"
    patient.presses("Neste")
    patient.presses("Hopp over spørsmålet")
    assert patient.where == "Spørsmål 6 av 36"


def when_she_goes_back_and_finds_her_answer(patient: Person) -> None:
    patient.follows("Tilbake")
    patient.follows("Tilbake")
    assert patient.where == "Spørsmål 4 av 36"
    assert patient.page.get_by_role("radio").nth(1).is_checked()
    patient.presses("Neste")
    patient.presses("Neste")
    patient.presses("Hopp over spørsmålet")


def when_she_answers_the_rest(patient: Person) -> None:
    for number in range(6, 37):
        assert patient.where == f"Spørsmål {number} av 36"
        patient.answers_with(0)


def when_she_looks_over_and_changes_one(patient: Person) -> None:
    assert patient.heading == "Se over svarene dine"
    assert patient.page.get_by_text("Ikke besvart").count() == 1
    patient.follows("Endre spørsmål 36:")
    patient.chooses("Stort sett galt")
    patient.presses("Lagre endringen")
    assert patient.heading == "Se over svarene dine"
    patient.sees("Stort sett galt")


def when_she_sends(patient: Person) -> None:
    patient.presses("Send svarene")
    assert patient.heading == "Takk for svarene dine"


def then_she_has_a_receipt(patient: Person) -> None:
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", patient.receipt)
    patient.sees("Nå kan du lukke denne siden.")
    assert patient.page.locator("form").count() == 0
    receipt = patient.receipt
    patient.page.go_back()
    assert patient.receipt == receipt


def then_each_page_had_a_title_of_its_own(patient: Person) -> None:
    pages = {address.split("?")[0] for address in patient.addresses}
    assert len(pages) == 40  # welcome, 36 questions, one skipped, look over, receipt
    assert len(set(patient.titles)) == len(pages)


def then_the_registry_has_her_answers(server: Server) -> None:
    (result,) = server.hips.results()
    response: dict[str, Any] = result["response"]
    assert response["missing"] == {"q5": "skipped"}
    assert len(response["answers"]) == 35
    assert (response["answers"]["q1"], response["answers"]["q4"]) == (2, 2)
    assert response["answers"]["q36"] == 4

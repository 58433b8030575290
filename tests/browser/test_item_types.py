"""Each type of question is answered on a phone, in one way with one receipt, scripts or none."""

from typing import Any

import pytest

from tests.browser.conftest import PHONE, SMALL, Asked, Person, Someone
from tests.conftest import Server

TYPES: dict[str, dict[str, Any]] = {
    "yes-no": {"q1": 1, "q2": 0},
    "numeric-rating": {"pain": 7},
    "multiple-choice": {"q1": 2, "where": [1, 3]},
    "number": {"q1": 2, "weight": 72.5, "steps": 10000},
    "date": {"q1": 2, "operated": "2020-03-27", "any_day": "1944-05-08"},
    "free-text": {"q1": 2, "trade": "Snekker", "story": "Trappen er bratt.\nEllers går det bra."},
    "statement": {"q1": 2},
    "eq-vas": {"vas": 70},
}
"""What is asked, and what the registry gets."""

DEVICES = {
    "phone": {"viewport": PHONE, "has_touch": True},
    "small phone without scripts": {"viewport": SMALL, "java_script_enabled": False},
}


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES.keys())
def test_each_type_of_question(
    server: Server, someone: Someone, asked: Asked, device: dict[str, Any]
) -> None:
    patient = someone(**device)
    given_eight_questionnaires_in_one_order(patient, asked)
    when_he_says_yes_and_no(patient)
    when_he_rates_from_0_to_10(patient)
    when_he_chooses_several(patient)
    when_he_writes_numbers(patient)
    when_he_writes_dates(patient)
    when_he_writes_words(patient)
    when_he_reads_a_statement(patient)
    when_he_gives_a_number_on_the_scale(patient)
    then_all_of_it_is_there_to_look_over(patient)
    then_the_registry_has_every_answer(server, patient)


def given_eight_questionnaires_in_one_order(patient: Person, asked: Asked) -> None:
    _, link = asked(*TYPES)
    patient.opens(link)
    patient.sees("16 spørsmål")
    for name in TYPES:
        patient.sees(f"Skjema {name}")
    patient.presses("Begynn")
    assert patient.where == "Spørsmål 1 av 16"
    patient.sees("Skjema yes-no")


def when_he_says_yes_and_no(patient: Person) -> None:
    patient.chooses("yes_no 1")
    patient.presses("Neste")
    patient.chooses("yes_no 0")
    patient.presses("Neste")


def when_he_rates_from_0_to_10(patient: Person) -> None:
    assert patient.where == "Spørsmål 3 av 16"
    assert patient.page.get_by_role("radio").count() == 11
    assert patient.page.get_by_role("radio", checked=True).count() == 0
    patient.sees("Best mulig")
    patient.sees("Verst mulig")
    patient.chooses("7")
    patient.presses("Neste")


def when_he_chooses_several(patient: Person) -> None:
    when_he_chooses_the_second_level(patient)
    for place in (1, 9):  # 9 stands alone: scripts see to it, and the service does without them
        patient.chooses(f"place {place}")
    if not patient.scripts:
        is_told(patient, 5, "Velg ett eller flere av svarene. Noen svar kan bare velges alene.")
        patient.chooses("place 1")
    assert patient.page.get_by_role("checkbox", checked=True).count() == 1
    patient.chooses("place 9")
    patient.chooses("place 1")
    patient.chooses("place 3")
    patient.presses("Neste")


def when_he_writes_numbers(patient: Person) -> None:
    when_he_chooses_the_second_level(patient)
    weight = patient.page.get_by_label("Spørsmål om weight")
    weight.fill("999")
    is_told(patient, 7, "Tallet må være fra 20 til 300, for eksempel 20")
    assert weight.input_value() == "999"
    weight.fill("72,5")
    patient.presses("Neste")
    patient.page.get_by_label("Spørsmål om steps").fill("10 000")
    patient.presses("Neste")


def when_he_writes_dates(patient: Person) -> None:
    when_he_chooses_the_second_level(patient)
    when_he_writes_the_date(patient, "31", "2", "2026")
    is_told(patient, 10, "Skriv en dato fra 1. januar 1950 til")
    boxes = [patient.page.get_by_label(part, exact=True) for part in ("Dag", "Måned", "År")]
    assert [box.input_value() for box in boxes] == ["31", "2", "2026"]
    when_he_writes_the_date(patient, "27", "3", "2020")
    patient.presses("Neste")
    when_he_writes_the_date(patient, "8", "5", "1944")
    patient.presses("Neste")


def when_he_writes_the_date(patient: Person, *parts: str) -> None:
    for label, text in zip(("Dag", "Måned", "År"), parts, strict=True):
        patient.page.get_by_label(label, exact=True).fill(text)


def when_he_writes_words(patient: Person) -> None:
    when_he_chooses_the_second_level(patient)
    trade = patient.page.get_by_label("Spørsmål om trade")
    too_long = "Snekker, lærer og bonde på en liten gård"
    trade.fill(too_long + " i nord")
    is_told(patient, 13, "Teksten er for lang. Skriv høyst 40 tegn.")
    assert trade.input_value() == too_long + " i nord"
    trade.fill("Snekker")
    patient.presses("Neste")
    patient.page.get_by_label("Spørsmål om story").fill(TYPES["free-text"]["story"])
    patient.presses("Neste")


def when_he_reads_a_statement(patient: Person) -> None:
    assert patient.where == "Før spørsmål 15 av 16"
    assert patient.heading == "Spørsmål om about"
    patient.presses("Neste")
    when_he_chooses_the_second_level(patient)


def when_he_gives_a_number_on_the_scale(patient: Person) -> None:
    assert patient.where == "Spørsmål 16 av 16"
    patient.page.get_by_label("Ditt tall").fill("70")
    patient.presses("Neste")


def when_he_chooses_the_second_level(patient: Person) -> None:
    patient.chooses("level 2")
    patient.presses("Neste")


def is_told(patient: Person, place: int, words: str) -> None:
    """Press Next, and see that what is wrong is told first, and leads to where it is mended."""
    patient.presses("Neste")
    assert patient.where == f"Feil: Spørsmål {place} av 16"
    assert patient.page.evaluate("document.activeElement.className") == "summary"
    assert patient.page.get_by_text(words).count() == 2  # in the summary, and by the box
    patient.follows(words)
    field = patient.page.locator(":focus")
    assert "wrong" in str(field.get_attribute("aria-describedby"))
    assert field.evaluate("field => field.matches('input')")


def then_all_of_it_is_there_to_look_over(patient: Person) -> None:
    patient.says_who("Jeg har svart selv, med hjelp fra noen")
    given = patient.page.locator(".given").all_inner_texts()
    assert len(given) == 17  # and who has answered
    for words in ("7", "place 1\nplace 3", "72,5 kg", "27. mars 2020", "70"):
        assert words in [text.replace("\u00a0", " ") for text in given]
    patient.page.get_by_text("Spørsmål om about").wait_for(state="detached")


def then_the_registry_has_every_answer(server: Server, patient: Person) -> None:
    patient.presses("Send svarene")
    assert patient.receipt
    results = [result["response"] for result in server.hips.results()]
    assert {one["instrument"]: one["answers"] for one in results} == TYPES
    assert all(one["missing"] == {} and one["helped"] for one in results)


def test_what_other_answers_leave_out_is_not_shown_and_comes_when_they_change(
    server: Server, someone: Someone, asked: Asked
) -> None:
    patient = someone()
    _, link = asked("show-when")
    patient.opens(link)
    patient.sees("Ett spørsmål")
    patient.presses("Begynn")
    assert patient.where == "Spørsmål 1 av 1"
    patient.chooses("yes_no 0")
    patient.presses("Neste")
    patient.says_who()
    assert patient.page.locator(".change").count() == 2  # the question, and who has answered
    when_an_answer_is_changed_from_the_last_page(patient)
    patient.presses("Send svarene")
    (result,) = server.hips.results()
    assert result["response"]["answers"] == {"q1": 1, "q2": 2, "where": [2], "which_hand": "Høyre"}
    assert result["response"]["missing"] == {}


def when_an_answer_is_changed_from_the_last_page(patient: Person) -> None:
    patient.follows("Endre spørsmål 1:")
    patient.chooses("yes_no 1")
    patient.presses("Lagre endringen")
    assert patient.where == "Spørsmål 2 av 2"
    patient.chooses("level 2")
    patient.presses("Neste")
    assert patient.where == "Spørsmål 3 av 3"
    patient.chooses("place 2")
    patient.presses("Neste")
    assert patient.where == "Spørsmål 4 av 4"
    patient.page.get_by_label("Spørsmål om which_hand").fill("Høyre")
    patient.presses("Neste")
    assert patient.page.locator(".change").count() == 5


def test_what_was_answered_before_it_was_left_out_is_not_sent(
    server: Server, someone: Someone, asked: Asked
) -> None:
    patient = someone(java_script_enabled=False, viewport=SMALL)
    _, link = asked("show-when")
    patient.opens(link)
    patient.presses("Begynn")
    patient.chooses("yes_no 1")
    patient.presses("Neste")
    patient.chooses("level 3")
    patient.presses("Neste")
    patient.chooses("place 1")
    patient.presses("Neste")
    patient.says_who()
    patient.follows("Endre spørsmål 2:")
    patient.chooses("level 1")
    patient.presses("Lagre endringen")
    assert patient.page.locator(".change").count() == 3
    patient.presses("Send svarene")
    (result,) = server.hips.results()
    assert result["response"]["answers"] == {"q1": 1, "q2": 1}
    assert result["response"]["missing"] == {"where": "not_shown", "which_hand": "not_shown"}

"""A patient changes the language on the way, and what is recorded is what was seen."""

import pytest

from tests.browser.conftest import SMALL, Person, Someone
from tests.conftest import Server
from tests.test_patient_languages import NOT_IN_POLISH, wording

BOKMAL = "Moderate aktiviteter som å flytte et bord"
ENGLISH = "Moderate activities, such as moving a table"


def chooses_language(patient: Person, name: str) -> None:
    """Open the menu, look at it, and choose."""
    menu = patient.page.locator(".languages")
    if patient.scripts:
        menu.locator("summary").focus()
        patient.page.keyboard.press("Enter")
    else:
        menu.locator("summary").click()
    patient.meets_a_good_page()
    where = patient.page.url
    patient.follows(name)
    assert patient.page.url == where
    assert not menu.get_by_role("link").first.is_visible()


def page_language(patient: Person) -> str | None:
    return patient.page.locator("html").get_attribute("lang")


def language_of_the_question(patient: Person) -> str:
    """Return the language that the browser reads the question in."""
    found: str = patient.page.locator("h1").evaluate("one => one.closest('[lang]').lang")
    return found


def given_rand_12_begun_in_bokmal(server: Server, patient: Person) -> None:
    _, link = server.place_order(["rand-12"])
    patient.opens(link)
    patient.presses("Begynn")
    patient.answers_with(1)
    patient.sees(BOKMAL)
    patient.answers_with(0)
    patient.follows("Tilbake")


def when_she_changes_to_english(patient: Person) -> None:
    chooses_language(patient, "English")
    assert patient.where == "Question 2 of 12"
    assert (page_language(patient), language_of_the_question(patient)) == ("en", "en")
    patient.sees(ENGLISH)
    assert patient.page.get_by_role("radio").nth(0).is_checked()  # answers are codes
    for _ in range(2, 6):
        patient.chooses_number(1)
        patient.presses("Next")


def when_she_changes_to_polish(patient: Person) -> None:
    chooses_language(patient, "Polski")
    assert patient.where == "Pytanie 6 z 12"
    assert (page_language(patient), language_of_the_question(patient)) == ("pl", "nb")
    patient.sees(NOT_IN_POLISH)
    for _ in range(6, 13):
        patient.chooses_number(0)
        patient.presses("Dalej")
    assert patient.heading == "Kto odpowiadał na pytania?"
    patient.chooses_number(0)
    patient.presses("Dalej")
    assert patient.heading == "Sprawdź odpowiedzi"
    patient.sees(NOT_IN_POLISH)


def then_the_registry_knows_the_words(server: Server, language: str) -> None:
    (result,) = server.hips.results()
    assert result["response"]["language"] == language
    seen = wording(server.app.state.database, language)
    assert result["provenance"]["wording_sha256"] == seen.sha256
    answers = result["response"]["answers"]
    assert len(answers) == 12
    assert answers["rand_1"] == 2


def test_from_bokmal_to_english_to_polish(server: Server, someone: Someone) -> None:
    patient = someone()
    given_rand_12_begun_in_bokmal(server, patient)
    when_she_changes_to_english(patient)
    when_she_changes_to_polish(patient)
    patient.presses("Wyślij odpowiedzi")
    assert patient.heading == "Dziękujemy za odpowiedzi"
    then_the_registry_knows_the_words(server, "nb")


def test_english_at_the_last_page(server: Server, someone: Someone) -> None:
    patient = someone(java_script_enabled=False, viewport=SMALL)
    given_rand_12_begun_in_bokmal(server, patient)
    for _ in range(2, 13):
        patient.answers_with(0)
    patient.answers_with(0)  # who has answered
    chooses_language(patient, "English")
    assert patient.heading == "Look over your answers"
    patient.sees(ENGLISH)
    patient.presses("Send your answers")
    then_the_registry_knows_the_words(server, "en")


@pytest.mark.parametrize("language", ["Norsk nynorsk", "Davvisámegiella", "Polski"])
def test_the_menu_has_room_on_the_smallest_screen(
    server: Server, someone: Someone, language: str
) -> None:
    patient = someone(viewport=SMALL)
    patient.opens("/form/")
    chooses_language(patient, language)
    patient.page.locator(".languages summary").click()
    patient.meets_a_good_page()
    for link in patient.page.locator(".languages a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SMALL["width"]
        assert box["height"] >= 44


def test_a_page_without_a_visit_is_in_the_browsers_language(
    server: Server, someone: Someone
) -> None:
    patient = someone(locale="pl-PL")
    patient.opens("/s/no-such-link")
    assert patient.heading == "Nie możemy znaleźć strony"

"""A patient answers RAND-36: on a phone, on a wide screen, and there by the keyboard alone."""

import re
from typing import Any

from tests.browser.conftest import WIDE, Person, Someone
from tests.browser.keyboard import presses_key, tabs_to
from tests.conftest import Server


def test_on_a_phone_from_link_to_receipt(server: Server, someone: Someone) -> None:
    patient = someone()
    given_an_opened_link(server, patient)
    when_she_begins(patient)
    when_she_answers_up_to(patient, 5)
    when_she_skips_a_question(patient)
    when_she_goes_back_and_finds_her_answer(patient)
    when_she_answers_the_rest(patient)
    when_she_says_who_has_answered(patient)
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
    patient.presses("Neste")  # what was skipped is not asked about again
    assert patient.where == "Spørsmål 6 av 36"


def when_she_answers_the_rest(patient: Person) -> None:
    for number in range(6, 37):
        assert patient.where == f"Spørsmål {number} av 36"
        patient.answers_with(0)


def when_she_says_who_has_answered(patient: Person) -> None:
    assert patient.heading == "Hvem har svart på spørsmålene?"
    patient.says_who()


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
    receipt = patient.receipt
    patient.goes_back()
    assert patient.receipt == receipt


def then_each_page_had_a_title_of_its_own(patient: Person) -> None:
    pages = {address.split("?")[0] for address in patient.addresses}
    assert len(pages) == 41  # welcome, 36 questions, one skipped, who, look over, receipt
    assert len(set(patient.titles)) == len(pages)


def then_the_registry_has_her_answers(server: Server) -> None:
    (result,) = server.hips.results()
    response: dict[str, Any] = result["response"]
    assert response["missing"] == {"q5": "skipped"}
    assert len(response["answers"]) == 35
    assert (response["answers"]["q1"], response["answers"]["q4"]) == (2, 2)
    assert response["answers"]["q36"] == 4
    assert (response["respondent"], response["helped"]) == ("self", False)


SCREENS = {
    "Spørsmål 1 av 36": 1,
    "Spørsmål 2 av 36": 1,
    "Spørsmål 3 til 12 av 36": 10,
    "Spørsmål 13 til 16 av 36": 4,
    "Spørsmål 17 til 19 av 36": 3,
    "Spørsmål 20 av 36": 1,
    "Spørsmål 21 av 36": 1,
    "Spørsmål 22 av 36": 1,
    "Spørsmål 23 til 31 av 36": 9,
    "Spørsmål 32 av 36": 1,
    "Spørsmål 33 til 36 av 36": 4,
}
"""What a wide screen shows, and how many questions stand there."""


def stands_at(patient: Person, screen: str) -> None:
    assert patient.page.locator(".where p:visible").inner_text() == screen
    assert patient.page.get_by_role("radiogroup").count() == SCREENS[screen]


def test_on_a_wide_screen_questions_that_share_their_answers_stand_together(
    server: Server, someone: Someone
) -> None:
    patient = someone(viewport=WIDE)
    given_an_opened_link(server, patient)
    patient.presses("Begynn")
    for screen in list(SCREENS)[:3]:
        stands_at(patient, screen)
        when_he_answers_all_but_the_last(patient, missing=SCREENS[screen] == 10)
    patient.sees("Dusje eller kle på deg")
    patient.presses("Hopp over spørsmålet")
    stands_at(patient, "Spørsmål 13 til 16 av 36")
    patient.follows("Tilbake")
    stands_at(patient, "Spørsmål 3 til 12 av 36")
    assert patient.page.get_by_role("radio", checked=True).count() == 9
    patient.presses("Neste")
    for screen in list(SCREENS)[3:]:
        stands_at(patient, screen)
        when_he_answers_all_but_the_last(patient, missing=False)
    patient.says_who()
    patient.presses("Send svarene")
    (result,) = server.hips.results()
    assert result["response"]["missing"] == {"q12": "skipped"}
    assert set(result["response"]["answers"].values()) == {2}


def when_he_answers_all_but_the_last(patient: Person, *, missing: bool) -> None:
    rows = patient.page.get_by_role("radiogroup").all()
    for row in rows[:-1] if missing else rows:
        row.get_by_role("radio").nth(1).check()
    patient.presses("Neste")


def test_on_a_wide_screen_by_the_keyboard_alone(server: Server, someone: Someone) -> None:
    patient = someone(viewport=WIDE)
    given_an_opened_link(server, patient)
    tabs_to(patient, "button")
    presses_key(patient, "Enter")
    for turn, (screen, rows) in enumerate(SCREENS.items()):
        stands_at(patient, screen)
        when_he_answers_by_arrow_keys(patient, rows)
        if turn % 2:  # Enter in a question goes on, as does the button
            presses_key(patient, "Enter")
        else:
            tabs_to(patient, "button")
            presses_key(patient, "Space")
    assert patient.heading == "Hvem har svart på spørsmålene?"
    tabs_to(patient, "input[type=radio]")
    patient.page.keyboard.press("Space")
    presses_key(patient, "Enter")
    assert patient.heading == "Se over svarene dine"
    patient.page.locator(".change a").last.focus()
    tabs_to(patient, "button")
    presses_key(patient, "Enter")
    assert patient.receipt
    (result,) = server.hips.results()
    assert result["response"]["answers"] == {f"q{number}": 2 for number in range(1, 37)}


def when_he_answers_by_arrow_keys(patient: Person, rows: int) -> None:
    for _ in range(rows):
        tabs_to(patient, "input[type=radio]")
        patient.page.keyboard.press("Space")
        patient.page.keyboard.press("ArrowDown")

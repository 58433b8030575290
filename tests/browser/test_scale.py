"""A patient gives a number from 0 to 100, on the scale or in the box."""

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import SMALL, Person, Someone
from tests.conftest import Server


def given_a_patient_at_the_scale(server: Server, patient: Person) -> None:
    _, link = server.place_order(["eq-5d-5l"])
    patient.opens(link)
    patient.sees("ikke den offisielle ordlyden")
    patient.presses("Begynn")
    for place in range(5):
        patient.sees("ikke den offisielle ordlyden")
        patient.answers_with(place)
    assert patient.where == "Spørsmål 6 av 6"
    patient.sees("100: øverst på skalaen")
    patient.sees("0: nederst på skalaen")


def box(patient: Person) -> Locator:
    return patient.page.get_by_label("Ditt tall")


def slider(patient: Person) -> Locator:
    return patient.page.get_by_role("slider")


def taps(patient: Person, number: int) -> None:
    tube = patient.page.locator(".tube").bounding_box()
    assert tube is not None
    patient.page.locator(".tube").scroll_into_view_if_needed()
    y = tube["height"] * (100 - number) / 100
    patient.page.locator(".tube").click(position={"x": 8, "y": y}, force=True)


def then_the_registry_has(server: Server, patient: Person, number: int) -> None:
    patient.presses("Neste")
    patient.says_who()
    patient.sees(str(number))
    patient.presses("Send svarene")
    assert patient.receipt
    (result,) = server.hips.results()
    assert result["response"]["answers"]["vas"] == number


def test_on_the_scale(server: Server, someone: Someone) -> None:
    patient = someone(has_touch=True)
    given_a_patient_at_the_scale(server, patient)
    assert box(patient).input_value() == ""
    assert slider(patient).get_attribute("aria-valuetext") == "Ikke valgt"
    taps(patient, 70)
    assert abs(int(box(patient).input_value()) - 70) <= 1
    patient.meets_a_good_page()
    then_the_registry_has(server, patient, int(box(patient).input_value()))


def test_on_the_scale_by_keyboard(server: Server, someone: Someone) -> None:
    patient = someone(viewport=SMALL)
    given_a_patient_at_the_scale(server, patient)
    slider(patient).focus()
    assert box(patient).input_value() == ""  # to come by is not to answer
    patient.page.keyboard.press("End")
    assert box(patient).input_value() == "100"
    patient.page.keyboard.press("ArrowDown")
    assert box(patient).input_value() == "99"
    assert slider(patient).get_attribute("aria-valuetext") is None
    then_the_registry_has(server, patient, 99)


def test_in_the_box(server: Server, someone: Someone) -> None:
    patient = someone()
    given_a_patient_at_the_scale(server, patient)
    box(patient).fill("35")
    assert slider(patient).input_value() == "35"
    box(patient).fill("")
    assert slider(patient).get_attribute("aria-valuetext") == "Ikke valgt"
    box(patient).fill("35")
    then_the_registry_has(server, patient, 35)


def test_the_number_stays_in_sight_beside_the_scale(server: Server, someone: Someone) -> None:
    patient = someone(viewport=SMALL)
    given_a_patient_at_the_scale(server, patient)
    for number in (100, 50, 0):
        taps(patient, number)
        seen = box(patient).bounding_box()
        assert seen is not None
        assert 0 <= seen["y"] <= SMALL["height"] - seen["height"]


def test_a_finger_that_scrolls_past_leaves_no_answer(server: Server, someone: Someone) -> None:
    patient = someone(has_touch=True)
    given_a_patient_at_the_scale(server, patient)
    tube = patient.page.locator(".tube").bounding_box()
    assert tube is not None
    x, y = tube["x"] + 8, tube["y"] + 40
    session = patient.page.context.new_cdp_session(patient.page)
    points = [("touchStart", y), *(("touchMove", y - 20 * n) for n in range(1, 10))]
    for kind, height in points:
        at = {"type": kind, "touchPoints": [{"x": x, "y": height}]}
        session.send("Input.dispatchTouchEvent", at)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    patient.page.wait_for_function("scrollY > 0")
    assert box(patient).input_value() == ""


def test_a_number_off_the_scale_is_told(server: Server, someone: Someone) -> None:
    patient = someone()
    given_a_patient_at_the_scale(server, patient)
    box(patient).fill("150")
    patient.presses("Neste")
    assert patient.where == "Feil: Spørsmål 6 av 6"
    assert box(patient).input_value() == "150"
    patient.follows("Tallet må være et helt tall fra 0 til 100")
    assert box(patient).evaluate("box => box === document.activeElement")
    box(patient).fill("15")
    then_the_registry_has(server, patient, 15)


@pytest.mark.parametrize("given", ["", "60"])
def test_without_javascript(server: Server, someone: Someone, given: str) -> None:
    patient = someone(java_script_enabled=False)
    given_a_patient_at_the_scale(server, patient)
    assert not patient.page.locator("#slider").is_visible()
    assert patient.page.locator(".ticks").is_visible()
    box(patient).fill(given)
    patient.presses("Neste")
    if not given:
        assert patient.heading == "Du har ikke svart"
        patient.presses("Hopp over spørsmålet")
    patient.says_who()
    patient.presses("Send svarene")
    (result,) = server.hips.results()
    assert result["response"]["answers"].get("vas") == (int(given) if given else None)

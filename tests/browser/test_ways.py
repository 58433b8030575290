"""Patients come in many ways: by keyboard, in the dark, on two devices, too late."""

from datetime import timedelta

import pytest

from app.models import now
from tests.browser.conftest import SMALL, Someone
from tests.browser.keyboard import tabs_to
from tests.conftest import Server
from tests.visits import change


def test_the_way_past_the_header(server: Server, someone: Someone) -> None:
    patient = someone()
    _, link = server.place_order(["rand-12"])
    patient.opens(link)
    tabs_to(patient, ".to-content")
    assert patient.page.get_by_text("Hopp til innholdet").is_visible()
    patient.page.keyboard.press("Enter")
    tabs_to(patient, "button")


def test_on_another_device(server: Server, someone: Someone) -> None:
    _, link = server.place_order(["rand-12"])
    phone = someone()
    phone.opens(link)
    phone.presses("Begynn")
    phone.answers_with(2)
    phone.answers_with(1)

    desk = someone(viewport={"width": 768, "height": 1024})
    desk.opens(link)
    assert desk.heading == "Fint at du er tilbake"
    desk.sees("Du har vært gjennom 2 av 12 spørsmål")
    desk.presses("Fortsett")
    assert desk.where == "Spørsmål 3 av 12"
    for _ in range(3, 13):
        desk.answers_with(0)
    desk.says_who()
    desk.presses("Send svarene")

    phone.presses("Neste")
    assert phone.heading == "Takk for svarene dine"
    assert phone.receipt == desk.receipt


def test_without_javascript(server: Server, someone: Someone) -> None:
    patient = someone(java_script_enabled=False, viewport=SMALL)
    _, link = server.place_order(["rand-12"], language="en")
    patient.opens(link)
    patient.presses("Begin")
    for _ in range(12):
        patient.chooses_number(0)
        patient.presses("Next")
    patient.says_who("I have answered myself, without help", then="Next")
    patient.presses("Send your answers")
    assert patient.receipt


def test_with_the_readers_own_colours(server: Server, someone: Someone) -> None:
    patient = someone(forced_colors="active")
    _, link = server.place_order(["rand-12"])
    patient.opens(link)
    patient.presses("Begynn")
    patient.chooses_number(1)
    chosen = "getComputedStyle(document.querySelectorAll('.option')[{}]).outlineStyle"
    one, other = (patient.page.evaluate(chosen.format(place)) for place in (0, 1))
    assert (one, other) == ("none", "solid")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_goes_wrong_is_readable(server: Server, someone: Someone, scheme: str) -> None:
    order_id, link = server.place_order(["rand-12"])
    patient = someone(viewport=SMALL, color_scheme=scheme)
    patient.opens("/s/no-such-link")
    assert patient.heading == "Vi finner ikke siden"
    patient.opens("/form/")
    assert patient.heading == "Åpne lenken din på nytt"
    patient.opens(link)
    patient.presses("Begynn")
    patient.chooses_number(0)
    patient.page.evaluate("document.querySelector('input:checked').value = 77")
    patient.presses("Neste")
    assert patient.where == "Feil: Spørsmål 1 av 12"
    assert patient.page.evaluate("document.activeElement.className") == "summary"
    change(
        server.app.state.database,
        order_id,
        opens=now() - timedelta(days=2),
        closes=now() - timedelta(days=1),
    )
    patient.presses("Neste")
    assert patient.heading == "Fristen for å svare er ute"


def test_the_link_is_not_to_be_found_again_in_the_browser(server: Server, someone: Someone) -> None:
    patient = someone()
    _, link = server.place_order(["rand-12"])
    patient.opens(link)
    patient.presses("Begynn")
    patient.answers_with(0)
    token = link.removeprefix("/s/")
    assert not any(token in address for address in patient.addresses)
    patient.page.go_back()
    patient.page.go_back()
    assert token not in patient.page.url
    stored = patient.page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, document.cookie])"
    )
    assert stored == '[{},{},""]'

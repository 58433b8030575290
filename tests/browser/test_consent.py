"""Before the questions consent may be asked for, and after them who has answered."""

from app import orders
from app.models import Order
from tests.browser.conftest import SMALL, Someone
from tests.browser.drafts import answered_but
from tests.conftest import Server
from tests.visits import order_in

CONSENT = "Jeg samtykker i at svarene mine brukes til å se hvordan det går etter operasjonen."


def test_without_consent_nothing_is_asked_and_with_it_the_questions_come(
    server: Server, someone: Someone
) -> None:
    order_id, link = server.place_order(["rand-12"], consent=CONSENT)

    def order() -> Order:
        return order_in(server.app.state.database, order_id)

    patient = someone()
    patient.opens(link)
    patient.sees(CONSENT)
    box = patient.page.get_by_role("checkbox", name="Ja, jeg samtykker")
    assert not box.is_checked()
    patient.presses("Begynn")
    assert patient.where == "Feil: Noen spørsmål til deg"
    patient.follows("Kryss av for at du samtykker")
    assert box.evaluate("box => box === document.activeElement")
    patient.opens("/form/1")  # nor by another way
    assert patient.heading == "Noen spørsmål til deg"
    assert (orders.status(order()), order().consented_at) == ("open", None)

    patient.chooses("Ja, jeg samtykker")
    patient.presses("Begynn")
    assert patient.where == "Spørsmål 1 av 12"
    assert order().consented_at is not None
    patient.follows("Tilbake")
    assert CONSENT not in patient.page.locator("main").inner_text()  # it is asked once


def test_consent_without_javascript(server: Server, someone: Someone) -> None:
    _, link = server.place_order(["rand-12"], consent=CONSENT)
    patient = someone(java_script_enabled=False, viewport=SMALL)
    patient.opens(link)
    patient.presses("Begynn")
    patient.sees("Du må samtykke for å begynne")
    patient.chooses("Ja, jeg samtykker")
    patient.presses("Begynn")
    assert patient.where == "Spørsmål 1 av 12"


def test_who_answers_for_somebody_else_says_who_it_is(server: Server, someone: Someone) -> None:
    order_id, link = server.place_order(["rand-12"])
    answered_but(server, order_id, [])
    patient = someone()
    patient.opens(link)
    patient.presses("Se over svarene")
    assert patient.heading == "Hvem har svart på spørsmålene?"
    relations = patient.page.get_by_role("group", name="Hvem er det som har svart?")
    assert relations.is_hidden()
    patient.presses("Neste")
    assert patient.where == "Feil: Hvem har svart på spørsmålene?"
    patient.chooses("Noen andre har svart for meg")
    assert relations.is_visible()
    patient.presses("Neste")
    patient.follows("Velg hvem det er som har svart")
    assert patient.page.evaluate("document.activeElement.name") == "relation"
    patient.chooses("Sønn eller datter")
    patient.presses("Neste")
    patient.sees("Noen andre har svart for meg (Sønn eller datter)")
    patient.presses("Send svarene")
    (result,) = server.hips.results()
    response = result["response"]
    assert (response["respondent"], response["relation"]) == ("proxy", "child")

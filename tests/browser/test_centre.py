"""Somebody at the PRO centre comes in, reads the library and the audit, and goes out."""

import pytest

from tests.browser.conftest import PHONE, WIDE, Person, Someone
from tests.browser.keyboard import presses_key, tabs_to
from tests.conftest import Server
from tests.staffed import PASSWORD, somebody


def when_she_logs_in(one: Person, email: str) -> None:
    one.opens("/centre/")
    tabs_to(one, "#email")
    one.page.keyboard.type(email)
    tabs_to(one, "#password")
    one.page.keyboard.type(PASSWORD)
    presses_key(one, "Enter")
    assert one.heading == "Bibliotek"


def when_she_finds_an_instrument(one: Person) -> None:
    tabs_to(one, "#words")
    one.page.keyboard.type("who-5")
    presses_key(one, "Enter")
    one.sees("Ett skjema")
    tabs_to(one, "#kind")
    tabs_to(one, ".list a")
    presses_key(one, "Enter")
    assert one.heading == "WHO-5 Well-Being Index"


def when_she_runs_its_examples(one: Person) -> None:
    one.page.locator("main form button").focus()
    presses_key(one, "Enter")
    one.sees("Alle eksemplene gir det de skal.")


def when_she_reads_the_audit(one: Person) -> None:
    tabs_to(one, "nav [href='/centre/people']")
    presses_key(one, "Enter")
    one.sees("administrator@example.org")
    tabs_to(one, "nav [href='/centre/audit']")
    presses_key(one, "Enter")
    one.sees("logget inn")


@pytest.mark.parametrize("device", [PHONE, WIDE], ids=["phone", "desktop"])
def test_from_the_door_to_the_audit_and_out_by_the_keyboard_alone(
    server: Server, someone: Someone, device: dict[str, int]
) -> None:
    email = somebody(server.app.state.database, "administrator")
    one = someone(viewport=device)
    when_she_logs_in(one, email)
    when_she_finds_an_instrument(one)
    when_she_runs_its_examples(one)
    when_she_reads_the_audit(one)
    tabs_to(one, "nav button")
    presses_key(one, "Enter")
    assert one.heading == "Logg inn"
    one.opens("/centre/people")
    assert one.heading == "Logg inn"

"""A tablet goes round in a waiting room: nothing of one patient is there for the next."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright

from app import codes
from app.patient import way
from tests.browser.chromium import LAUNCH, browser_path
from tests.browser.conftest import PHONE, SMALL, Person, Someone
from tests.conftest import Server
from tests.tablet import UNKNOWN, change_tries, code_for

TABLET = {"width": 768, "height": 1024}
HERS = "Utmerket"
SHOWS_NOTHING = {"Skriv inn koden", "Åpne lenken din på nytt"}


@pytest.fixture(scope="module")
def browser(driver: Playwright) -> Iterator[Browser]:
    """A browser as people have it: one that keeps pages for Back, which a driven one does not."""
    chromium = driver.chromium.launch(
        executable_path=browser_path(),
        args=list(LAUNCH),
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield chromium
    chromium.close()


def code_of(server: Server, **more: Any) -> str:
    return code_for(server.hips, server.hips.order(instruments=["rand-12"], **more)["id"])


def types(tablet: Person, code: str) -> None:
    tablet.page.get_by_label("Koden din").fill(code)
    tablet.presses("Åpne spørsmålene")


def answers_and_sends(tablet: Person) -> None:
    assert tablet.heading == "Noen spørsmål til deg"
    tablet.presses("Begynn")
    tablet.chooses(HERS)
    tablet.presses("Neste")
    for number in range(2, 13):
        assert tablet.where == f"Spørsmål {number} av 12"
        tablet.answers_with(0)
    tablet.says_who()
    tablet.sees(HERS)
    tablet.presses("Send svarene")
    assert tablet.receipt


class History:
    """The browser's own buttons for back and forward; they work without scripts too."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _asks(self, what: str, **more: Any) -> Any:
        session = self.page.context.new_cdp_session(self.page)
        try:
            return session.send(what, more)
        finally:
            session.detach()

    def entries(self) -> tuple[list[dict[str, Any]], int]:
        """Return the pages that there are, and the place among them."""
        found = self._asks("Page.getNavigationHistory")
        return found["entries"], found["currentIndex"]

    def goes_to(self, place: int) -> None:
        """Go there, and let the page come, from the service or from what the browser has kept."""
        entries, _ = self.entries()
        self._asks("Page.navigateToHistoryEntry", entryId=entries[place]["id"])
        for _ in range(100):
            self.page.wait_for_timeout(50)
            with suppress(Error):  # between one page and the next there is none to ask
                if self.entries()[1] == place and self.page.evaluate(COMPLETE):
                    return
        raise AssertionError(f"{entries[place]['url']} does not come")


COMPLETE = "document.readyState === 'complete'"


def then_nothing_is_left(tablet: Person, receipt: str) -> None:
    """Go back as far as it goes, and forward again: all is forgotten."""
    page, history = tablet.page, History(tablet.page)
    entries, last = history.entries()
    ways = {entry["url"].removeprefix(tablet.server.url) for entry in entries}
    assert {"/form/", "/form/1", "/form/12", "/form/check", "/form/receipt", "/enter"} <= ways
    for place in [*range(last, 0, -1), *range(1, last + 1)]:
        history.goes_to(place)
        for text in (page.content(), page.locator("body").inner_text()):
            assert HERS not in text, entries[place]
            assert receipt not in text, entries[place]
        assert tablet.heading in SHOWS_NOTHING, entries[place]
        assert page.context.cookies() == []


def test_the_browser_of_these_journeys_keeps_pages_for_back(someone: Someone) -> None:
    tablet = someone(viewport=TABLET)
    tablet.opens("/enter")
    tablet.page.evaluate("window.kept = true")
    tablet.opens("/form/")
    History(tablet.page).goes_to(1)
    assert tablet.page.evaluate("window.kept")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_from_code_to_code(server: Server, someone: Someone, scripts: bool) -> None:
    tablet = someone(viewport=TABLET, has_touch=True, java_script_enabled=scripts)
    tablet.opens("/enter")
    types(tablet, code_of(server).lower().replace("-", " "))
    answers_and_sends(tablet)
    assert tablet.page.get_by_role("link").filter(visible=True).count() <= 1  # no copy, no result
    receipt = tablet.receipt
    tablet.presses("Gi nettbrettet tilbake")
    assert tablet.heading == "Skriv inn koden"
    assert tablet.page.get_by_label("Koden din").input_value() == ""
    then_nothing_is_left(tablet, receipt)
    tablet.opens("/enter")
    types(tablet, code_of(server, case={"id": "NEXT", "unit": server.hips.unit}))
    answers_and_sends(tablet)
    assert tablet.receipt != receipt
    assert len(server.hips.results()) == 2


def test_back_and_forth_within_a_visit_keeps_its_answers(server: Server, someone: Someone) -> None:
    tablet = someone(viewport=TABLET)
    tablet.opens("/enter")
    types(tablet, code_of(server))
    tablet.presses("Begynn")
    tablet.answers_with(1)
    history = History(tablet.page)
    for place in range(history.entries()[1] - 1, 0, -1):
        history.goes_to(place)
    assert tablet.heading == "Et skjema er åpent på dette nettbrettet"
    tablet.meets_a_good_page()
    tablet.follows("Fortsett med skjemaet")
    tablet.presses("Fortsett")
    assert tablet.where == "Spørsmål 2 av 12"
    tablet.opens("/enter")
    tablet.presses("Gi nettbrettet tilbake")
    assert tablet.heading == "Skriv inn koden"
    assert tablet.page.context.cookies() == []


def test_left_on_the_receipt_the_tablet_goes_to_the_next_by_itself(
    server: Server, someone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "TO_ENTER", "1; url=/enter")
    tablet = someone(viewport=TABLET, java_script_enabled=False)
    tablet.opens("/enter")
    types(tablet, code_of(server))
    answers_and_sends(tablet)
    tablet.page.wait_for_url("**/enter")
    assert tablet.heading == "Skriv inn koden"
    assert tablet.page.context.cookies() == []


def test_left_in_the_middle_the_tablet_shows_nothing_after_a_while(
    server: Server, someone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet = someone(viewport=TABLET)
    tablet.opens("/enter")
    types(tablet, code_of(server))
    tablet.presses("Begynn")
    later = time.time() + 6 * 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    tablet.page.reload()
    tablet.meets_a_good_page()
    assert tablet.heading == "Tiden er ute"
    tablet.follows("Skriv inn koden")
    assert tablet.heading == "Skriv inn koden"
    assert tablet.page.context.cookies() == []


def test_a_scanned_code_and_then_somebodys_own_link(server: Server, someone: Someone) -> None:
    tablet = someone(viewport=TABLET)
    tablet.opens(f"/enter?code={code_of(server)}")
    tablet.presses("Åpne spørsmålene")
    answers_and_sends(tablet)
    tablet.presses("Gi nettbrettet tilbake")
    _, link = server.place_order(["rand-12"])
    tablet.opens(link)
    tablet.presses("Begynn")
    assert tablet.where == "Spørsmål 1 av 12"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [SMALL, PHONE, TABLET], ids=["small", "phone", "tablet"])
def test_what_goes_wrong_is_said_where_it_is_typed(
    server: Server, someone: Someone, screen: dict[str, int], scheme: str
) -> None:
    tablet = someone(viewport=screen, color_scheme=scheme)
    tablet.opens("/enter")
    for code, words in WRONG.items():
        types(tablet, code)
        tablet.sees(words)
        assert tablet.page.evaluate("document.activeElement.className") == "summary"
        assert tablet.page.get_by_label("Koden din").input_value() == code
    change_tries(server.app.state.database, tries=codes.TRIES_OF_ONE)
    types(tablet, UNKNOWN)
    assert tablet.heading == "Vent litt, og prøv igjen"
    tablet.follows("Skriv inn koden")


WRONG = {
    "": "En kode har åtte tegn",
    "K7F3-QXM0": "aldri tegnene 0, 1, I, L, O eller U",
    UNKNOWN: "Koden virker ikke",
}

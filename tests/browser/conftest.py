"""A real browser, and a person who uses it; every page they meet is examined."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.base import AxeResults  # type: ignore[import-untyped]
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, sync_playwright

from app import security, staff
from tests.browser.chromium import LAUNCH, browser_path
from tests.conftest import Server
from tests.documents import SMALL as SMALL_INSTRUMENTS
from tests.staffed import somebody
from tests.worded import publish_small

WIDE = {"width": 1280, "height": 800}
"""A screen with room for grids."""

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 568}
"""The smallest phone, and what is left of a wide screen at 400 % zoom."""

AXE = {"resultTypes": ["violations"], "iframes": False}


class Person:
    """Someone at a browser. Each page is examined when it has come."""

    def __init__(self, server: Server, page: Page, *, scripts: bool) -> None:
        self.server, self.page, self.scripts = server, page, scripts
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self.titles: list[str] = []
        self.forgives: tuple[str, ...] = ("status of 4",)  # the pages that are meant to refuse
        page.on("console", self._listen)
        page.on("response", self._watch)

    def _listen(self, message: ConsoleMessage) -> None:
        if not any(words in message.text for words in self.forgives):
            self.complaints.append(message.text)

    def _watch(self, response: Response) -> None:
        told = f"status of {response.status}"
        bad = response.status >= 500 and told not in self.forgives
        if bad or not response.url.startswith(self.server.url):
            self.complaints.append(f"{told}: {response.url}")

    def opens(self, path: str) -> None:
        self.page.goto(self.server.url + path)
        self.meets_a_good_page()

    def presses(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()
        self.meets_a_good_page()

    def follows(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).click()
        self.meets_a_good_page()

    def chooses(self, words: str) -> None:
        options = self.page.locator("label.option").get_by_text(words, exact=True)
        options.locator("visible=true").click()

    def chooses_number(self, place: int) -> None:
        self.page.get_by_role("radio").nth(place).check()

    def answers_with(self, place: int) -> None:
        self.chooses_number(place)
        self.presses("Neste")

    def goes_back(self) -> None:
        self.page.go_back()
        self.meets_a_good_page()

    def goes_forward(self) -> None:
        self.page.go_forward()
        self.meets_a_good_page()

    def saves(self, act: Callable[[], None]) -> None:
        """Do something that the page saves at once, and wait until it has arrived."""
        with self.page.expect_response("**/save"):
            act()
        self.page.wait_for_load_state("networkidle")

    def says_who(self, words: str = "Jeg har svart selv, uten hjelp", then: str = "Neste") -> None:
        self.chooses(words)
        self.presses(then)

    def sees(self, words: str) -> None:
        assert words in self.page.locator("main").inner_text()

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def where(self) -> str:
        return self.page.title().split(" – ")[0]

    @property
    def receipt(self) -> str:
        return self.page.locator("#receipt").inner_text()

    def meets_a_good_page(self) -> None:
        """Nothing to scroll sideways, nothing small to hit, and nothing that axe objects to."""
        self.addresses.append(self.page.url)
        self.titles.append(self.page.title())
        self.sees_all_of_it()
        assert not self.complaints
        if self.scripts:  # axe is one, and would wait for ever
            self.meets_nothing_that_axe_objects_to()

    def meets_nothing_that_axe_objects_to(self) -> None:
        """Axe takes most of a journey's time: of pages that differ in words alone it sees one.

        What stands in a frame is a page of its own.
        """
        for frame in self.page.frames:
            alike = frame.evaluate(ALIKE)
            if alike not in EXAMINED:
                frame.evaluate(Axe().axe_script)
                found: Any = AxeResults(frame.evaluate("options => axe.run(options)", AXE))
                assert found.violations_count == 0, frame.url + found.generate_report()
                EXAMINED.add(alike)

    def sees_all_of_it(self) -> None:
        """Nothing to scroll sideways, nothing small to hit or to read."""
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, f"{self.page.url} is {wide} wide on a screen of {room}"
        small = self.page.evaluate(TOO_SMALL)
        assert not small, f"{self.page.url}: less than 44 px high or wide: {small}"
        fine = self.page.evaluate(TOO_FINE, 18 if room < 640 else 16)
        assert not fine, f"{self.page.url}: too small to read: {fine}"


EXAMINED: set[str] = set()
"""Pages that axe has seen, as `ALIKE` tells them."""

ALIKE = """() => {
  const page = document.documentElement.cloneNode(true);
  const words = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  for (let text = words.nextNode(); text; text = words.nextNode())
    if (text.data.trim()) text.data = "words";
  const state = [...document.querySelectorAll("input, option, dialog, details")]
    .map((one) => [one.checked, one.selected, one.disabled, one.open, one.matches(":focus")]);
  const screen = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"]
    .map((media) => matchMedia(media).matches);
  const marks = page.outerHTML
    .replace(/ (href|src|action|value|content)="[^"]+"/g, " $1='some'").replace(/[0-9]+/g, "1");
  return JSON.stringify([marks, state, screen, innerWidth, innerHeight, devicePixelRatio]);
}"""
"""A page without its words, numbers and addresses: how it is built, what is chosen, its screen."""

TOO_SMALL = """
[...document.querySelectorAll(
  `button, .option, .other, .back a, .change a, .summary a, summary, [open] li a,
   textarea, [type=text], [type=number]`
)]
  .filter((one) => one.checkVisibility())
  .filter((one) => { const { height, width } = one.getBoundingClientRect();
                     return height < 44 || width < 44; })
  .map((one) => one.outerHTML)
"""

TOO_FINE = """least => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const at = text.parentElement;
    const size = parseFloat(getComputedStyle(at).fontSize);
    if (text.data.trim() && at.checkVisibility() && size < least) found.push(text.data.trim());
  }
  return found;
}"""

Someone = Callable[..., Person]


Asked = Callable[..., tuple[UUID, str]]


@pytest.fixture
def asked(server: Server) -> Asked:
    """Order questionnaires as one; small ones are published first, with made-up wordings."""

    def order(*names: str, **more: Any) -> tuple[UUID, str]:
        with server.app.state.database.write() as session:
            for name in names:
                if (SMALL_INSTRUMENTS / f"{name}.json").exists():
                    publish_small(session, name)
        return server.place_order(list(names), **more)

    return order


@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    """What drives browsers, of which a process may have one only."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(driver: Playwright) -> Iterator[Browser]:
    chromium = driver.chromium.launch(executable_path=browser_path(), args=list(LAUNCH))
    yield chromium
    chromium.close()


@pytest.fixture
def someone(browser: Browser, server: Server) -> Iterator[Someone]:
    """Give a person with a device of their own: a phone, unless something else is said."""
    contexts = []

    def arrives(**device: Any) -> Person:
        context = browser.new_context(**({"viewport": PHONE, "locale": "nb-NO"} | device))
        contexts.append(context)
        context.set_default_timeout(10_000)
        scripts = device.get("java_script_enabled", True)
        return Person(server, context.new_page(), scripts=scripts)

    yield arrives
    for context in contexts:
        context.close()


Colleague = Callable[..., Person]


@pytest.fixture
def colleague(server: Server, someone: Someone) -> Colleague:
    """Somebody of the PRO centre who is logged in, with one role, at a wide screen."""

    def comes(role: str, email: str = "", **device: Any) -> Person:
        one, settings = someone(**({"viewport": WIDE} | device)), server.app.state.settings
        database = server.app.state.database
        address = somebody(database, role, email=email)
        with database.write() as session:
            token = staff.begin(session, settings, address)
        cookie = {"name": security.staff_cookie(settings), "value": token, "url": server.url}
        one.page.context.add_cookies([cookie])  # type: ignore[list-item]
        return one

    return comes

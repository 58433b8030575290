"""A real browser, and a person who uses it; every page they meet is examined."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.browser.chromium import LAUNCH, browser_path
from tests.conftest import Server

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 568}
"""The smallest phone, and what is left of a wide screen at 400 % zoom."""

AXE = {"resultTypes": ["violations"]}


class Person:
    """Someone at a browser. Each page is examined when it has come."""

    def __init__(self, server: Server, page: Page, *, scripts: bool) -> None:
        self.server, self.page, self.scripts = server, page, scripts
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self.titles: list[str] = []
        page.on("console", self._listen)
        page.on("response", self._watch)

    def _listen(self, message: ConsoleMessage) -> None:
        if "status of 4" not in message.text:  # the pages that are meant to refuse
            self.complaints.append(message.text)

    def _watch(self, response: Response) -> None:
        if not response.url.startswith(self.server.url) or response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")

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
        self.page.get_by_text(words, exact=True).click()

    def chooses_number(self, place: int) -> None:
        self.page.get_by_role("radio").nth(place).check()

    def answers_with(self, place: int) -> None:
        self.chooses_number(place)
        self.presses("Neste")

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
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, f"{self.page.url} is {wide} wide on a screen of {room}"
        low = self.page.evaluate(TOO_LOW)
        assert not low, f"{self.page.url}: less than 44 px high: {low}"
        assert not self.complaints
        if self.scripts:  # axe is one, and would wait for ever
            found: Any = Axe().run(self.page, options=AXE)
            assert found.violations_count == 0, found.generate_report()


TOO_LOW = """
[...document.querySelectorAll("main button, main .option, main .other, .back a, .change a")]
  .filter((one) => !one.hidden && one.getBoundingClientRect().height < 44)
  .map((one) => one.textContent)
"""

Someone = Callable[..., Person]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=list(LAUNCH))
        yield chromium
        chromium.close()


@pytest.fixture
def someone(browser: Browser, server: Server) -> Iterator[Someone]:
    """Give a person with a device of their own: a phone, unless something else is said."""
    contexts = []

    def arrives(**device: Any) -> Person:
        context = browser.new_context(**({"viewport": PHONE} | device))
        contexts.append(context)
        context.set_default_timeout(10_000)
        scripts = device.get("java_script_enabled", True)
        return Person(server, context.new_page(), scripts=scripts)

    yield arrives
    for context in contexts:
        context.close()

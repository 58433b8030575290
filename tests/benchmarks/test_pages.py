"""What a patient's page costs: on the wire, in the server, and in time on a slow phone."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from app.db import Database
from tests.benchmarks.cost import cpu_of
from tests.benchmarks.service import BARE
from tests.browser.chromium import LAUNCH, browser_path
from tests.conftest import Server
from tests.sending import Browser as Client
from tests.sending import Service, ready

MOST_BYTES = 30 * 1024
MOST_REQUESTS = 4
MOST_CPU = 2.5
"""Milliseconds of the server's CPU for a page."""
FIRST_PAINT = 1000
"""Milliseconds until a phone on slow 3G shows something."""
ROUNDS, PAGES = 5, 200
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50e3, "uploadThroughput": 50e3}
"""400 ms to and fro, and 400 kbit a second."""
SLOW_PHONE = 4
"""How many times slower than this machine the phone's processor is."""

PATHS = ("/form/", "/form/1", "/form/3", "/form/23", "/form/who", "/form/check")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=list(LAUNCH))
        yield chromium
        chromium.close()


@dataclass
class Wire:
    """What went over the network: an entry for each request, with its bytes and its host."""

    session: CDPSession

    def __post_init__(self) -> None:
        self.bytes: dict[str, float] = {}
        self.addresses: list[str] = []
        self.session.send("Network.enable")
        self.cached: set[str] = set()
        self.session.on("Network.requestServedFromCache", self._served)
        self.session.on("Network.responseReceived", self._received)
        self.session.on("Network.loadingFinished", self._finished)

    def _served(self, event: Any) -> None:
        self.cached.add(event["requestId"])

    def _received(self, event: Any) -> None:
        kept = event["response"].get("fromDiskCache") or event["requestId"] in self.cached
        if not kept:
            self.addresses.append(event["response"]["url"])

    def _finished(self, event: Any) -> None:
        self.bytes[event["requestId"]] = event["encodedDataLength"]

    def taken(self, page: Page) -> tuple[int, float]:
        """Return the requests and the bytes since the last time."""
        page.wait_for_load_state("networkidle")
        found = len(self.addresses), sum(self.bytes.values())
        self.bytes, self.addresses = {}, []
        return found


def phone(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 390, "height": 844}, locale="nb-NO")


def test_a_page_is_small_and_needs_little_else(browser: Browser, server: Server) -> None:
    _, link = server.place_order(["rand-36"])
    context = phone(browser)
    page = context.new_page()
    wire = Wire(context.new_cdp_session(page))
    page.goto(server.url + link)
    hosts = {address.split("/")[2] for address in wire.addresses}
    first = wire.taken(page)
    page.get_by_role("button", name="Begynn").click()
    found = {"/form/, the first": first, "/form/1": wire.taken(page)}
    for path in PATHS[2:5]:
        page.goto(server.url + path)
        found[path] = wire.taken(page)
    context.close()
    lines = [f"{name:<20}{number:>9}{size:>9.0f}" for name, (number, size) in found.items()]
    print("", f"{'':<20}{'requests':>9}{'bytes':>9}", *lines, sep="\n")  # noqa: T201
    assert hosts == {server.url.split("/")[2]}
    assert first[0] <= MOST_REQUESTS
    assert first[1] <= MOST_BYTES
    for name, (number, size) in list(found.items())[1:]:
        assert number == 1, name
        assert size <= MOST_BYTES, name


def test_a_page_costs_the_server_little(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    (one,) = ready(database, "hips", 1)
    database.close()
    service = Service(sqlite_url, tmp_path / "log", "tests.benchmarks.service:with_bare_endpoint")
    try:
        with Client(service.port) as client:
            bare = cost(service, lambda: client.post(BARE, one))
            found = {path: cost(service, partial(client.page, path, one)) for path in PATHS}
    finally:
        service.stop()
    lines = [f"{path:<14}{ms:>8.2f}{ms / bare:>8.1f}" for path, ms in found.items()]
    print("", f"{'':<14}{'app ms':>8}{'of bare':>8}", *lines, f"bare {bare:.2f} ms", sep="\n")  # noqa: T201
    assert max(found.values()) <= MOST_CPU


def cost(service: Service, act: Callable[[], object]) -> float:
    """Return the server's CPU for a request, in milliseconds: the least of several rounds."""
    rounds = []
    for _ in range(ROUNDS + 1):
        before = cpu_of(service.process.pid)
        for _ in range(PAGES):
            act()
        rounds.append((cpu_of(service.process.pid) - before) / PAGES)
    return min(rounds[1:])


def test_a_slow_phone_shows_a_page_soon(browser: Browser, server: Server) -> None:
    _, link = server.place_order(["rand-36"])
    paints: dict[str, list[float]] = {"the first": [], "/form/1": []}
    for _ in range(3):
        context = phone(browser)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
        page.goto(server.url + link)
        paints["the first"].append(first_paint(page))
        page.goto(server.url + "/form/1")
        paints["/form/1"].append(first_paint(page))
        context.close()
    found = {name: statistics.median(times) for name, times in paints.items()}
    print("", *(f"{name:<14}{time:>8.0f} ms" for name, time in found.items()), sep="\n")  # noqa: T201
    assert max(found.values()) < FIRST_PAINT


def first_paint(page: Page) -> float:
    """Return when the page showed something, in milliseconds after it was asked for."""
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    return float(
        page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    )

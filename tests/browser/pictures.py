"""Takes the pictures of docs/patient.md from the demo, as a patient meets it: `make pictures`."""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import LAUNCH, browser_path
from tests.pictured import FOLDER, MADE_FROM, made_from

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PORT = 8199
URL = f"http://127.0.0.1:{PORT}"


@contextmanager
def demo() -> Iterator[list[str]]:
    """Run the demo on a database of its own; gives its patients' links, RAND-36 first."""
    with tempfile.TemporaryDirectory() as folder:
        knobs = os.environ | {"SVAR_DATABASE_URL": f"sqlite:///{folder}/svar.db"}
        start = "from app.cli import app; app()"
        command = (sys.executable, "-c", start, "demo", "--port", str(PORT))
        running = subprocess.Popen(command, env=knobs, stderr=subprocess.DEVNULL)
        try:
            yield re.findall(r'href="(http[^"]*/s/[^"]*)"', _page())
        finally:
            running.terminate()
            running.wait()


def _page() -> str:
    for _ in range(600):
        try:
            with urllib.request.urlopen(URL) as answer:
                text: str = answer.read().decode()
                return text
        except URLError:
            time.sleep(0.1)
    raise TimeoutError("The demo does not start.")


class Album:
    """A person at a browser who takes a picture of each page that is named."""

    def __init__(self, browser: Browser, viewport: dict[str, int], suffix: str = "") -> None:
        context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale="nb-NO",
            color_scheme="dark" if suffix == "-dark" else "light",
        )
        self.page: Page = context.new_page()
        self.suffix = suffix

    def take(self, name: str, *, whole: bool = True) -> None:
        path = FOLDER / f"{name}{self.suffix}.png"
        self.page.screenshot(path=path, full_page=whole, animations="disabled")
        print(path.name)  # noqa: T201

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def answer(self, place: int) -> None:
        self.page.locator("input[type=radio]:visible").nth(place).check()
        self.press("Neste")


def on_a_phone(browser: Browser, links: list[str]) -> None:
    album = Album(browser, PHONE)
    album.page.goto(links[0])
    album.take("welcome")
    album.press("Begynn")
    album.page.get_by_text("Veldig god", exact=True).click()
    album.take("question")
    album.press("Neste")
    album.answer(2)
    album.take("group")
    album.press("Neste")
    album.take("skip")
    album.press("Hopp over spørsmålet")
    for number in range(4, 37):
        album.answer(number % 2)
    album.take("who")
    album.page.get_by_text("Jeg har svart selv, uten hjelp").click()
    album.press("Neste")
    album.take("check", whole=False)
    album.press("Send svarene")
    album.take("receipt")
    album.page.goto(f"{URL}/form/copy")
    album.take("copy", whole=False)
    album.page.goto(f"{URL}/form/result")
    album.take("result", whole=False)
    album.page.goto(f"{URL}/enter")
    album.take("enter")


def on_a_desktop(browser: Browser, links: list[str]) -> None:
    album = Album(browser, DESKTOP, "-wide")
    album.page.goto(links[4])
    album.press("Begin")
    album.page.goto(f"{URL}/form/23")
    for row, place in enumerate((1, 3, 4)):
        album.page.get_by_role("radiogroup").nth(row).get_by_role("radio").nth(place).check()
    album.take("grid")


def of_the_scale(browser: Browser, links: list[str], suffix: str) -> None:
    album = Album(browser, PHONE, suffix)
    album.page.goto(links[2])
    album.press("Begynn" if suffix == "" else "Fortsett")
    album.page.goto(f"{URL}/form/6")
    album.page.get_by_label("Ditt tall").fill("73")
    album.take("scale")


def main() -> int:
    """Take every picture anew, and note what they show; return the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as links, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=list(LAUNCH))
        on_a_phone(chromium, links)
        on_a_desktop(chromium, links)
        for suffix in ("", "-dark"):
            of_the_scale(chromium, links, suffix)
        chromium.close()
    MADE_FROM.write_text(made_from(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

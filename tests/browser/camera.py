"""The demo, and somebody at a browser who takes pictures of it for the handbook."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError

from playwright.sync_api import Browser, FloatRect, Locator, Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PORT = 8199
URL = f"http://127.0.0.1:{PORT}"
MARGIN = 24
"""Pixels around what is cut out of a page."""


@contextmanager
def demo() -> Iterator[list[str]]:
    """Run the demo on a database of its own; gives its patients' links, RAND-36 first."""
    with socket.create_server(("127.0.0.1", PORT)):
        pass  # or what is shown would be somebody else's
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


class Camera:
    """A person at a browser who takes a picture of each page that is named."""

    def __init__(
        self,
        browser: Browser,
        folder: Path,
        viewport: ViewportSize,
        *,
        suffix: str = "",
        colours: Literal["light", "dark"] = "light",
        language: str = "nb-NO",
    ) -> None:
        context = browser.new_context(
            viewport=viewport,
            locale=language,
            color_scheme=colours,
        )
        self.page: Page = context.new_page()
        self.folder, self.suffix = folder, suffix

    def opens(self, path: str) -> None:
        self.page.goto(URL + path)

    def take(self, name: str, *, whole: bool = True) -> None:
        self._takes(name, whole=whole)

    def cut_out(self, name: str, first: Locator, last: Locator, above: int = MARGIN) -> None:
        """Take a picture of a part of a page: of two things, and what stands between them."""
        self.page.evaluate("scrollTo(0, 0)")
        boxes = [box for one in (first, last) if (box := one.bounding_box())]
        left = max(0, min(box["x"] for box in boxes) - MARGIN)
        top = max(0, min(box["y"] for box in boxes) - above)
        right = max(box["x"] + box["width"] for box in boxes) + MARGIN
        bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
        self._takes(name, {"x": left, "y": top, "width": right - left, "height": bottom - top})

    def _takes(self, name: str, clip: FloatRect | None = None, *, whole: bool = True) -> None:
        path = self.folder / f"{name}{self.suffix}.png"
        self.page.screenshot(path=path, full_page=whole, clip=clip, animations="disabled")
        print(f"{path.parent.name}/{path.name}")  # noqa: T201

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def answer(self, place: int) -> None:
        self.page.locator("input[type=radio]:visible").nth(place).check()
        self.press("Neste")

"""The pictures of docs/patient.md: what a patient meets, as a patient meets it."""

from typing import Literal

from playwright.sync_api import Browser

from tests.browser.camera import DESKTOP, PHONE, Camera
from tests.pictured import PATIENT


def take(browser: Browser, links: list[str]) -> None:
    """Take the album; `links` are the demo's patients'."""
    on_a_phone(browser, links)
    on_a_desktop(browser, links)
    of_the_scale(browser, links, "light")
    of_the_scale(browser, links, "dark")


def on_a_phone(browser: Browser, links: list[str]) -> None:
    camera = Camera(browser, PATIENT.folder, PHONE)
    camera.page.goto(links[0])
    camera.take("welcome")
    camera.press("Begynn")
    camera.page.get_by_text("Veldig god", exact=True).click()
    camera.take("question")
    camera.press("Neste")
    camera.answer(2)
    camera.take("group")
    camera.press("Neste")
    camera.take("skip")
    camera.press("Hopp over spørsmålet")
    for number in range(4, 37):
        camera.answer(number % 2)
    camera.take("who")
    camera.page.get_by_text("Jeg har svart selv, uten hjelp").click()
    camera.press("Neste")
    camera.take("check", whole=False)
    camera.press("Send svarene")
    camera.take("receipt")
    camera.opens("/form/copy")
    camera.take("copy", whole=False)
    camera.opens("/form/result")
    camera.take("result", whole=False)


def on_a_desktop(browser: Browser, links: list[str]) -> None:
    camera = Camera(browser, PATIENT.folder, DESKTOP, suffix="-wide")
    camera.page.goto(links[4])
    camera.press("Begin")
    camera.opens("/form/23")
    for row, place in enumerate((1, 3, 4)):
        camera.page.get_by_role("radiogroup").nth(row).get_by_role("radio").nth(place).check()
    camera.take("grid")


def of_the_scale(browser: Browser, links: list[str], colours: Literal["light", "dark"]) -> None:
    suffix = "-dark" if colours == "dark" else ""
    camera = Camera(browser, PATIENT.folder, PHONE, suffix=suffix, colours=colours)
    camera.page.goto(links[2])
    camera.press("Fortsett" if suffix else "Begynn")
    camera.opens("/form/6")
    camera.page.get_by_label("Ditt tall").fill("73")
    camera.take("scale")

"""The pictures of docs/centre.md: a paper form becomes a questionnaire, and is answered."""

import httpx
from playwright.sync_api import Browser

from app.demo import HIPS, DemoPerson
from tests.afternoon import ANSWERS, CHECKED, MISTAKEN, NAME, QUESTIONS, TRIED, from_paper
from tests.browser.camera import DESKTOP, PHONE, URL, Camera
from tests.pictured import CENTRE

DRAFT = f"/centre/drafts/{NAME}/1.0"
BENCH = f"{DRAFT}/bench"
BOOK = CENTRE.folder / f"{NAME}.xlsx"
"""The spreadsheet that is brought in, for whoever follows along."""

CHOSEN = [ANSWERS.split("\n")[code - 1].removeprefix(f"{code}=") for code in TRIED.values()]
"""The same as the patient reads it."""


def take(browser: Browser) -> None:
    """Take the album, in the order in which it is told."""
    BOOK.write_bytes(from_paper())
    author, reviewer = (comes(browser, role) for role in ("author", "reviewer"))
    brought_in(author)
    mended(author)
    tried(author)
    proven(author)
    handed_in(author)
    approved(reviewer)
    answered(browser)


def comes(browser: Browser, role: str) -> Camera:
    """Log in as one of the demo's people, by the page that asks."""
    camera = Camera(browser, CENTRE.folder, DESKTOP, language="en-GB")
    person = DemoPerson(role)
    camera.opens("/centre/login")
    camera.page.get_by_label("E-mail").fill(person.email)
    camera.page.get_by_label("Password").fill(person.password)
    camera.press("Log in")
    return camera


def brought_in(author: Camera) -> None:
    page = author.page
    author.opens("/centre/drafts/new")
    page.set_input_files("#files", BOOK)
    author.cut_out("bring-in", page.locator("header"), page.locator("#files"))
    author.press("Bring in")
    must = page.get_by_role("heading", name="What must be mended", exact=True)
    author.cut_out("to-mend", must, page.locator("main > ul[lang=en]").first)


def mended(author: Camera) -> None:
    page = author.page
    page.set_viewport_size({**DESKTOP, "height": 640})  # the text is as high as its window
    author.opens(BENCH)
    page.locator("#found a").first.click()
    author.cut_out("bench", page.locator("h1"), page.locator(".editor"))
    page.set_viewport_size(DESKTOP)
    (wrong,) = MISTAKEN.values()
    rewrites(author, str(wrong), "50")
    author.opens(f"{BENCH}?part=wording+nb")
    rewrites(author, "I svært stor grad.", "I svært stor grad")


def rewrites(author: Camera, before: str, after: str) -> None:
    text = author.page.locator("#text")
    text.fill(text.input_value().replace(before, after))
    author.press("Check and save")


def tried(author: Camera) -> None:
    page = author.page
    author.opens(f"{BENCH}/preview")
    phone = page.frame_locator(".phone iframe")
    onward = phone.get_by_role("button", name="Neste").locator("visible=true")
    for number, question, words in zip(range(3), QUESTIONS.values(), CHOSEN, strict=True):
        if number:
            onward.click()
        phone.get_by_text(question).locator("visible=true").first.wait_for()
        phone.get_by_text(words, exact=True).locator("visible=true").click()
    page.get_by_text("3 of 3 answered").wait_for()
    wide = page.frame_locator(".wide iframe")
    wide.locator("input:checked").nth(2).wait_for()
    wide.get_by_role("button", name="Neste").locator("visible=true").scroll_into_view_if_needed()
    page.locator(".scores summary").click()
    author.cut_out("phone", page.locator(".phone"), page.locator(".phone"))
    author.cut_out("scores", page.locator(".wide"), page.locator(".beside"))


def proven(author: Camera) -> None:
    page = author.page
    author.opens(f"{BENCH}/examples")
    boxes = (page.locator("#name"), page.locator("#source"), page.get_by_label("Experience of"))
    for box, text in zip(boxes, CHECKED, strict=True):
        box.fill(text)
    author.cut_out("example", page.locator("#add"), page.locator("main form"))
    author.press("Add the example")


def handed_in(author: Camera) -> None:
    author.opens(DRAFT)
    author.press("Hand in for review")


def approved(reviewer: Camera) -> None:
    page = reviewer.page
    reviewer.opens(DRAFT)
    reviewer.cut_out("review", page.locator("h1"), page.locator(".facts-of").first)
    last = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="involved"))
    reviewer.cut_out("approve", last, page.locator("form.card"), above=0)
    reviewer.press("Approve and publish")
    reviewer.cut_out("published", page.locator("h1"), page.locator(".actions"))


def ordered() -> str:
    """Order the questionnaire as the registry does; return the patient's link."""
    with httpx.Client(base_url=URL) as registry:
        form = {"grant_type": "client_credentials"}
        me = (HIPS.client_id, HIPS.secret)
        token = registry.post("/oauth/token", data=form, auth=me).raise_for_status().json()
        registry.headers["Authorization"] = f"Bearer {token['access_token']}"
        order = {
            "case": {"id": "MCE-1017", "unit": HIPS.unit},
            "time_point": "visit",
            "instruments": [NAME],
            "language": "nb",
        }
        made = registry.post("/api/v1/orders", json=order).raise_for_status().json()
    return str(made["link"])


def answered(browser: Browser) -> None:
    camera = Camera(browser, CENTRE.folder, PHONE)
    camera.page.goto(ordered())
    camera.take("welcome")
    camera.press("Begynn")
    for number, words in enumerate(CHOSEN):
        camera.page.get_by_text(words, exact=True).locator("visible=true").click()
        if not number:
            camera.take("question")
        camera.press("Neste")
    camera.page.get_by_text("Jeg har svart selv, uten hjelp").click()
    camera.press("Neste")
    camera.press("Send svarene")
    camera.take("receipt")

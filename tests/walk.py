"""Walks through a questionnaire as a patient's browser does: reads the form, fills it, sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

PAGES = 400
"""More pages than any way has: a walk that goes round in a ring ends here."""


@dataclass
class Form:
    """The one form of a page: where it goes, and what it has in it."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    offers: dict[str, list[str]] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    current: str = ""
    views: list[str] = field(default_factory=list)

    def filled(self, answers: Mapping[str, object], view: str = "one") -> dict[str, str]:
        """Return what is sent when these answers are given; what is not asked here is left out.

        Of questions that stand together, a phone (`one`) shows and changes only the current one.
        """
        seen = {name for name in self.offers if view != "one" or self.current in ("", name)}
        given = {name: str(answers[name]) for name in seen if name in answers}
        pressed = {"view": view} if view in self.views else {}
        return self.hidden | self.chosen | given | pressed


class PageReader(HTMLParser):
    """Reads what a walker needs from a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.form: Form | None = None
        self.forms = 0
        self.buttons: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.title = ""
        self.receipt = ""
        self._reads = ""
        self._is_current = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: text or "" for name, text in attrs}
        self._reads = "receipt" if has.get("id") == "receipt" else tag
        match tag:
            case "html":
                self.language = has["lang"]
            case "a":
                self.links.append(has["href"])
            case "button" if has["type"] == "submit":
                self.buttons.append(has["type"])
                if self.form and has.get("name") == "view":
                    self.form.views.append(has["value"])
            case "div" if "asked" in has.get("class", "").split():
                self._is_current = "current" in has["class"].split()
            case "form":
                self.forms += 1
                assert (has["id"], has["method"]) == ("questionnaire", "post")
                self.form = Form(has["action"])
            case "input" | "textarea" if self.form and "name" in has:
                self._field(self.form, {"type": tag} | has)

    def _field(self, form: Form, has: dict[str, str]) -> None:
        name, value = has["name"], has.get("value", "")
        if has["type"] == "hidden":
            form.hidden[name] = value
            return
        form.offers.setdefault(name, []).append(value)
        form.current = name if self._is_current else form.current
        if "checked" in has or (has["type"] in ("number", "text") and value):
            form.chosen[name] = value

    def handle_endtag(self, tag: str) -> None:
        self._reads = ""

    def handle_data(self, data: str) -> None:
        if self._reads == "title":
            self.title += data
        elif self._reads == "receipt":
            self.receipt += data.strip()


def walk(client: Any, link_path: str, answers: Mapping[str, int]) -> str:
    """Open a link, answer or skip every question, send, and return the receipt number.

    `client` is a TestClient, or another one of that kind. Questions without an answer are skipped.
    """
    page = follow(client, client.get(link_path, follow_redirects=False))
    for _ in range(PAGES):
        if page.receipt:
            return page.receipt
        assert page.form is not None, page.title
        assert page.buttons, page.title
        page = submit(client, page, answers)
    raise AssertionError(f"no receipt after {PAGES} pages")


def submit(
    client: Any, page: PageReader, answers: Mapping[str, object], view: str = "one"
) -> PageReader:
    """Press the button of a page, and return the page that comes. The patient answers alone."""
    assert page.form is not None, page.title
    sent = page.form.filled({"respondent": "self", **answers}, view)
    return follow(client, client.post(page.form.action, data=sent, follow_redirects=False))


def follow(client: Any, answer: Any) -> PageReader:
    """Follow redirects, as a browser does, to a page that can be read."""
    while answer.status_code == 303:
        answer = client.get(answer.headers["location"], follow_redirects=False)
    assert answer.status_code == 200, answer.text
    return PageReader(answer.text)


def visit(client: Any, path: str) -> PageReader:
    """Open an address in the browser, and return the page that it ends on."""
    return follow(client, client.get(path, follow_redirects=False))

"""Paper and screen mean the same: what the browser shows is the wording file's text, all of it."""

from typing import Any

import pytest

from tests.browser.conftest import PHONE, WIDE, Asked, Someone
from tests.documents import INSTRUMENTS, Document, read

SHOWN = """() => {
  const text = (one) => one?.textContent ?? null;
  const groups = [...document.querySelectorAll("[role=radiogroup], fieldset")];
  return groups.map((group) => ({
    stem: text(document.getElementById("stem")),
    item: text(document.getElementById(
      (group.getAttribute("aria-labelledby") ?? "").split(" ").at(-1)
    ) ?? group.querySelector("legend h1")),
    options: [...group.querySelectorAll(".option > span:first-of-type")].map(text),
    anchors: [...group.querySelectorAll(".anchor")].map(text),
  }));
}"""


@pytest.mark.parametrize(
    ("name", "language", "screen"),
    [
        ("rand-36", "nb", PHONE),
        ("rand-36", "en", WIDE),
        ("rand-12", "nb", WIDE),
        ("gs-peq", "nb", PHONE),
        ("eq-5d-5l", "nb", PHONE),
    ],
)
def test_each_text_is_shown_as_it_is_written(
    someone: Someone, asked: Asked, name: str, language: str, screen: dict[str, int]
) -> None:
    definition = read(INSTRUMENTS / name / "1.0.json")
    wording = read(INSTRUMENTS / name / f"1.0.{language}.json")
    patient = someone(viewport=screen)
    _, link = asked(name, language=language)
    patient.opens(link)
    patient.page.locator("main button").click()
    seen: list[Any] = []
    number = 1
    while number <= len(definition["items"]):
        patient.page.goto(f"{patient.server.url}/form/{number}")
        here = patient.page.evaluate(SHOWN)
        seen += here
        number += len(here)
    title = wording["title"]  # heads a group that has no opening text
    assert [one | {"stem": one["stem"] or title} for one in seen] == list(
        written(definition, wording)
    )


def written(definition: Document, wording: Document) -> Any:
    """Return what a patient should read, question by question, from the files alone."""
    items = {item["id"]: item for item in definition["items"]}
    for page in definition["pages"]:
        for name in page["items"]:
            item = items[name]
            options = definition["option_sets"].get(item.get("options"), [])
            anchors = wording.get("anchors", {}).get(name, {})
            yield {
                "stem": wording["stems"].get(page["id"], wording["title"]),
                "item": wording["items"][name],
                "options": [wording["options"][item["options"]][str(code)] for code in options],
                "anchors": list(anchors.values()),
            }

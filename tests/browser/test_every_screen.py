"""Every kind of page can be read on the smallest screen, zoomed in, in the dark, in own colours."""

from typing import Any

import pytest

from tests.browser.conftest import SMALL, WIDE, Asked, Person, Someone
from tests.browser.drafts import answered_but
from tests.conftest import Server

TYPES = ("multiple-choice", "number", "date", "free-text", "statement", "eq-vas", "numeric-rating")

PAGES = {
    "welcome": "/form/",
    "one of several answers": "/form/1",
    "several answers": "/form/2",
    "number": "/form/4",
    "date": "/form/7",
    "short text": "/form/10",
    "long text": "/form/11",
    "statement": "/form/12",
    "scale": "/form/14",
    "rating": "/form/15",
    "group, and a grid where there is room": "/form/24",
    "a change": "/form/25?from=check",
    "skip": "/form/24/skip",
    "who has answered": "/form/who",
    "look over": "/form/check",
    "unknown link": "/s/no-such-link",
    "no such question": "/form/99",
}
"""A page of each kind; the questions of RAND-12 come last."""

ZOOMED = {"viewport": {"width": 320, "height": 200}, "device_scale_factor": 4}
"""What is left of 1280 by 800 at 400 % zoom."""

SCREENS: dict[str, dict[str, Any]] = {
    "small phone": {"viewport": SMALL},
    "400 % zoom": ZOOMED,
    "400 % zoom without scripts": ZOOMED | {"java_script_enabled": False},
    "small phone in the dark": {"viewport": SMALL, "color_scheme": "dark"},
    "small phone in the reader's own colours": {"viewport": SMALL, "forced_colors": "active"},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "wide": {"viewport": WIDE},
    "wide in the dark": {"viewport": WIDE, "color_scheme": "dark"},
    "wide in the reader's own colours": {"viewport": WIDE, "forced_colors": "active"},
}


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
def test_every_kind_of_page(
    server: Server, someone: Someone, asked: Asked, screen: dict[str, Any]
) -> None:
    patient = someone(**screen)
    given_all_kinds_of_questions(server, asked, patient)
    for kind, address in PAGES.items():
        patient.page.goto(server.url + address)
        assert address == patient.page.url.removeprefix(server.url), kind
        then_all_of_it_is_seen(patient, kind)
        then_what_is_chosen_stands_out(patient, kind)
    patient.opens("/form/check")
    patient.presses("Send svarene")
    then_all_of_it_is_seen(patient, "receipt")


def given_all_kinds_of_questions(server: Server, asked: Asked, patient: Person) -> None:
    order_id, link = asked(*TYPES, "rand-12", consent="Jeg samtykker.")
    patient.opens(link)
    patient.chooses("Ja, jeg samtykker")
    patient.presses("Begynn")
    answered_but(server, order_id, [], who=True)


def then_all_of_it_is_seen(patient: Person, kind: str) -> None:
    patient.sees_all_of_it()
    seen, hardly = patient.page.evaluate(INVISIBLE)
    assert seen > 3, kind
    assert not hardly, f"{kind}: {hardly}"


def then_what_is_chosen_stands_out(patient: Person, kind: str) -> None:
    chosen, others = patient.page.evaluate(OPTIONS)
    assert not set(chosen) & set(others), kind
    assert chosen or not others, kind


OPTIONS = """() => {
  const edge = (option) => {
    const { borderTopColor, outlineStyle } = getComputedStyle(option);
    return `${borderTopColor} ${outlineStyle}`;
  };
  const seen = [...document.querySelectorAll(".option")].filter((one) => one.checkVisibility());
  const chosen = seen.filter((one) => one.querySelector(":checked"));
  return [chosen.map(edge), seen.filter((one) => !chosen.includes(one)).map(edge)];
}"""
"""What the edges of the chosen answers look like, and of the others."""

INVISIBLE = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (at) => {
    for (; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  let seen = 0;
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const at = text.parentElement;
    if (!text.data.trim() || !at.checkVisibility()) continue;
    const [one, other] = [light(parse(getComputedStyle(at).color)), light(behind(at))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    seen += 1;
    if (contrast < 4.5) found.push(`${text.data.trim()}: ${contrast.toFixed(1)}`);
  }
  return [seen, found];
}"""
"""How many texts are seen, and those that hardly stand out from what is behind them."""

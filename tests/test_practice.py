"""Good practice: each remark is made where it should be, and nowhere else, with its reason."""

from copy import deepcopy
from typing import Any

import pytest

from scoring import Instrument, Wording
from scoring.practice import RULES, Remark, remarks
from tests.documents import (
    Document,
    instrument,
    read,
    resolved,
    shipped,
    shipped_definitions,
    shipped_wordings,
)

UNDERSTOOD = {
    ("gs-peq", "items.gkv_11.not_applicable"): (
        "The registry's form has four answers to how long one waited, 'No' among them; it is theirs"
    ),
}
"""What is remarked on in shipped instruments, and why it stays."""


def wordings(instrument_id: str) -> list[Wording]:
    paths = [path for path in shipped_wordings() if path.parent.name == instrument_id]
    return [Wording.model_validate(read(path)) for path in paths]


def test_every_remark_on_a_shipped_instrument_is_understood() -> None:
    found = {
        (path.parent.name, remark.place)
        for path in shipped_definitions()
        for remark in remarks(instrument(path), wordings(path.parent.name))
    }
    assert found == set(UNDERSTOOD)


EN: Document = {
    "stems": {"statements": "Over the last two weeks:"},
    "options": {"time": {str(code): f"Answer {code}" for code in range(6)}},
}


def remarked(
    definition: Document | None = None, *others: Document, **parts: Any
) -> list[tuple[str, str]]:
    """Remark on the WHO-5 with a definition and English words that differ in these parts."""
    document = deepcopy(resolved(shipped("who-5"))) | (definition or {})
    english = read(shipped("who-5").with_name("1.0.en.json")) | EN
    worded = [Wording.model_validate(english | one) for one in (parts, *others)]
    found = remarks(Instrument.model_validate(document), worded)
    assert all(remark.reason and remark.source for remark in found)
    return [(remark.place, remark.rule) for remark in found]


def options(**texts: str) -> Document:
    return {"time": EN["options"]["time"] | {key[1:]: text for key, text in texts.items()}}


def items(**fields: Any) -> Document:
    first, *more = resolved(shipped("who-5"))["items"]
    return {"items": [first | fields, *more]}


LONG = "Every day of the week, and every hour of the day. " * 30
PREM = {"kind": "PREM", **items(not_applicable=[0])}
RIGHT: list[tuple[Document, Document]] = [
    ({}, {}),
    ({"recall_period": "the stay"}, {"stems": {"statements": "At the ward:"}}),
    ({"recall_period": "now"}, {"stems": {"statements": "Right now:"}}),
    ({}, {"status": "placeholder", "stems": {"statements": "Placeholder"}}),
    ({}, {"options": options(_0="0 days", _1="1 day", _2="2 days", _3="3", _4="4", _5="5")}),
    ({}, {"options": options(_0="1 or 2", _1="3-4", _2="5 – 6 times", _4="10+", _5="7.5 hours")}),
    ({}, {"options": {}}),
    (items(direction="none") | {"scores": []}, {}),
]
WRONG: list[tuple[Document, Document, tuple[str, str]]] = [
    ({}, {"stems": {"statements": "Lately:"}}, ("en: pages.statements", "no-recall-period")),
    (
        {"recall_period": "2 weeks; now (q1)"},
        {"stems": {"statements": "Lately:"}},
        ("en: pages.statements", "no-recall-period"),
    ),
    ({}, {"language": "pl"}, ("pl: stems", "no-recall-period")),
    ({}, {"options": options(_3="answer 3")}, ("en: options.time", "options-unequal")),
    ({}, {"options": options(_3="Answer 3.")}, ("en: options.time", "options-unequal")),
    ({}, {"options": options(_3="Answer 3 " * 12)}, ("en: options.time", "options-unequal")),
    ({}, {"options": options(_3="2 = often")}, ("en: options.time", "number-misleads")),
    ({}, {"title": "Well-being <b>now</b>"}, ("en: title", "markup")),
    ({}, {"stems": {"statements": "**Last week**"}}, ("en: stems.statements", "markup")),
    ({}, {"stems": {"statements": LONG}}, ("en: items.q1", "too-long")),
    (PREM, {}, ("items.q2.not_applicable", "no-not-applicable")),
    (items(direction="none"), {}, ("items.q1.direction", "direction-unsaid")),
]


@pytest.mark.parametrize(("definition", "parts"), RIGHT)
def test_what_is_good_practice_is_not_remarked_on(definition: Document, parts: Document) -> None:
    scores = [{**resolved(shipped("who-5"))["scores"][0], "items": ["q2"]}]
    definition = definition if definition.get("scores") != [] else {**definition, "scores": scores}
    assert remarked(definition, **parts) == []


@pytest.mark.parametrize(("definition", "parts", "remark"), WRONG)
def test_what_is_not_good_practice_is_remarked_on(
    definition: Document, parts: Document, remark: tuple[str, str]
) -> None:
    assert remarked(definition, **parts)[0] == remark


@pytest.mark.parametrize(
    "text", ["2 = often", "2: often", "2. often", "2) often", "2 - often", "2"]
)
def test_codes_that_are_typed_into_texts_are_remarked_on_once_a_list(text: str) -> None:
    typed = {"options": options(_1=text, _3=text)}
    danish = {"language": "da", "stems": {"statements": "To uger"}} | typed
    found = [one for one in remarked(None, danish, **typed) if one[1] == "number-misleads"]
    assert found == [("en: options.time", "number-misleads")]


def test_what_one_language_has_is_missed_in_another() -> None:
    profile = {"percent": {"name": "Well-being", "high": "High is well."}}
    danish = {"language": "da", "scores": profile, "stems": {"statements": "To uger"}}
    danish |= {"options": {"time": {code: f"Svar {code}" for code in "01234"}}}
    assert remarked(None, danish) == [
        ("en: scores.percent.high", "lacks-text"),
        ("en: scores.percent.name", "lacks-text"),
        ("da: options.time.5", "codes-differ"),
    ]


def test_every_rule_is_tried_here() -> None:
    tried = {rule for *_, (_, rule) in WRONG} | {"lacks-text", "codes-differ"}
    assert tried == set(RULES)
    assert Remark("title", "markup", "").reason

"""FHIR comes in: what has no place here is to be decided, and what cannot be read is refused."""

import json

import pytest

from app.exchange import fhir_forms, fhir_in, fhir_notes, fhir_reader
from app.exchange.fhir_terms import ORDINAL
from scoring import NotValid
from tests.documents import (
    Document,
)
from tests.questionnaires import (
    bring,
    coded,
    control,
    form,
    formula,
    hl7,
    pick,
    said,
    value_set,
)

EXPRESSION = hl7("cqf-calculatedExpression", Expression={"expression": "%x.delete()"})
OTHER = [{"question": "q1", "operator": "=", "answerCoding": {"code": "9"}}]
EITHER = [
    {"question": name, "operator": "=", "answerCoding": {"code": "1"}} for name in ("q1", "q2")
]
TWICE = [{"question": "q1", "operator": "=", "answerCoding": {"code": code}} for code in ("1", "2")]
LOOSE = {"url": ORDINAL, "valueDecimal": 1.5}
DECIDED: dict[str, list[Document]] = {
    "linkId a: is worked out by an expression; it is left out": [
        {"linkId": "a", "type": "decimal", "extension": [EXPRESSION]}
    ],
    "linkId b: has the expression cqf-calculatedExpression, which is never run": [
        {"linkId": "b", "type": "decimal", "extension": [EXPRESSION]}
    ],
    "linkId a: is hidden": [pick("a", extension=[hl7("questionnaire-hidden", Boolean=True)])],
    "linkId a: can be read only": [pick("a", readOnly=True)],
    "linkId a, b: is of the type attachment, which is not asked here; it is left out": [
        {"linkId": "a", "type": "attachment"},
        {"linkId": "b", "type": "attachment"},
    ],
    "takes an answer of one's own too": [pick("a", type="open-choice")],
    "linkId a: is required; no answer is forced here": [pick("a", required=True)],
    "may be answered several times; it is asked once": [
        {"linkId": "a", "type": "text", "repeats": True, "maxLength": 9}
    ],
    "does not say how long it may be": [{"linkId": "a", "type": "string"}],
    "stands within another question": [pick("a", item=[pick("b")])],
    "has a prefix, which is not read": [pick("a", prefix="1.")],
    "has codes of other systems": [pick("a", code=[{"system": "http://loinc.org", "code": "1"}])],
    "linkId a: says initial, which is not read": [pick("a", initial=[{"valueInteger": 1}])],
    "says initialSelected, which is not read": [
        pick("a", answerOption=[{**one, "initialSelected": True} for one in coded("1", "2")])
    ],
    "says sdf-thing, which is not read": [pick("a", extension=[{"url": "http://x/sdf-thing"}])],
    "has a text with marks": [
        pick("a", _text={"extension": [hl7("rendering-markdown", Markdown="*a*")]})
    ],
    "offers no answers; write its answers": [{"linkId": "a", "type": "choice"}],
    "offers the answers of urn:gone, which did not come along": [
        {"linkId": "a", "type": "choice", "answerValueSet": "urn:gone"}
    ],
    "offers two answers of the same code": [pick("a", "1", "1")],
    "neither codes, whole numbers nor texts": [pick("a", answerOption=[{"valueDate": "2020"}])],
    "says two different worths of one answer": [
        pick("a", answerOption=[{**coded("1", c1=2)[0], "extension": [LOOSE]}])
    ],
    "taken as not applicable: 9": [pick("a", answerOption=coded("1", "9", c1=3))],
    "does not say what its answers are worth": [pick("a")],
    "a choice of several is not scored": [
        pick("a", repeats=True, answerOption=coded("1", "2", c1=3))
    ],
    "which no item before it has as codes; it is asked always": [pick("q1", enableWhen=OTHER)],
    "is shown by an answer that q1 does not offer": [pick("q1"), pick("a", enableWhen=OTHER)],
    "linkId a: is shown by any of several items' answers; it is asked always": [
        pick("q1"),
        pick("q2"),
        pick("a", enableWhen=EITHER, enableBehavior="any"),
    ],
    "does not say whether all or any": [pick("q1"), pick("q2"), pick("a", enableWhen=EITHER)],
    "is never shown": [pick("q1"), pick("a", enableWhen=TWICE, enableBehavior="all")],
    "is shown by q1 >, which has no place here": [
        pick("q1"),
        pick("a", enableWhen=[{**OTHER[0], "operator": ">"}]),
    ],
    "is shown by an answer that q1 does not": [
        pick("q1"),
        pick("a", enableWhen=[{"question": "q1", "operator": "=", "answerString": "x"}]),
    ],
    "is a score of items marked QS, and there are none": [
        pick("a"),
        {"linkId": "t", "type": "decimal", "code": formula("TS")},
    ],
    "linkId a: is shown as boxes to check; if several may be": [
        pick("a", extension=[control("check-box")])
    ],
    "linkId a: is shown as slider, which has no place here": [
        pick("a", extension=[control("slider")])
    ],
    "linkId b: is marked QS, and items of its type are not scored here": [
        pick("a", code=formula("QS")),
        pick("b", code=formula("QS"), repeats=True),
        {"linkId": "t", "type": "decimal", "code": formula("TS")},
    ],
    "linkId b: is shown by the answer to a, which no item": [
        {"linkId": "a", "type": "choice", "answerValueSet": "urn:0"},
        pick("b", enableWhen=[{**OTHER[0], "question": "a"}]),
    ],
    "linkId a: is in a hidden group; it is left out": [
        {
            "linkId": "g",
            "type": "group",
            "extension": [hl7("questionnaire-hidden", Boolean=True)],
            "item": [pick("a")],
        }
    ],
    "has a limit that is no fixed day": [
        {"linkId": "a", "type": "date", "extension": [hl7("minValue", DateTime="2020-01-01T00:00")]}
    ],
    "offers answers, which no choice asks for": [
        {"linkId": "a", "type": "string", "maxLength": 9, "answerOption": [{"valueString": "x"}]}
    ],
    "says optionPrefix, which is not read": [
        pick("a", answerOption=[{**coded("1")[0], "extension": [{"url": "x/optionPrefix"}]}])
    ],
    "is a group of nothing": [pick("a"), {"linkId": "g", "type": "group"}],
}


@pytest.mark.parametrize("message", DECIDED)
def test_what_has_no_place_here_is_to_be_decided(message: str) -> None:
    brought = bring(*DECIDED[message])
    assert message in said(brought)
    json.dumps(brought.binder, allow_nan=False)


def test_what_only_one_language_has_is_told() -> None:
    lost = pick("q2", answerValueSet="urn:gone") | {"answerOption": []}
    other = form(pick("q1", "0", "1"), lost, pick("q9"), language="nb")
    brought = fhir_in.bring(
        [form(pick("q1"), pick("q2"), pick("q3")), other, {"resourceType": "CodeSystem"}]
    )
    told = said(brought)
    assert "linkId q1, q2, q3: does not offer the same codes in nb" in told
    assert "linkId q9: is in nb alone; it is left out" in told
    assert "CodeSystem: is a resource that is not read" in told
    assert brought.binder.definition["option_sets"]["q2"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("sets", "why"),
    [
        ([value_set("urn:a", {"valueSet": ["urn:b"]}), value_set("urn:b", {"valueSet": ["urn:a"]})],
         "which holds itself"),
        ([value_set("urn:a", {"filter": [{}]})], "does not list them"),
        ([value_set("urn:a", {"concept": []}, exclude=[{}])], "does not list them"),
        ([value_set("urn:a", {"valueSet": ["urn:b", "urn:c"]})], "does not list them"),
        ([value_set("urn:a")], "does not list them"),
        ([{"resourceType": "ValueSet", "url": "urn:a"}], "does not list them"),
    ],
)  # fmt: skip
def test_sets_that_list_no_codes_are_told_and_never_fetched(sets: list[Document], why: str) -> None:
    items = [{"linkId": name, "type": "choice", "answerValueSet": "urn:a"} for name in ("a", "b")]
    brought = fhir_in.bring([form(*items), *sets])
    assert why in said(brought)
    assert brought.binder.definition["option_sets"] == {}


MANY = [{"code": f"{n}"} for n in range(1001)]
REFUSED: dict[str, list[Document]] = {
    "document: has no Questionnaire": [value_set("urn:a")],
    "Questionnaire: there are two in nb": [form(pick("a"), language=n) for n in ("nb", "nb-NO")],
    "Bundle: has a Bundle in it": [
        {"resourceType": "Bundle", "entry": [{}, {"resource": {"resourceType": "Bundle"}}]}
    ],
    "linkId a: stands twice": [form(pick("a"), pick("a"))],
    "Questionnaire: has no item": [form()],
    "item.1.linkId: is lacking": [form({"type": "text"})],
    "item.1.text: is 7; write a text in quotation marks": [form(pick("a") | {"text": 7})],
    "item.1.extension.1.valueInteger: is 1000": [
        form(pick("a", extension=[hl7("maxValue", Integer=10**400)]))
    ],
    "item: ": [form() | {"item": {"linkId": "a"}}],
    "ValueSet: has more than 1000 codes": [
        form({"linkId": "a", "type": "choice", "answerValueSet": "urn:a"}),
        value_set("urn:a", {"concept": MANY}),
    ],
    "linkId a: offers 1001 answers; codes go from 0 to 999": [
        form(pick("a", answerOption=[{"valueCoding": one} for one in MANY]))
    ],
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_read_is_refused_at_its_place(message: str) -> None:
    with pytest.raises(NotValid) as refused:
        fhir_in.bring(REFUSED[message])
    assert message in str(refused.value)


def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_reader, "MOST_CONDITIONS", 1)
    when = [{"question": "q1", "operator": "!=", "answerCoding": {"code": "0"}}]
    with pytest.raises(NotValid, match="waits for more than 1 answers in all"):
        bring(pick("q1"), pick("a", enableWhen=when))
    monkeypatch.setattr(fhir_forms, "MOST_OBJECTS", 3)
    with pytest.raises(NotValid, match="document: has more than 3 objects"):
        bring(pick("a"))
    monkeypatch.setattr(fhir_forms, "MOST_OBJECTS", 99)
    monkeypatch.setattr(fhir_in, "MOST_LANGUAGES", 1)
    with pytest.raises(NotValid, match="is in 2 languages; 1 are read"):
        fhir_in.bring([form(pick("a")), form(pick("a"), language="nb")])
    monkeypatch.setattr(fhir_reader, "MOST_ANSWERS", 5)
    with pytest.raises(NotValid, match="offers more than 5 answers in all"):
        bring(pick("a"), pick("b"))
    monkeypatch.setattr(fhir_forms, "MOST_ITEMS", 2)
    with pytest.raises(NotValid, match="has 3 items; at most 2 are read"):
        bring(pick("a"), pick("b"), pick("c"))


def test_sets_of_sets_of_sets_are_gone_through_once() -> None:
    layers = [value_set(f"urn:{n}", *[{"valueSet": [f"urn:{n + 1}"]}] * 30) for n in range(20)]
    last = {"resourceType": "ValueSet", "url": "urn:20", "expansion": {}}
    items = [{"linkId": f"a{n}", "type": "choice", "answerValueSet": f"urn:{n}"} for n in (0, 10)]
    brought = fhir_in.bring([form(*items), *layers, last])
    assert brought.binder.definition["option_sets"] == {"a10": []}
    assert "linkId a0: offers the answers of urn:11, which holds itself, or too much" in said(
        brought
    )


def test_of_many_decisions_the_first_are_told_and_the_others_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fhir_notes, "MOST_NOTES", 9)
    told = bring(*(pick(f"Q{n}") for n in range(20))).decisions
    assert len(told) == 10
    assert str(told[-1]).startswith("more: there are 2")

"""FHIR comes in: what we wrote comes back the same, and what has no place here is told."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exchange import fhir_forms, fhir_in, fhir_notes, fhir_reader
from app.exchange.binder import Brought
from app.exchange.fhir_out import Dialect, bundle, questionnaire
from app.exchange.fhir_terms import FORMULA, HL7, ORDINAL
from scoring import Instrument, NotValid, Wording
from scoring.item import Choice
from tests.documents import (
    Document,
    instrument,
    read,
    shipped,
    shipped_definitions,
    shipped_wordings,
    small_definitions,
)
from tests.worded import wording_for

BASE = "https://svar.example.org"


def written(definition: Instrument, worded: list[Wording], dialect: Dialect) -> list[Document]:
    """Return an instrument's resources: in plain FHIR one a language, else a Bundle of them."""
    if dialect == "helsenorge":
        resources = [bundle(definition, worded, BASE)]
    else:
        resources = [questionnaire(definition, one, BASE) for one in worded]
    return json.loads(json.dumps(resources))  # type: ignore[no-any-return]


def known_before(definition: Instrument) -> Document:
    """Return what FHIR has no place for, or what it leaves to be decided."""
    document = definition.model_dump(mode="json")
    kept = ("kind", "licence", "recall_period", "scores", "examples", "value_sets")
    return {name: document[name] for name in kept}


def same(brought: Brought, definition: Instrument, worded: list[Wording]) -> None:
    """See that items, codes, order, texts and weights came back."""
    document = brought.binder.definition | known_before(definition)
    for one, before in zip(document["items"], definition.items, strict=True):
        one |= {"direction": before.direction, "missing_codes": before.missing_codes}
    for one in document["open_items"]:
        if one["type"] == "date":
            one["latest"] = getattr(definition.asked(one["id"]), "latest", None)
    after = Instrument.model_validate_json(json.dumps(document))
    assert after.pages == definition.pages
    assert after.in_order() == tuple(
        one.model_copy(update={"recode": getattr(after.asked(one.id), "recode", None)})
        if isinstance(one, Choice)
        else one
        for one in definition.in_order()
    )
    for one in definition.items:
        assert after.codes(after.item(one.id)) == definition.codes(one)
        assert after.values(one.id) == definition.values(one.id)
    for text, wording in zip(brought.binder.wordings, worded, strict=True):
        now = Wording.model_validate_json(json.dumps({**text, "credit": wording.credit}))
        lower = [one.id for one in definition.items if one.direction == "lower_is_better"]
        turned = {
            name: ends.model_copy(update={"best": ends.worst, "worst": ends.best})
            if name in lower
            else ends
            for name, ends in wording.anchors.items()
        }
        kept = {"revision": 1, "status": "unreviewed", "source": now.source, "anchors": turned}
        assert now == wording.model_copy(update={**kept, "scores": {}})


@pytest.mark.parametrize("dialect", ["plain", "helsenorge"])
def test_what_went_out_of_every_instrument_comes_in_the_same(dialect: Dialect) -> None:
    paths = shipped_definitions()
    assert len(paths) > 10
    for path in paths:
        definition = instrument(path)
        beside = [one for one in shipped_wordings() if one.parent.name == definition.id]
        worded = [Wording.model_validate(read(one)) for one in beside]
        same(fhir_in.bring(written(definition, worded, dialect)), definition, worded)


@pytest.mark.parametrize("dialect", ["plain", "helsenorge"])
def test_every_type_of_item_and_condition_comes_in_as_it_went_out(dialect: Dialect) -> None:
    paths = small_definitions()
    assert len(paths) > 30
    for path in paths:
        definition = instrument(path)
        worded = [Wording.model_validate(wording_for(read(path)))]
        same(fhir_in.bring(written(definition, worded, dialect)), definition, worded)


def test_without_texts_there_is_no_wording() -> None:
    brought = fhir_in.bring([questionnaire(instrument(shipped("who-5")), None, BASE)])
    assert brought.binder.wordings == ()
    assert len(brought.binder.definition["items"]) == 5


def said(brought: Brought) -> str:
    return "\n".join(map(str, brought.decisions))


def form(*items: Document, **more: Any) -> Document:
    """Return a Questionnaire of some items."""
    facts = {"resourceType": "Questionnaire", "language": "en", "title": "Sleep", "status": "draft"}
    return {**facts, "item": list(items), **more}


def bring(*items: Document, **more: Any) -> Brought:
    return fhir_in.bring([form(*items, **more)])


def value_set(url: str, *include: Document, **more: Any) -> Document:
    return {"resourceType": "ValueSet", "url": url, "compose": {"include": [*include], **more}}


def worth(value: float) -> Document:
    return {"url": ORDINAL, "valueDecimal": value}


def coded(*codes: str, **worths: float) -> list[Document]:
    """Return options of some codes, each called by its code; `c1=2` is the worth of code 1."""
    return [
        {
            "valueCoding": {
                "code": code,
                "display": f"Answer {code}",
                "extension": [worth(worths[f"c{code}"])] if f"c{code}" in worths else [],
            }
        }
        for code in codes
    ]


def pick(link_id: str, *codes: str, **more: Any) -> Document:
    options = coded(*(codes or ("0", "1", "2")))
    return {"linkId": link_id, "type": "choice", "text": link_id, "answerOption": options, **more}


def formula(code: str) -> list[Document]:
    return [{"system": FORMULA, "code": code}, {"system": "http://ehelse.no/Score", "code": "s"}]


def control(code: str) -> Document:
    concept = {"coding": [{"code": code}]}
    return {"url": f"{HL7}/questionnaire-itemControl", "valueCodeableConcept": concept}


def hl7(name: str, **value: object) -> Document:
    return {"url": f"{HL7}/{name}", **{f"value{kind}": one for kind, one in value.items()}}


def test_a_form_of_helsenorge_comes_in_with_its_sets_scores_and_translations() -> None:
    def in_(language: str, yes: str, text: str) -> Document:
        concepts = [
            {"code": "1", "display": yes, "extension": [worth(4)]},
            {"code": "2", "display": "Nei" if yes == "Ja" else "No", "extension": [worth(0)]},
        ]
        inner = value_set("urn:11", {"system": "urn:oid:1", "concept": concepts}) | {"id": "11"}
        one = {"type": "choice", "code": formula("QS"), "answerValueSet": "#11"}
        first = {"linkId": "1.1", "text": text, **one}
        second = {"linkId": "2.1", "text": f"{text} 2", **one}
        score = {"type": "quantity", "readOnly": True, "text": "Sum"}
        part = {"linkId": "part", "code": formula("SS"), **score}
        groups: list[Document] = [
            {"linkId": "1", "type": "group", "text": "A", "item": [first]},
            {"linkId": "2", "type": "group", "item": [second, part]},
        ]
        total = {"linkId": "total", "code": formula("TS"), **score}
        return form(*groups, total, language=language, contained=[inner, {"resourceType": "X"}])

    entries = [in_("nb-NO", "Ja", "Sover du?"), in_("en-GB", "Yes", "Do you sleep?")]
    resource = {"resourceType": "Bundle", "entry": [{"resource": one} for one in entries]}
    definition, (bokmal, english), _ = fhir_in.bring([resource]).binder
    assert definition["option_sets"] == {"q1_1": [1, 2]}
    assert definition["recodes"] == {"q1_1": {"1": 4, "2": 0}}
    assert [one["items"] for one in definition["pages"]] == [["q1_1"], ["q2_1"]]
    assert definition["scores"] == [
        {"id": "part", "name": "Sum", "method": "sum", "items": ["q2_1"]},
        {"id": "total", "name": "Sum", "method": "sum", "items": ["q1_1", "q2_1"]},
    ]
    assert (bokmal["language"], bokmal["options"]["q1_1"]["1"]) == ("nb", "Ja")
    assert english["options"]["q1_1"] == {"1": "Yes", "2": "No"}
    assert english["items"]["q2_1"] == "Do you sleep? 2"
    told = said(fhir_in.bring([resource]))
    assert "linkId 1.1: became the id q1_1" in told
    assert "scores.total (linkId total): is by its code TS the sum of the items marked QS" in told
    assert "linkId 1.1, 2.1: does not say which end of its answers is the better one" in told


def test_translations_beside_a_text_become_wordings() -> None:
    parts = [{"url": "lang", "valueCode": "nb"}, {"url": "content", "valueString": "Sover du?"}]
    half = {"url": f"{HL7}/translation", "extension": parts[:1]}
    beside = {"extension": [{"url": f"{HL7}/translation", "extension": parts}, half]}
    named = {"code": "1", "display": "Yes", "designation": [{"language": "nb", "value": "Ja"}]}
    sets = value_set("urn:v", {"concept": [named, {"code": "2", "display": "No"}]})
    item = pick("q1", _text=beside, answerValueSet="urn:v|2") | {"text": "Do you sleep?"}
    item.pop("answerOption")
    english, bokmal = fhir_in.bring([form(item), sets]).binder.wordings
    assert (english["items"]["q1"], bokmal["items"]["q1"]) == ("Do you sleep?", "Sover du?")
    assert bokmal["options"]["q1"] == {"1": "Ja"}
    assert "title" not in bokmal


def test_older_forms_of_options_and_conditions_are_read() -> None:
    inner = [{"code": "1", "display": "Yes"}, {"code": "2", "display": "No"}]
    every = {"abstract": True, "display": "All", "contains": inner}
    reference = {"resourceType": "ValueSet", "id": "a", "expansion": {"contains": [every]}}
    when = [{"question": "q1", "answerCoding": {"code": "2"}}]
    older = {
        "linkId": "q2",
        "type": "choice",
        "option": [{"valueString": "A"}, {"valueInteger": 7}],
    }
    first = {"linkId": "q1", "type": "choice", "options": {"reference": "ValueSet/a"}}
    brought = fhir_in.bring([form(first, older | {"enableWhen": when}), reference])
    definition = brought.binder.definition
    assert definition["option_sets"] == {"q1": [1, 2], "q2": [1, 2]}
    assert definition["items"][1]["show_when"] == {"q1": [2]}
    assert brought.binder.wordings[0]["options"]["q2"] == {"1": "A", "2": "7"}
    assert "no numbers from 0 to 999; they became their places: A=1, 7=2" in said(brought)


def test_answers_with_foreign_codes_are_numbered_by_what_they_are_worth() -> None:
    options = [
        {"valueCoding": {"code": f"LA{n}", "display": f"{n}"}, "extension": [worth(n)]}
        for n in (3, 0)
    ]
    brought = bring(pick("q1", answerOption=options), pick("q2", answerOption=options))
    assert brought.binder.definition["option_sets"] == {"q1": [3, 0]}
    assert "recode" not in brought.binder.definition["items"][0]
    assert "they became what they are worth: LA3=3, LA0=0" in said(brought)


def test_pages_follow_the_texts_of_groups() -> None:
    def group(link_id: str, *items: Document, **more: Any) -> Document:
        return {"linkId": link_id, "type": "group", "item": list(items), **more}

    inner = group("b", pick("q2"), text="How often?")
    plain = group("c", pick("q3"), repeats=True)
    definition, (wording,), _ = bring(
        group("a", pick("q1"), inner, plain, text="This week:"), group("empty"), pick("q4")
    ).binder
    pages = [(one["id"], one["stem"], one["items"]) for one in definition["pages"]]
    assert pages == [
        ("a", True, ["q1"]),
        ("b", True, ["q2"]),
        ("a_2", True, ["q3"]),
        ("q4", False, ["q4"]),
    ]
    assert wording["stems"]["b"] == "This week:\nHow often?"


def test_texts_of_outer_groups_that_are_too_long_together_are_left_out() -> None:
    inner = {"linkId": "b", "type": "group", "text": "B" * 1_500, "item": [pick("q1")]}
    outer = {"linkId": "a", "type": "group", "text": "A" * 1_500, "item": [inner]}
    brought = bring(outer)
    assert brought.binder.wordings[0]["stems"] == {"b": "B" * 1_500}
    assert "linkId b: stands in groups whose texts are too long" in said(brought)


def test_conditions_of_a_group_hold_for_each_of_its_items_and_with_their_own() -> None:
    both = [
        {"question": "q1", "operator": "=", "answerCoding": {"code": "1"}},
        {"question": "pain", "operator": ">", "answerInteger": 8},
    ]
    slider = [control("slider"), hl7("minValue", Integer=0), hl7("maxValue", Integer=10)]
    pain = {"linkId": "pain", "type": "integer", "extension": slider}
    own = [{"question": "q1", "operator": "!=", "answerCoding": {"code": "0"}}]
    exists = [{"question": "sure", "operator": "exists", "answerBoolean": True}]
    true = [{"question": "sure", "operator": "=", "answerBoolean": True}]
    boolean = {"linkId": "sure", "type": "boolean"}
    within = {"linkId": "g", "type": "group", "enableWhen": both, "enableBehavior": "all"}
    definition = bring(
        pick("q1"),
        pain,
        boolean,
        {**within, "item": [pick("q2", enableWhen=own)]},
        pick("q3", enableWhen=exists),
        pick("q4", enableWhen=true),
    ).binder.definition
    shown = {one["id"]: one.get("show_when") for one in definition["items"]}
    assert shown["q2"] == {"q1": [1], "pain": [9, 10]}
    assert (shown["q3"], shown["q4"]) == ({"sure": [0, 1]}, {"sure": [1]})
    assert definition["items"][1]["type"] == "numeric_rating"
    assert definition["items"][2]["type"] == "yes_no"


def test_ends_and_units_are_read_from_what_stands_within_an_item() -> None:
    slider = [control("slider"), hl7("minValue", Integer=0), hl7("maxValue", Integer=100)]
    ends = [
        {"linkId": "e1", "type": "display", "text": "Best", "extension": [control("upper")]},
        {"linkId": "e2", "type": "display", "text": "Worst", "extension": [control("lower")]},
        {"linkId": "e3", "type": "display", "text": "More", "extension": [control("help")]},
    ]
    scale = {"linkId": "vas", "type": "integer", "extension": slider, "item": ends}
    unit = {"linkId": "u", "type": "display", "text": "kg", "extension": [control("unit")]}
    limits = [hl7("minValue", Decimal=0.5), hl7("maxValue", Decimal=300)]
    weight = {"linkId": "kg", "type": "decimal", "extension": limits, "item": [unit]}
    coding = hl7("questionnaire-unit", Coding={"code": "cm"})
    height = {"linkId": "cm", "type": "quantity", "extension": [coding]}
    brought = bring(scale, weight, height)
    (wording,) = brought.binder.wordings
    assert wording["anchors"] == {"vas": {"best": "Best", "worst": "Worst"}}
    assert wording["units"] == {"kg": "kg", "cm": "cm"}
    assert brought.binder.definition["open_items"][0] == {
        "id": "kg", "type": "number", "least": 0.5, "most": 300, "decimals": 3
    }  # fmt: skip
    assert "linkId e3: is a text beside the questions (help); it is left out" in said(brought)
    assert "linkId cm: does not say what is plausible" in said(brought)


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


def test_scripts_and_signs_are_texts_like_any_other() -> None:
    brought = bring(pick("\x1b[31m<b>", text="<script>alert(1)</script>"))
    assert brought.binder.definition["items"][0]["id"] == "q31m_b"
    assert brought.binder.wordings[0]["items"] == {"q31m_b": "<script>alert(1)</script>"}


def test_ids_are_made_legal_and_a_legal_one_is_kept_by_its_own_item() -> None:
    uuid = "5c8d1f0e-9c1b-4c62-9e19-2f6a5b7f6a10"
    links = ["Q1", "q1", "1.2", uuid, "ø", "æ", "_"]
    definition = bring(*map(pick, links)).binder.definition
    ids = [one["id"] for one in definition["items"]]
    assert ids == ["q1_2", "q1", "q1_2_2", "q4", "q", "q_2", "q_3"]


def test_facts_are_carried_as_far_as_they_are_told() -> None:
    more = {"url": "http://x/q", "version": "2021-03", "publisher": "P", "copyright": "C"}
    unread = {"purpose": "p", "extension": [hl7("variable", Expression={})]}
    brought = bring(pick("q1"), name="SleepQuality", title=None, language=None, **more, **unread)
    definition, (wording,), _ = brought.binder
    assert (definition["id"], definition["version"]) == ("sleep-quality", "1.0")
    assert definition["licence"] == {"holder": "P", "terms": "C"}
    assert (wording["language"], wording["credit"]) == ("und", "C")
    told = said(brought)
    assert "id: was made sleep-quality, of SleepQuality" in told
    assert "version: is 2021-03; 1.0 was written" in told
    assert "Questionnaire: says purpose, variable; it is not read" in told
    assert "language: is not told; und was written" in told
    nameless = bring(pick("q1"), title=None).binder.definition
    assert "name" not in nameless
    assert nameless["id"] == "questionnaire"


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


SAMPLE = bundle(
    instrument(shipped("eq-5d-5l")),
    [Wording.model_validate(read(shipped("eq-5d-5l").with_name("1.0.nb.json")))],
    BASE,
)
VALUES: Any = (
    st.none() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({}) | st.just([{}])
)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_changed_in_a_resource_it_is_read_or_refused(data: st.DataObject) -> None:
    resource = json.loads(json.dumps(SAMPLE))
    here: Any = resource
    while isinstance(here, dict | list) and here:
        key = data.draw(st.sampled_from([*(here if isinstance(here, dict) else range(len(here)))]))
        if data.draw(st.integers(0, 4)) == 0 or not isinstance(here[key], dict | list):
            here[key] = data.draw(VALUES)
            break
        here = here[key]
    try:
        brought = fhir_in.bring([resource])
    except NotValid as error:
        assert error.problems  # noqa: PT017
    else:
        json.dumps(brought.binder, allow_nan=False)
        assert brought.decisions

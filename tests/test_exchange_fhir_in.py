"""FHIR comes in: what we wrote comes back the same, and what others write is read."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exchange import fhir_in
from app.exchange.binder import Brought
from app.exchange.fhir_out import Dialect, bundle, questionnaire
from app.exchange.fhir_terms import HL7, ORDINAL
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
    worth,
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


def test_a_worth_is_the_same_whether_it_is_a_whole_number_or_a_decimal() -> None:
    whole = [
        {**one, "extension": [{"url": ORDINAL, "valueInteger": n}]}
        for n, one in enumerate(coded("1", "2"), start=4)
    ]
    decimal = coded("1", "2", c1=4, c2=5)
    definition = bring(
        pick("q1", answerOption=whole), pick("q2", answerOption=decimal)
    ).binder.definition
    assert definition["recodes"] == {"q1": {"1": 4, "2": 5}}
    assert [one["recode"] for one in definition["items"]] == ["q1", "q1"]


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

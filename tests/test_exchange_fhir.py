"""FHIR: every instrument goes out valid, with its items, codes, order, texts and weights."""

import json
import re
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire

from app.exchange.fhir_out import Dialect, bundle, questionnaire
from app.exchange.fhir_terms import CONTROL, HL7, ORDINAL, WEIGHT
from scoring import Instrument, Wording
from scoring.item import Choice, MultipleChoice, Scale
from tests.documents import (
    Document,
    instrument,
    read,
    shipped,
    shipped_wordings,
    small_definitions,
)

BASE = "https://svar.example.org"


def valid(resource: Document) -> Document:
    """Return a resource that the models of FHIR accept, and that is the same when they wrote it."""
    model = Bundle if resource["resourceType"] == "Bundle" else Questionnaire
    text = json.dumps(resource)
    assert json.loads(model.model_validate_json(text).model_dump_json()) == json.loads(text)
    return resource


CODES = {
    "type": [
        "group",
        "display",
        "boolean",
        "decimal",
        "integer",
        "date",
        "string",
        "text",
        "choice",
    ],
    "operator": ["="],
    "enableBehavior": ["all", "any"],
    "status": ["draft", "active", "retired", "unknown"],
}
"""The codes that FHIR allows, by field; those of the fields that we write."""

CONTROLS = {"slider": "integer", "upper": "display", "lower": "display"}
"""The codes of item controls that we write, each with the type of item that it is for."""


def bound(resource: Document) -> Document:
    """Return a Questionnaire whose codes and fields go together as FHIR asks, beyond its models."""
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", resource["name"])
    assert resource["status"] in CODES["status"]
    seen: list[str] = []
    waiting = list(resource["item"])
    while waiting:
        item = waiting.pop(0)
        waiting = [*item.get("item", ()), *waiting]
        kind = item["type"]
        assert kind in CODES["type"]
        assert kind != "group" or item["item"]
        assert kind != "display" or not item.keys() & {"item", "code", "required", "repeats"}
        assert ("answerOption" in item) == (kind == "choice")
        assert "maxLength" not in item or kind in ("string", "text")
        assert item["linkId"] not in seen
        conditions_are_bound(item, seen)
        extensions_are_bound(item)
        seen.append(item["linkId"])
    return resource


def conditions_are_bound(item: Document, before: list[str]) -> None:
    conditions = item.get("enableWhen", [])
    for one in conditions:
        assert one["question"] in before
        assert one["operator"] in CODES["operator"]
        assert len(one.keys() & {"answerCoding", "answerInteger"}) == 1
    assert ("enableBehavior" in item) == (len(conditions) > 1)
    assert item.get("enableBehavior", "any") in CODES["enableBehavior"]


def extensions_are_bound(item: Document) -> None:
    for one in item.get("extension", ()):
        name = one["url"].removeprefix(f"{HL7}/")
        if name == "questionnaire-itemControl":
            (coding,) = one["valueCodeableConcept"]["coding"]
            assert coding["system"] == CONTROL
            assert CONTROLS[coding["code"]] == item["type"]
        if name == "questionnaire-choiceOrientation":
            assert one["valueCode"] in ("horizontal", "vertical")


def asked(resource: Document) -> list[Document]:
    """Return what is asked, in order, groups and the ends of scales left out."""
    found: list[Document] = []
    waiting = list(resource["item"])
    while waiting:
        item = waiting.pop(0)
        if item["type"] == "group":
            waiting = [*item["item"], *waiting]
        else:
            found.append(item)
    return found


def worth(option: Document, url: str) -> Any:
    extensions = [*option.get("extension", ()), *option["valueCoding"].get("extension", ())]
    return next((one["valueDecimal"] for one in extensions if one["url"] == url), None)


@pytest.mark.parametrize("dialect", ["plain", "helsenorge"])
def test_items_codes_order_texts_and_weights_of_every_wording_go_out(dialect: Dialect) -> None:
    paths = shipped_wordings()
    assert len(paths) > 15
    for path in paths:
        wording = Wording.model_validate(read(path))
        definition = instrument(path.with_name(f"{wording.version}.json"))
        resource = bound(valid(questionnaire(definition, wording, BASE, dialect)))
        items = asked(resource)
        assert [one["linkId"] for one in items] == [one.id for one in definition.in_order()]
        for written in items:
            same(written, definition, wording, ORDINAL if dialect == "helsenorge" else WEIGHT)


def same(written: Document, definition: Instrument, wording: Wording, url: str) -> None:
    item = definition.asked(written["linkId"])
    assert written["text"] == wording.items[item.id]
    if isinstance(item, Scale):
        ends = {one["linkId"].split(".")[1]: one["text"] for one in written["item"]}
        best = "lower" if item.direction == "lower_is_better" else "upper"
        assert ends.pop(best) == wording.anchors[item.id].best
        assert [*ends.values()] == [wording.anchors[item.id].worst]
    elif isinstance(item, Choice):
        options = {int(one["valueCoding"]["code"]): one for one in written["answerOption"]}
        assert [*options] == [*definition.codes(item)]
        for code, option in options.items():
            assert option["valueCoding"]["display"] == wording.options[item.options][code]
            counts = code in definition.scored_codes(item)
            assert worth(option, url) == (definition.value(item, code) if counts else None)


def test_every_type_of_item_goes_out_valid_without_a_wording_too() -> None:
    seen: set[str] = set()
    for path in small_definitions():
        definition = instrument(path)
        items = asked(bound(valid(questionnaire(definition, None, BASE))))
        assert [one["linkId"] for one in items] == [one.id for one in definition.in_order()]
        assert not any("text" in one for one in items)
        seen |= {one.type for one in definition.in_order()}
        for one in definition.in_order():
            if isinstance(one, MultipleChoice) and one.alone:
                seen.add("alone")
    assert len(seen) == 11


def with_items(*items: Document, **more: Any) -> Instrument:
    document = read(shipped("who-5"))
    names = [one["id"] for one in items]
    page = {"id": "more", "stem": False, "items": names}
    document |= {"open_items": items, "pages": [*document["pages"], page]}
    return Instrument.model_validate(document)


def test_conditions_go_out_one_within_the_other() -> None:
    text = {"type": "long_text", "most_characters": 9}
    definition = with_items(
        {"id": "pain", "type": "number", "least": 0, "most": 9.5},
        {"id": "why", **text, "show_when": {"q1": [1, 2], "q2": [3]}},
        {"id": "born", "type": "date", "earliest": "1900-01-01", "latest": "today"},
    )
    wording = Wording.model_validate(read(shipped("who-5").with_name("1.0.en.json")))
    wording = wording.model_copy(update={"units": {"pain": "kg"}})
    resource = valid(questionnaire(definition, wording, BASE))
    pain, outer, born = resource["item"][1]["item"]
    system = f"{BASE}/api/v1/instruments/who-5/1.0/options/time"
    assert outer["enableWhen"][1]["answerCoding"] == {"system": system, "code": "2"}
    assert outer["enableBehavior"] == "any"
    (inner,) = outer["item"]
    assert (inner["linkId"], len(inner["enableWhen"])) == ("why", 1)
    assert pain["extension"][-1]["valueCoding"] == {"display": "kg"}
    assert [one["valueDate"] for one in born["extension"]] == ["1900-01-01"]


def test_a_scale_conditions_by_its_number() -> None:
    document = read(shipped("who-5"))
    first, *others = document["items"]
    scale = {"id": "q1", "type": "numeric_rating", "direction": "lower_is_better"}
    items = [scale, others[0] | {"show_when": {"q1": [7]}}, *others[1:]]
    definition = Instrument.model_validate(document | {"items": items})
    written = asked(valid(questionnaire(definition, None, BASE)))[1]
    assert written["enableWhen"] == [{"question": "q1", "operator": "=", "answerInteger": 7}]
    assert first["id"] == "q1"


def test_translations_go_out_as_a_bundle() -> None:
    paths = [path for path in shipped_wordings() if path.parent.name == "rand-12"]
    worded = [Wording.model_validate(read(path)) for path in paths]
    resource = valid(bundle(instrument(shipped("rand-12")), worded, BASE))
    languages = [one["resource"]["language"] for one in resource["entry"]]
    assert languages == ["en-GB", "nb-NO"]
    (first, *_) = asked(resource["entry"][0]["resource"])
    assert [one["code"] for one in first["code"]] == ["score", "QS"]

"""Questionnaires of FHIR as the tests write them: items, options, value sets, extensions."""

from typing import Any

from app.exchange import fhir_in
from app.exchange.binder import Brought
from app.exchange.fhir_terms import FORMULA, HL7, ORDINAL
from tests.documents import Document


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

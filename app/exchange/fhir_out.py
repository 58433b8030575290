"""A questionnaire as a FHIR R4 Questionnaire, plain or in the dialect that Helsenorge reads.

Options carry what they are worth (`itemWeight`); how scores are made of it stands in our
definition, which the resource links to. FHIR has no place for the rest of it.
"""

from collections.abc import Sequence
from typing import Any, Literal, assert_never

from app.exchange.fhir_terms import CONTROL, HL7, ORDINAL, REGIONS, SCORED, WEIGHT
from app.papers import Document
from scoring import Instrument, Wording
from scoring.item import (
    AnyItem,
    Choice,
    Date,
    FreeText,
    MultipleChoice,
    Quantity,
    Scale,
    Statement,
)

Dialect = Literal["plain", "helsenorge"]


def bundle(instrument: Instrument, wordings: Sequence[Wording], base: str) -> Document:
    """Return a Bundle of one Questionnaire a language, as Helsenorge reads translations."""
    some = [questionnaire(instrument, one, base, "helsenorge") for one in wordings]
    entries = [{"resource": one} for one in some]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def questionnaire(
    instrument: Instrument, wording: Wording | None, base: str, dialect: Dialect = "plain"
) -> Document:
    """Return a Questionnaire in one language; without a wording, one without the items' texts.

    `base` is the service's address, below which the definition is found.
    """
    url = f"{base}/api/v1/instruments/{instrument.id}/{instrument.version}"
    writer = _Writer(instrument, wording, url, dialect)
    said = {
        "resourceType": "Questionnaire",
        "id": f"{instrument.id}-{instrument.version}",
        "language": _language(wording, dialect),
        "extension": [_link(url)],
        "url": url,
        "version": instrument.version,
        "name": f"Instrument_{instrument.id.replace('-', '_')}",
        "title": wording.title if wording else instrument.name,
        "status": "active",
        "publisher": instrument.licence.holder,
        "description": f"{instrument.name}. {instrument.source}",
        "copyright": f"{instrument.licence.credit} {instrument.licence.terms}",
        "item": [writer.page(page.id, page.items, stem=page.stem) for page in instrument.pages],
    }
    return {name: one for name, one in said.items() if one is not None}


def _language(wording: Wording | None, dialect: Dialect) -> str | None:
    if wording is None or dialect == "plain":
        return wording.language if wording else None
    return REGIONS.get(wording.language, wording.language)


def _link(url: str) -> Document:
    """Return the link to our definition, by which scores are made."""
    artifact = {"type": "documentation", "label": "Scoring", "url": url}
    return {"url": f"{HL7}/artifact-relatedArtifact", "valueRelatedArtifact": artifact}


class _Writer:
    """Writes the items of one Questionnaire; `texts` are those of its wording, if any."""

    def __init__(
        self, instrument: Instrument, wording: Wording | None, url: str, dialect: Dialect
    ) -> None:
        self.instrument, self.url, self.dialect = instrument, url, dialect
        self.texts = wording.model_dump() if wording else {}

    def _text(self, *path: Any) -> Document:
        """Return the text at a path of the wording as the field `text`; nothing if none is."""
        found: Any = self.texts
        for part in path:
            found = found.get(part, {})
        return {"text": found} if found else {}

    def page(self, name: str, items: Sequence[str], *, stem: bool) -> Document:
        """Return the group of a page."""
        asked = [self._item(self.instrument.asked(one)) for one in items]
        text = self._text("stems", name) if stem else {}
        return {"linkId": f"page.{name}", **text, "type": "group", "item": asked}

    def _item(self, item: AnyItem) -> Document:
        """Return an item, within a group for each condition beyond what one item may have."""
        name = item.id
        written = {"linkId": name, **self._text("items", name), **self._typed(item)}
        if self.dialect == "helsenorge" and isinstance(item, Choice):
            written["code"] = [*SCORED]
        *outer, inner = item.show_when or [None]
        if inner is not None:
            written |= self._when(inner, item.show_when[inner])
        for other in outer:
            group = {"linkId": f"when.{name}.{other}", "type": "group", "item": [written]}
            written = group | self._when(str(other), item.show_when[str(other)])
        return written

    def _when(self, name: str, codes: Sequence[int]) -> Document:
        """Return the condition that an earlier item has one of some codes."""
        earlier = self.instrument.asked(name)
        key = "answerInteger" if isinstance(earlier, Scale) else "answerCoding"
        conditions: list[Document] = [
            {
                "question": name,
                "operator": "=",
                key: code if isinstance(earlier, Scale) else self._coding(earlier, code),
            }
            for code in codes
        ]
        behaviour = {"enableBehavior": "any"} if len(codes) > 1 else {}
        return {"enableWhen": conditions, **behaviour}

    def _coding(self, item: AnyItem, code: int) -> Document:
        options = item.options if isinstance(item, Choice | MultipleChoice) else ""
        return {"system": f"{self.url}/options/{options}", "code": str(code)}

    def _typed(self, item: AnyItem) -> Document:
        match item:
            case Choice() | MultipleChoice():
                return self._choice(item)
            case Scale():
                ends = [
                    _extension("minValue", Integer=0),
                    _extension("maxValue", Integer=item.most),
                ]
                slider = _control("slider")
                return {"type": "integer", "extension": [slider, *ends], **self._anchors(item)}
            case Quantity():
                return self._quantity(item)
            case Date():
                days = {"minValue": item.earliest, "maxValue": item.latest}
                fixed = {end: day for end, day in days.items() if day not in (None, "today")}
                limits = [_extension(end, Date=day) for end, day in fixed.items()]
                return {"type": "date", **({"extension": limits} if limits else {})}
            case FreeText():
                kind = "text" if item.type == "long_text" else "string"
                return {"type": kind, "maxLength": item.most_characters}
            case Statement():
                return {"type": "display"}
            case _:
                assert_never(item)

    def _choice(self, item: Choice | MultipleChoice) -> Document:
        options = [self._option(item, code) for code in self.instrument.codes(item)]
        side = [_extension("questionnaire-choiceOrientation", Code="horizontal")]
        beside = {"extension": side} if item.type == "yes_no" else {}
        many = {"repeats": True} if isinstance(item, MultipleChoice) else {}
        return {**beside, "type": "choice", **many, "answerOption": options}

    def _option(self, item: Choice | MultipleChoice, code: int) -> Document:
        text = self._text("options", item.options, code)
        coding: Document = self._coding(item, code) | ({"display": text["text"]} if text else {})
        if isinstance(item, MultipleChoice):
            alone = [_extension("questionnaire-optionExclusive", Boolean=True)]
            return {**({"extension": alone} if code in item.alone else {}), "valueCoding": coding}
        if code in item.not_applicable:
            return {"valueCoding": coding}
        worth = self.instrument.value(item, code)
        if self.dialect == "helsenorge":
            coding["extension"] = [{"url": ORDINAL, "valueDecimal": worth}]
        return {"extension": [{"url": WEIGHT, "valueDecimal": worth}], "valueCoding": coding}

    def _anchors(self, item: Scale) -> Document:
        """Return what stands at the two ends of a scale; the better end may be the lower one."""
        upper, lower = ("worst", "best")
        if item.direction != "lower_is_better":
            upper, lower = lower, upper
        ends = [
            {"linkId": f"{item.id}.{end}", **text, "type": "display", "extension": [_control(end)]}
            for end, which in (("upper", upper), ("lower", lower))
            if (text := self._text("anchors", item.id, which))
        ]
        return {"item": ends} if ends else {}

    def _quantity(self, item: Quantity) -> Document:
        extensions = [
            _extension("minValue", Decimal=item.least),
            _extension("maxValue", Decimal=item.most),
            _extension("maxDecimalPlaces", Integer=item.decimals),
        ]
        if unit := self._text("units", item.id):
            extensions.append(_extension("questionnaire-unit", Coding={"display": unit["text"]}))
        return {"type": "decimal", "extension": extensions}


def _extension(name: str, **value: object) -> Document:
    """Return one of HL7's extensions with its value, such as `Integer=0`."""
    return {"url": f"{HL7}/{name}", **{f"value{kind}": one for kind, one in value.items()}}


def _control(code: str) -> Document:
    coding = [{"system": CONTROL, "code": code}]
    return _extension("questionnaire-itemControl", CodeableConcept={"coding": coding})

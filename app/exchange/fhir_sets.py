"""Option sets and recodes, each kept once, and named as FHIR or its first item names it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.exchange.fhir_forms import Texts
from app.exchange.fhir_notes import Names, short
from app.exchange.fhir_options import Offered
from app.papers import Document

OURS = re.compile(r"/api/v1/instruments/[a-z0-9-]+/[0-9.]+/options/([a-z][a-z0-9_]*)$")
"""The system of the codes that we wrote ourselves, which ends in the option set's name."""

NUMBERED = "has codes of answers that are no numbers from 0 to 999; they became {}: {}"
SHOWN = 8
"""How many codes a decision names."""


class Coded(NamedTuple):
    """Answers by FHIR's own code of them, each with the number that it has here."""

    codes: dict[str, int]
    note: str | None


def coded(answers: Sequence[Offered]) -> Coded:
    """Return the numbers of some answers: their codes, or else what they are worth, or 1, 2, 3 …"""
    keys = [one.key for one in answers]
    if all(re.fullmatch("0|[1-9][0-9]{0,2}", key) for key in keys):
        return Coded({key: int(key) for key in keys}, None)
    if keys == ["true", "false"]:
        return Coded({"true": 1, "false": 0}, "is true or false, which became 1 and 0")
    worths = [one.worth for one in answers]
    whole = [int(one) for one in worths if one is not None and 0 <= one <= 999 and one % 1 == 0]
    if len(set(whole)) == len(keys):
        return _numbered(keys, whole, "what they are worth")
    return _numbered(keys, range(1, len(keys) + 1), "their places")


def _numbered(keys: Sequence[str], numbers: Sequence[int], how: str) -> Coded:
    codes = dict(zip(keys, numbers, strict=True))
    told = [f"{short(key)}={number}" for key, number in codes.items()]
    more = ["…"] if len(told) > SHOWN else []
    return Coded(codes, NUMBERED.format(how, ", ".join([*told[:SHOWN], *more])))


class Kept:
    """The option sets, their texts by language, and the recodes of one questionnaire."""

    def __init__(self) -> None:
        self.option_sets: dict[str, list[int]] = {}
        self.texts: dict[str, dict[int, Texts]] = {}
        self.recodes: dict[str, dict[str, float]] = {}
        self._names, self._recode_names = Names("options"), Names("recode")
        self._by_content: dict[object, str] = {}

    def options(self, item_id: str, answers: Sequence[Offered], codes: dict[str, int]) -> str:
        """Return the name of an option set with these answers."""
        ours = {found[1] for one in answers if (found := OURS.search(one.system))}
        own = next(iter(ours)) if len(ours) == 1 else ""
        said = {codes[one.key]: one.texts for one in answers}
        content = (own, *((code, *sorted(texts.items())) for code, texts in said.items()))
        if content not in self._by_content:
            name = self._names.name(own or item_id)
            self._by_content[content] = name
            self.option_sets[name], self.texts[name] = list(said), said
        return self._by_content[content]

    def recode(self, options: str, worths: dict[int, float]) -> str | None:
        """Return the name of a recode by which codes are worth this; None where they are so."""
        if all(code == worth for code, worth in worths.items()):
            return None
        plain = {str(c): int(w) if float(w).is_integer() else w for c, w in worths.items()}
        content = ("recode", *plain.items())
        if content not in self._by_content:
            name = self._recode_names.name(options)
            self._by_content[content] = name
            self.recodes[name] = plain
        return self._by_content[content]


def choice(item: Document, answers: Sequence[Offered], kept: Kept) -> list[str]:
    """Write the options, worths and codes apart of a choice; return what is to be decided."""
    codes, note = coded(answers)
    item["options"] = kept.options(item["id"], answers, codes)
    notes = [note] if note else []
    worths = {codes[one.key]: one.worth for one in answers if one.worth is not None}
    if item["type"] == "multiple_choice":
        if alone := [codes[one.key] for one in answers if one.alone]:
            item["alone"] = alone
        if worths:
            notes.append("has answers that are worth something; a choice of several is not scored")
        return notes
    if not worths:
        return [*notes, "does not say what its answers are worth; each counts as its code"]
    if recode := kept.recode(item["options"], worths):
        item["recode"] = recode
    if apart := [codes[one.key] for one in answers if one.worth is None]:
        item["not_applicable"] = apart
        listed = " ".join(map(str, apart))
        notes.append(f"has answers without a worth; they were taken as not applicable: {listed}")
    return notes

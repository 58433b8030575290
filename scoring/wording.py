"""A wording: every sentence that a patient reads of one questionnaire, in one language."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field

from scoring.instrument import Instrument
from scoring.item import (
    Choice,
    CodeKey,
    Document,
    Kebab,
    Name,
    Quantity,
    Text,
    Version,
)
from scoring.problem import Problem

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""An ISO 639 language code: nb, nn, en, se, pl."""


class Anchors(Document):
    """What stands at the two ends of a scale: at the better one, and at the worse one."""

    best: Text
    worst: Text


class Wording(Document):
    """The texts of one instrument version in one language, and where they come from.

    `status` is `official` (the holder's own or an approved translation), `unreviewed` (a
    translation that nobody has approved) or `placeholder` (not the questionnaire's own words at
    all). A correction of the texts is a new `revision`.
    """

    instrument: Kebab
    version: Version
    language: Language
    revision: Annotated[int, Field(ge=1)]
    status: Literal["official", "unreviewed", "placeholder"]
    source: Text
    credit: Text
    title: Text
    stems: dict[Name, Text]
    items: dict[Name, Text]
    options: dict[Name, dict[CodeKey, Text]]
    anchors: dict[Name, Anchors]
    units: Annotated[dict[Name, Text], Field(default_factory=dict)]


def wording_problems(wording: Wording, instrument: Instrument) -> Iterator[Problem]:
    """Yield whatever a wording lacks, or has too much, for its instrument's definition."""
    of = (instrument.id, instrument.version)
    if (wording.instrument, wording.version) != of:
        yield Problem("instrument", f"is a wording of another definition than {' '.join(of)}")
    scales = {item.id for item in instrument.items if not isinstance(item, Choice)}
    numbers = {item.id for item in instrument.open_items if isinstance(item, Quantity)}
    asked = {item.id for item in (*instrument.items, *instrument.open_items)}
    yield from _differ("items", wording.items, asked)
    yield from _differ("units", wording.units, numbers)
    yield from _differ("stems", wording.stems, {p.id for p in instrument.pages if p.stem})
    yield from _differ("anchors", wording.anchors, scales)
    yield from _differ("options", wording.options, instrument.option_sets)
    for name in sorted(wording.options.keys() & instrument.option_sets.keys()):
        codes, texts = instrument.option_sets[name], wording.options[name]
        yield from _differ(f"options.{name}", texts, codes)
        for text, times in Counter(texts.values()).items():
            if times > 1:
                yield Problem(
                    f"options.{name}", f"{text!r} stands for {times} codes; tell them apart"
                )


def _differ(path: str, given: Collection[object], wanted: Collection[object]) -> Iterator[Problem]:
    have, need = {str(name) for name in given}, {str(name) for name in wanted}
    for missing in sorted(need - have):
        yield Problem(f"{path}.{missing}", "has no text, and the definition needs one; write it")
    for extra in sorted(have - need):
        yield Problem(f"{path}.{extra}", "is not in the definition; remove it or mend its name")

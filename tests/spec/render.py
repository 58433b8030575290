"""Writes the scoring specification as a page: what the tests run is what people read."""

import re
from collections.abc import Iterator
from types import ModuleType

from scoring.explain import Explained, explain
from scoring.instrument import (
    Instrument,
    MaxMissing,
    MinAnswered,
    OfItems,
    Score,
)
from tests.documents import scorer, shipped
from tests.spec.chapters import CHAPTERS
from tests.spec.tables import UNANSWERED, Section

INTRODUCTION = """\
# How Svar scores

Every number that Svar gives can be made again from this page with pen and paper. The tables are
tests: each row is run each time Svar is built. `svar explain` shows the same arithmetic for a
person of your own.

Missing is never zero: where a score cannot be given there is none. Values stand in full precision;
round them only to show them.
"""

WORDS = {"-": "–", "null": "no score", "refused": "refused"}
MISSING = {"all": "all items", "half": "at least half", "any": "at least one"}


def page() -> str:
    """Return the whole page as Markdown."""
    lines = [INTRODUCTION, *(f"- [{c.TITLE}](#{_anchor(c.TITLE)})" for c in CHAPTERS)]
    for chapter in CHAPTERS:
        lines += ["", *_chapter(chapter)]
    return "\n".join(lines) + "\n"


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def _chapter(chapter: ModuleType) -> Iterator[str]:
    yield f"## {chapter.TITLE}"
    yield ""
    yield str(chapter.__doc__).strip()
    if chapter.INSTRUMENT:
        yield from _facts(scorer(shipped(chapter.INSTRUMENT)).instrument)
    for section in chapter.SECTIONS:
        yield from ("", f"### {section.title}", "", section.rule, "", *_table(section))
    if chapter.INSTRUMENT:
        yield from _worked(chapter.INSTRUMENT)


def _facts(instrument: Instrument) -> Iterator[str]:
    licence = instrument.licence
    yield ""
    yield f"- **Definition**: `{instrument.id}` {instrument.version}, {len(instrument.items)} items"
    yield f"- **Source**: {instrument.source}"
    yield f"- **Asks about**: {instrument.recall_period}"
    yield f"- **Licence**: {licence.status}; {licence.holder}. {licence.terms}"
    yield f"- **Credit**: {licence.credit}"
    yield ""
    yield "| score | what it is | range | given when | source |"
    yield "| --- | --- | --- | --- | --- |"
    for score in instrument.scores:
        low, high = score.range
        better = {"higher_is_better": ", higher is better", "lower_is_better": ", lower is better"}
        ends = f"{low:g} to {high:g}{better.get(score.direction, '')}"
        yield f"| `{score.id}` | {score.name} | {ends} | {_given_when(score)} | {score.source} |"


def _given_when(score: Score) -> str:
    if not isinstance(score, OfItems):
        return "everything under it is there"
    match score.missing:
        case MinAnswered():
            rule = f"at least {score.missing.min_answered} of its {len(score.items)} items"
        case MaxMissing():
            rule = f"at most {score.missing.max_missing} of its {len(score.items)} items missing"
        case _:
            rule = f"{MISSING[score.missing]} of {len(score.items)}"
    others = ", ".join(score.missing_options)
    return f"{rule} (or by: {others})" if others else rule


def _table(section: Section) -> Iterator[str]:
    columns, *lines = [line.strip() for line in section.table.strip().splitlines()]
    items, scores = (part.split() for part in columns.split("|"))
    yield f"| {' | '.join([*items, *(name.replace('.', ' ') for name in scores)])} |"
    yield f"|{' ---: |' * (len(items) + len(scores))}"
    for line in lines:
        cells = line.replace("|", " ").split()
        yield f"| {' | '.join(WORDS.get(cell, cell) for cell in cells)} |"
    if section.rest != UNANSWERED:
        yield from ("", f"All other items are {section.rest.text}.")
    if section.missing_rule:
        yield from ("", f"Asked for with the missing rule `{section.missing_rule}`.")


def _worked(instrument_id: str) -> Iterator[str]:
    """Tell one score of each method, for the example in which there is most to tell."""
    subject = scorer(shipped(instrument_id))
    yield from ("", "### A worked example of each kind", "")
    for method in dict.fromkeys(score.method for score in subject.instrument.scores):
        (score, *_) = (one for one in subject.instrument.scores if one.method == method)
        given = [e for e in subject.instrument.examples if e.expected.get(score.id) is not None]
        example = max(given, key=lambda one: len(set(one.answers.values())))
        (told,) = (one for one in explain(subject, example.answers) if one.score.id == score.id)
        yield f"`{score.id}` of “{example.name}”:"
        yield from ("", "```text", *_steps(told), "```", "")


def _steps(told: Explained) -> Iterator[str]:
    yield from told.told.steps
    band = told.given.get("band")
    yield f"{told.score.id} = {told.given['value']:.10g}" + (f" ({band})" if band else "")

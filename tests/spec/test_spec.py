"""Runs every row of every chapter of the scoring specification."""

from pathlib import Path
from types import ModuleType

import pytest

from scoring import NotAnAnswer
from tests.documents import (
    SMALL,
    instrument,
    scorer,
    shipped,
    shipped_definitions,
    small_definitions,
)
from tests.spec import render
from tests.spec.chapters import CHAPTERS
from tests.spec.tables import Expected, Row, Section, rows

pytestmark = pytest.mark.uncounted

TOLERANCE = 1e-9
OF_INSTRUMENTS = [chapter for chapter in CHAPTERS if chapter.INSTRUMENT]
OF_THE_VOCABULARY = [chapter for chapter in CHAPTERS if not chapter.INSTRUMENT]


def definition(chapter: ModuleType, section: Section) -> Path:
    """Return the definition that a section is about."""
    if section.instrument:
        return SMALL / f"{section.instrument}.json"
    return shipped(chapter.INSTRUMENT)


CASES = [
    pytest.param(
        definition(chapter, section),
        section,
        row,
        id=f"{chapter.TITLE}: {section.title}: {row.line}",
    )
    for chapter in CHAPTERS
    for section in chapter.SECTIONS
    for row in rows(section)
]


def test_every_shipped_instrument_has_its_chapter() -> None:
    chapters = [chapter.INSTRUMENT for chapter in OF_INSTRUMENTS]
    assert sorted(chapters) == [path.parent.name for path in shipped_definitions()]


def test_the_vocabulary_tells_of_every_small_definition_that_is_about_scoring() -> None:
    told = {section.instrument for chapter in OF_THE_VOCABULARY for section in chapter.SECTIONS}
    assert all(chapter.__doc__ for chapter in OF_THE_VOCABULARY)
    unscored = {"pages", "multiple-choice", "number", "date", "free-text", "statement"}
    assert told == {path.stem for path in small_definitions()} - unscored


@pytest.mark.parametrize("chapter", OF_INSTRUMENTS, ids=lambda chapter: str(chapter.TITLE))
def test_a_chapter_tells_of_every_item_and_every_score(chapter: ModuleType) -> None:
    instrument = scorer(shipped(chapter.INSTRUMENT)).instrument
    told = [row for section in chapter.SECTIONS for row in rows(section)]
    named = {name.partition(".")[0] for row in told for name in row.expected}
    assert chapter.__doc__
    assert {item for row in told for item in row.answers} == {item.id for item in instrument.items}
    assert named == {score.id for score in instrument.scores}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: str(chapter.TITLE))
def test_every_section_has_a_title_of_its_own_a_rule_and_rows(chapter: ModuleType) -> None:
    titles = [section.title for section in chapter.SECTIONS]
    assert len(titles) == len(set(titles)) > 3
    assert all(section.rule and rows(section) for section in chapter.SECTIONS)


@pytest.mark.parametrize(("path", "section", "row"), CASES)
def test_the_answers_give_these_scores(path: Path, section: Section, row: Row) -> None:
    score = scorer(path).score_one
    if "refused" in row.expected.values():
        with pytest.raises(NotAnAnswer):
            score(row.answers, section.missing_rule)
        return
    scores = score(row.answers, section.missing_rule)
    given: dict[str, object] = {name: one["value"] for name, one in scores.items()}
    given |= {f"{name}.answered": one["answered"] for name, one in scores.items()}
    given |= {f"{name}.band": one.get("band") for name, one in scores.items()}
    for name, expected in row.expected.items():
        assert given[name] == wanted(expected), name


def wanted(expected: Expected) -> object:
    """Return what an expected cell is to be equal to."""
    if isinstance(expected, str):
        return None if expected == "null" else expected
    return pytest.approx(expected, rel=0, abs=TOLERANCE)


def test_the_page_shows_every_row_every_score_and_what_each_comes_from() -> None:
    shown = render.page()
    for chapter in CHAPTERS:
        assert f"\n## {chapter.TITLE}\n" in shown
        for section in chapter.SECTIONS:
            assert f"\n### {section.title}\n\n{section.rule}\n" in shown
    tables = [line for line in shown.splitlines() if line.startswith("| ")]
    of_sections = sum(2 + len(rows(s)) for c in CHAPTERS for s in c.SECTIONS)
    scores = [s for path in shipped_definitions() for s in instrument(path).scores]
    assert len(tables) == of_sections + len(scores) + 2 * len(shipped_definitions())
    assert all(f"| `{score.id}` | {score.name} |" in shown for score in scores)
    assert all(instrument(path).licence.credit in shown for path in shipped_definitions())

"""The columns of results as a table: they are what results hold, and say what it means."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.columns import Column, columns_of
from app.db import Database
from scoring import Instrument, ValueSet, Wording
from scoring.extend import with_value_sets
from tests.conftest import Party
from tests.documents import (
    INSTRUMENTS,
    SMALL,
    VALUE_SETS,
    instrument,
    read,
    shipped,
    shipped_definitions,
    shipped_wordings,
    small_definitions,
)
from tests.flow import answer_and_send
from tests.worded import wording_for

NAME = re.compile("[a-z][a-z0-9_]{0,31}")
"""What R, SPSS, Stata and SQL all accept."""


def of(name: str, language: str | None = None) -> dict[str, Column]:
    wording = None
    if language:
        wording = Wording.model_validate(read(INSTRUMENTS / name / f"1.0.{language}.json"))
    return {column.name: column for column in columns_of(instrument(shipped(name)), wording)}


def small(name: str, **more: Any) -> dict[str, Column]:
    definition = read(SMALL / f"{name}.json")
    wording = Wording.model_validate(wording_for(definition))
    columns = columns_of(Instrument.model_validate(definition | more), wording)
    return {column.name: column for column in columns}


def value(document: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


@pytest.mark.parametrize("path", [*shipped_definitions(), *small_definitions()], ids=str)
def test_every_column_has_a_name_of_its_own_that_statistics_programs_accept(path: Path) -> None:
    names = [column.name for column in columns_of(instrument(path))]
    assert len(names) > 20
    assert len(set(names)) == len(names)
    assert [name for name in names if not NAME.fullmatch(name)] == []


@pytest.mark.parametrize("name", ["rand-36", "eq-5d-5l", "gad-7"])
@pytest.mark.demo
def test_every_column_is_in_a_result_and_every_part_of_a_result_has_one(
    hips: Party, database: Database, name: str
) -> None:
    answer_and_send(database, hips.order(instruments=[name], language="en")["id"])
    (result,) = hips.results()
    columns = of(name)
    for column in columns.values():
        value(result, column.path)
    paths = {column.path for column in columns.values()}
    response = {("response", one) for one in result["response"]} - {("response", "answers")}
    provenance = {("provenance", one) for one in result["provenance"]}
    assert response - paths == set()
    assert provenance - paths == {("provenance", "value_sets")}
    for item in result["response"]["answers"]:
        assert ("response", "answers", item) in paths
    for score, found in result["scores"].items():
        assert value(result, columns[score].path) == found["value"]
        assert columns[f"{score}_answered"].range == (0, found["items"])


def test_the_response_comes_first_then_answers_scores_and_whence_they_come() -> None:
    parts = [column.part for column in of("rand-36").values()]
    order = list(dict.fromkeys(parts))
    assert order == ["response", "item", "score", "answered", "provenance"]
    names = list(of("rand-36"))
    assert names[:5] == ["response_id", "order", "external_id", "case", "unit"]
    first = names.index("q1")
    assert names[first : first + 36] == [f"q{number}" for number in range(1, 37)]
    assert names[first + 36 : first + 38] == (
        ["physical_functioning", "physical_functioning_answered"]
    )


@pytest.mark.parametrize("path", shipped_wordings(), ids=lambda path: path.name)
def test_items_and_codes_have_the_words_of_the_wording(path: Path) -> None:
    wording = Wording.model_validate(read(path))
    definition = instrument(shipped(path.parent.name))
    items = [one for one in columns_of(definition, wording) if one.part == "item"]
    assert items
    for column in items:
        assert column.label == wording.items[column.path[-1]]
        assert column.codes
        assert all(column.codes.values())


def test_an_item_says_all_that_its_definition_does() -> None:
    q3 = of("rand-36", "en")["q3"]
    assert (q3.type, q3.direction, q3.missing_codes) == ("code", "higher_is_better", (9,))
    assert q3.codes == {
        1: "Yes, limited a lot",
        2: "Yes, limited a little",
        3: "No, not limited at all",
    }
    assert q3.stem is not None
    assert q3.missing_reasons == ("skipped",)


def test_without_a_wording_items_have_their_ids_and_codes_no_text() -> None:
    mo = of("eq-5d-5l")["mo"]
    assert (mo.label, mo.stem, mo.unit) == ("mo", None, None)
    assert mo.codes == dict.fromkeys((1, 2, 3, 4, 5))
    assert of("eq-5d-5l")["vas_item"].codes == {}


@pytest.mark.parametrize(
    ("name", "most", "ends"),
    [
        ("eq-vas", 100, ["Verst mulig", "Best mulig"]),
        ("numeric-rating", 10, ["Best mulig", "Verst mulig"]),
    ],
)
def test_a_scale_has_words_at_its_two_ends(name: str, most: int, ends: list[str]) -> None:
    scale = next(one for one in small(name).values() if one.part == "item")
    assert scale.range == (0.0, float(most))
    assert list(scale.codes.items()) == list(zip((0, most), ends, strict=True))


def test_open_items_say_what_they_take() -> None:
    where = small("multiple-choice")["where"]
    assert (where.part, where.type) == ("open_item", "codes")
    assert where.codes == {code: f"place {code}" for code in (1, 2, 3, 9)}
    numbers = [one for one in small("number").values() if one.part == "open_item"]
    assert {one.type for one in numbers} == {"number", "whole_number"}
    assert all(one.unit == "kg" and one.range for one in numbers)
    days = [one for one in small("date").values() if one.part == "open_item"]
    assert {(one.type, one.range, len(one.codes)) for one in days} == {("date", None, 0)}
    texts = [one for one in small("free-text").values() if one.part == "open_item"]
    assert texts
    assert {one.type for one in texts} == {"text"}


def test_a_statement_has_no_column() -> None:
    (statement,) = [
        item["id"]
        for item in read(SMALL / "statement.json")["open_items"]
        if item["type"] == "statement"
    ]
    assert statement not in small("statement")


def test_an_item_says_why_it_may_have_no_answer() -> None:
    found = {one.missing_reasons for one in small("show-when").values() if one.part == "item"}
    assert found == {("skipped",), ("skipped", "not_shown")}
    aside = {one.missing_reasons for one in small("not-applicable").values() if one.part == "item"}
    assert ("skipped", "not_applicable") in aside


@pytest.mark.parametrize(
    ("name", "score", "rule"),
    [
        (
            "rand-36",
            "physical_functioning",
            "given when 5 of 10 items are answered (1 under `any`)",
        ),
        ("koos", "symptoms", "given when 4 of 7 items are answered"),
        ("eq-5d-5l", "index_no_2024", "given when all 5 items are answered"),
        ("rand-36", "pcs_oblique", "given when every score under it is"),
        ("phq-9", "total", "given when 9 of 9 items are answered"),
    ],
)
def test_a_score_says_when_it_is_given(name: str, score: str, rule: str) -> None:
    assert of(name)[score].missing_rule == rule


def test_a_score_of_scores_may_want_items_besides() -> None:
    found = [one.missing_rule for one in small("requires").values() if one.part == "score"]
    assert any("every score under it is, and all" in str(rule) for rule in found)


def test_a_score_has_its_range_direction_bands_and_source() -> None:
    total = of("phq-9")["total"]
    assert (total.range, total.direction) == ((0, 27), "lower_is_better")
    assert dict(total.bands)[10] == "moderate"
    assert "Kroenke" in str(total.source)
    assert total.label == "PHQ-9 total"
    assert of("phq-9")["total_answered"].label == "PHQ-9 total: items answered"


def test_an_index_that_a_registry_added_has_its_columns_too() -> None:
    uk = ValueSet.model_validate(read(VALUE_SETS / "eq-5d-5l/uk-2026.json"))
    names = [one.name for one in columns_of(with_value_sets(instrument(shipped("eq-5d-5l")), [uk]))]
    assert {"index_uk_2026", "index_uk_2026_answered"} <= set(names)
    assert "index_uk_2026" not in of("eq-5d-5l")


def test_an_item_gives_way_to_a_score_of_the_same_name() -> None:
    columns = of("eq-5d-5l")
    assert columns["vas"].path == ("scores", "vas", "value")
    assert columns["vas_item"].path == ("response", "answers", "vas")


def test_an_item_keeps_its_name_and_svars_own_column_gives_way() -> None:
    text = (SMALL / "sum.json").read_text(encoding="utf-8").replace('"q1"', '"mode"')
    columns = columns_of(Instrument.model_validate_json(text))
    paths = {column.name: column.path for column in columns}
    assert paths["mode"] == ("response", "answers", "mode")
    assert paths["svar_mode"] == ("response", "mode")

"""app/places.py: each value's path points to where it stands."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from app.papers import parse
from app.places import Line, line_of, lines_of, places
from scoring import NotValid, Problem

NAMES = some.text(max_size=4)
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | NAMES,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
INDENTS = some.sampled_from([None, 0, 1, "\t"])


def walk(value: Any, path: str = "") -> list[tuple[str, Any]]:
    parts: Any = enumerate(value, 1) if isinstance(value, list) else ()
    parts = value.items() if isinstance(value, dict) else parts
    inner = [one for name, part in parts for one in walk(part, f"{path}.{name}".removeprefix("."))]
    return [(path, value), *inner]


@given(JSON, INDENTS, some.booleans(), some.booleans())
def test_each_path_points_to_where_its_value_stands(
    value: Any, indent: Any, escaped: bool, marked: bool
) -> None:
    text = "\ufeff" * marked + json.dumps(value, indent=indent, ensure_ascii=escaped)
    found = places(text)
    paths = [path for path, _ in walk(value)]
    for path, part in walk(value):
        if paths.count(path) == 1:  # a name with a full stop may look like another's path
            assert json.loads(text[found[path].start : found[path].end]) == part
    assert paths.count("") > 1 or found[""].end == len(text)


@given(some.text(), some.integers(min_value=0))
def test_lines_and_columns_count_as_editors_do(text: str, start: int) -> None:
    start = min(start, len(text))
    line, column = line_of(text, start)
    before = text.split("\n")[: line - 1]
    assert sum(len(one) + 1 for one in before) + column - 1 == start


TEXT = """{
  "scores": [
    {"name": "Pain", "id": "pain",
     "range": [0, NaN]},
    {"name": 3},
    {"name": "a. b"}
  ],
  "1": {"id": "x", "of": 2}
}"""


def test_a_problem_is_shown_where_it_is_mended() -> None:
    wanted = {
        "scores.pain.range": Line(4, 15),
        "scores.1.range.2": Line(4, 19),
        "scores.pain.affine.multiply": Line(3, 5),
        "scores.2.name": Line(5, 14),
        "scores.a. b": Line(6, 5),
        "scores, for pain": Line(2, 13),
        "1.of": Line(8, 26),
        "nothing": Line(1, 1),
        "document": Line(1, 1),
    }
    assert (
        dict(
            zip(wanted, lines_of(TEXT, [Problem(path, "is wrong") for path in wanted]), strict=True)
        )
        == wanted
    )


def problems(text: str) -> tuple[Problem, ...]:
    try:
        parse(text.encode())
    except NotValid as error:
        return error.problems
    raise AssertionError(text)


def test_what_is_no_json_is_shown_where_reading_stopped() -> None:
    broken = '{"a": 1,\n "b" 2}'
    assert lines_of(broken, problems(broken)) == [Line(2, 6)]
    deep = "[\n" * 101 + "]" * 101
    assert lines_of(deep, problems(deep)) == [Line(101, 1)]
    twice = '{"a": 1,\n "a": 2}'
    assert lines_of(twice, problems(twice)) == [Line(2, 7)]
    assert lines_of("{", [Problem("scores.pain", "is wrong")]) == [Line(1, 1)]
    assert lines_of("[" * 90_000, [Problem("scores.pain", "is wrong")]) == [Line(1, 1)]

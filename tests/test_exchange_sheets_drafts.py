"""Drafts as spreadsheets: right or wrong they go out, and nothing is lost without being told."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.exchange import sheets_draft, sheets_in
from app.exchange.binder import Binder
from scoring import NotValid
from tests.documents import SMALL, read
from tests.worded import wording_for


def binder() -> Binder:
    """Return a small instrument with its wording, as a draft keeps them."""
    definition = read(SMALL / "mean-half.json")
    return Binder(definition, (wording_for(definition),))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value in a document."""
    numbered = enumerate(value if isinstance(value, list) else ())
    for name, one in value.items() if isinstance(value, dict) else numbered:
        yield (*path, name)
        yield from places(one, (*path, name))


def spoilt(path: tuple[Any, ...], value: Any) -> Binder:
    """Return the small instrument with another value at a place, or none."""
    made = copy.deepcopy(binder())
    inner: Any = made.definition
    for part in path[:-1]:
        inner = inner[part]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return made


OURS = list(places(binder().definition))


@settings(max_examples=40, deadline=None)
@given(some.sampled_from(OURS), some.sampled_from([None, 7, "x", [], {}, [1], {"id": "a"}]))
def test_a_draft_goes_out_as_it_is_or_what_would_be_lost_is_told(
    path: tuple[Any, ...], value: Any
) -> None:
    draft = spoilt(path, value)
    try:
        made = sheets_draft.export(draft)
    except NotValid:
        return
    back = sheets_in.bring(made).binder
    again = sheets_draft.export(back)
    assert sheets_in.bring(again).binder == back
    assert back.wordings[0]["items"] == draft.wordings[0]["items"]


LACKING = [("source",), ("licence",), ("licence", "terms"), ("scores",), ("scores", 0, "range")]
LACKING += [("recall_period",), ("examples",), ("items", 0, "direction"), ("recodes",)]


@pytest.mark.parametrize("path", LACKING, ids=str)
def test_a_draft_that_lacks_something_goes_out_to_be_finished_in_the_spreadsheet(
    path: tuple[Any, ...],
) -> None:
    draft = spoilt(path, None)
    back = sheets_in.bring(sheets_draft.export(draft)).binder.definition
    assert {name: one for name, one in back.items() if one} == {
        name: one for name, one in draft.definition.items() if one
    }


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("option_sets", "unused"), [1, 2], "option_sets.unused: has no place in a spreadsheet"),
        (("scores", 0, "colour"), "red", "scores.1.colour: has no place"),
        (("items",), "none", "document: has a list, an object or a text where"),
        (
            ("items",),
            [{"id": f"q{n}"} for n in (1, 1, 2, 3, 4)],
            "items: has an id that stands twice",
        ),
        (
            ("pages",),
            [{"id": "p", "items": ["q1"]}, {"id": "p", "items": ["q2"]}],
            "column id: p stands in row 2",
        ),
    ],
)
def test_what_has_no_place_in_a_spreadsheet_is_told(
    path: tuple[Any, ...], value: Any, told: str
) -> None:
    draft = spoilt(path, value)
    with pytest.raises(NotValid) as refused:
        sheets_draft.export(draft)
    assert told in str(refused.value)

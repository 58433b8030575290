"""The difference between two versions: nothing parts without a sentence, and MAJOR says why."""

import json
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import same_questions
from app.errors import Frozen
from scoring import Instrument
from scoring.difference import Difference, difference
from tests.documents import Document, instrument, resolved, shipped, small_definitions
from tests.drawn import definitions

RAND = resolved(shipped("rand-12"))


def changed(**parts: Any) -> Difference:
    document = deepcopy(RAND) | parts
    return difference(instrument(shipped("rand-12")), Instrument.model_validate(document))


def sentences(found: Difference) -> list[str]:
    return [change.sentence for change in found.changes]


def item(place: int, **fields: Any) -> list[Document]:
    return [one | (fields if at == place else {}) for at, one in enumerate(RAND["items"])]


def score(place: int, **fields: Any) -> list[Document]:
    return [one | (fields if at == place else {}) for at, one in enumerate(RAND["scores"])]


def test_a_version_that_differs_in_nothing_needs_no_new_number() -> None:
    same = changed(version="1.1")
    assert (same.verdict, same.needs, same.why) == ("SAME", "1.0", "Nothing differs.")


MINOR = [
    ({"scores": score(0, missing={"min_answered": 2})}, "missing: was half, is now min_answered"),
    (
        {"scores": score(8, constant=1.5)},
        "Score pcs_orthogonal, constant: was 56.57706, is now 1.5.",
    ),
    ({"scores": RAND["scores"][:-1]}, "Score mcs_unweighted is gone."),
    ({"items": item(0, recode="up_5")}, "Item rand_1, recode: was down_5, is now up_5."),
    (
        {"recodes": RAND["recodes"] | {"up_2": {"1": 0, "2": 90}}},
        "Recode up_2 (of rand_3a, rand_3b, rand_4a, rand_4b), code 2: was 100, is now 90.",
    ),
    (
        {"licence": RAND["licence"] | {"status": "free"}},
        "Licence, status: was attribution, is now free.",
    ),
    ({"examples": [RAND["examples"][0] | {"source": "B"}, *RAND["examples"][1:]]}, "other content"),
    ({"name": "RAND"}, "Name: was RAND-12 Health Survey 1.0, is now RAND."),
    (
        {"scores": score(0, clamp=[0, 100])},
        "Score physical_functioning, clamp: was nothing, is now 0, 100.",
    ),
    ({"scores": score(0, bands=[{"at_least": 0, "label": "low"}])}, "bands: was nothing, is now"),
    ({"source": "B" * 300}, "…."),
]


@pytest.mark.parametrize(("parts", "sentence"), MINOR)
def test_a_change_of_scoring_alone_is_minor(parts: Document, sentence: str) -> None:
    found = changed(**parts)
    assert sentence in sentences(found)[0]
    assert (found.verdict, found.needs, found.asked) == ("MINOR", "1.1", ())
    assert "scored again" in found.why


MAJOR = [
    ({"items": item(3, direction="none")}, "Item rand_3a, direction: was higher_is_better, is now"),
    ({"items": RAND["items"][::-1]}, "Items in another order: rand_7, rand_6c"),
    (
        {"items": item(1, show_when={"rand_1": [5]})},
        "Item rand_2a, show_when › rand_1: was nothing, is now 5.",
    ),
    (
        {"option_sets": RAND["option_sets"] | {"health": [1, 2, 3]}},
        "Option set health (of rand_1): was 1, 2, 3, 4, 5, is now 1, 2, 3.",
    ),
    (
        {"pages": [RAND["pages"][0] | {"stem": True}, *RAND["pages"][1:]]},
        "Page general, stem: was not there, is now there.",
    ),
    ({"recall_period": "1 week"}, "Recall period: was 4 weeks"),
    (
        {"open_items": [{"id": "more", "type": "long_text", "most_characters": 500}]},
        "Open item more is new.",
    ),
]


@pytest.mark.parametrize(("parts", "sentence"), MAJOR)
def test_a_change_of_what_is_asked_is_major_and_says_why(parts: Document, sentence: str) -> None:
    found = changed(**parts)
    assert sentence in sentences(found)[0]
    assert (found.verdict, found.needs) == ("MAJOR", "2.0")
    assert found.asked[0].path in found.why


def test_many_changes_of_what_is_asked_are_counted_and_not_all_told() -> None:
    items = [one | {"direction": "none"} for one in RAND["items"]]
    assert "and 9 more" in changed(items=items).why


@given(definitions(), definitions(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_whatever_parts_has_a_sentence_and_publish_refuses_by_the_same_rule(
    one: Document, other: Document, scoring_only: bool
) -> None:
    if scoring_only:
        other = one | {"scores": other["scores"]}
    before, after = (Instrument.model_validate(document) for document in (one, other))
    found = difference(before, after)
    assert bool(found.changes) == (before != after)
    asked = [_asked(document) for document in (before, after)]
    assert bool(found.asked) == (asked[0] != asked[1])
    if found.asked:
        with pytest.raises(Frozen, match="new MAJOR version"):
            same_questions(before, after)
    else:
        same_questions(before, after)


def _asked(document: Instrument) -> str:
    """What is asked, read a second way: all of a definition but the scoring, as JSON."""
    whole = json.loads(document.model_dump_json())
    items = [{**one, "recode": None} for one in whole["items"]]
    parts = ("open_items", "option_sets", "pages", "recall_period")
    return json.dumps([items, *(whole[part] for part in parts)], sort_keys=True)


def test_every_small_definition_differs_from_the_next() -> None:
    some = [Instrument.model_validate(resolved(path)) for path in small_definitions()]
    found = [difference(one, other) for one, other in pairwise(some)]
    assert len(found) > 30
    assert all(one.changes for one in found)

"""The definitions say what the papers say: a reading of each by hand gives the same scores."""

from functools import cache

import numpy as np
import pytest

from scoring.methods import Floats
from tests.documents import VECTORS, read, scorer, shipped, shipped_definitions
from tests.published_rules import RULES

PEOPLE = 2000
SHARES = (0.0, 0.0, 0.04, 0.15, 0.5, 0.9)
"""What share of the answers is missing: a sixth of the people each."""

VECTORED = {"rand-36", "rand-12", "eq-5d-5l"}
by_hand = pytest.mark.parametrize("name", RULES)


@cache
def answers(name: str) -> Floats:
    """Return people's answers [people, items]: every code that can be given, and none (NaN)."""
    chance = np.random.default_rng(2011)
    subject = scorer(shipped(name)).instrument
    drawn = [chance.choice(np.array(subject.codes(item), float), PEOPLE) for item in subject.items]
    columns = np.column_stack(drawn)
    share = np.resize(np.array(SHARES), PEOPLE)[:, np.newaxis]
    columns[chance.random(columns.shape) < share] = np.nan
    return columns


@cache
def read_by_hand(name: str) -> dict[str, Floats]:
    """Return each score's column [people] by the rule; NaN where it gives none."""
    items = scorer(shipped(name)).items
    people = [
        {item: int(code) for item, code in zip(items, row, strict=True) if not np.isnan(code)}
        for row in answers(name)
    ]
    rows = [RULES[name](person) for person in people]
    return {score: np.array([row[score] for row in rows], dtype=float) for score in rows[0]}


def test_every_shipped_instrument_has_vectors_or_is_read_by_hand() -> None:
    shipped_names = {path.parent.name for path in shipped_definitions()}
    assert shipped_names == VECTORED | RULES.keys()
    assert not VECTORED & RULES.keys()
    assert all(list(VECTORS.glob(f"{name}*.csv")) for name in VECTORED)


@by_hand
def test_the_definition_scores_as_the_rule_read_by_hand(name: str) -> None:
    values = scorer(shipped(name)).score(answers(name)).values
    wanted = read_by_hand(name)
    assert values.keys() == wanted.keys()
    for score, column in wanted.items():
        np.testing.assert_allclose(values[score], column, rtol=0, atol=1e-9, err_msg=score)


@by_hand
def test_the_people_drawn_try_every_score_with_and_without_a_value(name: str) -> None:
    for score, column in read_by_hand(name).items():
        none = np.isnan(column)
        assert 0.05 < none.mean() < 0.95, score
        assert len(set(column[~none])) > 1, score


def test_the_people_drawn_reach_every_case_and_every_entry_of_a_table() -> None:
    syndromes = read_by_hand("phq-9")["depressive_syndrome"]
    assert {0.0, 1.0, 2.0} <= set(syndromes)
    scores = read(shipped("promis-global-10"))["scores"]
    tables = {score["id"]: score["table"] for score in scores if "table" in score}
    assert tables.keys() == {"gph_t", "gmh_t"}
    for score, table in tables.items():
        reached = read_by_hand("promis-global-10")[score]
        middle = {float(to) for value, to in table.items() if 6 <= int(value) <= 18}
        assert middle <= set(reached)

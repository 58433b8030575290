"""scoring/recipe.py: how each score is figured, and what each answer is worth."""

from pathlib import Path

import pytest

from scoring import Instrument, compile_instrument
from scoring.instrument import Points, Sum
from scoring.recipe import recipe, worth
from tests.documents import SMALL, resolved, shipped_definitions, small_definitions


def known(name: str) -> Instrument:
    return Instrument.model_validate(resolved(SMALL / f"{name}.json"))


def told(name: str) -> list[str]:
    """Return the steps of a small definition's scores, with their numbers filled in."""
    lines = [line for score in known(name).scores for line in recipe(score)]
    return [f"{line.step}: {line.to.format(*line.numbers)}".strip(" :") for line in lines]


def test_every_step_says_what_is_done_to_what() -> None:
    assert told("mean-half")[1:2] == ["least: 2 / 3"]
    assert told("sum-person-mean")[-1] == "substitute"
    assert any(line.startswith("option: any: 1 / ") for line in told("missing-options"))
    assert told("count")[0].startswith("count: ")
    assert "every_item" in told("points")
    assert any(line.startswith("requires: ") for line in told("requires"))
    assert {"case", "otherwise", "every_score"} <= {line.split(":")[0] for line in told("cases")}
    assert any(line.startswith("value-set: ") for line in told("value-set"))
    assert any(line.startswith("lookup: ") and " → " in line for line in told("lookup"))
    assert any(line.startswith("clamp: ") for line in told("clamp"))
    assert any(line.startswith("affine: × ") for line in told("affine"))


@pytest.mark.parametrize("path", [*small_definitions(), *shipped_definitions()], ids=str)
def test_what_answers_are_said_to_be_worth_adds_up_to_the_score(path: Path) -> None:
    one = Instrument.model_validate(resolved(path))
    scorer = compile_instrument(one)
    worths = {item.id: worth(one, item) for item in one.items}
    for score in one.scores:
        lines = recipe(score)
        assert all(line.to.count("{}") == len(line.numbers) for line in lines)
        if not isinstance(score, Sum | Points) or score.clamp:
            continue
        names, base = _parts(score)
        for example in one.examples:
            parts = [
                some.by_code.get(example.answers.get(name, -1))
                for name in names
                for some in worths[name]
                if score.id in some.scores
            ]
            assert len(parts) == len(names)
            if None in parts:
                continue
            total = sum(filter(None, parts), base)
            given = scorer.score_one(example.answers)[score.id]["value"]
            assert given == pytest.approx(score.affine.multiply * total + score.affine.add)


def _parts(score: Sum | Points) -> tuple[list[str], float]:
    """Return the items of a score, and what it begins with."""
    if isinstance(score, Points):
        return [part.item for part in score.items], score.constant
    return list(score.items), 0.0

"""The scoring gives what independent implementations of the published rules give."""

import csv

import numpy as np
import pytest

from scoring.instrument import NamedRule
from scoring.methods import Floats
from tests.documents import VECTORS, scorer, shipped

TOLERANCE = 1e-9


def columns(name: str) -> dict[str, list[str]]:
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    return dict(zip(head, map(list, zip(*lines, strict=True)), strict=True))


def numbers(cells: list[str]) -> Floats:
    return np.array([float(cell) if cell else np.nan for cell in cells])


def answers(instrument: str, table: dict[str, list[str]]) -> Floats:
    return np.column_stack([numbers(table[item]) for item in scorer(shipped(instrument)).items])


def compare(name: str, given: Floats, cells: list[str]) -> None:
    wanted = numbers(cells)
    np.testing.assert_array_equal(np.isnan(given), np.isnan(wanted), err_msg=name)
    np.testing.assert_allclose(given, wanted, rtol=0, atol=TOLERANCE, err_msg=name)


def test_every_file_of_vectors_is_named_in_the_readme() -> None:
    files = {path.name for path in VECTORS.glob("*.csv")}
    readme = (VECTORS / "README.md").read_text(encoding="utf-8")
    assert {"rand-36.csv", "rand-12.csv", "eq-5d-5l.csv", "value-sets.csv"} <= files
    assert all(f"`{name}`" in readme for name in files)


@pytest.mark.parametrize("kind", ["half", "any"])
def test_rand_36_gives_the_vectors_scores_under_both_missing_rules(kind: str) -> None:
    table = columns("rand-36.csv")
    rule: NamedRule | None = "any" if kind == "any" else None
    scores = scorer(shipped("rand-36")).score(answers("rand-36", table), rule)
    wanted = {name: cells for name, cells in table.items() if name.startswith(f"{kind}.")}
    assert len(wanted) == {"half": 15, "any": 8}[kind]
    for name, cells in wanted.items():
        compare(name, scores.values[name.removeprefix(f"{kind}.")], cells)


def test_rand_36_counts_the_answers_as_the_vectors_do() -> None:
    table = columns("rand-36.csv")
    answered = scorer(shipped("rand-36")).score(answers("rand-36", table)).answered
    wanted = {name: cells for name, cells in table.items() if name.startswith("answered.")}
    assert len(wanted) == 8
    for name, cells in wanted.items():
        assert answered[name.removeprefix("answered.")].tolist() == numbers(cells).tolist(), name


def test_rand_12_gives_the_vectors_scores() -> None:
    table = columns("rand-12.csv")
    scores = scorer(shipped("rand-12")).score(answers("rand-12", table)).values
    assert len(table["kind"]) > 60
    assert scores.keys() == table.keys() - {"kind", *scorer(shipped("rand-12")).items}
    for name, given in scores.items():
        compare(name, given, table[name])


def test_every_state_of_eq_5d_5l_has_its_published_norwegian_index() -> None:
    table = columns("eq-5d-5l.csv")
    states = np.array([[float(level) for level in state] for state in table["state"]])
    people = np.column_stack([states, np.full(len(states), np.nan)])
    given = scorer(shipped("eq-5d-5l")).score(people).values["index_no_2024"]
    assert len(set(table["state"])) == 5**5
    assert int((given < 0).sum()) == 333
    compare("index_no_2024", given, table["no-2024"])


def test_the_readme_counts_the_rows_right() -> None:
    readme = (VECTORS / "README.md").read_text(encoding="utf-8")
    for path in sorted(VECTORS.glob("*.csv")):
        rows = len(next(iter(columns(path.name).values())))
        assert f"| `{path.name}` | {rows} |" in readme

"""Every shipped value set gives every health state the index that was published for it."""

import csv
import hashlib
import json
import re
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from scoring import ValueSet
from scoring.methods import Floats
from tests import value_set_oracle
from tests.documents import VALUE_SETS, VECTORS, Document, read, shipped_value_sets

pytestmark = pytest.mark.uncounted

TOLERANCE = 1e-9
DIMENSIONS = ("MO", "SC", "UA", "PD", "AD")
SETS = {f"{path.parent.name}/{path.stem}": path for path in shipped_value_sets()}
every_set = pytest.mark.parametrize("name", SETS)


@cache
def value_set(name: str) -> ValueSet:
    return ValueSet.model_validate(read(SETS[name]))


def of_type(*types: str) -> list[str]:
    return [name for name in SETS if value_set(name).type in types]


@cache
def states(levels: int) -> list[str]:
    return ["".join(state) for state in product("12345"[:levels], repeat=5)]


def index(name: str, state: str) -> float:
    found = value_set(name)
    return float(found.indices[states(found.levels).index(state)])


def vectors(name: str) -> list[dict[str, str]]:
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FACTS = {f"{row['instrument']}/{row['id']}": row for row in vectors("value-sets.csv")}


def columns(name: str) -> list[tuple[str, str]]:
    return [(name, column) for column in vectors(name)[0] if column != "state"]


# What there is


def test_all_the_sets_are_there() -> None:
    kinds = [(found.instrument, found.type) for found in map(value_set, SETS)]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        ("eq-5d-3l", "RCW"): 49,
        ("eq-5d-3l", "TTO"): 33,
        ("eq-5d-3l", "VAS"): 11,
        ("eq-5d-5l", "CW"): 13,
        ("eq-5d-5l", "VT"): 49,
        ("eq-5d-y-3l", "IVP"): 13,
    }


@every_set
def test_an_id_says_country_year_and_kind(name: str) -> None:
    found = value_set(name)
    country, *parts = found.id.split("-")
    year = "" if found.year is None else str(found.year)
    kinds = {"VT": ["", "ctto", "dce"], "TTO": ["", "tto"], "IVP": [""], "VAS": ["vas"]}
    kind = {**kinds, "CW": ["cw"], "RCW": ["rc", "ctto-rc", "dce-rc"]}[found.type]
    assert re.fullmatch("[a-z]{2}|england|wepp", country)
    assert "-".join(parts) in [f"{year}-{ending}".strip("-") for ending in kind]


def test_one_country_has_one_code_and_a_readable_name() -> None:
    pairs = {(found.id.split("-")[0], found.country) for found in map(value_set, SETS)}
    codes, countries = zip(*pairs, strict=True)
    assert len(pairs) == len(set(codes)) == len(set(countries)) > 50
    assert {("uk", "United Kingdom"), ("kr", "South Korea"), ("england", "England")} <= pairs
    assert not [
        name for name in countries if re.search("_|[a-z][A-Z]", name) and "WePP" not in name
    ]


@every_set
def test_a_citation_is_whole_and_clean(name: str) -> None:
    found = value_set(name)
    assert found.citation.endswith(".")
    assert not re.search(r"list\(|&amp;|doi|  | ,", found.citation)
    by_its_volume = found.id == "no-2024"
    if found.type != "RCW" and found.year is not None and not by_its_volume:
        assert re.search(rf"\b{found.year}\b", found.citation)


def test_only_what_has_no_doi_stands_without() -> None:
    without = [name for name in SETS if value_set(name).doi is None]
    assert len(without) == 8
    for found in map(value_set, without):
        assert found.isbn == "1-4020-5511-0" or found.id == "ec-tto"


def test_what_is_disputed_says_what_about() -> None:
    disputed = [value_set(name) for name in SETS if value_set(name).checked == "disputed"]
    assert {"cn-2022", "se-2013", "jo-2024-cw"} <= {found.id for found in disputed}
    assert all(re.search(r"differ.* \.\d+|is \.9694 here", found.note) for found in disputed)


def test_what_the_paper_decides_rests_on_one_source_and_says_so() -> None:
    names = ["5l/de-2018", "3l/cn-2014", "3l/jo-2024", "3l/lk-2014"]
    decided = [value_set(f"eq-5d-{name}") for name in names]
    assert [found.checked for found in decided] == ["one-source"] * 4
    assert all("eq5dsuite" in found.note and "paper" in found.note for found in decided)


def test_the_file_that_a_published_definition_holds_has_not_changed() -> None:
    digest = hashlib.sha256((VALUE_SETS / "eq-5d-5l/no-2024.json").read_bytes()).hexdigest()
    assert digest == "f1f490ce693b0557683fbf90a1b37a3872e0b60736475213dacb90e8e0817a10"


@every_set
def test_figures_are_written_as_short_as_they_can_be(name: str) -> None:
    text = SETS[name].read_text(encoding="utf-8")
    written = re.findall(r'"[A-Z0-9][\w]*": (-?[0-9.e-]+)', text)
    assert len(written) >= 11
    assert written == [repr(float(figure)) for figure in written]


def test_the_readme_explains_every_type_and_every_term_that_is_used() -> None:
    readme = (VALUE_SETS / "README.md").read_text(encoding="utf-8")
    terms = {term for name in SETS for term in value_set(name).coefficients or ()}
    others = {term for term in terms if not re.fullmatch("([A-Z]{2}[1-5]){1,2}", term)}
    assert len(others) > 25
    assert [term for term in sorted(others) if f"`{term}`" not in readme] == []
    assert [
        kind for kind in {value_set(n).type for n in SETS} if f"| `{kind}` |" not in readme
    ] == []


# What they give


@every_set
def test_every_state_has_the_index_that_a_second_reading_gives(name: str) -> None:
    document, found = read(SETS[name]), value_set(name)
    wanted = [float(value_set_oracle.index(document, state)) for state in states(found.levels)]
    np.testing.assert_allclose(found.indices, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("file", "column"), [*columns("eq-5d-5l.csv"), *columns("eq-5d-3l.csv")])
def test_every_state_has_the_index_that_another_program_gives(file: str, column: str) -> None:
    rows = vectors(file)
    found = value_set(f"{file.removesuffix('.csv')}/{column}")
    assert [row["state"] for row in rows] == states(found.levels)
    wanted = [float(row[column]) for row in rows]
    np.testing.assert_allclose(found.indices, wanted, rtol=0, atol=TOLERANCE)


def test_there_are_facts_about_every_set() -> None:
    assert FACTS.keys() == SETS.keys()


@every_set
def test_least_and_second_best_index_and_states_below_zero_are_the_known_ones(name: str) -> None:
    indices, fact = value_set(name).indices, FACTS[name]
    assert indices.size == int(fact["states"])
    assert indices.min() == pytest.approx(float(fact["min"]), rel=0, abs=TOLERANCE)
    assert np.sort(indices)[-2] == pytest.approx(float(fact["second_best"]), rel=0, abs=TOLERANCE)
    assert int((indices < 0).sum()) == int(fact["below_zero"])


@pytest.mark.parametrize(
    ("name", "below"),
    [("dk-2021", 681), ("uk-2026", 460), ("no-2024", 333), ("england-2018", 159), ("se-2022", 138)],
)
def test_exactly_so_many_states_are_worse_than_dead(name: str, below: int) -> None:
    assert int((value_set(f"eq-5d-5l/{name}").indices < 0).sum()) == below


def test_sums_that_come_to_nought_are_nought() -> None:
    every = np.concatenate([value_set(name).indices for name in of_type("VT", "TTO", "VAS", "IVP")])
    assert int((every == 0).sum()) > 50
    assert not np.any((every != 0) & (np.abs(every) < 1e-12))


def test_full_health_is_not_always_1() -> None:
    best = {name.split("/")[1]: float(value_set(name).indices[0]) for name in SETS}
    below = {name: best[name] for name in best if not name.endswith("-rc") and best[name] < 1}
    assert below == {"se-2020": 0.9755, "ca-2016": 0.9489, "zw-2012-cw": 0.9, "se-2013": 0.9694}
    assert max(best.values()) == 1


@pytest.mark.parametrize(
    ("name", "state", "wanted"),
    [
        ("eq-5d-3l/au-2011", "33333", -0.217),
        ("eq-5d-3l/au-2011", "22133", 0.086),
        ("eq-5d-3l/de-2007-vas", "33333", 0.9256 * 0.3927 * 0.4702 * 0.5538 * 0.4671 * 0.4682),
        ("eq-5d-y-3l/id-2022", "33333", 1 - 1.0444**1.9013),
        ("eq-5d-5l/ca-2016", "11111", 0.9489),
        ("eq-5d-5l/uk-2012-cw", "55555", -0.594),
    ],
)
def test_a_state_worked_out_by_hand(name: str, state: str, wanted: float) -> None:
    assert index(name, state) == pytest.approx(wanted, rel=0, abs=TOLERANCE)


# Crosswalks


def test_crosswalks_round_to_what_another_program_prints() -> None:
    rows = vectors("eq-5d-crosswalks.csv")
    assert {row["id"]: len(row["state"]) for row in rows} == {"uk-2012-cw": 5, "no-2024-rc": 5}
    assert len(rows) == 441
    for row in rows:
        given = index(f"{row['instrument']}/{row['id']}", row["state"])
        assert given == pytest.approx(float(row["value"]), rel=0, abs=0.0005 + TOLERANCE), row


OF_3L = {
    "bm-2024-cw": "bm-2024",
    "dk-2012-cw": "dk-2009",
    "fr-2012-cw": "fr-2011",
    "de-2012-cw": "de-2005",
    "jp-2012-cw": "jp-2002",
    "nl-2012-cw": "nl-2006",
    "ru-2021-cw": "ru-2021",
    "es-2012-cw": "es-2001",
    "th-2012-cw": "th-2011",
    "uk-2012-cw": "uk-1997",
    "us-2012-cw": "us-2005",
    "zw-2012-cw": "zw-2003",
    "jo-2024-cw": "jo-2024",
}


def at_levels_1_3_5(crosswalk: str) -> Floats:
    """Return a crosswalk's values for the 5L states that mean one 3L state and no other."""
    named = dict(zip(states(5), value_set(f"eq-5d-5l/{crosswalk}").indices, strict=True))
    alike = str.maketrans("23", "35")
    return np.array([named[state.translate(alike)] for state in states(3)])


def test_a_crosswalk_gives_levels_1_3_and_5_the_value_of_the_3l_state() -> None:
    differing = {}
    assert {f"eq-5d-5l/{name}" for name in OF_3L} == set(of_type("CW"))
    for crosswalk, of_3l in OF_3L.items():
        apart = np.abs(at_levels_1_3_5(crosswalk) - value_set(f"eq-5d-3l/{of_3l}").indices)
        differing[crosswalk] = int((apart > 0.0005 + TOLERANCE).sum())
    exceptions = {name: count for name, count in differing.items() if count}
    assert exceptions == {"zw-2012-cw": 1, "jo-2024-cw": 221}


def test_only_full_health_is_an_exception_in_zimbabwes_crosswalk() -> None:
    rest = at_levels_1_3_5("zw-2012-cw")[1:] - value_set("eq-5d-3l/zw-2003").indices[1:]
    assert np.abs(rest).max() < TOLERANCE
    assert index("eq-5d-5l/zw-2012-cw", "11111") == 0.9


def reversed_from() -> dict[str, str]:
    """Return each reverse crosswalk's 5L set."""
    return {name: f"eq-5d-5l/{name.split('/')[1][:-3]}" for name in of_type("RCW")}


def losses(name: str) -> Floats:
    """Return what each of a 5L set's levels 2 to 5 takes away, dimension by dimension [20]."""
    given = value_set(name).coefficients or {}
    return np.array(
        [given[f"{d}{n}"] - given.get(f"{d}1", 0) for d in DIMENSIONS for n in (2, 3, 4, 5)]
    )


def level_probabilities() -> Floats:
    """Return how likely each level is, given a 3L state [5 dimensions, 5 levels, 243 states].

    The sets without interactions are many more than the twenty unknowns, so they tell.
    """
    levels = {f"{d}{n}" for d in DIMENSIONS for n in range(1, 6)}
    plain = [
        (reverse, of_5l)
        for reverse, of_5l in reversed_from().items()
        if set(value_set(of_5l).coefficients or ()) <= {"StartValue", *levels}
    ]
    assert len(plain) > 30
    weights = np.array([losses(of_5l) for _, of_5l in plain])
    lost = [value_set(rev).indices - value_set(of_5l).indices[0] for rev, of_5l in plain]
    likely = np.linalg.lstsq(weights, np.array(lost), rcond=None)[0].reshape(5, 4, -1)
    return np.concatenate([1 - likely.sum(axis=1, keepdims=True), likely], axis=1)


def test_every_reverse_crosswalk_is_the_expected_value_on_its_own_5l_set() -> None:
    likely = level_probabilities()
    assert likely.min() > -TOLERANCE
    together = np.einsum("as,bs,cs,ds,es->sabcde", *likely).reshape(243, 3125)
    assert len(reversed_from()) == 49
    for reverse, of_5l in reversed_from().items():
        expected = together @ value_set(of_5l).indices
        apart = np.abs(expected - value_set(reverse).indices).max()
        assert apart < TOLERANCE, reverse
        assert value_set(reverse).year == value_set(of_5l).year
        assert value_set(reverse).country == value_set(of_5l).country
        assert of_5l.split("/")[1] in value_set(reverse).note


def test_a_table_is_used_as_it_stands_and_has_three_decimals() -> None:
    found = value_set("eq-5d-5l/uk-2012-cw")
    document: Document = json.loads(Path(SETS["eq-5d-5l/uk-2012-cw"]).read_text(encoding="utf-8"))
    assert found.indices.tolist() == [document["values"][state] for state in states(5)]
    for name in of_type("CW"):
        values = value_set(name).values or {}
        assert [v for v in values.values() if round(v, 3) != v] == []

"""What a value set's terms mean, which forms it may have, and how its file is found."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import catalogue, shelf
from scoring import NotValid, ValueSet
from scoring.terms import FIRST_LEVEL, INTERACTIONS, LEVELS, PAIRS, START, level_terms, vocabulary
from tests.documents import INSTRUMENTS, VALUE_SETS, Document, shipped_value_sets

TYPE = {"eq-5d-5l": "VT", "eq-5d-3l": "TTO", "eq-5d-y-3l": "IVP"}

# How many times a term counts for each of some states.
COUNTS: dict[str, dict[str, dict[str, int]]] = {
    "eq-5d-5l": {
        "Intercept": {"11111": 0, "11112": 1, "55555": 1},
        "N4": {"33333": 0, "41111": 1, "11151": 1, "44555": 1},
        "N5": {"44444": 0, "11115": 1, "55555": 1},
        "MO45": {"35555": 0, "41111": 1, "51111": 1},
        "SC45": {"53555": 0, "14111": 1, "15111": 1},
        "UA45": {"55355": 0, "11411": 1, "11511": 1},
        "PD45": {"55535": 0, "11141": 1, "11151": 1},
        "AD45": {"55553": 0, "11114": 1, "11115": 1},
        "Num45sq": {"33333": 0, "41111": 0, "45111": 1, "44511": 4, "45454": 16},
        "MOAD": {"15551": 0, "21111": 0, "21112": 1, "31115": 8, "55555": 16},
        "PDAD": {"55151": 0, "55551": 0, "11122": 1, "11134": 6, "11155": 16},
    },
    "eq-5d-3l": {
        "AtLeastOne2Or3": {"11111": 0, "11121": 1, "33333": 1},
        "AtLeastOne3": {"22222": 0, "11131": 1, "33333": 1},
        "D1": {"11111": 0, "11121": 0, "11123": 1, "33333": 4},
        "I2": {"33333": 0, "21333": 0, "22333": 1, "22222": 4},
        "I2square": {"33333": 0, "21333": 0, "22333": 1, "22222": 16},
        "I3": {"22222": 0, "31222": 0, "33222": 1, "33333": 4},
        "I3square": {"22222": 0, "31222": 0, "33322": 4, "33333": 16},
        "O2": {"11111": 0, "11211": 1, "22222": 1, "11213": 0, "33333": 0},
        "O3": {"11111": 0, "11311": 1, "33333": 1, "11213": 0, "22222": 0},
        "C2square": {"11133": 0, "11233": 1, "12233": 4, "22222": 25},
        "C3square": {"11122": 0, "11322": 1, "13322": 4, "33333": 25},
        "X5": {"11111": 0, "22221": 0, "22222": 1, "23232": 1},
        "Z2": {"22222": 0, "33333": 0, "11123": 1, "22233": 1},
        "Z3": {"22222": 0, "33333": 0, "11123": 1, "12223": 3},
    },
    "eq-5d-y-3l": {
        "Intercept": {"11111": 0, "11112": 1, "33333": 1},
        "A3": {"11111": 0, "33332": 0, "33333": 1},
    },
}
ROWS = [
    pytest.param(instrument, term, counts, id=f"{instrument} {term}")
    for instrument, terms in COUNTS.items()
    for term, counts in terms.items()
]


def document(instrument: str, **changes: Any) -> Document:
    """Return a value set whose level coefficients are all 0."""
    levels = dict.fromkeys(level_terms(LEVELS[instrument]), 0.0)
    return {
        "id": "nowhere-2000",
        "version": "1.0",
        "instrument": instrument,
        "country": "Nowhere",
        "year": 2000,
        "type": TYPE[instrument],
        "citation": "Made up for tests",
        "doi": "10.1000/made-up",
        "checked": "one-source",
        "note": "",
        "coefficients": {START[instrument]: 0.0, **levels},
        **changes,
    }


def with_terms(instrument: str, terms: dict[str, float], form: str = "sum") -> ValueSet:
    given = document(instrument, form=form)
    return ValueSet.model_validate(given | {"coefficients": given["coefficients"] | terms})


def at(value_set: ValueSet, state: str) -> float:
    number = int("".join(str(int(level) - 1) for level in state), value_set.levels)
    return float(value_set.indices[number])


# Terms


@pytest.mark.parametrize(("instrument", "term", "counts"), ROWS)
def test_a_term_counts_as_often_as_its_meaning_says(
    instrument: str, term: str, counts: dict[str, int]
) -> None:
    subject = with_terms(instrument, {term: 1.0})
    assert {state: at(subject, state) for state in counts} == counts


def test_every_term_has_a_row_of_what_it_means() -> None:
    for instrument, terms in INTERACTIONS.items():
        assert COUNTS[instrument].keys() == terms.keys() - PAIRS.keys()


def test_a_pair_counts_when_both_are_so() -> None:
    subject = with_terms("eq-5d-3l", {"MO3SC3": 1.0, "SC3UA2": 0.5})
    states = {"33111": 1, "33211": 1.5, "13211": 0.5, "23211": 0.5, "32111": 0, "13311": 0}
    assert {state: at(subject, state) for state in states} == states
    assert len(PAIRS) == 40


def test_a_level_counts_for_its_own_dimension_only() -> None:
    for place, dimension in enumerate(("MO", "SC", "UA", "PD", "AD")):
        subject = with_terms("eq-5d-5l", {f"{dimension}4": -1.0})
        counted = subject.indices.reshape([5] * 5).take(3, axis=place)
        assert (counted == -1).all()
        assert int((subject.indices == -1).sum()) == 5**4


def test_level_1_counts_where_a_model_has_it() -> None:
    subject = with_terms("eq-5d-5l", {"StartValue": 1.0, **dict.fromkeys(FIRST_LEVEL, -0.1)})
    assert (at(subject, "11111"), at(subject, "21111"), at(subject, "55555")) == (0.5, 0.6, 1)


def test_decimal_fractions_are_added_exactly() -> None:
    subject = with_terms("eq-5d-3l", {"FullHealth": 0.3, "MO2": -0.1, "SC2": -0.1, "UA2": -0.1})
    assert at(subject, "22211") == 0
    assert 0.3 - 0.1 - 0.1 - 0.1 != 0


def test_in_a_product_what_counts_is_multiplied() -> None:
    levels = dict.fromkeys(level_terms(3), 0.5)
    others = {"FullHealth": 0.8, "AtLeastOne3": 0.9, "I2": 0.5}
    subject = with_terms("eq-5d-3l", levels | others, form="product")
    states = {"11111": 0.8, "21111": 0.4, "31111": 0.36, "22211": 0.8 / 8 / 4}
    assert {state: at(subject, state) for state in states} == states


def test_a_coefficient_of_0_that_does_not_count_does_no_harm_to_a_product() -> None:
    levels = dict.fromkeys(level_terms(3), 1.0)
    others = {"FullHealth": 1.0, "AtLeastOne3": 0.0}
    subject = with_terms("eq-5d-3l", levels | others, form="product")
    assert (at(subject, "22222"), at(subject, "22223")) == (1, 0)


def test_power_raises_the_sum_of_the_level_terms_and_nothing_else() -> None:
    terms = {"FullHealth": 1.0, "MO2": -0.2, "AD3": -0.3, "Intercept": -0.1, "Power": 2.0}
    subject = with_terms("eq-5d-y-3l", terms)
    states = {"11111": 1, "21111": 1 - 0.04 - 0.1, "21113": 1 - 0.25 - 0.1, "12221": 0.9}
    for state, wanted in states.items():
        assert at(subject, state) == pytest.approx(wanted, rel=0, abs=1e-15)


def test_an_override_replaces_what_the_coefficients_give() -> None:
    plain = ValueSet.model_validate(document("eq-5d-3l"))
    subject = ValueSet.model_validate(document("eq-5d-3l", overrides={"12133": 0.154}))
    apart = subject.indices - plain.indices
    assert at(subject, "12133") == 0.154
    assert int((apart != 0).sum()) == 1


def test_a_table_of_values_is_the_index() -> None:
    values = {name: number / 1000 for number, name in enumerate(reversed(names("eq-5d-3l")))}
    given = document("eq-5d-3l", type="RCW", values=values, coefficients=None)
    subject = ValueSet.model_validate(given)
    assert subject.indices.tolist() == [values[name] for name in names("eq-5d-3l")]


def names(instrument: str) -> list[str]:
    levels = LEVELS[instrument]
    places = np.unravel_index(np.arange(levels**5), [levels] * 5)
    return ["".join(str(place + 1) for place in state) for state in zip(*places, strict=True)]


def test_the_table_of_indices_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        with_terms("eq-5d-3l", {}).indices[0] = 1


# What the model lets through


@pytest.mark.parametrize(
    "instead", [{"isbn": "1-4020-5511-0"}, {"url": "https://example.org/report.pdf?id=1"}]
)
def test_an_isbn_or_an_address_may_stand_instead_of_a_doi(instead: dict[str, str]) -> None:
    assert ValueSet.model_validate(document("eq-5d-3l", doi=None, **instead)).doi is None


def test_the_year_may_be_unknown_if_the_note_says_so() -> None:
    given = document("eq-5d-3l", year=None, note="The report bears no year.")
    assert ValueSet.model_validate(given).year is None


def test_the_form_that_a_set_has_not_may_be_null() -> None:
    assert ValueSet.model_validate(document("eq-5d-3l", values=None)).values is None


@pytest.mark.parametrize("figure", [-10.0, 10.0, 0])
def test_a_figure_may_be_anything_that_is_no_slip(figure: float) -> None:
    assert at(with_terms("eq-5d-3l", {"MO2": figure}), "21111") == figure


@pytest.mark.parametrize("instrument", LEVELS)
def test_every_term_of_the_vocabulary_is_accepted_and_offered_by_the_schema(
    instrument: str,
) -> None:
    coefficients = {term: float(term == "Power") for term in vocabulary(instrument)}
    subject = ValueSet.model_validate(document(instrument, coefficients=coefficients))
    assert not subject.indices.any()
    schema = json.loads((INSTRUMENTS / "value-set.schema.json").read_text(encoding="utf-8"))
    offered = schema["properties"]["coefficients"]["propertyNames"]["enum"]
    assert coefficients.keys() <= set(offered)
    assert len(offered) == len(set(offered))


# Files


def test_value_sets_are_found_by_instrument_and_id() -> None:
    found = shelf.value_sets(INSTRUMENTS)
    assert list(found) == [f"{p.parent.name}/{p.stem}" for p in shipped_value_sets()]
    assert len(found) == 168
    assert found["eq-5d-3l/uk-1997"]["country"] == "United Kingdom"
    assert "eq-5d-3l/uk-1997" in found
    assert "eq-5d-5l/uk-1997" not in found
    assert "eq-5d-5l/../eq-5d-3l/uk-1997" not in found


def test_every_value_set_can_be_listed() -> None:
    found = shelf.all_value_sets(INSTRUMENTS)
    keys = [f"{one.instrument}/{one.id}" for one in found]
    assert keys == list(shelf.value_sets(INSTRUMENTS))


def folder_with(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / "value-sets" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_only_when_it_is_asked_for(tmp_path: Path) -> None:
    folder_with(tmp_path, "eq-5d-3l/nowhere-2000.json", "{")
    found = shelf.value_sets(tmp_path)
    plain = {"id": "eq-5d-5l", "scores": [{"method": "value-set", "value_set": "no-2024"}]}
    assert "eq-5d-3l/nowhere-2000" in found
    assert catalogue.resolve(plain, found)["value_sets"] == {}
    with pytest.raises(NotValid, match=r"nowhere-2000\.json: document: is not JSON"):
        found["eq-5d-3l/nowhere-2000"]


def test_a_file_must_be_named_after_what_it_holds(tmp_path: Path) -> None:
    text = json.dumps(document("eq-5d-3l"))
    path = folder_with(tmp_path, "eq-5d-5l/nowhere-2000.json", text)
    with pytest.raises(NotValid, match="id: the file must be named eq-5d-3l/nowhere-2000"):
        shelf.check_file(path)
    with pytest.raises(NotValid, match="must be named"):
        shelf.value_sets(tmp_path)["eq-5d-5l/nowhere-2000"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("eq-5d-5l/uk-2012-cw", "value set uk-2012-cw, 3125 health states"),
        ("eq-5d-3l/no-2024-rc", "value set no-2024-rc, 243 health states"),
        ("eq-5d-y-3l/id-2022", "value set id-2022, 243 health states"),
    ],
)
def test_a_file_of_any_form_can_be_checked(name: str, said: str) -> None:
    assert shelf.check_file(VALUE_SETS / f"{name}.json") == said


def test_a_file_with_neither_coefficients_nor_values_is_told_so(tmp_path: Path) -> None:
    given = document("eq-5d-3l")
    del given["coefficients"]
    path = folder_with(tmp_path, "eq-5d-3l/nowhere-2000.json", json.dumps(given))
    with pytest.raises(NotValid, match="needs coefficients, and takes no values"):
        shelf.check_file(path)


def test_a_file_is_found_from_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(VALUE_SETS / "eq-5d-5l")
    assert "no-2024" in shelf.check_file(Path("no-2024.json"))

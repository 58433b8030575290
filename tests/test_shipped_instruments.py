"""What is shipped in `instruments/` obeys the rules, and keeps the names registries build on."""

import re
from pathlib import Path

import pytest

from scoring import ValueSet, Wording, compile_instrument
from scoring.reference import Mcid, Norm
from scoring.rules import instrument_problems
from scoring.wording import wording_problems
from tests.documents import (
    INSTRUMENTS,
    instrument,
    read,
    shipped,
    shipped_definitions,
    shipped_mcids,
    shipped_norms,
    shipped_value_sets,
    shipped_wordings,
)

SCALES = [
    "physical_functioning",
    "role_physical",
    "role_emotional",
    "energy_fatigue",
    "emotional_well_being",
    "social_functioning",
    "pain",
    "general_health",
]
COMPOSITES = [
    f"{part}_{kind}" for kind in ("orthogonal", "oblique", "unweighted") for part in ("pcs", "mcs")
]
STANDARDISED = [name for name in COMPOSITES if not name.endswith("unweighted")]
ITEMS = {
    "rand-36": [f"q{number}" for number in range(1, 37)],
    "rand-12": [
        f"rand_{part}"
        for part in ("1", "2a", "2b", "3a", "3b", "4a", "4b", "5", "6a", "6b", "6c", "7")
    ],
    "eq-5d-5l": ["mo", "sc", "ua", "pd", "ad", "vas"],
}
SCORES = {
    "rand-36": [*SCALES, "health_change", *COMPOSITES],
    "rand-12": [*SCALES, *COMPOSITES],
    "eq-5d-5l": ["index_no_2024", "vas", "level_sum"],
}
RAND_12_OF_36 = (1, 4, 6, 14, 15, 18, 19, 22, 26, 27, 28, 32)

definitions = pytest.mark.parametrize(
    "path", shipped_definitions(), ids=lambda path: f"{path.parent.name}/{path.name}"
)
wordings = pytest.mark.parametrize(
    "path", shipped_wordings(), ids=lambda path: f"{path.parent.name}/{path.name}"
)
value_sets = pytest.mark.parametrize(
    "path", shipped_value_sets(), ids=lambda path: f"{path.parent.name}/{path.stem}"
)


def wording(path: Path) -> Wording:
    return Wording.model_validate(read(path))


def definition_of(path: Path) -> Path:
    return path.with_name(f"{path.stem.rpartition('.')[0]}.json")


def test_every_instrument_is_shipped_with_a_wording_in_english_and_in_norwegian() -> None:
    found = {(path.parent.name, wording(path).language) for path in shipped_wordings()}
    assert {path.parent.name for path in shipped_definitions()} == ITEMS.keys()
    assert found == {(name, language) for name in ITEMS for language in ("en", "nb")}


def test_instruments_holds_data_only() -> None:
    kinds = {path.suffix for path in INSTRUMENTS.rglob("*") if path.is_file()}
    assert ".json" in kinds
    assert kinds <= {".json", ".md"}


def test_every_document_is_found_by_one_of_the_searches() -> None:
    known = {*shipped_definitions(), *shipped_wordings(), *shipped_value_sets()}
    known |= {*shipped_norms(), *shipped_mcids()}
    others = set(INSTRUMENTS.glob("*/**/*.json")) - known
    assert len(known) >= 10
    assert not others


@definitions
def test_a_shipped_definition_breaks_no_rule(path: Path) -> None:
    assert instrument_problems(instrument(path)) == []


@definitions
def test_a_shipped_definition_reproduces_its_own_examples(path: Path) -> None:
    subject = compile_instrument(instrument(path))
    for example in instrument(path).examples:
        given = subject.score_one(example.answers, example.missing_rule)
        for name, expected in example.expected.items():
            wanted = None if expected is None else pytest.approx(expected, rel=0, abs=1e-9)
            assert given[name]["value"] == wanted, (example.name, name)


@definitions
def test_a_definitions_file_is_named_after_its_id_and_version(path: Path) -> None:
    assert path == INSTRUMENTS / instrument(path).id / f"{instrument(path).version}.json"


@definitions
def test_items_and_scores_keep_the_names_that_registries_build_on(path: Path) -> None:
    subject = instrument(path)
    assert [item.id for item in subject.items] == ITEMS[subject.id]
    assert sorted(score.id for score in subject.scores) == sorted(SCORES[subject.id])


@wordings
def test_a_shipped_wording_fits_its_definition(path: Path) -> None:
    subject = instrument(definition_of(path))
    assert list(wording_problems(wording(path), subject)) == []
    assert (wording(path).instrument, wording(path).version) == (subject.id, subject.version)


@wordings
def test_a_wordings_file_is_named_after_its_version_and_language(path: Path) -> None:
    assert path.name == f"{wording(path).version}.{wording(path).language}.json"


@wordings
def test_no_licensed_wording_is_shipped(path: Path) -> None:
    licence = instrument(definition_of(path)).licence.status
    if licence == "licensed":
        assert wording(path).status == "placeholder"
        assert re.search("placeholder|plassholder", wording(path).title)
        assert "placeholder" in wording(path).source
        assert re.search("placeholder|plassholder", wording(path).credit)


def test_eq_5d_is_licensed_and_says_on_every_page_that_its_text_is_a_placeholder() -> None:
    assert instrument(shipped("eq-5d-5l")).licence.status == "licensed"
    texts = [wording(path) for path in shipped_wordings() if path.parent.name == "eq-5d-5l"]
    assert [text.status for text in texts] == ["placeholder", "placeholder"]
    for text in texts:
        assert text.stems.keys() == {"dimensions", "vas"}
        assert all(re.match("Placeholder text|Plassholdertekst", s) for s in text.stems.values())


def test_no_rand_wording_is_official_but_rands_own_questionnaire() -> None:
    status = {
        f"{path.parent.name} {wording(path).language}": wording(path).status
        for path in shipped_wordings()
    }
    assert {name: status[name] for name in status if name.startswith("rand")} == {
        "rand-36 en": "official",
        "rand-36 nb": "unreviewed",
        "rand-12 en": "unreviewed",
        "rand-12 nb": "unreviewed",
    }


def test_the_other_norwegian_translation_which_is_licensed_is_not_shipped() -> None:
    texts = [
        p.read_text(encoding="utf-8") for p in shipped_wordings() if p.match("rand-*/*.nb.json")
    ]
    assert len(texts) == 2
    assert not any(phrase in text for text in texts for phrase in ("Meget god", "harmonisk"))


def test_rand_is_credited_and_not_called_sf_36() -> None:
    found = [path for path in shipped_wordings() if path.parent.name.startswith("rand")]
    assert len(found) == 4
    for path in found:
        assert "Medical Outcomes Study" in wording(path).credit
        assert "SF-36" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_rand_12_asks_its_twelve_questions_in_rand_36s_words(language: str) -> None:
    short = wording(shipped("rand-12").with_suffix(f".{language}.json"))
    long = wording(shipped("rand-36").with_suffix(f".{language}.json"))
    questions = [long.items[f"q{number}"] for number in RAND_12_OF_36]
    assert [short.items[item] for item in ITEMS["rand-12"]] == questions
    assert short.options.items() <= long.options.items()
    assert short.stems.items() <= long.stems.items()


def test_rand_12_codes_and_recodes_its_twelve_items_as_rand_36_does() -> None:
    short, long = read(shipped("rand-12")), read(shipped("rand-36"))
    same = ("type", "options", "direction", "recode", "missing_codes")
    questions = [long["items"][number - 1] for number in RAND_12_OF_36]
    assert [[item[key] for key in same] for item in short["items"]] == [
        [item[key] for key in same] for item in questions
    ]
    assert short["option_sets"].items() <= long["option_sets"].items()
    assert short["recodes"].items() <= long["recodes"].items()


@value_sets
def test_a_value_sets_file_is_named_after_its_id_and_instrument(path: Path) -> None:
    value_set = ValueSet.model_validate(read(path))
    assert (path.parent.name, path.stem) == (value_set.instrument, value_set.id)
    assert value_set.indices.shape == (value_set.levels**5,)


def test_a_norms_file_is_named_after_its_id_and_instrument() -> None:
    assert shipped_norms()
    for path in shipped_norms():
        norm = Norm.model_validate_json(path.read_text(encoding="utf-8"))
        assert (path.parent.name, path.stem) == (norm.instrument, norm.id)


def test_an_mcids_file_is_named_after_its_id_and_instrument() -> None:
    assert shipped_mcids()
    for path in shipped_mcids():
        mcid = Mcid.model_validate_json(path.read_text(encoding="utf-8"))
        assert (path.parent.name, path.stem) == (mcid.instrument, mcid.id)


def test_an_mcid_of_an_index_names_a_value_set_that_is_shipped() -> None:
    named = {
        (one["instrument"], one["value_set"])
        for one in map(read, shipped_mcids())
        if "value_set" in one
    }
    assert named
    assert named <= {(path.parent.name, path.stem) for path in shipped_value_sets()}


def test_the_norm_of_1990_is_what_rand_36_is_standardised_with() -> None:
    norm = Norm.model_validate(read(INSTRUMENTS / "norms/rand-36/us-1990.json"))
    rows = {row.score: (row.mean, row.sd) for row in norm.rows}
    composites = [s for s in read(shipped("rand-36"))["scores"] if s["id"] in STANDARDISED]
    assert rows.keys() == set(SCALES)
    assert len(composites) == 4
    for score in composites:
        assert {t["score"]: (t["mean"], t["sd"]) for t in score["terms"]} == rows, score["id"]


def test_there_is_a_value_set_for_every_index_and_its_source_says_which() -> None:
    assert shipped_value_sets()
    for path in shipped_definitions():
        document = read(path)
        for score in document["scores"]:
            if score["method"] == "value-set":
                found = instrument(path).value_sets[score["value_set"]]
                published = found.doi or found.isbn or found.url
                assert published
                assert published in score["source"]

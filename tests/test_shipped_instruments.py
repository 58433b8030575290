"""What is shipped in `instruments/` obeys the rules, and keeps the names registries build on."""

import re
from pathlib import Path

import pytest

from scoring import Wording, compile_instrument
from scoring.checks.rules import instrument_problems
from scoring.reference import Norm
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

pytestmark = pytest.mark.uncounted

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
EQ_5D = ["mo", "sc", "ua", "pd", "ad", "vas"]


def numbered(letter: str, last: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, last + 1)]


ITEMS = {
    "rand-36": numbered("q", 36),
    "rand-12": [
        f"rand_{part}"
        for part in ("1", "2a", "2b", "3a", "3b", "4a", "4b", "5", "6a", "6b", "6c", "7")
    ],
    "eq-5d-5l": EQ_5D,
    "eq-5d-3l": EQ_5D,
    "eq-5d-y-3l": EQ_5D,
    "gad-7": numbered("q", 7),
    "gs-peq": numbered("gkv_", 12),
    "koos": [
        *numbered("s", 7),
        *numbered("p", 9),
        *numbered("a", 17),
        *numbered("sp", 5),
        *numbered("q", 4),
    ],
    "odi": numbered("q", 10),
    "phq-9": numbered("q", 9),
    "promis-global-10": [
        *(f"global0{number}" for number in ("1", "2", "3", "4", "5", "9r", "6")),
        *("global10r", "global08r", "global07r"),
    ],
    "quickdash": numbered("q", 11),
    "who-5": numbered("q", 5),
}
SYMPTOMS = ["n_core", "n_items_3_8", "n_item_9", "n_symptoms"]
SCORES = {
    "rand-36": [*SCALES, "health_change", *COMPOSITES],
    "rand-12": [*SCALES, *COMPOSITES],
    "eq-5d-5l": ["index_no_2024", "vas", "level_sum"],
    "eq-5d-3l": ["index_uk_1997", "vas", "level_sum"],
    "eq-5d-y-3l": ["vas", "level_sum"],
    "gad-7": ["total"],
    "gs-peq": [f"top_{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)],
    "koos": ["pain", "symptoms", "adl", "sport_rec", "qol"],
    "odi": ["odi"],
    "phq-9": ["total", *SYMPTOMS, "depressive_syndrome"],
    "promis-global-10": ["gph_raw", "gph_t", "gmh_raw", "gmh_t"],
    "quickdash": ["disability_symptom"],
    "who-5": ["total", "percent"],
}
BANDS = {
    "gad-7 total": ["0 minimal", "5 mild", "10 moderate", "15 severe"],
    "odi odi": [
        "0 minimal disability",
        "21 moderate disability",
        "41 severe disability",
        "61 crippled",
        "81 bed-bound or exaggerating",
    ],
    "phq-9 depressive_syndrome": [
        "0 no depressive syndrome",
        "1 other depressive syndrome",
        "2 major depressive syndrome",
    ],
    "phq-9 total": ["0 minimal", "5 mild", "10 moderate", "15 moderately severe", "20 severe"],
    "who-5 percent": ["0 poor well-being", "52 above the cut for poor well-being"],
    "who-5 total": ["0 poor well-being", "13 above the cut for poor well-being"],
}
DIMENSIONS = ("eq-5d-5l", "eq-5d-3l", "eq-5d-y-3l")
"""EuroQol's: the placeholders name the dimensions, which are not EuroQol's sentences."""

NUMBERED = ("koos", "odi", "promis-global-10", "quickdash")
"""Their placeholders are numbers only."""

ENGLISH_ONLY = ("gad-7", "phq-9", "who-5")
"""Of their Norwegian versions none could be verified word for word, and several go about."""

WORDINGS = {
    "rand-36": {"en": "official", "nb": "unreviewed"},
    "rand-12": {"en": "unreviewed", "nb": "unreviewed"},
    # in English two of its questions, and its answers, were not found
    "gs-peq": {"nb": "unreviewed"},
    **{name: {"en": "unreviewed"} for name in ENGLISH_ONLY},
    **{name: {"en": "placeholder", "nb": "placeholder"} for name in (*DIMENSIONS, *NUMBERED)},
}
RAND_12_OF_36 = (1, 4, 6, 14, 15, 18, 19, 22, 26, 27, 28, 32)

definitions = pytest.mark.parametrize(
    "path", shipped_definitions(), ids=lambda path: f"{path.parent.name}/{path.name}"
)
wordings = pytest.mark.parametrize(
    "path", shipped_wordings(), ids=lambda path: f"{path.parent.name}/{path.name}"
)


def wording(path: Path) -> Wording:
    return Wording.model_validate(read(path))


def definition_of(path: Path) -> Path:
    return path.with_name(f"{path.stem.rpartition('.')[0]}.json")


def wordings_of(*names: str) -> list[Wording]:
    return [wording(path) for path in shipped_wordings() if path.parent.name in names]


def test_every_instrument_is_shipped_with_its_wordings_and_none_is_called_more_than_it_is() -> None:
    found: dict[str, dict[str, str]] = {}
    for path in shipped_wordings():
        found.setdefault(path.parent.name, {})[wording(path).language] = wording(path).status
    assert {path.parent.name for path in shipped_definitions()} == ITEMS.keys()
    assert found == WORDINGS


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


def test_bands_are_the_published_ones() -> None:
    found = {
        f"{path.parent.name} {score['id']}": [
            f"{band['at_least']} {band['label']}" for band in score["bands"]
        ]
        for path in shipped_definitions()
        for score in read(path)["scores"]
        if "bands" in score
    }
    assert found == BANDS


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


def test_what_is_licensed_or_may_be_has_placeholders_only_but_for_gs_peq() -> None:
    status = {name: instrument(shipped(name)).licence.status for name in ITEMS}
    doubtful = {name for name in status if status[name] in ("licensed", "unconfirmed")}
    assert doubtful == {*DIMENSIONS, *NUMBERED, "gs-peq"}
    assert {name for name in doubtful if "placeholder" not in WORDINGS[name].values()} == {"gs-peq"}


@pytest.mark.parametrize("name", DIMENSIONS)
def test_eq_5d_is_licensed_and_says_on_every_page_that_its_text_is_a_placeholder(name: str) -> None:
    assert instrument(shipped(name)).licence.status == "licensed"
    texts = wordings_of(name)
    assert [text.status for text in texts] == ["placeholder", "placeholder"]
    for text in texts:
        assert text.stems.keys() == {"dimensions", "vas"}
        assert all(re.match("Placeholder text|Plassholdertekst", s) for s in text.stems.values())


@pytest.mark.parametrize("name", NUMBERED)
def test_a_numbered_placeholder_has_no_word_of_the_questionnaire(name: str) -> None:
    english, norwegian = wordings_of(name)
    for text, question, answer in (
        (english, r"question \d+ of \d+: placeholder text", "Answer"),
        (norwegian, r"spørsmål \d+ av \d+: plassholdertekst", "Svar"),
    ):
        item = re.compile(rf"[\w -]{{3,21}}, {question}")
        assert text.items
        assert [one for one in text.items.values() if not item.fullmatch(one)] == []
        assert len(set(text.items.values())) == len(text.items)
        assert text.options
        for options in text.options.values():
            assert options == {code: f"{answer} {code}" for code in options}
        assert len({*text.stems.values(), text.title}) == 2
        assert all(re.match("Placeholder text|Plassholdertekst", s) for s in text.stems.values())


@pytest.mark.parametrize("name", ENGLISH_ONLY)
def test_a_wording_that_is_free_if_credited_carries_the_credit(name: str) -> None:
    licence = instrument(shipped(name)).licence
    (text,) = wordings_of(name)
    assert licence.status == "attribution"
    assert text.credit == licence.credit
    assert re.search("Pfizer|CC BY-NC-SA 3.0 IGO", text.credit)


def test_the_phq_and_the_gad_offer_the_same_answers() -> None:
    phq, gad = wordings_of("phq-9", "gad-7")
    assert phq.options == gad.options
    assert list(phq.options["frequency"].values())[2] == "More than half the days"


def test_the_diagnosis_rule_says_that_nobody_cross_checked_it() -> None:
    sources = {score.id: score.source for score in instrument(shipped("phq-9")).scores}
    assert {name for name in sources if "not cross-checked" in sources[name]} == {
        *SYMPTOMS,
        "depressive_syndrome",
    }


def test_eq_5d_y_names_no_value_set_and_says_why() -> None:
    subject = instrument(shipped("eq-5d-y-3l"))
    assert {score.method for score in subject.scores} == {"mean", "sum"}
    assert "no Norwegian value set" in subject.source


def test_gs_peq_offers_not_applicable_for_every_question_but_how_long_one_waited() -> None:
    document = read(shipped("gs-peq"))
    (text,) = wordings_of("gs-peq")
    apart = {item["id"]: item.get("not_applicable") for item in document["items"]}
    assert apart == {name: None if name == "gkv_11" else [9] for name in ITEMS["gs-peq"]}
    assert document["option_sets"].keys() == text.options.keys()
    assert {name for name, options in text.options.items() if options.get(9) == "Ikke aktuelt"} == {
        "extent",
        "benefit",
    }


def test_gs_peq_leaves_the_numbers_of_its_questions_to_the_page() -> None:
    (text,) = wordings_of("gs-peq")
    assert text.items["gkv_1"] == "Snakket behandlerne til deg slik at du forsto dem?"
    assert not [one for one in text.items.values() if one[0].isdigit() or not one.endswith("?")]


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


def test_the_norm_of_1990_is_what_rand_36_is_standardised_with() -> None:
    norm = Norm.model_validate(read(INSTRUMENTS / "norms/rand-36/us-1990.json"))
    rows = {row.score: (row.mean, row.sd) for row in norm.rows}
    composites = [s for s in read(shipped("rand-36"))["scores"] if s["id"] in STANDARDISED]
    assert rows.keys() == set(SCALES)
    assert len(composites) == 4
    for score in composites:
        assert {t["score"]: (t["mean"], t["sd"]) for t in score["terms"]} == rows, score["id"]

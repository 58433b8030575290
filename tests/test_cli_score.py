"""`svar score`: a file of answers becomes a file of scores, the same that one person would get."""

import json
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app import catalogue, shelf
from app.settings import HOUSE
from scoring import VERSION
from tests.documents import scorer, shipped
from tests.files import (
    answers,
    from_csv,
    one_by_one,
    read,
    refused,
    scored,
    vectors,
    write,
)

ENDINGS = (".csv", ".ndjson", ".parquet")
RAND_36, RAND_12 = scorer(shipped("rand-36")), scorer(shipped("rand-12"))


@pytest.mark.parametrize(("ending", "to"), list(product(ENDINGS, ENDINGS)))
def test_a_file_gets_the_scores_that_each_person_would_get_alone(
    tmp_path: Path, ending: str, to: str
) -> None:
    people = vectors("rand-36")
    source, target = write(tmp_path / f"answers{ending}", people), tmp_path / f"scores{to}"
    scored("rand-36", source, "-o", target)
    expected = one_by_one(RAND_36, people)
    assert len(expected) == 45
    assert any(row["pain"] is None for row in expected)
    assert read(target) == [
        {"kind": person["kind"]} | row for person, row in zip(people, expected, strict=True)
    ]


def test_the_missing_rule_can_be_chosen(tmp_path: Path) -> None:
    people = vectors("rand-36")
    source, target = write(tmp_path / "answers.csv", people), tmp_path / "scores.parquet"
    scored("rand-36", source, "-o", target, "--missing-rule", "any", "--answered")
    expected = one_by_one(RAND_36, people, answered=True, rule="any")
    assert expected != one_by_one(RAND_36, people, answered=True)
    rows = read(target)
    assert list(rows[0]) == ["kind", *expected[0]]
    assert [{**row, "kind": None} for row in rows] == [{"kind": None} | row for row in expected]


def test_a_missing_rule_that_is_not_offered_is_refused_with_those_that_are(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers()])
    said = refused("rand-36", source, "--missing-rule", "all")
    assert said.startswith("rand-36 does not offer missing rule all: any.")


def test_the_counts_stand_beside_their_scores_as_whole_numbers(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", vectors("rand-12"))
    target = tmp_path / "scores.parquet"
    scored("rand-12", source, "-o", target, "--answered")
    schema = pq.read_schema(target)
    assert schema.names[:5] == [
        "kind",
        "physical_functioning",
        "physical_functioning_answered",
        "role_physical",
        "role_physical_answered",
    ]
    kinds = {name: schema.field(name).type for name in schema.names}
    assert kinds.pop("kind") == pa.string()
    assert {kind for name, kind in kinds.items() if name.endswith("_answered")} == {pa.int16()}
    assert {kind for name, kind in kinds.items() if not name.endswith("_answered")} == {
        pa.float64()
    }


def test_columns_may_stand_in_any_order_and_others_are_carried_through(tmp_path: Path) -> None:
    person = answers("rand-12", rand_1=3, rand_6b=6)
    shuffled = dict(sorted(person.items(), reverse=True))
    row = {"id": "007", **dict(list(shuffled.items())[:5]), "når": "2026-01-02", **shuffled}
    target = tmp_path / "scores.ndjson"
    scored("rand-12", write(tmp_path / "answers.csv", [row]), "-o", target)
    (alone,) = one_by_one(RAND_12, [person])
    assert list(read(target)[0].items()) == [
        ("id", "007"),
        ("når", "2026-01-02"),
        *alone.items(),
    ]


def test_columns_that_are_carried_through_keep_their_types(tmp_path: Path) -> None:
    held = pa.table(
        {
            "id": pa.array([7, None], pa.int32()),
            "when": pa.array([0, 1], pa.timestamp("us", "UTC")),
            "unit": pa.array(["a", "a"]).dictionary_encode(),
            "visits": pa.array([[1], None]),
            **{item: pa.array([code] * 2, pa.int8()) for item, code in answers().items()},
        }
    )
    pq.write_table(held, tmp_path / "answers.parquet")
    scored("rand-36", tmp_path / "answers.parquet", "-o", tmp_path / "scores.parquet")
    found = pq.read_table(tmp_path / "scores.parquet")
    assert found.column_names[:4] == ["id", "when", "unit", "visits"]
    assert [field.type for field in found.schema][:3] == [
        pa.int32(),
        pa.timestamp("us", "UTC"),
        pa.string(),
    ]
    assert found["visits"].to_pylist() == [[1], None]


def renamed(folder: Path) -> tuple[Path, dict[str, str]]:
    names = {f"SP_{place}=x": item for place, item in enumerate(RAND_12.items[:3])}
    person = vectors("rand-12")[5]
    row = {column: person.pop(item) for column, item in names.items()} | person
    return write(folder / "answers.csv", [row]), names


@pytest.mark.parametrize("way", ["words", ".json", ".csv", ";", "both"])
def test_columns_of_other_names_are_mapped(tmp_path: Path, way: str) -> None:
    source, names = renamed(tmp_path)
    words = [f"{column}={item}" for column, item in names.items()]
    lines = ["column,item", *(f"{column},{item}" for column, item in names.items())]
    as_csv, as_json = tmp_path / "map.csv", tmp_path / "MAP.JSON"
    as_csv.write_text("\n".join(lines).replace(",", ";" if way == ";" else ","))
    as_json.write_text(json.dumps(names))
    if way == "both":
        as_json.write_text(json.dumps(dict(list(names.items())[:2])))
    ways: dict[str, list[object]] = {
        "words": [*words],
        ".json": [as_json],
        "both": [as_json, words[2]],
    }
    options = [word for one in ways.get(way, [as_csv]) for word in ("--map", one)]
    out = scored("rand-12", source, *options).stdout
    (alone,) = one_by_one(RAND_12, [vectors("rand-12")[5]])
    assert from_csv(out) == [{"kind": vectors("rand-12")[5]["kind"]} | alone]


def test_columns_that_stand_for_each_other_are_mapped(tmp_path: Path) -> None:
    person = answers("rand-12", rand_1=4, rand_5=2)
    swapped = person | {"rand_1": 2, "rand_5": 4}
    source = write(tmp_path / "answers.csv", [swapped])
    out = scored("rand-12", source, "--map", "rand_1=rand_5", "--map", "rand_5=rand_1").stdout
    assert from_csv(out) == one_by_one(RAND_12, [person])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["a=rand_0"], "rand_0 is not an item of rand-12 (there is rand_"),
        (["RAND_1=rand_1"], "The file has no column RAND_1 (there is rand_1)"),
        (["kind=rand_1"], "The file has two columns for rand_1: kind and rand_1"),
        (["kind=rand_1", "rand_1=rand_1"], "two columns are named for rand_1"),
        (["kind=rand_1", "kind=rand_2a"], "--map names a column twice: kind"),
        (["kind"], "--map kind is neither COLUMN=ITEM nor a .csv or .json file"),
        (["{tmp}/none.csv"], "/none.csv: No such file or directory"),
        (["{tmp}/bad.json"], "bad.json is not JSON"),
        (["{tmp}/twice.json"], "--map names a column twice: kind"),
        (["{tmp}/list.json"], 'list.json must hold one object: {"COLUMN": "ITEM", …}'),
        (["{tmp}/numbers.json"], "numbers.json must hold one object"),
        (["{tmp}/head.csv"], "head.csv must have two columns under the header column,item"),
        (["{tmp}/wide.csv"], "wide.csv must have two columns"),
        (["{tmp}/empty.csv"], "empty.csv is not CSV"),
        (["{tmp}/bytes.csv"], "bytes.csv is not CSV"),
    ],
)
def test_a_map_that_does_not_fit_is_told(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "twice.json").write_text('{"kind": "rand_1", "kind": "rand_2a"}')
    (tmp_path / "numbers.json").write_text('{"a": 1}')
    (tmp_path / "head.csv").write_text("kind,rand_1\n")
    (tmp_path / "wide.csv").write_text("column,item\nkind,rand_1,x\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "bytes.csv").write_bytes(b"column,item\n\xff,x\n")
    source = write(tmp_path / "answers.csv", vectors("rand-12")[:1])
    words = [word.replace("{tmp}", str(tmp_path)) for one in options for word in ("--map", one)]
    assert said in refused("rand-12", source, *words)


def test_a_lacking_column_is_an_error_that_names_what_is_near(tmp_path: Path) -> None:
    person = answers("rand-12")
    row = {name.upper() if name == "rand_1" else name: code for name, code in person.items()}
    row["rand2a"] = row.pop("rand_2a")
    del row["rand_7"]
    said = refused("rand-12", write(tmp_path / "answers.csv", [row]), "-o", tmp_path / "x.csv")
    assert "no column for 3 of the items of rand-12:" in said
    assert "rand_1 (there is RAND_1), rand_2a (there is rand2a" in said
    assert "--map COLUMN=ITEM" in said
    assert not (tmp_path / "x.csv").exists()


def test_an_item_that_was_not_asked_may_be_said_to_be_absent(tmp_path: Path) -> None:
    person = answers()
    del person["q1"], person["q22"]
    source = write(tmp_path / "answers.csv", [person])
    assert "for 2 of the items" in refused("rand-36", source)
    given = ("--absent", "q1", "--absent", "q22", "--absent", "q1")
    (row,) = from_csv(scored("rand-36", source, *given).stdout)
    assert row == one_by_one(RAND_36, [person])[0]
    assert "q2, which was said" in refused("rand-36", source, *given, "--absent", "q2")
    assert "q99 is not an item" in refused("rand-36", source, *given, "--absent", "q99")


def test_a_column_with_a_scores_name_is_an_error(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers() | {"pain": 1, "pain_answered": 2}])
    target = tmp_path / "scores.csv"
    assert "names of scores: pain." in refused("rand-36", source, "-o", target)
    assert "pain, pain_answered." in refused("rand-36", source, "-o", target, "--answered")
    assert not target.exists()


def test_what_means_no_answer_can_be_said(tmp_path: Path) -> None:
    marks: list[object] = ["8", "8.0", " 8 ", "NA", " NA", "", "  ", "."]
    people = [answers("rand-36", q1=mark, q20=1, q22=mark, q21=2) for mark in marks]
    source = write(tmp_path / "answers.csv", people)
    out = scored("rand-36", source, "--missing", "8", "--missing", "NA", "--missing", ".").stdout
    person = answers("rand-36", q1=None, q22=None, q21=2)
    assert from_csv(out) == one_by_one(RAND_36, [person] * len(marks))


def test_what_means_no_answer_can_be_said_of_one_item(tmp_path: Path) -> None:
    for value, item in ((-9, "q1"), (88, "q2")):
        source = write(tmp_path / "answers.parquet", [answers("rand-36", **{item: value})])
        out = scored("rand-36", source, "--missing", f"{item}={value}").stdout
        assert from_csv(out) == one_by_one(RAND_36, [answers("rand-36", **{item: None})])
        assert f"column {item}: {value} is" in refused(
            "rand-36", source, "--missing", f"q36={value}", code=3
        )


def test_a_number_below_zero_can_mean_no_answer(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.ndjson", [answers("rand-36", q1=-1, q2="-1")])
    out = scored("rand-36", source, "--missing", "-1").stdout
    assert from_csv(out) == one_by_one(RAND_36, [answers("rand-36", q1=None, q2=None)])


def test_what_is_an_answer_cannot_mean_no_answer(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers("eq-5d-5l", vas=9, mo=9)])
    said = refused("eq-5d-5l", source, "--missing", "9.0")
    assert "--missing 9: 9 is an answer to vas." in said
    (row,) = from_csv(scored("eq-5d-5l", source, "--missing", "mo=9").stdout)
    assert row == {"index_no_2024": None, "vas": 9.0, "level_sum": None}


def test_an_items_own_missing_codes_need_not_be_said(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers("eq-5d-5l", vas=999, mo=9)])
    (row,) = from_csv(scored("eq-5d-5l", source).stdout)
    assert row == {"index_no_2024": None, "vas": None, "level_sum": None}


@pytest.mark.parametrize("sign", [";", "tab", "|"])
def test_other_delimiters_can_be_said_and_codes_may_have_decimals(
    tmp_path: Path, sign: str
) -> None:
    mark = "\t" if sign == "tab" else sign
    people = [answers("rand-36", q1=code) for code in ("3.0", "3.", "+3", "3,00", "3,0", "03")]
    lines = [mark.join(map(str, row)) for row in (people[0], *(p.values() for p in people))]
    source = tmp_path / "answers.csv"
    source.write_text("\r\n".join(lines))
    out = scored("rand-36", source, "--delimiter", sign).stdout
    assert from_csv(out) == one_by_one(RAND_36, [answers("rand-36", q1=3)] * 6)
    if sign == ";":
        assert scored("rand-36", source).stdout == out


@pytest.mark.parametrize("sign", ["", ",,", '"', "\n", "ø"])
def test_a_delimiter_is_one_plain_character(tmp_path: Path, sign: str) -> None:
    assert "one ASCII character" in refused("rand-36", "x.csv", "--delimiter", sign, code=2)


def test_latin_1_is_read_when_one_says_so(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [{"navn": "Bjørn"} | answers()])
    source.write_bytes(source.read_text().encode("latin-1"))
    (row,) = from_csv(scored("rand-36", source, "--encoding", "latin-1").stdout)
    assert row["navn"] == "Bjørn"
    result = scored("rand-36", source, code=3)
    assert "line 2, column navn: is not UTF-8" in result.stderr
    assert from_csv(result.stdout) == [{"navn": None} | one_by_one(RAND_36, [answers()])[0]]


def test_the_newest_version_is_taken_unless_one_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "instruments" / "rand-36"
    folder.mkdir(parents=True)
    document = shelf.read(HOUSE / "instruments" / "rand-36" / "1.0.json")
    for version in ("1.0", "1.9", "1.10"):
        text = json.dumps({**document, "version": version})
        (folder / f"{version}.json").write_text(text)
    source = write(tmp_path / "answers.csv", [answers()])
    words = (source, "--instruments", folder.parent)
    assert "By rand-36 1.10, definition" in scored("rand-36", *words).stderr
    assert "By rand-36 1.9, definition" in scored("rand-36/1.9", *words).stderr


@pytest.mark.parametrize("words", [("rand-36/1.0",), ("rand-36", "--version", "1.0")])
def test_a_version_can_be_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    source = write(tmp_path / "answers.csv", [answers()])
    assert "By rand-36 1.0, definition" in scored(words[0], source, *words[1:]).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sf-36"], "There is no instrument sf-36 in "),
        (["sf-36"], "there are: eq-5d-3l/1.0, eq-5d-5l/1.0, eq-5d-y-3l/1.0, gad-7/1.0,"),
        (["rand-36", "--version", "2.0"], "There is no instrument rand-36/2.0 in"),
        (["../instruments/rand-36"], "There is no instrument ../instruments/rand-36 in "),
        (["rand-36", "--instruments", "/nowhere"], "in /nowhere; there are: none."),
    ],
)
def test_an_instrument_that_is_not_there_is_told(
    tmp_path: Path, words: list[str], said: str
) -> None:
    source = write(tmp_path / "answers.csv", [answers()])
    assert said in refused(words[0], source, *words[1:])


def test_two_versions_that_differ_are_refused() -> None:
    assert "differ" in refused("rand-36/1.0", "x.csv", "--version", "1.1", code=2)


def test_parquet_says_where_its_scores_come_from(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.csv", [answers("eq-5d-5l")]), tmp_path / "b.parquet"
    told = tmp_path / "origin.json"
    result = scored("eq-5d-5l", source, "-o", target, "--provenance", told)
    origin = json.loads(pq.read_schema(target).metadata[b"svar"])
    assert origin == json.loads(told.read_text())
    norway = origin.pop("value_sets")[0]
    digest = shelf.load(HOUSE / "instruments", "eq-5d-5l").sha256
    assert origin == {
        "svar": "0.1.0",
        "instrument": "eq-5d-5l",
        "version": "1.0",
        "definition_sha256": digest,
        "scoring_version": VERSION,
        "missing_rule": None,
    }
    assert (norway["id"], norway["paper"]) == ("no-2024", "doi:10.1007/s11136-024-03837-3")
    assert digest in result.stderr
    assert norway["paper"] in result.stderr


def test_the_definition_has_the_hash_that_the_service_publishes_it_under() -> None:
    folder = HOUSE / "instruments"
    document = shelf.read(folder / "eq-5d-5l" / "1.0.json")
    resolved = catalogue.resolve(document, shelf.value_sets(folder))
    text = catalogue.canonical(resolved)
    assert shelf.load(folder, "eq-5d-5l", "1.0").sha256 == catalogue.sha256(text)


def test_quiet_says_nothing_when_all_is_well(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", [answers()])
    assert scored("rand-36", source, "--quiet").stderr == ""


def test_the_summary_says_how_many_scores_are_null_and_why(tmp_path: Path) -> None:
    people = vectors("rand-36")
    said = scored("rand-36", write(tmp_path / "answers.csv", people)).stderr
    for name in ("physical_functioning", "social_functioning", "pcs_oblique"):
        number = sum(row[name] is None for row in one_by_one(RAND_36, people))
        assert number
        assert f"{name:<20}  {number:>9} null: " in said
    assert said.startswith("45 rows: 45 scored\n")
    assert "null: fewer than 5 of 10 answered" in said
    assert "null: no item answered" in said
    assert "null: a score that it is made of is null" in said


def test_the_summary_knows_the_rule_that_was_chosen(tmp_path: Path) -> None:
    source = write(tmp_path / "answers.csv", vectors("rand-36"))
    said = scored("rand-36", source, "--missing-rule", "any").stderr
    assert "null: no item answered" in said
    assert "fewer than" not in said


def test_the_summary_knows_scores_that_need_every_answer(tmp_path: Path) -> None:
    people = [answers("eq-5d-5l", mo=""), answers("rand-12", rand_1="")]
    for name, person in zip(("eq-5d-5l", "rand-12"), people, strict=True):
        said = scored(name, write(tmp_path / "answers.csv", [person])).stderr
        assert {"eq-5d-5l": "null: not all 5 answered", "rand-12": "of 12 items not all"}[
            name
        ] in said

"""POST /api/v1/score/… with CSV and NDJSON: read as by the command, and refused whole if at all."""

import json
from pathlib import Path
from typing import Any

import pytest

import scoring
from app.db import Database
from tests.conftest import Party
from tests.documents import scorer, shipped
from tests.files import answers, one_by_one, scored, vectors, write
from tests.flow import nothing_stored, refusal
from tests.test_registry_score import CSV, EQ, NDJSON, message, rows, score, table


@pytest.mark.parametrize(("ending", "kind"), [("csv", CSV), ("ndjson", NDJSON)])
@pytest.mark.parametrize("options", ["", "--answered", "--missing-rule any"])
def test_a_table_is_scored_to_the_byte_as_by_the_command(
    hips: Party, tmp_path: Path, ending: str, kind: str, options: str
) -> None:
    given = write(tmp_path / f"answers.{ending}", vectors("rand-36"))
    made = tmp_path / f"scores.{ending}"
    scored("rand-36", given, "-o", made, *options.split())
    query = {"--answered": {"answered": "true"}, "--missing-rule any": {"missing_rule": "any"}}
    answer = table(hips, "rand-36", given.read_bytes(), kind, **query.get(options, {}))
    assert answer.status_code == 200, answer.text
    assert answer.content == made.read_bytes()
    assert len(rows(answer)) > 40


def test_what_a_table_cannot_say_its_headers_do(hips: Party) -> None:
    answer = table(hips, "eq-5d-5l/1.0", "case,mo,sc,ua,pd,ad,vas\na,2,1,2,3,1,75\n")
    assert rows(answer) == [{"case": "a", "index_no_2024": 0.817685, "vas": 75, "level_sum": 9}]
    assert answer.headers["svar-instrument"] == "eq-5d-5l/1.0"
    assert answer.headers["svar-scoring-version"] == scoring.VERSION
    assert answer.headers["svar-value-sets"] == "no-2024"
    digest = score(hips, "eq-5d-5l", []).json()["definition_sha256"]
    assert answer.headers["svar-definition-sha256"] == digest


def test_columns_of_other_names_codes_for_missing_and_items_not_asked_are_said(
    hips: Party,
) -> None:
    text = "case;EQ_MO;sc;ua;pd;ad\nÅse;2;8;2;3;NA\n"
    options: dict[str, Any] = {"map": "EQ_MO=mo", "absent": "vas", "missing": ["NA", "sc=8"]}
    (row,) = rows(table(hips, "eq-5d-5l", text, **options, answered="true"))
    assert row["case"] == "Åse"
    assert row["index_no_2024"] is None
    assert row["index_no_2024_answered"] == 3
    (latin,) = rows(table(hips, "eq-5d-5l", text.encode("latin-1"), **options, encoding="latin-1"))
    assert latin["case"] == "Åse"


def test_a_long_table_comes_back_row_by_row(hips: Party) -> None:
    person = answers("rand-36")
    line = ",".join(map(str, person.values()))
    head = ",".join(["case", *person])
    count = 60_000
    text = "\n".join([head, *(f"{place},{line}" for place in range(count))])
    answer = table(hips, "rand-36", text)
    found = answer.text.splitlines()
    assert len(found) == count + 1
    assert found[-1].startswith(f'"{count - 1}",')
    assert rows(answer)[0]["pain"] == one_by_one(scorer(shipped("rand-36")), [person])[0]["pain"]


@pytest.mark.parametrize("kind", ["application/ndjson", "application/jsonl; charset=utf-8"])
def test_ndjson_has_several_names(hips: Party, kind: str) -> None:
    (row,) = rows(table(hips, "eq-5d-5l", json.dumps(EQ | {"case": 1}), kind))
    assert row == {"case": 1, "index_no_2024": 0.817685, "vas": 75, "level_sum": 9}


def test_a_table_with_a_header_alone_has_no_scores(hips: Party) -> None:
    assert table(hips, "eq-5d-5l", "mo,sc,ua,pd,ad,vas\n").text == (
        '"index_no_2024","vas","level_sum"\n'
    )


@pytest.mark.parametrize(
    ("text", "kind", "fields", "remedy"),
    [
        (
            "mo,sc,ua,pd,ad,vas\n1,1,1,1,1,1\n7,1,1,1,1,x\n",
            CSV,
            ["lines.3.mo", "lines.3.vas"],
            '"7" ',
        ),
        ("mo,sc,ua,pd,ad,vas\n1,1,1,1,1,1,1\n", CSV, ["lines.2"], "has 7 fields"),
        ("å,mo,sc,ua,pd,ad,vas\nå,1,1,1,1,1,1\n".encode("latin-1"), CSV, ["body"], "?encoding=lat"),
        (
            "a,mo,sc,ua,pd,ad,vas\nå,1,1,1,1,1,1\n".encode("latin-1"),
            CSV,
            ["lines.2.a"],
            "?encoding",
        ),
        ("{}\n[]\n", NDJSON, ["body"], "?absent=ITEM"),
        ('{"mo":1,"sc":1,"ua":1,"pd":1,"ad":1,"vas":1}\n{\n', NDJSON, ["lines.2"], "is not a JSON"),
        ("", CSV, ["body"], "is empty"),
        ("", NDJSON, ["body"], "has no line"),
        ("mo,sc,ua,pd,ad\n", CSV, ["body"], "no column for 1 of the items"),
        ("MO,sc,ua,pd,ad,vas\n", CSV, ["body"], "mo (there is MO)"),
        ("mo,sc,ua,pd,ad,vas,level_sum\n", CSV, ["body"], "names of scores: level_sum"),
    ],
)
def test_a_table_that_cannot_all_be_read_is_refused_whole(
    hips: Party, database: Database, text: str | bytes, kind: str, fields: list[str], remedy: str
) -> None:
    with nothing_stored(database):
        answer = table(hips, "eq-5d-5l", text, kind)
    assert refusal(answer, 422) == fields
    assert remedy in message(answer)
    assert "--" not in answer.text


@pytest.mark.parametrize(
    ("options", "field", "remedy"),
    [
        ({"map": "mo"}, "map", "such as EQ_MO=mo"),
        ({"map": "names.csv"}, "map", "such as EQ_MO=mo"),
        ({"map": ["a=mo", "a=sc"]}, "map", "?map names a column twice: a"),
        ({"map": ["a=mo"]}, "map", "The file has no column a"),
        ({"map": ["a=mos"]}, "map", "mos is not an item"),
        ({"absent": "mos"}, "absent", "mos is not an item"),
        ({"absent": "mo"}, "absent", "was said to be absent"),
        ({"missing": "9"}, "missing", "?missing=ITEM=9"),
        ({"encoding": "utf-16"}, "encoding", "utf-8"),
        ({"answerd": "true"}, "answerd", "remove it"),
        ({"value_set": "UK"}, "value_set.0", "right form"),
        ({"missing": "a" * 201}, "missing.0", "200"),
    ],
)
def test_an_option_that_cannot_be_is_named(
    hips: Party, options: dict[str, Any], field: str, remedy: str
) -> None:
    answer = table(hips, "eq-5d-5l", "mo,sc,ua,pd,ad,vas\n", **options)
    assert refusal(answer, 422) == [field]
    assert remedy in message(answer)


def test_a_single_column_of_csv_is_refused_for_rows_would_lose_their_places(
    hips: Party, database: Database
) -> None:
    text = ",".join(answers("odi")) + "\n"
    answer = table(hips, "odi", text)
    assert refusal(answer, 422) == ["answered"]
    assert "Add ?answered" in message(answer)
    assert table(hips, "odi", text, answered="true").status_code == 200

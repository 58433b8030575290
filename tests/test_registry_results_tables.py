"""GET /api/v1/results as CSV, Parquet, Arrow, SPSS and Stata: one instrument, a row a result."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyreadstat
import pytest
from pyarrow import ipc, parquet

from app import catalogue, feed, valuation
from app.columns import columns_of
from app.db import Database
from app.flat import whole
from app.registry.formats import ARROW, CSV, DTA, PARQUET, SAV
from tests.conftest import Party
from tests.documents import INSTRUMENTS, SMALL, instrument, read, shipped
from tests.flow import answer_and_send, nothing_stored, refusal

RESULTS = "/api/v1/results"
MEDIA = {"csv": CSV, "parquet": PARQUET, "arrow": ARROW, "sav": SAV, "dta": DTA}


def sent(party: Party, database: Database, name: str = "rand-36", **more: Any) -> dict[str, Any]:
    """Order, answer and send; return the order."""
    given = more.pop("given", {})
    order = party.order(instruments=[name], **more)
    answer_and_send(database, order["id"], registry=party.registry, **given)
    return order


def fetched(party: Party, form: str, name: str = "rand-36", **params: Any) -> Any:
    """Return the answer, whose headers must be those of the format."""
    got = party.get(RESULTS, params={"instrument": name, "format": form} | params)
    assert got.status_code == 200, got.text
    assert got.headers["content-type"].partition(";")[0] == MEDIA[form]
    assert got.headers["content-disposition"] == f'attachment; filename="{name}-1.0.{form}"'
    assert "Accept" in got.headers["vary"]
    return got


def from_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def from_parquet(content: bytes) -> list[dict[str, Any]]:
    return list(parquet.read_table(io.BytesIO(content)).to_pylist())


def from_arrow(content: bytes) -> list[dict[str, Any]]:
    return list(ipc.open_stream(content).read_all().to_pylist())


def from_whole(content: bytes, form: str) -> tuple[list[dict[str, Any]], Any]:
    """Return the rows of an SPSS or Stata file, and what it says of its columns."""
    read: Any = getattr(pyreadstat, f"read_{form}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results.{form}"
        path.write_bytes(content)
        columns, about = read(str(path), output_format="dict")
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows], about


READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "csv": from_csv,
    "parquet": from_parquet,
    "arrow": from_arrow,
    "sav": lambda content: from_whole(content, "sav")[0],
    "dta": lambda content: from_whole(content, "dta")[0],
}


@pytest.mark.parametrize("form", MEDIA)
def test_the_columns_are_those_of_the_codebook(hips: Party, database: Database, form: str) -> None:
    sent(hips, database)
    (row,) = READERS[form](fetched(hips, form).content)
    assert list(row) == [one.name for one in columns_of(instrument(shipped("rand-36")))]


@pytest.mark.parametrize("form", MEDIA)
def test_a_row_holds_what_the_document_says(hips: Party, database: Database, form: str) -> None:
    sent(hips, database, given={"skip": ["q20", "q32"], "q3": 2})
    (document,) = hips.results()
    (row,) = READERS[form](fetched(hips, form).content)
    assert row["response_id"] == document["response"]["id"]
    assert row["cursor"] == document["cursor"]
    assert json.loads(row["missing"]) == {"q20": "skipped", "q32": "skipped"}
    nothing = "" if form == "csv" else None
    assert (row["q20"], row["social_functioning"]) == (nothing, nothing)
    assert (float(row["q3"]), float(row["social_functioning_answered"])) == (2, 0)
    scores = {name: one["value"] for name, one in document["scores"].items() if one["value"]}
    assert len(scores) > 5
    assert {name: float(row[name]) for name in scores} == scores


@pytest.mark.parametrize("form", MEDIA)
def test_without_results_there_is_a_table_without_rows(hips: Party, form: str) -> None:
    assert READERS[form](fetched(hips, form).content) == []


@pytest.mark.parametrize("form", MEDIA)
def test_rows_come_in_the_feeds_order_whatever_a_chunk_holds(
    hips: Party, database: Database, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 2)
    for _ in range(5):
        sent(hips, database)
        sent(hips, database, "rand-12")
    rows = READERS[form](fetched(hips, form).content)
    assert [int(row["cursor"]) for row in rows] == [1, 3, 5, 7, 9]
    some = READERS[form](fetched(hips, form, after=f"{3:020d}", limit=2).content)
    assert [int(row["cursor"]) for row in some] == [5, 7]


@pytest.mark.parametrize("form", MEDIA)
def test_another_registry_and_a_stranger_get_nothing(
    hips: Party, knees: Party, stranger: Party, database: Database, form: str
) -> None:
    sent(hips, database)
    assert READERS[form](fetched(knees, form).content) == []
    path = f"{RESULTS}?instrument=rand-36&format={form}"
    refusal(stranger.get(path), 401)


@pytest.mark.parametrize("form", MEDIA)
def test_a_table_holds_one_instrument_which_must_be_named(
    hips: Party, database: Database, form: str
) -> None:
    with nothing_stored(database):
        assert refusal(hips.get(RESULTS, params={"format": form}), 422) == ["instrument"]
        assert refusal(hips.get(RESULTS, headers={"Accept": MEDIA[form]}), 422) == ["instrument"]


def test_days_and_times_are_such(hips: Party, database: Database) -> None:
    sent(hips, database, case={"id": "K7", "unit": "oslo-ortho", "index_date": "2026-08-01"})
    (document,) = hips.results()
    (text,) = from_csv(fetched(hips, "csv").content)
    assert text["submitted_at"] == document["response"]["submitted_at"]
    assert (text["index_date"], text["helped"]) == ("2026-08-01", "false")
    (row,) = from_parquet(fetched(hips, "parquet").content)
    assert row["index_date"].isoformat() == "2026-08-01"
    assert row["submitted_at"].isoformat() == text["submitted_at"].replace("Z", "+00:00")
    for form in ("sav", "dta"):
        (row,) = READERS[form](fetched(hips, form).content)
        assert row["submitted_at"].isoformat() == text["submitted_at"].removesuffix("Z")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_no_text_of_a_csv_is_a_formula(hips: Party, database: Database, sign: str) -> None:
    name = f"{sign}1+1"
    sent(hips, database, case={"id": name, "unit": "oslo-ortho"})
    assert from_csv(fetched(hips, "csv").content)[0]["case"] == f"'{name}"
    assert from_parquet(fetched(hips, "parquet").content)[0]["case"] == name


def test_excel_may_have_its_mark(hips: Party, database: Database) -> None:
    sent(hips, database)
    plain = fetched(hips, "csv").content
    assert fetched(hips, "csv", bom="true").content == b"\xef\xbb\xbf" + plain
    assert refusal(hips.get(RESULTS, params={"bom": "true"}), 422) == ["bom"]


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_columns_and_codes_have_labels_in_the_language_asked_for(
    hips: Party, database: Database, form: str
) -> None:
    sent(hips, database)
    for language, word in (("nb", "Ja, begrenser meg mye"), ("en", "Yes, limited a lot")):
        _, about = from_whole(fetched(hips, form, labels=language).content, form)
        assert about.variable_value_labels["q3"][1] == word
        assert about.variable_value_labels["helped"] == {0: "no", 1: "yes"}
        assert about.column_names_to_labels["case"] == "The registry's own id of the case"
    there = hips.get(RESULTS, params={"instrument": "rand-36", "format": form, "labels": "fi"})
    assert refusal(there, 422) == ["labels"]


def test_a_parquet_file_says_what_its_columns_mean(hips: Party, database: Database) -> None:
    found = fetched(hips, "parquet", labels="en").content
    schema = parquet.read_schema(io.BytesIO(found))
    assert schema.metadata[b"instrument"] == b"rand-36/1.0"
    assert json.loads(schema.field("q3").metadata[b"codes"])["1"] == "Yes, limited a lot"
    assert schema.field("q3").type == pa.int64()


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_what_is_made_as_a_whole_has_a_limit_and_says_so(
    hips: Party, database: Database, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "MOST", 2)
    for _ in range(3):
        sent(hips, database)
    params = {"instrument": "rand-36", "format": form}
    with nothing_stored(database):
        refused = hips.get(RESULTS, params=params)
        assert refusal(refused, 422) == ["limit"]
        assert "of 2 results at most" in refused.json()["detail"]
        assert refusal(hips.get(RESULTS, params=params | {"limit": 3}), 422) == ["limit"]
    assert len(READERS[form](fetched(hips, form, limit=2).content)) == 2
    assert len(READERS[form](fetched(hips, form, after=f"{1:020d}").content)) == 2


@pytest.mark.demo
def test_an_index_by_a_value_set_of_the_registry_is_a_column(
    hips: Party, database: Database
) -> None:
    with database.write() as session:
        valuation.name(session, "hips", "eq-5d-5l/uk-2026", "a test")
    sent(hips, database, "eq-5d-5l", given={"mo": 2, "vas": 80})
    (row,) = from_parquet(fetched(hips, "parquet", "eq-5d-5l").content)
    index = hips.results()[0]["scores"]["index_uk_2026"]["value"]
    assert row["index_uk_2026"] == index
    assert (row["vas"], row["vas_item"]) == (80.0, 80)
    with database.write() as session:
        valuation.unname(session, "hips", "eq-5d-5l/uk-2026", "a test")
    (row,) = from_parquet(fetched(hips, "parquet", "eq-5d-5l").content)
    assert "index_uk_2026" not in row
    found = fetched(hips, "parquet", "eq-5d-5l", value_set="uk-2026").content
    assert from_parquet(found)[0]["index_uk_2026"] == index


def test_a_name_that_a_program_keeps_for_itself_is_refused(hips: Party, database: Database) -> None:
    definition = read(SMALL / "sum.json")
    text = json.dumps(definition).replace('"q1"', '"with"')
    with database.write() as session:
        catalogue.publish(session, json.loads(text), {}, "a test")
    for form in ("sav", "dta"):
        answer = hips.get(RESULTS, params={"instrument": "sum", "format": form})
        assert refusal(answer, 422) == ["format"]
        assert "cannot hold these columns" in answer.json()["detail"]
    assert from_csv(fetched(hips, "csv", "sum").content) == []


def test_of_several_versions_one_must_be_named(hips: Party, database: Database) -> None:
    sent(hips, database, "rand-12")
    with database.write() as session:
        catalogue.publish(
            session, read(INSTRUMENTS / "rand-12/1.0.json") | {"version": "1.1"}, {}, "a test"
        )
    refused = hips.get(RESULTS, params={"instrument": "rand-12", "format": "csv"})
    assert refusal(refused, 422) == ["version"]
    assert "1.1, 1.0" in refused.json()["detail"]
    assert len(from_csv(fetched(hips, "csv", "rand-12", version="1.0").content)) == 1
    later = hips.get(RESULTS, params={"instrument": "rand-12", "format": "csv", "version": "1.1"})
    assert from_csv(later.content) == []

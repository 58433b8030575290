"""POST /api/v1/orders, when it cannot be done: the field is named, and nothing is stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.db import Database
from tests.conftest import Party
from tests.flow import nothing_stored, refusal

ORDERS = "/api/v1/orders"
JSON = {"Content-Type": "application/json"}


def case(**more: Any) -> dict[str, Any]:
    return {"case": {"id": "MCE-1017", "unit": "oslo-ortho"} | more}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("instruments.0", {"instruments": ["sf-36"]}),
        ("instruments.0", {"instruments": ["rand-36/9.9"]}),
        ("instruments.0", {"instruments": ["rand-36/" + "9" * 30 + ".0"]}),
        ("instruments.0", {"instruments": ["RAND 36"]}),
        ("instruments.0", {"instruments": ["rand-36\n"]}),
        ("instruments.0", {"instruments": ["eq-5d-5l"]}),
        ("instruments.1", {"instruments": ["rand-36", "rand-36"]}),
        ("instruments.1", {"instruments": ["rand-36", "rand-36/1.0"]}),
        ("instruments", {"instruments": []}),
        ("instruments", {"instruments": ["rand-36"] * 21}),
        ("instruments", {"instruments": "rand-36"}),
        ("instruments", {"instruments": None}),
        ("language", {"language": "fi"}),
        ("language", {"language": "norsk"}),
        ("language", {"language": 1}),
        ("time_point", {"time_point": ""}),
        ("time_point", {"time_point": "a" * 41}),
        ("time_point", {"time_point": 3}),
        ("external_id", {"external_id": "a\0b"}),
        ("external_id", {"external_id": "a\n"}),
        ("external_id", {"external_id": ""}),
        ("external_id", {"external_id": "a" * 65}),
        ("external_id", {"external_id": {"a": 1}}),
        ("patient_name", {"patient_name": "Kari Nordmann"}),
        ("case", {"case": "MCE-1017"}),
        ("case.name", case(name="Kari Nordmann")),
        ("case.unit", case(unit="bergen-ortho")),
        ("case.unit", case(unit="a\0")),
        ("case.id", case(id="a\0")),
        ("case.id", case(id="")),
        ("case.id", case(id="01020312345")),
        ("case.id", case(id=" K7")),
        ("case.id", case(id="K\u202e7")),
        ("case.id", case(id="Kari 01020312345")),
        ("case.id", case(id="010203 12345")),
        ("case.id", case(id="١٢٣٤٥٦٧٨٩٠١")),
        ("case.birth_year", case(birth_year=1879)),
        ("case.birth_year", case(birth_year=10**30)),
        ("case.birth_year", case(birth_year=1950.5)),
        ("case.sex", case(sex="F")),
        ("case.index_date", case(index_date="2026-13-01")),
        ("case.index_date", case(index_date="20260801")),
        ("case.index_date", case(index_date=1785542400)),
        ("case.index_date", case(index_date="0001-01-01")),
    ],
)
def test_a_wrong_field_is_named(
    hips: Party, database: Database, field: str, wrong: dict[str, Any]
) -> None:
    with nothing_stored(database):
        answer = hips.post(ORDERS, json=hips.order_body(**wrong))
    assert refusal(answer, 422) == [field]


@pytest.mark.parametrize(
    ("field", "window"),
    [
        ("closes", {"closes": "2020-01-01"}),
        ("closes", {"opens": "2020-01-01"}),
        ("closes", {"opens": "2040-06-02", "closes": "2040-06-01"}),
        ("closes", {"opens": "2040-06-01T12:00:00Z", "closes": "2040-06-01T12:00:00Z"}),
        ("opens", {"opens": "2040-06-01T12:00:00"}),
        ("closes", {"closes": "2040-06-01T12:00:00"}),
        ("opens", {"opens": "soon"}),
        ("opens", {"opens": 1e30}),
        ("opens", {"opens": [1]}),
        ("opens", {"opens": "1999-12-31"}),
        ("closes", {"closes": "9999-12-31T23:59:59-14:00"}),
        ("closes", {"closes": "0001-01-01T00:00:00+14:00"}),
    ],
)
def test_a_window_that_is_no_window_is_refused(
    hips: Party, database: Database, field: str, window: dict[str, Any]
) -> None:
    with nothing_stored(database):
        answer = hips.post(ORDERS, json=hips.order_body(**window))
    assert refusal(answer, 422) == [field]


def test_a_time_without_its_offset_is_told_how_to_be_right(hips: Party) -> None:
    answer = hips.post(ORDERS, json=hips.order_body(opens="2040-06-01T12:00:00"))
    assert "2026-11-01T09:00:00+01:00" in answer.json()["errors"][0]["message"]


def test_every_wrong_field_is_named_at_once(hips: Party) -> None:
    body = hips.order_body(language="NORSK", time_point="", extra=1)
    assert set(refusal(hips.post(ORDERS, json=body), 422)) == {"language", "time_point", "extra"}


def test_a_missing_field_is_named(hips: Party) -> None:
    answer = hips.post(ORDERS, json={"case": {"id": "a"}})
    assert refusal(answer, 422) == ["case.unit", "time_point", "instruments"]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "{"),
        (400, b'{"case": "\xff\xfe"}'),
        (400, "[" * 100_000 + "]" * 100_000),
        (400, '{"case": {"id": "1", "unit": "u", "birth_year": ' + "9" * 5000 + "}}"),
        (422, ""),
        (422, "null"),
        (422, "[]"),
        (422, '"order"'),
        (422, '{"case": {"id": "1", "unit": "u", "birth_year": NaN}}'),
        (422, '{"case": {"id": "\\ud800", "unit": "oslo-ortho"}}'),
    ],
)
def test_a_body_that_is_no_order_is_refused(
    hips: Party, database: Database, status: int, text: str | bytes
) -> None:
    with nothing_stored(database):
        refusal(hips.post(ORDERS, content=text, headers=JSON), status)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", None])
def test_a_body_that_is_not_called_json_is_told_so(hips: Party, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = hips.post(ORDERS, content=json.dumps(hips.order_body()), headers=headers)
    assert refusal(answer, 422) == ["body"]
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_of_two_keys_of_one_name_the_last_counts(hips: Party) -> None:
    text = '{"time_point": "1y",' + json.dumps(hips.order_body())[1:]
    answer = hips.post(ORDERS, content=text, headers=JSON)
    assert (answer.status_code, answer.json()["time_point"]) == (201, "3m")


def test_a_body_that_is_too_large_is_refused(hips: Party, database: Database) -> None:
    with nothing_stored(database):
        answer = hips.post(ORDERS, content=b"a" * 300_000, headers=JSON)
    refusal(answer, 413)
    assert "256 kilobytes" in answer.json()["detail"]


def test_a_body_whose_size_is_not_told_is_refused_while_it_is_read(hips: Party) -> None:
    sent = []

    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            sent.append(10_000)
            yield b"a" * 10_000

    answer = hips.post(ORDERS, content=chunks(), headers=JSON)
    refusal(answer, 413)
    assert "content-length" not in answer.request.headers


def test_a_placeholder_wording_never_reaches_a_patient(hips: Party) -> None:
    answer = hips.post(ORDERS, json=hips.order_body(instruments=["rand-36", "eq-5d-5l"]))
    assert refusal(answer, 422) == ["instruments.1"]
    assert "placeholder" in answer.json()["detail"]


def test_an_unknown_language_is_told_which_there_are(hips: Party) -> None:
    answer = hips.post(ORDERS, json=hips.order_body(language="fi"))
    assert "it has en, nb" in answer.json()["detail"]


def test_the_unit_of_another_registry_is_unknown(knees: Party) -> None:
    body = knees.order_body(case={"id": "1", "unit": "oslo-ortho"})
    assert refusal(knees.post(ORDERS, json=body), 422) == ["case.unit"]

"""Every path of the API, asked with another registry's ids, answers as if there were no such thing.

The paths and parameters are those of the OpenAPI document: a new one fails here until this file has
an id of another registry to ask it with, or says that it names nothing of any registry's.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from app.db import Database
from tests.conftest import Party
from tests.flow import answer_and_send, nothing_stored, refusal

OPEN = {
    "instrument_id": "rand-12",
    "instrument": "rand-12",
    "version": "1.0",
    "language": "nb",
    "value_set_id": "no-2024",
    "value_set": "no-2024",
}
"""What is published for everyone, and asked with as it is where it must be given."""
ABOUT_THE_ANSWER = {"by", "period", "limit", "status", "format", "labels", "bom", "mode"} | {
    "opens_from",
    "opens_to",
    "submitted_from",
    "submitted_to",
    "revision",
}
"""What names nothing: kinds, numbers and days."""
ABOUT_WHAT_IS_SENT = {
    "dry_run",
    "replace",
    "missing_rule",
    "map",
    "absent",
    "missing",
    "answered",
    "encoding",
}
NAMES_NOTHING = {*OPEN, *ABOUT_THE_ANSWER, *ABOUT_WHAT_IS_SENT}
MADE_UP = {
    "order_id": str(uuid4()),
    "response_id": str(uuid4()),
    "case": "nobody-1017",
    "external_id": "nobody-1017-3m",
    "unit": "nowhere",
    "time_point": "never",
    "from": "never",
    "to": "never",
    "after": f"{10**6:020}",
}
"""An id of nobody's for each that a registry has, by the name of the parameter."""

Operation = dict[str, Any]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def parameters(operation: Operation, place: str) -> list[str]:
    return [one["name"] for one in operation.get("parameters", []) if one["in"] == place]


def without_an_id(document: dict[str, Any]) -> list[str]:
    """Return, in words, every parameter that this file has nothing to ask with."""
    return [
        f"{method} {path} has the parameter {name}: put a foreign id for it into "
        "tests/test_foreign_ids.py (MADE_UP and of_hips), or say there that it names nothing"
        for method, path, operation in operations(document)
        for place in ("path", "query")
        for name in parameters(operation, place)
        if name not in MADE_UP and name not in NAMES_NOTHING
    ]


def of_hips(hips: Party, database: Database) -> dict[str, str]:
    """Have a result made, and return its registry's ids, by the names of the parameters."""
    case = {"id": "hips-1017", "unit": hips.unit}
    made = {"time_point": "hips-3m", "external_id": "hips-1017-3m", "instruments": ["rand-12"]}
    order = hips.order(case=case, **made)
    answer_and_send(database, order["id"])
    (result,) = hips.results()
    listed = hips.get("/api/v1/orders").json()
    assert listed["orders"]
    return {
        "order_id": order["id"],
        "response_id": result["response"]["id"],
        "case": case["id"],
        "external_id": made["external_id"],
        "unit": hips.unit,
        "time_point": "hips-3m",
        "from": "hips-3m",
        "to": "hips-3m",
        "after": max(result["cursor"], listed["next"]),
    }


def body(document: dict[str, Any], operation: Operation) -> Any:
    """Return the example of what an operation must be sent; None where it need not be."""
    sent = operation.get("requestBody", {})
    if not sent.get("required"):
        return None
    schema = sent["content"]["application/json"]["schema"]
    name = schema["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["examples"][0]


def test_every_parameter_has_an_id_to_ask_with(app: FastAPI) -> None:
    document = app.openapi()
    assert without_an_id(document) == []
    names = {
        name
        for _, _, operation in operations(document)
        for place in ("path", "query")
        for name in parameters(operation, place)
    }
    assert {"order_id", "unit", "after"} <= names


def test_a_new_path_without_an_id_to_ask_with_is_told() -> None:
    parameter = {"name": "case_id", "in": "path"}
    told = without_an_id({"paths": {"/new/{case_id}": {"get": {"parameters": [parameter]}}}})
    assert len(told) == 1
    assert told[0].startswith("GET /new/{case_id} has the parameter case_id: put a foreign id")


def test_a_path_with_anothers_id_is_not_found_as_one_with_nobodys(
    app: FastAPI, hips: Party, knees: Party, database: Database
) -> None:
    document, theirs, asked = app.openapi(), of_hips(hips, database), 0
    for method, path, operation in operations(document):
        for name in set(parameters(operation, "path")) & set(MADE_UP):
            with nothing_stored(database):
                told = [
                    knees.http.request(
                        method,
                        path.format_map(OPEN | MADE_UP | {name: ids[name]}),
                        headers=knees.headers,
                        json=body(document, operation),
                    )
                    for ids in (MADE_UP, theirs)
                ]
            for answer in told:
                refusal(answer, 404)
            assert len({answer.text.replace(theirs[name], MADE_UP[name]) for answer in told}) == 1
            asked += 1
    assert asked >= 5


def test_a_query_with_anothers_id_finds_no_more_than_one_with_nobodys(
    app: FastAPI, hips: Party, knees: Party, database: Database
) -> None:
    document, theirs, asked = app.openapi(), of_hips(hips, database), set()
    for method, path, operation in operations(document):
        for name in set(parameters(operation, "query")) & set(MADE_UP):
            told = [
                knees.http.request(
                    method,
                    path.format_map(OPEN),
                    params=needed(operation) | {name: ids[name]},
                    headers=knees.headers,
                )
                for ids in (MADE_UP, theirs)
            ]
            assert {answer.status_code for answer in told} <= {200, 422}
            assert len({answer.text.replace(theirs[name], MADE_UP[name]) for answer in told}) == 1
            others = [one for key, one in theirs.items() if key not in (name, "from", "to")]
            assert [one for one in others if one in told[1].text] == []
            asked.add(f"{method} {path} {name}")
    assert {"GET /api/v1/results unit", "GET /api/v1/orders external_id"} <= asked


def needed(operation: Operation) -> dict[str, str]:
    """Return what a query must have besides."""
    return {
        one["name"]: (OPEN | MADE_UP)[one["name"]]
        for one in operation["parameters"]
        if one["in"] == "query" and one.get("required")
    }

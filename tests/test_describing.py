"""/docs reads well: every operation has a sentence, a part that it belongs to, and examples."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.registry import describing
from tests.test_foreign_ids import operations

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The document is the same whatever the database."""
BINARY = {"type": "string", "format": "binary"}

Schema = dict[str, Any]


def bodies(document: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield everything that can be sent or come back, errors too, with what it is called."""
    for method, path, operation in operations(document):
        answers = operation["responses"].items()
        for status, body in [("sent", operation.get("requestBody", {})), *answers]:
            for kind, content in body.get("content", {}).items():
                yield f"{method} {path} {status} {kind}", content


def has_an_example(document: Schema, content: Schema) -> bool:
    """Say whether a body has an example, or one for a field of it."""
    if "example" in content or "examples" in content:
        return True
    schemas = document["components"]["schemas"]
    name = content.get("$ref", "").rpartition("/")[2]
    below = [content["schema"]] if "schema" in content else content.get("anyOf", [])
    below += [schemas[name]] if name else []
    below += content.get("properties", {}).values()
    return any(has_an_example(document, one) for one in below)


def test_whatever_is_sent_or_answered_has_an_example(app: FastAPI) -> None:
    document = app.openapi()
    found = [(name, one) for name, one in bodies(document) if one["schema"] != BINARY]
    assert len(found) > 100
    assert [
        f"{name} has no example: have tests/examples.py ask for one, and run `make fix`"
        for name, one in found
        if not has_an_example(document, one)
    ] == []


def test_every_example_is_of_something_that_is_there(app: FastAPI) -> None:
    named = {
        f"{operation} {name}"
        for operation, answers in json.loads(describing.EXAMPLES.read_text("utf-8")).items()
        for name in answers
    }
    assert len(named) > 20
    assert named <= {name for name, _ in bodies(app.openapi())}


def test_every_operation_is_told_in_a_sentence_and_belongs_to_a_part_that_is_explained(
    app: FastAPI,
) -> None:
    document = app.openapi()
    parts = {one["name"]: one["description"] for one in document["tags"]}
    told = [(path, operation) for _, path, operation in operations(document)]
    assert len(told) > 20
    for path, operation in told:
        assert operation["tags"][0] in parts, path
        assert 20 < len(operation["summary"]) < 110, path
        assert operation["description"].startswith(operation["summary"]), path
    assert {operation["tags"][0] for _, operation in told} == set(parts)


def test_what_may_stand_in_a_path_is_there(app: FastAPI) -> None:
    paths = [one for _, _, operation in operations(app.openapi()) for one in _in_path(operation)]
    assert {one["name"] for one in paths if "example" in one} == set(describing.NAMED)


def _in_path(operation: Schema) -> list[Schema]:
    return [one for one in operation.get("parameters", []) if one["in"] == "path"]


def test_the_document_is_made_once(app: FastAPI) -> None:
    assert app.openapi() is app.openapi()

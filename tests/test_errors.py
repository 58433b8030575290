"""What can go wrong, and how it is said."""

import json
from typing import Any

import pytest
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app import errors
from app.errors import Closed, FieldError, Refused, SvarError, problem_of, whence

REQUEST = Request({"type": "http"})


def told(error: Exception) -> dict[str, Any]:
    answer = problem_of(REQUEST, error)
    assert answer.media_type == "application/problem+json"
    body: dict[str, Any] = json.loads(bytes(answer.body))
    assert body["status"] == answer.status_code
    assert body["type"] == "about:blank"
    return body


def family(kind: type[SvarError]) -> list[type[SvarError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


def test_the_tree_at_the_top_of_the_module_is_complete() -> None:
    drawn = errors.__doc__ or ""
    kinds = [kind for kind in family(SvarError) if kind.__module__ == "app.errors"]
    assert len(kinds) == 14
    for kind in kinds:
        assert kind.__name__ in drawn
        assert kind is SvarError or str(kind.status) in drawn


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("Unclear", 400),
        ("NotAuthentic", 401),
        ("NotPermitted", 403),
        ("NotFound", 404),
        ("Conflict", 409),
        ("Frozen", 409),
        ("TooLarge", 413),
        ("NotThisType", 415),
        ("NotAcceptable", 406),
        ("Unavailable", 503),
    ],
)
def test_each_kind_has_its_status_and_tells_its_detail(kind: str, status: int) -> None:
    body = told(getattr(errors, kind)("because"))
    assert (body["status"], body["detail"], body["errors"]) == (status, "because", [])


def test_a_refused_field_is_named() -> None:
    body = told(Refused("closes", "must be later"))
    assert (body["status"], body["detail"]) == (422, "closes: must be later")
    assert body["errors"] == [{"field": "closes", "message": "must be later"}]


def test_several_refused_fields_are_named_and_all_are_counted() -> None:
    found = [FieldError("a", "one"), FieldError("b", "two")]
    assert told(Refused.several(found[:1], 1))["detail"] == "a: one"
    body = told(Refused.several(found, 2))
    assert body["errors"] == [one._asdict() for one in found]
    assert body["detail"] == "a: one; 2 are wrong in all"
    more = told(Refused.several(found, 1234))["detail"]
    assert more == "a: one; 1,234 are wrong in all, of which 2 are named"


def test_a_closed_order_says_in_which_state_it_is() -> None:
    assert told(Closed("cancelled"))["detail"] == "The order is cancelled."


def test_whoever_is_not_known_is_told_how_to_be() -> None:
    answer = problem_of(REQUEST, errors.NotAuthentic("because"))
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_http_error_keeps_its_status_and_headers() -> None:
    error = HTTPException(405, "Method Not Allowed", {"Allow": "POST"})
    assert problem_of(REQUEST, error).headers["allow"] == "POST"
    assert told(HTTPException(413, "over 256"))["title"] == "Request Entity Too Large"
    assert told(HTTPException(413, "over 256"))["detail"] == "over 256"


def test_what_was_not_foreseen_tells_nothing() -> None:
    body = told(ValueError("q1 was answered with 7"))
    assert body["status"] == 500
    assert "q1" not in json.dumps(body)


def test_a_wrong_shape_names_every_field_with_a_remedy() -> None:
    found: list[dict[str, Any]] = [
        {"type": "missing", "loc": ("body", "case", "id"), "msg": "Field required"},
        {"type": "extra_forbidden", "loc": ("body", "nam"), "msg": "Extra inputs"},
        {"type": "value_error", "loc": ("body", "a", 0), "msg": "Value error, eleven digits"},
        {"type": "odd", "loc": ("body",), "msg": "odd"},
    ]
    body = told(RequestValidationError(found))
    assert body["status"] == 422
    assert body["errors"] == [
        {"field": "case.id", "message": "is missing; send it"},
        {"field": "nam", "message": "is not a field here; remove it or mend its name"},
        {"field": "a.0", "message": "eleven digits"},
        {"field": "body", "message": "odd"},
    ]


def test_a_body_that_is_not_json_is_unclear() -> None:
    found = [{"type": "json_invalid", "loc": ("body", 7), "msg": "JSON decode error"}]
    body = told(RequestValidationError(found))
    assert (body["status"], body["detail"]) == (400, "The body is not valid JSON.")
    assert body["errors"] == [{"field": "body", "message": "is not valid JSON"}]


def test_more_members_stand_beside_the_standard_ones() -> None:
    body = json.loads(
        bytes(errors.problem(400, "No", "no", [FieldError("a", "b")], error="x").body)
    )
    assert body["error"] == "x"


def broken(words: str) -> None:
    raise KeyError(words)


def worse(words: str, token: str) -> None:
    try:
        broken(words)
    except KeyError as error:
        raise ValueError(token) from error


def test_the_log_is_told_where_it_came_from_but_not_what_was_said() -> None:
    answer, token = "q1 was 7", "eyJhbGciOi"
    with pytest.raises(ValueError) as caught:
        worse(answer, token)
    text = whence(caught.value)
    assert text.endswith("ValueError")
    assert f"{__file__}" in text
    assert text.index("in broken") < text.index("KeyError\n")
    assert answer not in text
    assert token not in text

"""The API does what its description says, whatever is sent to it."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from app.db import Database
from tests.collected import RESPONSES, imported, line
from tests.conftest import Party
from tests.flow import answer_and_send
from tests.test_doors import REGISTRY

pytestmark = pytest.mark.uncounted

OPERATIONS = [
    "POST /oauth/token",
    "GET /.well-known/oauth-authorization-server",
    "GET /api/v1/instruments",
    "GET /api/v1/instruments/{instrument_id}",
    "GET /api/v1/instruments/{instrument_id}/{version}",
    "GET /api/v1/instruments/{instrument_id}/{version}/wording/{language}",
    "GET /api/v1/instruments/{instrument_id}/{version}/codebook",
    "GET /api/v1/instruments/{instrument_id}/{version}/fhir",
    "GET /api/v1/value-sets",
    "GET /api/v1/value-sets/{instrument_id}/{value_set_id}",
    "POST /api/v1/orders",
    "GET /api/v1/orders",
    "GET /api/v1/orders/{order_id}",
    "PATCH /api/v1/orders/{order_id}",
    "POST /api/v1/orders/{order_id}/cancel",
    "POST /api/v1/orders/{order_id}/link",
    "POST /api/v1/orders/{order_id}/code",
    "GET /api/v1/response-rate",
    "POST /api/v1/responses",
    "GET /api/v1/responses",
    "GET /api/v1/responses/{response_id}",
    "POST /api/v1/responses/{response_id}/amend",
    "POST /api/v1/responses/{response_id}/withdraw",
    "POST /api/v1/score/{instrument_id}",
    "POST /api/v1/score/{instrument_id}/{version}",
    "GET /api/v1/results",
    "GET /api/v1/results/latest",
    "GET /api/v1/results/change",
    "GET /healthz",
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 10
COURSES, STEPS = 12, 6
STEADY = settings(
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ROOTS = "schemathesis.specs.openapi.stateful.is_likely_root_transition"
"""What says where a course of requests may begin."""
KNOWN = {
    "instrument_id": "eq-5d-5l",
    "value_set_id": "no-2024",
    "version": "1.0",
    "language": "nb",
}


def described(app: FastAPI) -> OpenApiSchema:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    schema.config.analysis.constants.enabled = False  # or what is tried depends on what is loaded
    return schema


def operations(app: FastAPI) -> dict[str, APIOperation[Any, Any, Any, Any]]:
    schema = described(app)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {operation.label: operation for operation in found}


def try_many(
    operation: APIOperation[Any, Any, Any, Any],
    headers: dict[str, str],
    examples: int = EXAMPLES,
    **fixed: Any,
) -> int:
    """Call an operation with many right and wrong inputs; return how many."""
    calls = 0

    def call(case: Case[Any]) -> None:
        nonlocal calls
        calls += 1
        case.call_and_validate(headers=dict(headers), checks=CHECKS)

    for mode in GenerationMode:
        run: Callable[[], None] = given(operation.as_strategy(mode, **fixed))(call)
        with suppress(Unsatisfiable):  # without parameters there is nothing wrong to send
            seed(0)(settings(STEADY, max_examples=examples)(run))()
    return calls


def test_every_operation_is_tried(app: FastAPI) -> None:
    assert list(operations(app)) == OPERATIONS
    assert set(REGISTRY) <= set(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_answers_as_described(app: FastAPI, hips: Party, label: str) -> None:
    assert try_many(operations(app)[label], hips.headers) > 0


@pytest.mark.parametrize("label", [label for label in OPERATIONS if "{" in label])
def test_what_is_there_answers_as_described(app: FastAPI, hips: Party, label: str) -> None:
    known = KNOWN | {"order_id": hips.order()["id"], "response_id": imported(hips)}
    there = {name: value for name, value in known.items() if f"{{{name}}}" in label}
    assert try_many(operations(app)[label], hips.headers, path_parameters=there) > 0


def test_results_that_are_there_answer_as_described(
    app: FastAPI, hips: Party, database: Database
) -> None:
    answer_and_send(database, hips.order(instruments=["rand-12", "rand-36"])["id"])
    assert try_many(operations(app)["GET /api/v1/results"], hips.headers) > 0
    streamed = hips.headers | {"Accept": "application/x-ndjson"}
    assert try_many(operations(app)["GET /api/v1/results"], streamed) > 1
    assert try_many(operations(app)["GET /api/v1/results/latest"], hips.headers) > 0


def test_what_one_answer_gives_the_next_request_takes(
    app: FastAPI, hips: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {"POST /api/v1/orders": hips.order_body(), f"POST {RESPONSES}": line()}
    monkeypatch.setattr(ROOTS, lambda operation, *_: operation.label in first)
    done: Counter[str] = Counter()

    class Course(described(app).as_state_machine()):  # type: ignore[misc]
        """What is made is looked up, changed, cancelled, amended, in whichever order."""

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return {"headers": dict(hips.headers)}

        def before_call(self, case: Case[Any]) -> None:
            if body := first.get(case.operation.label):
                case.body, case.media_type = body, "application/json"

        def validate_response(self, response: Any, case: Case[Any], **_: Any) -> None:
            done[case.operation.label] += response.status_code < 300
            case.validate_response(response, checks=CHECKS)

    Course.run(settings=settings(STEADY, max_examples=COURSES, stateful_step_count=STEPS))
    assert done[f"POST {RESPONSES}"] > 0
    assert sum(done[label] for label in OPERATIONS if "{order_id}" in label) > 0


def test_the_example_of_an_order_can_be_sent_as_it_is(app: FastAPI, hips: Party) -> None:
    (example,) = app.openapi()["components"]["schemas"]["OrderBody"]["examples"]
    answer = hips.post("/api/v1/orders", json=example)
    assert answer.status_code == 201, answer.text


def test_the_examples_of_an_import_and_its_correction_can_be_sent_as_they_are(
    app: FastAPI, hips: Party
) -> None:
    schemas = app.openapi()["components"]["schemas"]
    names = ("ResponseBody", "AmendBody", "WithdrawBody")
    (sent,), (amended,), (withdrawn,) = (schemas[name]["examples"] for name in names)
    made = hips.post(RESPONSES, json=sent)
    assert made.status_code == 201, made.text
    there = hips.post(f"{RESPONSES}/{made.json()['id']}/amend", json=amended)
    assert there.status_code == 201, there.text
    gone = hips.post(f"{RESPONSES}/{there.json()['id']}/withdraw", json=withdrawn)
    assert gone.status_code == 200, gone.text


@pytest.mark.parametrize("label", sorted(REGISTRY))
def test_whoever_has_no_token_is_answered_as_described(app: FastAPI, label: str) -> None:
    assert try_many(operations(app)[label], {}, examples=2) > 0

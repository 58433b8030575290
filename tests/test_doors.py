"""Every route declares who may call it: a new route fails here until it stands in one list."""

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.db import Database
from app.registry.lines import ForLines
from app.security import SCOPES
from app.settings import Settings
from app.staff import ROLES
from tests.conftest import Party, fetch_token
from tests.flow import nothing_stored, refusal
from tests.staffed import bearer, come_as

ANYONE = {
    "GET /healthz": "monitoring asks whether the service is up; it tells nothing else",
    "GET /openapi.json": "describes the API; holds no data",
    "GET /docs": "shows /openapi.json to people",
    "GET /docs/oauth2-redirect": "lets /docs fetch a token",
    "MOUNT /static": "style sheets and scripts",
    "MOUNT /static/docs": "style sheets and scripts of /docs",
    "GET /look/{digest}/{name}": "the same, under addresses that change when they do",
    "GET /language/{language}": "remembers the language of the pages in the browser, nothing else",
    "GET /.well-known/oauth-authorization-server": "says how to get a token; holds no data",
    "POST /oauth/token": "credentials are exchanged here; checked by the route itself",
    "GET /api/v1/instruments": "definitions are published for everyone",
    "GET /api/v1/instruments/{instrument_id}": "definitions are published for everyone",
    "GET /api/v1/instruments/{instrument_id}/{version}": "definitions are published for everyone",
    "GET /api/v1/instruments/{instrument_id}/{version}/wording/{language}": "but licensed ones",
    "GET /enter": "asks for a code; tells nothing, and forgets a visit that is over",
    "POST /enter": "a code is exchanged here; checked, and counted, by the route itself",
    "GET /api/v1/instruments/{instrument_id}/{version}/codebook": "but licensed wordings",
    "GET /api/v1/instruments/{instrument_id}/{version}/fhir": "but licensed wordings",
    "GET /centre/login": "asks for address and password; tells nothing",
    "POST /centre/login": "they are exchanged here; checked, and counted, by the route itself",
    "GET /centre/oidc": "sends the browser to the login elsewhere, where there is one",
    "GET /centre/oidc/back": "a code is exchanged here; checked, and counted, by the route itself",
    "GET /centre/invitation/{token}": "a link that works once; checked by the route itself",
    "POST /centre/invitation/{token}": "a password is chosen by that link",
    "GET /api/v1/value-sets": "value sets are published, in papers and here, for everyone",
    "GET /api/v1/value-sets/{instrument_id}/{value_set_id}": "published for everyone",
}
PATIENT = {
    "GET /s/{token}",
    "GET /form/",
    "POST /form/",
    "GET /form/check",
    "GET /form/stay",
    "GET /form/who",
    "POST /form/who",
    "POST /form/{number}/save",
    "POST /form/send",
    "GET /form/receipt",
    "GET /form/copy",
    "GET /form/result",
    "GET /form/{number}",
    "POST /form/{number}",
    "GET /form/{number}/skip",
    "POST /form/{number}/skip",
    "POST /handback",
}
REGISTRY = {
    "POST /api/v1/orders": "orders",
    "GET /api/v1/orders": "orders",
    "GET /api/v1/orders/{order_id}": "orders",
    "PATCH /api/v1/orders/{order_id}": "orders",
    "POST /api/v1/orders/{order_id}/cancel": "orders",
    "POST /api/v1/orders/{order_id}/link": "orders",
    "POST /api/v1/orders/{order_id}/code": "orders",
    "GET /api/v1/response-rate": "orders",
    "POST /api/v1/responses": "responses",
    "GET /api/v1/responses": "responses",
    "GET /api/v1/responses/{response_id}": "responses",
    "POST /api/v1/responses/{response_id}/amend": "responses",
    "POST /api/v1/responses/{response_id}/withdraw": "responses",
    "POST /api/v1/score/{instrument_id}": "score",
    "POST /api/v1/score/{instrument_id}/{version}": "score",
    "GET /api/v1/results": "results",
    "GET /api/v1/results/latest": "results",
    "GET /api/v1/results/change": "results",
}
SCRIPTS = {
    "GET /api/v1/drafts": "reader",
    "POST /api/v1/instruments": "author",
    "GET /api/v1/instruments/{instrument_id}/{version}/draft": "reader",
    "PUT /api/v1/instruments/{instrument_id}/{version}/draft": "author",
    "DELETE /api/v1/instruments/{instrument_id}/{version}/draft": "author",
    "POST /api/v1/instruments/{instrument_id}/{version}/draft/decide": "author",
    "POST /api/v1/instruments/{instrument_id}/{version}/draft/hand-in": "author",
    "POST /api/v1/instruments/{instrument_id}/{version}/draft/take-back": "author",
    "POST /api/v1/instruments/{instrument_id}/{version}/draft/give-back": "reviewer",
    "POST /api/v1/instruments/{instrument_id}/{version}/draft/publish": "reviewer",
    "POST /api/v1/instruments/{instrument_id}/{version}/withdraw": "reviewer",
}
"""The PRO centre's own scripts, each route with the role that its token's person has."""
LINES = {
    "POST /api/v1/orders with NDJSON": "orders",
    "POST /api/v1/responses with NDJSON": "responses",
}
"""Routes beside one of REGISTRY, for a body of many."""
STAFF = {
    "GET /centre/": "reader",
    "GET /centre/instruments/{instrument_id}": "reader",
    "GET /centre/instruments/{instrument_id}/{version}": "reader",
    "GET /centre/instruments/{instrument_id}/{version}/examples": "reader",
    "GET /centre/instruments/{instrument}/{version}/paper": "reader",
    "GET /centre/instruments/{instrument}/{version}/xlsx": "reader",
    "GET /centre/instruments/{instrument}/{version}/published": "reader",
    "POST /centre/instruments/{instrument}/{version}/next": "author",
    "GET /centre/instruments/{instrument}/{version}/withdraw": "reviewer",
    "POST /centre/instruments/{instrument}/{version}/withdraw": "reviewer",
    "GET /centre/instruments/{instrument}/{version}/again": "reviewer or administrator",
    "POST /centre/instruments/{instrument}/{version}/again": "reviewer or administrator",
    "GET /centre/drafts": "reader",
    "POST /centre/drafts": "author",
    "GET /centre/drafts/new": "author",
    "GET /centre/drafts/template": "author",
    "GET /centre/drafts/{instrument}/{version}": "reader",
    "GET /centre/drafts/{instrument}/{version}/part": "reader",
    "GET /centre/drafts/{instrument}/{version}/xlsx": "reader",
    "GET /centre/drafts/{instrument}/{version}/zip": "reader",
    "POST /centre/drafts/{instrument}/{version}/parts": "author",
    "POST /centre/drafts/{instrument}/{version}/parts/remove": "author",
    "POST /centre/drafts/{instrument}/{version}/decide": "author",
    "POST /centre/drafts/{instrument}/{version}/hand-in": "author",
    "POST /centre/drafts/{instrument}/{version}/take-back": "author",
    "POST /centre/drafts/{instrument}/{version}/discard": "author",
    "POST /centre/drafts/{instrument}/{version}/give-back": "reviewer",
    "POST /centre/drafts/{instrument}/{version}/publish": "reviewer",
    "GET /centre/tokens": "reader",
    "POST /centre/tokens": "reader",
    "POST /centre/tokens/revoke": "reader",
    "POST /centre/logout": "reader",
    "GET /centre/agreements": "reader",
    "POST /centre/agreements": "administrator",
    "POST /centre/agreements/end": "administrator",
    "GET /centre/agreements/{agreement_id}/file": "reader",
    "GET /centre/people": "administrator",
    "POST /centre/people": "administrator",
    "POST /centre/people/link": "administrator",
    "POST /centre/people/roles": "administrator",
    "POST /centre/people/revoke": "administrator",
    "GET /centre/audit": "administrator",
    "GET /centre/audit/file": "administrator",
    "GET /centre/drafts/{instrument_id}/{version}/bench": "reader",
    "POST /centre/drafts/{instrument_id}/{version}/bench": "author",
    "POST /centre/drafts/{instrument_id}/{version}/bench/check": "author",
    "GET /centre/drafts/{instrument_id}/{version}/bench/preview": "reader",
    "GET /centre/drafts/{instrument_id}/{version}/bench/scores": "reader",
    "POST /centre/drafts/{instrument_id}/{version}/bench/reset": "reader",
    "GET /centre/drafts/{instrument_id}/{version}/bench/try/{language}/{number}": "reader",
    "POST /centre/drafts/{instrument_id}/{version}/bench/try/{language}/{number}": "reader",
    "POST /centre/drafts/{instrument_id}/{version}/bench/try/{language}/{number}/save": "reader",
    "GET /centre/drafts/{instrument_id}/{version}/bench/hand": "reader",
    "POST /centre/drafts/{instrument_id}/{version}/bench/hand": "reader",
    "GET /centre/drafts/{instrument_id}/{version}/bench/examples": "reader",
    "POST /centre/drafts/{instrument_id}/{version}/bench/examples": "author",
}
"""The PRO centre's pages, each with the role or roles that it takes; every role is a reader too."""
DEMO = {"GET /"}
LISTS = (set(ANYONE), PATIENT, set(REGISTRY), set(LINES), set(STAFF), set(SCRIPTS), DEMO)


def routes(found: Iterable[Any], prefix: str = "") -> Iterator[str]:
    """Yield `METHOD /path` of every route, through the routers that are included."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner.routes, prefix + route.include_context.prefix)
        else:
            methods = getattr(route, "methods", None) or {"MOUNT"}
            many = " with NDJSON" if isinstance(route, ForLines) else ""
            yield from (f"{method} {prefix}{route.path}{many}" for method in methods - {"HEAD"})


@pytest.mark.demo
def test_every_route_stands_in_exactly_one_list(app: FastAPI) -> None:
    found = list(routes(app.routes))
    assert sorted(found) == sorted(name for names in LISTS for name in names)


def test_the_demos_page_is_there_in_demo_mode_only(app: FastAPI) -> None:
    found = set(routes(app.routes))
    assert found
    assert not found & DEMO


def test_every_reason_is_given() -> None:
    assert all(ANYONE.values())
    assert set(REGISTRY.values()) <= set(SCOPES)
    taken = " or ".join([*STAFF.values(), *SCRIPTS.values()])
    assert {*taken.split(" or ")} <= set(ROLES)


def call(http: TestClient, route: str, headers: dict[str, str]) -> Any:
    method, path, *many = route.split(" ", 2)
    more = {"Content-Type": "application/x-ndjson"} if many else {}
    for name in ("order_id", "response_id", "number", "token"):
        path = path.replace(f"{{{name}}}", str(uuid4()))
    return http.request(method, path, headers=headers | more)


GUARDED = REGISTRY | LINES


@pytest.mark.parametrize("route", sorted(GUARDED))
def test_a_registrys_route_wants_a_token(
    client: TestClient, database: Database, route: str
) -> None:
    with nothing_stored(database):
        answer = call(client, route, {})
    refusal(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", sorted(GUARDED))
def test_a_registrys_route_wants_its_own_scope(
    client: TestClient, database: Database, route: str
) -> None:
    others = " ".join(set(SCOPES) - {GUARDED[route]})
    token = fetch_token(client, "hips-test", others)
    with nothing_stored(database):
        answer = call(client, route, {"Authorization": f"Bearer {token}"})
    refusal(answer, 403)
    assert GUARDED[route] in answer.json()["detail"]


@pytest.mark.parametrize("route", sorted(GUARDED))
def test_its_own_scope_is_enough(client: TestClient, route: str) -> None:
    token = fetch_token(client, "hips-test", GUARDED[route])
    answer = call(client, route, {"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 404, 422}


@pytest.mark.parametrize("route", sorted(PATIENT - {"GET /s/{token}"}))
def test_a_patients_page_wants_a_visit(
    client: TestClient, hips: Party, database: Database, route: str
) -> None:
    with nothing_stored(database):
        assert call(client, route, {}).status_code == 401
        assert call(client, route, hips.headers).status_code == 401


@pytest.mark.parametrize("route", sorted(STAFF))
def test_a_page_of_the_centre_is_for_those_with_its_role(
    client: TestClient, hips: Party, database: Database, settings: Settings, route: str
) -> None:
    known = {"{instrument_id}": "who-5", "{instrument}": "who-5", "{version}": "1.0"}
    method, path = reduce(lambda text, one: text.replace(*one), known.items(), route).split()
    with nothing_stored(database):
        for headers in ({}, hips.headers, {"Cookie": "svar_staff=nonsense"}):
            refused = client.request(method, path, headers=headers)
            assert refused.status_code == 401
    for role in ROLES:
        token = come_as(client, database, settings, role)
        allowed = {"reader", role} & {*STAFF[route].split(" or ")}
        came = client.request(method, path, data={"csrf": token} if method == "POST" else None)
        assert (came.status_code != 403) is bool(allowed), role
        assert came.status_code in ({200, 303, 404, 422} if allowed else {403})


@pytest.mark.parametrize("route", sorted(SCRIPTS))
def test_a_route_for_scripts_is_for_those_with_its_role(
    client: TestClient, hips: Party, database: Database, settings: Settings, route: str
) -> None:
    method, path = route.replace("{instrument_id}", "who-9").replace("{version}", "1.0").split()
    more = {"If-Match": '"1"'}
    with nothing_stored(database):
        for wrong in ("nonsense", "svar_centre_nonsense", hips.headers["Authorization"][7:]):
            headers = more | {"Authorization": f"Bearer {wrong}"}
            refusal(client.request(method, path, headers=headers, json={}), 401)
        refusal(client.request(method, path, headers=more, json={}), 401)
    for role in ROLES:
        headers = more | bearer(database, settings, role)
        came = client.request(method, path, headers=headers, json={})
        assert (came.status_code == 403) is (SCRIPTS[route] not in ("reader", role)), role
        assert came.status_code in {200, 403, 404, 422}
    assert client.get("/api/v1/orders", headers=headers).status_code == 401


@pytest.mark.parametrize("route", sorted(route for route in STAFF if route.startswith("POST")))
def test_a_form_of_the_centre_must_come_from_a_page_of_the_same_session(
    client: TestClient, database: Database, settings: Settings, route: str
) -> None:
    path = route.split()[1]
    other = come_as(client, database, settings, "administrator")
    mine = come_as(client, database, settings, "administrator")
    with nothing_stored(database):
        for token in ("", "nonsense", other):
            assert client.post(path, data={"csrf": token}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert client.post(path, data={"csrf": mine}, headers=elsewhere).status_code == 403


def test_an_unknown_link_opens_nothing(client: TestClient) -> None:
    answer = call(client, "GET /s/{token}", {})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs", "/docs/oauth2-redirect"])
def test_what_is_for_anyone_is_open(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200

"""How often a client may ask, and what it is told; and how often its credentials may be wrong."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.access import pace
from app.access.pace import Failures, Left, Pace, network_of
from app.main import create_app
from app.settings import Settings
from tests.conftest import CLIENT_SECRET, HERE, Party, party, settings_for
from tests.flow import nothing_stored, refusal
from tests.keys import form, key, says, sign
from tests.test_access_fetching import Clock

RESULTS = "/api/v1/results"


def test_a_bucket_empties_at_once_and_fills_with_time() -> None:
    clock = Clock()
    asks = Pace(per_minute=60, at_once=3, clock=clock)
    assert asks.window == 3
    assert [asks.take("a").remaining for _ in range(3)] == [2, 1, 0]
    assert asks.take("a") == Left(allowed=False, remaining=0, wait=1)
    clock.now += 0.5
    assert not asks.take("a").allowed
    clock.now += 0.5
    assert asks.take("a") == Left(allowed=True, remaining=0, wait=1)
    clock.now += 1000
    assert asks.look("a") == Left(allowed=True, remaining=3, wait=0)


def test_one_clients_bucket_is_no_others() -> None:
    asks = Pace(per_minute=1, at_once=1)
    assert asks.take("a").allowed
    assert not asks.take("a").allowed
    assert asks.take("b").allowed
    assert 59 <= asks.look("a").wait <= 60
    assert asks.look("c").remaining == 1


def test_to_be_refused_costs_nothing() -> None:
    clock = Clock()
    asks = Pace(per_minute=60, at_once=1, clock=clock)
    for _ in range(100):
        asks.take("a")
    clock.now += 1
    assert asks.take("a").allowed


def test_the_buckets_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST", 3)
    asks = Pace(per_minute=1, at_once=1)
    for who in "abca":
        asks.take(who)
    asks.take("d")
    assert [*asks._buckets] == ["c", "a", "d"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("-", "-"),
    ],
)
def test_a_household_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_failures_are_counted_by_client_and_address_and_by_address() -> None:
    failures = Failures(2)
    for _ in range(2):
        assert failures.wait("hips", "192.0.2.1") == 0
        failures.note("hips", "192.0.2.1")
    assert 1 <= failures.wait("hips", "192.0.2.1") <= 30
    assert failures.wait("hips", "192.0.2.2") == 0
    assert failures.wait("knees", "192.0.2.1") == 0
    for number in range(20):
        failures.note(f"guess-{number}", "192.0.2.2")
    assert 1 <= failures.wait("knees", "192.0.2.2") <= 3


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(
        database_url, requests_per_minute=60, requests_at_once=5, failures_per_minute=3
    )


def test_an_answer_says_how_often_one_may_ask(hips: Party) -> None:
    for left in (4, 3):
        answer = hips.get(RESULTS)
        assert answer.headers["ratelimit-policy"] == '"client";q=5;w=5'
        assert answer.headers["ratelimit"] == f'"client";r={left};t=0'
    refused = hips.get("/api/v1/orders/1")
    assert refused.status_code == 422
    assert refused.headers["ratelimit"] == '"client";r=2;t=0'


def test_who_asks_too_often_is_told_to_wait_and_nobody_else_is(
    app: FastAPI, hips: Party, knees: Party
) -> None:
    for _ in range(5):
        assert hips.get(RESULTS).status_code == 200
    with nothing_stored(app.state.database):
        answer = hips.post("/api/v1/orders", json=hips.order_body())
    refusal(answer, 429)
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit"] == '"client";r=0;t=1'
    assert "Wait 1 seconds" in answer.json()["detail"]
    assert knees.get(RESULTS).status_code == 200


def test_who_has_no_token_has_no_bucket(client: TestClient) -> None:
    answer = client.get(RESULTS)
    refusal(answer, 401)
    assert "ratelimit" not in answer.headers


def ask(http: TestClient, client_id: str, secret: str) -> Any:
    data = {"grant_type": "client_credentials"}
    return http.post("/oauth/token", data=data, auth=(client_id, secret))


def test_after_a_few_wrong_secrets_no_more_are_looked_at_from_there(
    app: FastAPI, client: TestClient
) -> None:
    for _ in range(3):
        refusal(ask(client, "hips-test", "wrong"), 401)
    answer = ask(client, "hips-test", CLIENT_SECRET)
    refusal(answer, 429)
    assert 1 <= int(answer.headers["retry-after"]) <= 20
    assert ask(client, "knees-test", CLIENT_SECRET).status_code == 200
    elsewhere = TestClient(app, HERE, client=("192.0.2.9", 1))
    assert ask(elsewhere, "hips-test", CLIENT_SECRET).status_code == 200


def test_wrong_signatures_are_counted_too(client: TestClient) -> None:
    for _ in range(3):
        text = sign(key(name="wrong"), says())
        refusal(client.post("/oauth/token", data=form(text)), 401)
    refusal(client.post("/oauth/token", data=form(sign(key(name="wrong"), says()))), 429)


def test_right_secrets_are_never_counted(client: TestClient) -> None:
    for _ in range(5):
        assert ask(client, "hips-test", CLIENT_SECRET).status_code == 200


def test_each_worker_has_its_own_buckets(settings: Settings, hips: Party) -> None:
    for _ in range(6):
        answer = hips.get(RESULTS)
    refusal(answer, 429)
    other = create_app(settings)
    assert party(TestClient(other, HERE), "hips").get(RESULTS).status_code == 200
    other.state.database.close()

"""Demo mode: made-up registries and orders to try, on this machine only."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import col, select
from starlette.testclient import TestClient

from app import course, demo, shelf, valuation
from app.db import Database, migrate
from app.demo import NotADemo
from app.main import create_app
from app.models import Client, Order, Registry, ScoringRun, now
from app.settings import HOUSE, Settings
from tests.conftest import HERE, path_of, settings_for
from tests.flow import answer_and_send, counts, nothing_stored
from tests.staffed import logs_in, somebody


@pytest.fixture
def demo_settings(database_url: str) -> Settings:
    return settings_for(database_url, demo=True)


@pytest.fixture
def place(demo_settings: Settings) -> Iterator[Database]:
    """A database that was seeded for the demo and holds no other registry."""
    database = Database(demo_settings.database_url)
    if database.engine.dialect.name == "sqlite":
        migrate(database)
    with database.write() as session:
        connection = session.connection()
        for table in ("credential", "client", "unit", "registry"):
            connection.execute(text(f"DELETE FROM {table}"))
        shelf.publish_folder(session, HOUSE / "instruments", "tests")
    demo.seed(database, demo_settings)
    yield database
    database.close()


@pytest.fixture
def http(place: Database, demo_settings: Settings) -> Iterator[TestClient]:
    service: FastAPI = create_app(demo_settings)
    yield TestClient(service, HERE, follow_redirects=False)
    service.state.database.close()


class Links(HTMLParser):
    """The addresses that a page leads to, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if (tag, name) == ("a", "href")]

    def handle_data(self, data: str) -> None:
        self.words += data


def links(http: TestClient) -> list[str]:
    page = Links(http.get("/").text)
    return [path_of(link) for link in page.found if "/s/" in link]


def of_demo(database: Database, name: str) -> list[Order]:
    with database.read() as session:
        query = select(Order).where(Order.case_id == f"demo-{name}").order_by(col(Order.id))
        return list(session.exec(query))


def test_the_demo_has_two_registries_with_a_client_each(place: Database) -> None:
    with place.read() as session:
        registries = set(session.exec(select(Registry.id)))
        clients = set(session.exec(select(Client.id)))
    assert registries == {"hips", "knees"}
    assert clients == {"hips-demo", "knees-demo"}
    assert demo.is_seeded(place)


def test_one_of_the_two_has_named_a_value_set(place: Database) -> None:
    answer_and_send(place, of_demo(place, "eq-5d-5l-nb")[0].id)
    with place.read() as session:
        document = session.exec(select(ScoringRun.document)).one()
        sets = {one: valuation.named_by(session, one) for one in ("hips", "knees")}
    assert "index_uk_2026" in json.loads(document)["scores"]
    assert {one: list(found) for one, found in sets.items()} == {
        "hips": ["eq-5d-5l/uk-2026"],
        "knees": [],
    }


def test_seeding_twice_changes_nothing(place: Database, demo_settings: Settings) -> None:
    assert counts(place)["order"] == len(demo.ORDERS)
    with nothing_stored(place):
        demo.seed(place, demo_settings)


def test_an_order_that_was_sent_gets_a_successor_when_the_demo_starts_again(
    place: Database, demo_settings: Settings
) -> None:
    (first,) = of_demo(place, "rand-12-nb")
    answer_and_send(place, first.id)
    demo.seed(place, demo_settings)
    assert [order.status for order in of_demo(place, "rand-12-nb")] == ["completed", "open"]
    assert counts(place)["order"] == len(demo.ORDERS) + 1


def test_an_order_that_was_cancelled_gets_a_successor_too(
    place: Database, demo_settings: Settings
) -> None:
    (first,) = of_demo(place, "rand-36-nb")
    with place.write() as session:
        course.cancel(session, "hips", first.id, "tests", "why")
    demo.seed(place, demo_settings)
    found = of_demo(place, "rand-36-nb")
    assert [order.external_id for order in found] == ["demo-rand-36-nb-1", "demo-rand-36-nb-2"]


def test_each_link_of_the_page_opens_its_order(http: TestClient) -> None:
    found = links(http)
    assert len(found) == len(demo.ORDERS)
    for link in found:
        assert http.get(link).status_code == 303
        assert http.get("/form/").status_code == 200


def test_the_link_of_a_successor_is_shown_in_place_of_the_old(
    http: TestClient, place: Database, demo_settings: Settings
) -> None:
    before = links(http)
    answer_and_send(place, of_demo(place, "rand-36-nb")[0].id)
    assert links(http) == before
    demo.seed(place, demo_settings)
    after = links(http)
    assert (after[1:], after[0] == before[0]) == (before[1:], False)


def test_the_page_tells_the_credentials_and_a_command_and_they_work(http: TestClient) -> None:
    words = Links(http.get("/").text).words
    assert "curl" in words
    for registry in demo.REGISTRIES:
        assert registry.client_id in words
        assert registry.secret in words
        form = {"grant_type": "client_credentials"}
        answer = http.post("/oauth/token", data=form, auth=(registry.client_id, registry.secret))
        assert answer.status_code == 200


def test_the_page_tells_the_passwords_of_the_staff_and_they_work(http: TestClient) -> None:
    words = Links(http.get("/").text).words
    for person in demo.PEOPLE:
        assert person.email in words
        assert person.password in words
    assert logs_in(http, person.email, person.password).status_code == 303
    assert http.get("/centre/people").status_code == 200


def test_the_demo_goes_on_when_somebody_was_invited_in_it(
    place: Database, demo_settings: Settings
) -> None:
    somebody(place, "reader")
    with nothing_stored(place):
        demo.seed(place, demo_settings)


def test_a_database_with_real_staff_alone_is_left_alone(
    database: Database, demo_settings: Settings
) -> None:
    with database.write() as session:
        for table in ("credential", "client", "unit", "registry"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    somebody(database, "reader")
    with nothing_stored(database), pytest.raises(NotADemo, match="real staff"):
        demo.seed(database, demo_settings)


def test_every_address_of_the_page_is_there(http: TestClient) -> None:
    found = [link for link in Links(http.get("/").text).found if link.startswith("/")]
    assert found
    assert {link: http.get(link).status_code for link in found} == dict.fromkeys(found, 200)


def test_without_demo_mode_there_is_no_such_page(client: TestClient) -> None:
    assert client.get("/").status_code == 404


def test_real_registries_are_left_alone(database: Database, demo_settings: Settings) -> None:
    with database.write() as session:
        session.add(Registry(id="spine", name="Real", created_at=now()))
    with nothing_stored(database), pytest.raises(NotADemo):
        demo.seed(database, demo_settings)
    assert not demo.is_seeded(database)


def test_a_demo_link_needs_the_secret(demo_settings: Settings) -> None:
    other = settings_for("sqlite://", demo=True).model_copy(
        update={"secret_key": Settings(demo=True).secret_key}
    )
    assert demo._token(demo_settings, "x") != demo._token(other, "x")
    assert demo._token(demo_settings, "x") != demo._token(demo_settings, "y")


def test_the_demos_orders_are_of_known_registries(place: Database) -> None:
    ids = [order.id for one in demo.ORDERS for order in of_demo(place, one.name)]
    assert len(ids) == len(demo.ORDERS)
    assert all(isinstance(one, UUID) for one in ids)

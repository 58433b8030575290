"""Answers orders as patients do, reads refusals, and counts what the database holds."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, ScalarSelect, Table, func, literal, select, union_all, update
from sqlmodel import SQLModel, col

from app import orders, responses, security
from app.db import Database
from app.models import Client, Credential
from app.security import Visit

PROBLEM = "application/problem+json"


def answer(
    database: Database,
    order_id: UUID | str,
    *,
    registry: str = "hips",
    skip: Collection[str] = (),
    **given: int,
) -> None:
    """Answer every question, without sending: the first code unless `given`; some are skipped."""
    with database.write() as session:
        order = orders.hold(session, registry, UUID(str(order_id)))
        orders.start(session, order)
        for step in responses.steps(session, order):
            name = step.item.id
            code = None if name in skip else given.get(name, step.codes[0])
            responses.save(session, order, step, code)
        responses.say_who(session, order, "self", None)


def send(database: Database, order_id: UUID | str, *, registry: str = "hips") -> str:
    """Send the answers; return the receipt."""
    with database.write() as session:
        order = orders.get(session, registry, UUID(str(order_id)))
        return responses.submit(session, Visit.of(order))


def answer_and_send(database: Database, order_id: UUID | str, **more: Any) -> str:
    """Answer every question and send; return the receipt."""
    answer(database, order_id, **more)
    return send(database, order_id, registry=more.get("registry", "hips"))


def refusal(answer: Any, status: int) -> list[str]:
    """See that an answer is a problem document of this status; return the fields it names."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert all(error["message"] for error in body["errors"])
    return [error["field"] for error in body["errors"]]


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each table holds."""
    with database.read() as session:
        found = dict(session.connection().execute(_counting()).all())
    assert found
    return found


@cache
def _counting() -> CompoundSelect[str, int]:
    tables = SQLModel.metadata.tables.items()
    return union_all(*(select(literal(name), _all(table)) for name, table in tables))


def _all(table: Table) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).scalar_subquery()


@contextmanager
def nothing_stored(database: Database) -> Iterator[None]:
    """See that what happens inside adds no row to any table, and removes none."""
    before = counts(database)
    yield
    assert counts(database) == before


def change_client(database: Database, client_id: str, **values: Any) -> None:
    """Change what a registry's client may do, as an operator does."""
    with database.write() as session:
        statement = update(Client).where(col(Client.id) == client_id).values(**values)
        assert session.connection().execute(statement).rowcount == 1


def change_secret(database: Database, client_id: str, secret: str) -> None:
    """Put another secret in the place of a client's."""
    with database.write() as session:
        statement = update(Credential).where(col(Credential.client_id) == client_id)
        statement = statement.values(content=security.hash_secret(secret))
        assert session.connection().execute(statement).rowcount == 1

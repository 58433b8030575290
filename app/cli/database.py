"""The service's settings and its database, as the commands open them."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlmodel import Session

from app.cli.console import stop
from app.db import Database, is_current
from app.errors import SvarError
from app.settings import Settings


def settings(**given: object) -> Settings:
    """Return the settings of the environment; stops, naming the variable, if one is wrong."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        stop("\n".join(map(_wrong_setting, error.errors())))


def _wrong_setting(found: ErrorDetails) -> str:
    message = found["msg"].removeprefix("Value error, ")
    name, *inside = (str(part) for part in found["loc"] or ("",))
    return "".join(
        [f"SVAR_{name.upper()}: " * bool(name), *(f"{part}: " for part in inside), message]
    )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database for as long as a command needs it."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def current() -> Iterator[Database]:
    """Open the service's database; stops if its tables are not up to date."""
    with opened(settings().database_url) as database:
        if not is_current(database):
            stop("The database's tables are not up to date. Run `svar migrate`.")
        yield database


@contextmanager
def write() -> Iterator[Session]:
    """Open one transaction in the service's database."""
    with current() as database, database.write() as session:
        yield session


@contextmanager
def told() -> Iterator[Session]:
    """Open the same; what is refused in it is told, and nothing of it is stored."""
    try:
        with write() as session:
            yield session
    except SvarError as error:
        stop(error.detail)

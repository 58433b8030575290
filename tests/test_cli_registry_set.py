"""`svar registry set`: how a registry meets its patients."""

import pytest
from sqlmodel import select

from app.db import Database
from app.models import AuditEvent, Registry
from tests.flow import nothing_stored
from tests.test_cli import environment, fails, works

__all__ = ["environment"]


def hips(database: Database) -> tuple[str, str | None, bool]:
    with database.read() as session:
        row = session.get_one(Registry, "hips")
        return row.name, row.colour, row.shows_scores


def test_only_what_is_given_changes(database: Database) -> None:
    assert hips(database) == ("hips", None, False)
    said = works("registry", "set", "hips", "--colour", "#7A2E5D")
    assert said == "Changed registry hips: colour.\n"
    assert hips(database) == ("hips", "#7a2e5d", False)
    works("registry", "set", "hips", "--shows-scores")
    assert hips(database) == ("hips", "#7a2e5d", True)
    said = works("registry", "set", "hips", "--name", "Hofter", "--no-shows-scores")
    assert said == "Changed registry hips: name, shows_scores.\n"
    assert hips(database) == ("Hofter", "#7a2e5d", False)
    works("registry", "set", "hips", "--colour", "none")
    assert hips(database) == ("Hofter", None, False)


def test_nobody_elses_registry_changes(database: Database) -> None:
    works("registry", "set", "hips", "--name", "Hofter", "--colour", "#7a2e5d", "--shows-scores")
    with database.read() as session:
        row = session.get_one(Registry, "knees")
    assert (row.name, row.colour, row.shows_scores) == ("knees", None, False)


def test_each_change_is_noted_in_the_audit_trail(database: Database) -> None:
    works("registry", "set", "hips", "--name", "Hofter", "--shows-scores")
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.what == "registry.changed")
        line = session.exec(query).one()
    assert (line.registry_id, line.who, line.record) == ("hips", "cli", "hips")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hips"], "Say what to change"),
        (["hips", "--name", " "], "must have something to read"),
        (["hips", "--name", "Hofter", "--colour", "teal"], "write it as #1d5a5e"),
        (["hips", "--colour", "#ffcc00"], "its contrast is 1.41, and text needs 4.5"),
        (["hips", "--colour", "#ffcc00"], "The nearest colour that can is #8a6e00."),
        (["spine", "--shows-scores"], "There is no registry spine"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(
    database: Database, words: list[str], said: str
) -> None:
    with nothing_stored(database):
        assert said in fails("registry", "set", *words)
    assert hips(database) == ("hips", None, False)

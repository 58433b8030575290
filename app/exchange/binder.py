"""What comes in or goes out together: a definition, its wordings, and what somebody must decide."""

from typing import NamedTuple

from app.papers import Document
from scoring import NotValid, Problem

LONGEST_NAME = 80
"""How much of a file's name is told; what stands in a name is not ours."""


class File(NamedTuple):
    """A file that came in: its name, which only messages use, and its bytes."""

    name: str
    data: bytes


class Binder(NamedTuple):
    """A definition without its value sets, its wordings, and value sets, as JSON documents.

    The definition is empty, {}, where wordings or value sets came alone.
    """

    definition: Document
    wordings: tuple[Document, ...]
    value_sets: tuple[Document, ...] = ()


class Brought(NamedTuple):
    """What was read from a file of another form, and what it did not say: never guessed."""

    binder: Binder
    decisions: tuple[Problem, ...]


def within(name: str, error: NotValid) -> NotValid:
    """Return a refusal whose places begin with a name, such as the file's."""
    short = name[:LONGEST_NAME]
    return NotValid(Problem(f"{short}: {one.path}", one.message) for one in error.problems)

"""What comes in or goes out together: a definition, its wordings, and what somebody must decide."""

from typing import NamedTuple

from app.papers import Document
from scoring import Problem


class File(NamedTuple):
    """A file that came in: its name, which only messages use, and its bytes."""

    name: str
    data: bytes


class Binder(NamedTuple):
    """A definition, and beside it its wordings and its value sets, as JSON documents."""

    definition: Document
    wordings: tuple[Document, ...]
    value_sets: tuple[Document, ...] = ()


class Brought(NamedTuple):
    """What was read from a file of another form, and what it did not say: never guessed."""

    binder: Binder
    decisions: tuple[Problem, ...]

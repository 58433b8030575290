"""What is wrong with a document, said so that a methodologist can mend it."""

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError


class Problem(NamedTuple):
    """One thing wrong: its path in the document (`scores.pain.range`), and what would be right."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class NotValid(ValueError):
    """A document that breaks the rules; `problems` says where and how."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class NotAnAnswer(ValueError):
    """An answer to an item that does not exist, or whose code is not on offer."""

    def __init__(self, item: str, why: str) -> None:
        self.item = item
        super().__init__(f"{item}: {why}")


def shape_problems(error: ValidationError) -> list[Problem]:
    """Return pydantic's findings as problems, with dotted paths."""
    return [
        Problem(".".join(str(part) for part in found["loc"]) or "document", found["msg"])
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]

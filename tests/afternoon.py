"""A questionnaire of the tests' own, as a methodologist writes it down in a spreadsheet."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.exchange import workbook

Row = dict[str, workbook.Cell | None]

NAME = "mote-med-poliklinikken"
TITLE = "Møtet med poliklinikken"
ANSWERS = (
    "1=Ikke i det hele tatt\n2=I liten grad\n3=I noen grad\n4=I stor grad\n5=I svært stor grad"
)
QUESTIONS = {
    "respect": "Ble du møtt med respekt?",
    "informed": "Fikk du vite det du trengte?",
    "involved": "Fikk du være med på å bestemme?",
}
EXAMPLES: dict[str, tuple[tuple[int | None, ...], float | None]] = {
    "the best of all": ((5, 5, 5), 100),
    "the worst of all": ((1, 1, 1), 0),
    "a little, some and much": ((2, 3, 4), 50),
    "some, much and a little": ((3, 4, 2), 50),
    "much, a little and some": ((4, 2, 3), 50),
    "one is not applicable, so two are enough": ((4, 9, 2), 50),
    "one answer is too few": ((4, None, None), None),
    "nothing is applicable": ((9, 9, 9), None),
}
"""What three answers give: the mean of 0, 25, 50, 75, 100 by code, if half of them have one."""

MISTAKEN = {"one is not applicable, so two are enough": 33.3}
"""What somebody gets by hand who divides by three though one question was not applicable."""

TRIED = {"respect": 4, "informed": 5, "involved": 2}
"""What is answered on the bench, and then by the first patient."""

CHECKED = ("much, very much and a little", "By hand: (75 + 100 + 25) / 3.", "200/3")
"""The example that is made of it: its name, its source, and what was figured."""


def from_paper() -> bytes:
    """Return the spreadsheet as it is first typed: a sum is wrong, and a full stop came along."""
    return book(expected=MISTAKEN, answers=f"{ANSWERS}.")


def book(
    version: str = "1.0",
    missing: str = "half",
    expected: Mapping[str, float | None] = MappingProxyType({}),
    answers: str = ANSWERS,
    **renamed: str,
) -> bytes:
    """Return the spreadsheet; `expected` are other values than the examples'."""
    items = [renamed.get(name, name) for name in QUESTIONS]
    facts = {
        "id": NAME,
        "version": version,
        "kind": "PREM",
        "name": TITLE,
        "source": "Made up for this example.",
        "recall_period": "the last visit",
        "licence_status": "free",
        "licence_holder": "Nobody",
        "licence_credit": "May be used by anyone.",
        "licence_terms": "None.",
    }
    score: Row = {
        "id": "experience",
        "name": "Experience of the visit",
        "method": "mean",
        "items": " ".join(items),
        "missing": missing,
        "range": "0 100",
        "direction": "higher_is_better",
        "source": "Made up for this example.",
    }
    words: Row = {
        "language": "nb",
        "revision": 1,
        "status": "official",
        "title": TITLE,
        "source": "Made up for this example.",
        "credit": "Fritt for alle.",
    }
    tables: dict[str, list[Row]] = {
        "items": _items(items, answers),
        "instrument": [{"fact": fact, "value": value} for fact, value in facts.items()],
        "languages": [words],
        "pages": [{"id": "visit", "stem": "yes", "stem:nb": "Tenk på det siste besøket ditt."}],
        "scores": [score],
        "examples": [_example(name, items, expected) for name in EXAMPLES],
    }
    return workbook.write({name: (list(rows[0]), rows) for name, rows in tables.items()})


def _items(names: list[str], answers: str) -> list[Row]:
    return [
        {
            "id": name,
            "page": "visit",
            "type": "single_choice",
            "direction": "higher_is_better",
            "text:nb": text,
            "options": "degree",
            "codes": "" if number else "1 2 3 4 5 9",
            "options:nb": "" if number else f"{answers}\n9=Ikke aktuelt",
            "recode": "degree",
            "worth": "" if number else "1=0\n2=25\n3=50\n4=75\n5=100",
            "not_applicable": "9",
        }
        for number, (name, text) in enumerate(zip(names, QUESTIONS.values(), strict=True))
    ]


def _example(name: str, items: list[str], expected: Mapping[str, float | None]) -> Row:
    answers, value = EXAMPLES[name]
    value = expected.get(name, value)
    row: Row = {"name": name, "source": "By hand."}
    row |= {f"answer:{item}": code for item, code in zip(items, answers, strict=True)}
    return row | {"expected:experience": "null" if value is None else value}


def written(folder: Path, **more: Any) -> Path:
    """Write the spreadsheet as a file that can be chosen on a page; return where it is."""
    path = folder / "møtet.xlsx"
    path.write_bytes(book(**more))
    return path

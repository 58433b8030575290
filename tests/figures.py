"""Invented figures for tests of change: a smallest important change, a reliability and a norm."""

from typing import Any

from scoring.reference import Mcid, Norm, Reliability

SOURCE = {
    "instrument": "short",
    "population": "Invented people",
    "citation": "Invented for the tests",
    "doi": None,
    "checked": "one-source",
    "note": "",
}
NAMED = {"id": "nowhere-2000", "version": "1.0"}


def mcid(amount: float | tuple[float, ...], **others: Any) -> Mcid:
    """Return a smallest important change in short/total."""
    given = {"score": "total", "amount": amount, "method": "anchor"}
    return Mcid.model_validate(SOURCE | NAMED | given | others)


def reliability(sd: float = 2.0, reliability: float = 0.75) -> Reliability:
    """Return the precision of short/total."""
    given = {"score": "total", "sd": sd, "reliability": reliability}
    return Reliability.model_validate(SOURCE | given)


def norm(rows: list[dict[str, Any]] | None = None) -> Norm:
    """Return a norm for short/pain by age and sex, and for short/sleep for all."""
    given = ROWS if rows is None else rows
    place = {"country": "Nowhere", "year": 2000}
    return Norm.model_validate(SOURCE | NAMED | place | {"rows": given})


def row(
    score: str, age: list[int] | None, sex: str | None, mean: float, sd: float
) -> dict[str, Any]:
    """Return one row of a norm."""
    return {"score": score, "age": age, "sex": sex, "mean": mean, "sd": sd, "n": None}


ROWS = [
    row("pain", [18, 44], "female", 80, 10),
    row("pain", [45, 99], "female", 70, 20),
    row("pain", [18, 99], "male", 60, 30),
    row("sleep", None, None, 50, 5),
]

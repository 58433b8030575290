"""A second opinion: scores one person from a definition's document, slowly and in plain Python.

It shares no code with `scoring/`: it reads the JSON as it stands, uses exact fractions, and is
written to be checked by eye against the definition.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests import value_set_oracle

Document = dict[str, Any]
Answers = Mapping[str, int]


def scores(
    document: Document, answers: Answers, rule: str | None = None
) -> dict[str, float | None]:
    """Return every score of one person; None where it cannot be given."""
    person = Person(document, answers, rule)
    return {score["id"]: decimal(person.score(score)) for score in document["scores"]}


def decimal(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def exact(number: float) -> Fraction:
    return Fraction(str(number))


class Person:
    """One person's answers under a definition."""

    def __init__(self, document: Document, answers: Answers, rule: str | None) -> None:
        self.document = document
        self.rule = rule
        self.items = {item["id"]: item for item in document["items"]}
        self.answers = {
            item: code
            for item, code in answers.items()
            if code not in self.items[item].get("missing_codes", [])
        }

    def score(self, score: Document) -> Fraction | None:
        ways = {
            "mean": self.mean,
            "sum": self.sum,
            "points": self.points,
            "combine": self.combine,
            "value-set": self.index,
        }
        return ways[score["method"]](score)

    def value(self, item: str) -> Fraction:
        code = self.answers[item]
        recode = self.items[item].get("recode")
        return exact(self.document["recodes"][recode][str(code)] if recode else code)

    def answered(self, items: list[str]) -> list[str]:
        return [item for item in items if item in self.answers]

    def mean(self, score: Document) -> Fraction | None:
        items = self.answered(score["items"])
        offered = self.rule in score.get("missing_options", [])
        rule = self.rule if offered else score["missing"]
        if not items or not enough(rule, len(items), len(score["items"])):
            return None
        return sum((self.value(item) for item in items), Fraction(0)) / len(items)

    def sum(self, score: Document) -> Fraction | None:
        if self.answered(score["items"]) != score["items"]:
            return None
        return sum((self.value(item) for item in score["items"]), Fraction(0))

    def points(self, score: Document) -> Fraction | None:
        total = exact(score["constant"])
        for one in score["items"]:
            if one["item"] not in self.answers:
                return None
            total += exact(one["points"][str(self.answers[one["item"]])])
        return total

    def combine(self, score: Document) -> Fraction | None:
        if self.answered(score.get("requires", [])) != score.get("requires", []):
            return None
        by_id = {other["id"]: other for other in self.document["scores"]}
        total = Fraction(0)
        for term in score["terms"]:
            found = self.score(by_id[term["score"]])
            if found is None:
                return None
            mean, sd = exact(term.get("mean", 0)), exact(term.get("sd", 1))
            total += exact(term["weight"]) * (found - mean) / sd
        last = score.get("affine", {"multiply": 1, "add": 0})
        return exact(last["add"]) + exact(last["multiply"]) * total

    def index(self, score: Document) -> Fraction | None:
        if self.answered(score["items"]) != score["items"]:
            return None
        state = "".join(str(self.answers[item]) for item in score["items"])
        return value_set_oracle.index(self.document["value_sets"][score["value_set"]], state)


def enough(rule: Any, answered: int, items: int) -> bool:
    """Say whether a missing rule is met."""
    if rule == "all":
        return answered == items
    if rule == "half":
        return 2 * answered >= items
    if rule == "any":
        return answered >= 1
    if "min_answered" in rule:
        return bool(answered >= rule["min_answered"])
    return bool(items - answered <= rule["max_missing"])

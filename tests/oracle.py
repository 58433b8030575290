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
            and code not in self.items[item].get("not_applicable", [])
        }

    def score(self, score: Document) -> Fraction | None:
        ways = {
            "mean": self.of_items,
            "sum": self.of_items,
            "count": self.of_items,
            "points": self.points,
            "combine": self.combine,
            "value-set": self.index,
            "lookup": self.lookup,
            "cases": self.cases,
        }
        found = ways[score["method"]](score)
        return None if found is None else finished(score, found)

    def other(self, name: str) -> Fraction | None:
        return next(self.score(one) for one in self.document["scores"] if one["id"] == name)

    def value(self, item: str) -> Fraction:
        code = self.answers[item]
        recode = self.items[item].get("recode")
        return exact(self.document["recodes"][recode][str(code)] if recode else code)

    def answered(self, items: list[str]) -> list[str]:
        return [item for item in items if item in self.answers]

    def of_items(self, score: Document) -> Fraction | None:
        items = self.answered(score["items"])
        offered = self.rule in score.get("missing_options", [])
        rule = self.rule if offered else score.get("missing", "all")
        if not items or not enough(rule, len(items), len(score["items"])):
            return None
        found = [self.value(item) for item in items]
        if score["method"] == "count":
            found = [Fraction(value in map(exact, score["values"])) for value in found]
        mean = sum(found, Fraction(0)) / len(found)
        if score["method"] == "mean":
            return mean
        if len(found) < len(score["items"]) and score.get("substitute") != "person-mean":
            return None
        return mean * len(score["items"])

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
        total = Fraction(0)
        for term in score["terms"]:
            found = self.other(term["score"])
            if found is None:
                return None
            mean, sd = exact(term.get("mean", 0)), exact(term.get("sd", 1))
            total += exact(term["weight"]) * (found - mean) / sd
        return total

    def index(self, score: Document) -> Fraction | None:
        if self.answered(score["items"]) != score["items"]:
            return None
        state = "".join(str(self.answers[item]) for item in score["items"])
        return value_set_oracle.index(self.document["value_sets"][score["value_set"]], state)

    def lookup(self, score: Document) -> Fraction | None:
        found = self.other(score["score"])
        return None if found is None else exact(score["table"][str(found)])

    def cases(self, score: Document) -> Fraction | None:
        found = {}
        for name in {name for case in score["cases"] for name in case["when"]}:
            value = self.other(name)
            if value is None:
                return None
            found[name] = value
        for case in score["cases"]:
            if all(within(found[name], bounds) for name, bounds in case["when"].items()):
                return exact(case["value"])
        return exact(score["otherwise"])


def finished(score: Document, value: Fraction) -> Fraction:
    """Return a value after the last steps: it is multiplied, added to, and kept within ends."""
    if "affine" in score:
        value = exact(score["affine"]["multiply"]) * value + exact(score["affine"]["add"])
    if "clamp" in score:
        low, high = map(exact, score["clamp"])
        value = low if value < low else high if value > high else value
    return value


def within(value: Fraction, bounds: Document) -> bool:
    """Say whether a value is within bounds; one that is a billionth from a bound is at it."""
    holds = []
    for word, number in bounds.items():
        bound = exact(number)
        if abs(value - bound) <= Fraction(1, 10**9):
            holds.append(word in ("at_least", "at_most"))
        else:
            holds.append((value > bound) == (word in ("at_least", "above")))
    return all(holds)


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

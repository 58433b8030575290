"""Draws definitions of tiny instruments at random: right ones, and ones that were spoilt.

While a right one is drawn, the oracle scores everyone there can be, so that its ranges and tables
are right without a word from `scoring/`.
"""

from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests import oracle
from tests.documents import Document, read, small_definitions
from tests.oracle import exact

RULES = ("all", "half", "any")
NUMBERS = [0, 1, 2, 3, 7, -1, -4, 0.5, 0.25, -2.5, 0.1, 0.3, -0.7, 33.3]
number = st.sampled_from(NUMBERS)
LAST_PLACE = 999


@st.composite
def definitions(draw: st.DrawFn) -> Document:
    """Draw a definition that breaks no rule, but that its examples do not try it."""
    drawing = Drawing(draw)
    for place in range(draw(st.integers(1, 4))):
        drawing.add(f"s{place}")
    document = drawing.document
    document["scores"] = draw(st.permutations(document["scores"]))
    nothing = {"name": "nothing", "source": "Drawn", "answers": {}, "expected": {"s0": None}}
    return {**document, "examples": [nothing]}


def everyone(document: Document) -> list[dict[str, int]]:
    """Return all the answers that a person can give, among them none, and missing codes."""
    columns = []
    for item in document["items"]:
        codes = document["option_sets"].get(item.get("options"), range(101))
        columns.append([None, *codes, *item.get("missing_codes", [])])
    names = [item["id"] for item in document["items"]]
    return [
        {name: code for name, code in zip(names, row, strict=True) if code is not None}
        for row in product(*columns)
    ]


def scored(document: Document, item: Document) -> list[int]:
    """Return the codes of an item that count."""
    codes = document["option_sets"].get(item.get("options"), range(101))
    return [code for code in codes if code not in item.get("not_applicable", [])]


def questionnaire(draw: st.DrawFn) -> Document:
    """Draw what is asked: one to three items, each with codes of its own."""
    document = read(small_definitions()[0])
    items = [f"q{place}" for place in range(draw(st.integers(1, 3)))]
    document |= {"option_sets": {}, "recodes": {}, "items": [], "scores": []}
    document["pages"] = [{"id": "all", "stem": False, "items": items}]
    for name in items:
        document["items"].append(choice(draw, document, name))
    if draw(st.integers(0, 9)) == 9:
        scale = {"id": "q0", "type": "eq_vas", "direction": "higher_is_better"}
        document |= {"items": [scale], "option_sets": {}, "recodes": {}}
        document["pages"][0]["items"] = ["q0"]
    return document


def choice(draw: st.DrawFn, document: Document, name: str) -> Document:
    """Draw an item, and put its codes and its recode into the definition."""
    item: Document = {"id": name, "type": "single_choice", "options": name}
    item["direction"] = draw(st.sampled_from(["higher_is_better", "lower_is_better", "none"]))
    codes = draw(st.lists(st.integers(0, 4), min_size=2, max_size=3, unique=True))
    apart, missing = draw(st.sampled_from([([], []), ([8], []), ([], [9]), ([7], [9])]))
    document["option_sets"][name] = [*codes, *apart]
    item |= {"not_applicable": apart, "missing_codes": missing}
    if draw(st.booleans()):
        document["recodes"][name] = {str(code): draw(number) for code in codes}
        item["recode"] = name
    return item


class Drawing:
    """A definition while it is drawn, and every value that somebody would have in its scores."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.document = questionnaire(draw)
        self.items = [item["id"] for item in self.document["items"]]
        self.people = everyone(self.document)
        self.rules: set[str | None] = {None}
        self.values: dict[str, set[Fraction]] = {}
        self.under: dict[str, set[str]] = {}

    def one_of(self, *things: Any) -> Any:
        return self.draw(st.sampled_from(things))

    def some(self, things: Iterable[Any], least: int = 1, most: int = 3) -> list[Any]:
        of = list(things)
        size = min(most, len(of))
        return self.draw(st.lists(st.sampled_from(of), min_size=least, max_size=size, unique=True))

    def add(self, name: str) -> None:
        """Draw one more score, made of items or of the scores before it."""
        ways = [self.of_items, self.points]
        if self.values:
            ways += [self.combine, self.cases, *[self.lookup] * 2 * bool(self.whole())]
        score = self.one_of(*ways)()
        score |= {"id": name, "name": "A score", "source": "Drawn"}
        self.rules |= set(score.get("missing_options", ()))
        people = [oracle.Person(self.document, a, rule) for a in self.people for rule in self.rules]
        self.values[name] = {v for one in people if (v := one.score(score)) is not None}
        self.under[name] = set().union(*(self.under.get(part, {part}) for part in parts(score)))
        score.setdefault("range", ends(self.values[name]))
        score["direction"] = self.direction(score)
        if self.one_of(False, True):
            low, high = score["range"]
            edges = sorted({low, *self.some([low, high, (low + high) / 2])})
            score["bands"] = [{"at_least": edge, "label": f"from {edge}"} for edge in edges]
        self.document["scores"].append(score)

    def direction(self, score: Document) -> str:
        """Return what the best and the worst answers show, or that there is no direction."""
        if score["method"] in ("mean", "sum", "count") or self.one_of(False, True):
            return "none"
        best, worst = (self.end(score, best=best) for best in (True, False))
        return "none" if best == worst else f"{'higher' if best > worst else 'lower'}_is_better"

    def end(self, score: Document, *, best: bool) -> Fraction:
        """Return what the best or the worst answers give."""
        answers = {}
        for item in self.document["items"]:
            codes = scored(self.document, item)
            top = max(codes) if (item["direction"] == "higher_is_better") == best else min(codes)
            answers[item["id"]] = codes[0] if item["direction"] == "none" else top
        value = oracle.Person(self.document, answers, None).score(score)
        assert value is not None
        return value

    def of_items(self) -> Document:
        method, items = self.one_of("mean", "sum", "count"), self.some(self.items)
        score: Document = {"method": method, "items": items, **self.last()}
        least = self.one_of(*range(1, len(items) + 1))
        rules = [*RULES, {"min_answered": least}, {"max_missing": len(items) - least}]
        if method != "mean" and self.one_of(False, True):
            score["missing"] = self.one_of("all", {"min_answered": len(items)}, {"max_missing": 0})
            score["missing_options"] = self.one_of([], ["all"])
        else:
            score["missing"] = self.one_of(*rules)
            score["missing_options"] = self.some(RULES, least=0)
            score |= {} if method == "mean" else {"substitute": "person-mean"}
        if method == "count":
            score["values"] = self.some(worth(self.document, items))
        return score

    def points(self) -> Document:
        items = [
            {
                "item": item["id"],
                "points": {str(code): self.draw(number) for code in scored(self.document, item)},
            }
            for item in self.document["items"]
            if item["id"] == self.items[0] or self.one_of(False, True)
        ]
        return {"method": "points", "constant": self.draw(number), "items": items, **self.last()}

    def combine(self) -> Document:
        terms: list[Document] = []
        for name in self.some(self.values):
            more = self.one_of({}, {"mean": self.draw(number)}, {"sd": self.one_of(0.5, 3, 10)})
            terms.append({"score": name, "weight": self.draw(number), **more})
        score = {"method": "combine", "terms": terms, **self.last()}
        score["requires"] = self.some(self.items, least=0)
        ranges = {other["id"]: other["range"] for other in self.document["scores"]}
        low = high = Fraction(0)
        for term in terms:
            mean, sd = exact(term.get("mean", 0)), exact(term.get("sd", 1))
            both = [exact(term["weight"]) * (exact(e) - mean) / sd for e in ranges[term["score"]]]
            low, high = low + min(both), high + max(both)
        return score | {"range": ends({oracle.finished(score, end) for end in (low, high)})}

    def whole(self) -> list[str]:
        """Return the scores that can be looked up: of whole numbers, all of which are known.

        They are not where a case may never hold, nor where scores of the same items are combined.
        """
        sure: list[str] = []
        for score in self.document["scores"]:
            made_of = parts(score) & self.under.keys()
            items = [item for part in made_of for item in self.under[part]]
            items += score.get("requires", [])
            known = score["method"] != "cases" and made_of <= set(sure)
            if known and len(items) == len(set(items)):
                sure.append(score["id"])
        return [name for name in sure if all(map(has_a_place, self.values[name]))]

    def lookup(self) -> Document:
        name = self.one_of(*self.whole())
        table = {str(value): self.draw(number) for value in sorted(self.values[name])}
        return {"method": "lookup", "score": name, "table": table}

    def cases(self) -> Document:
        words = ("at_least", "above", "at_most", "below")
        cases: list[Document] = []
        for _ in range(self.one_of(1, 2, 3)):
            when = {}
            for name in self.some(self.values, most=2):
                edges = [*map(float, sorted(self.values[name])[:20]), *NUMBERS]
                when[name] = {word: self.one_of(*edges) for word in self.some(words, most=2)}
            cases.append({"when": when, "value": self.draw(number)})
        otherwise = self.draw(number)
        values: list[float] = [*(case["value"] for case in cases), otherwise]
        score = {"method": "cases", "cases": cases, "otherwise": otherwise}
        return score | {"range": [min(values), max(values)]}

    def last(self) -> Document:
        """Draw the last steps of a score: none, or some."""
        steps: Document = {}
        if self.one_of(False, True):
            steps["affine"] = {"multiply": self.draw(number), "add": self.draw(number)}
        if self.one_of(False, False, True):
            steps["clamp"] = sorted(self.some(NUMBERS, least=2, most=2))
        return steps


def parts(score: Document) -> set[str]:
    """Return the names of the items and scores that a score is made of."""
    found = {term["score"] for term in score.get("terms", ())} | {*score.get("requires", ())}
    found |= {name for case in score.get("cases", ()) for name in case["when"]}
    found |= {one if isinstance(one, str) else one["item"] for one in score.get("items", ())}
    return found | ({score["score"]} if "score" in score else set())


def worth(document: Document, items: Collection[str]) -> list[float]:
    """Return what the codes of some items are worth."""
    found = set()
    for item in document["items"]:
        if item["id"] in items:
            recode = document["recodes"].get(item.get("recode"), {})
            found |= {recode.get(str(code), code) for code in scored(document, item)}
    return sorted(found)


def has_a_place(value: Fraction) -> bool:
    return value.denominator == 1 and 0 <= value <= LAST_PLACE


def ends(values: set[Fraction]) -> list[float]:
    return [float(min(values)), float(max(values))]


ODD: list[Any] = [
    *[0, -0.0, -1, 0.1, 1.5, 999, 1000, 1e300, None, True, "", " ", "q1", "Å", "01", "x" * 41],
    *[[], {}, [0], [[]], {"min_answered": 1}, {"max_missing": 9}, {"s0": {}}, ["q1", "q2"]],
]
LARGE_AND_SMALL = [*NUMBERS, 8, 9, 998, 999, 1000, 1e5, 1e9, -1e9, 1e-9, 5e-324, -0.0]
WHAT_COUNTS = ("scores", "scores", "scores", "items", "recodes", "option_sets", "examples")
WHAT_DOES_NOT = ("id", "name", "source", "method", "type", "label", "affine", "expected")


@st.composite
def spoilt(draw: st.DrawFn) -> Document:
    """Draw a definition, right or small, of which some things are changed into anything at all."""
    document: Document = draw(st.one_of(definitions(), small()))
    for _ in range(draw(st.integers(1, 3))):
        every = list(places(document))
        holder, key = draw(st.sampled_from(every))
        there, name = draw(st.sampled_from(every))
        if draw(st.integers(0, 3)):
            holder[key] = deepcopy(draw(st.sampled_from([*ODD, there[name]])))
        else:
            del holder[key]
    return document


@st.composite
def muddled(draw: st.DrawFn) -> Document:
    """Draw a definition, right or small, with other numbers and names, most often well-formed."""
    document: Document = draw(st.one_of(definitions(), small()))
    for _ in range(draw(st.integers(1, 3))):
        every = list(places(document[draw(st.sampled_from(WHAT_COUNTS))]))
        able = [(holder, key) for holder, key in every if can_be_muddled(holder[key], key)]
        holder, key = draw(st.sampled_from(able or every or [(document, "kind")]))
        alike = [there[name] for there, name in every if name == key]
        holder[key] = muddle(draw, holder[key], alike)
    return document


def can_be_muddled(thing: Any, key: object) -> bool:
    """Say whether there may be another thing in its place that has the same shape."""
    return key not in WHAT_DOES_NOT and not (isinstance(thing, dict) and {"id", "name"} & {*thing})


def muddle(draw: st.DrawFn, thing: Any, alike: list[Any]) -> Any:
    """Return another number, a word from a place of the same name, or a part of what was there."""
    match thing:
        case bool() | None:
            return thing
        case int() | float():
            return draw(st.sampled_from(LARGE_AND_SMALL))
        case str():
            return draw(st.sampled_from([*(one for one in alike if isinstance(one, str)), "q9"]))
        case list():
            return draw(st.lists(st.sampled_from(thing), max_size=len(thing) + 1)) if thing else []
        case _:
            kept = draw(st.lists(st.sampled_from(sorted(thing)), unique=True)) if thing else []
            other: Document = draw(
                st.sampled_from([{}, {"0": 1}, {"7": 0.5}, {"s0": {"above": 1}}])
            )
            return {key: deepcopy(thing[key]) for key in kept} | other


def small() -> st.SearchStrategy[Document]:
    return st.sampled_from(small_definitions()).map(read)


def places(inside: Any) -> Iterator[tuple[Any, Any]]:
    """Yield where everything stands in a document: what holds it, and its name or number there."""
    if isinstance(inside, dict | list):
        for key in list(inside) if isinstance(inside, dict) else range(len(inside)):
            yield inside, key
            yield from places(inside[key])

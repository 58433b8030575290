"""An instrument as one reads it: its questions, what each answer is worth, scores, examples."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from scoring import Instrument, Wording
from scoring.instrument import Example, Score
from scoring.item import AnyItem, Choice, MultipleChoice, Scale
from scoring.recipe import Line, Worth, recipe, worth
from scoring.rewording import asked


class Answer(NamedTuple):
    """One answer: its code, its words, and what it is worth in each column of `Question.worth`.

    `means` is `not_applicable`, `missing` or `alone` where a code says that, else nothing.
    """

    code: int
    text: str
    worth: tuple[float | None, ...]
    means: str


class Question(NamedTuple):
    """One item as it is asked: the opening text that begins above it, its words, its answers.

    `is_turned` says that a higher code is worth less in some score.
    """

    item: AnyItem
    stem: str
    text: str
    unit: str
    answers: tuple[Answer, ...]
    worth: tuple[Worth, ...]
    is_turned: bool


def questions(instrument: Instrument, wording: Wording | None) -> list[Question]:
    """Return all that is asked, in order, in a wording's words; without one, only its codes."""
    return [
        _question(instrument, wording, name, page.id if first == 0 else "")
        for page in instrument.pages
        for first, name in enumerate(page.items)
    ]


def _question(instrument: Instrument, wording: Wording | None, name: str, page: str) -> Question:
    item = instrument.asked(name)
    columns = worth(instrument, item) if isinstance(item, Choice | Scale) else ()
    return Question(
        item,
        wording.stems.get(page, "") if wording else "",
        wording.items[name] if wording else "",
        wording.units.get(name, "") if wording else "",
        tuple(
            Answer(code, text, tuple(one.by_code.get(code) for one in columns), _means(item, code))
            for code, text in words(instrument, wording, item).items()
        ),
        columns,
        any(_falls(one) for one in columns),
    )


def _falls(of: Worth) -> bool:
    low, high = of.by_code[min(of.by_code)], of.by_code[max(of.by_code)]
    return high < low


def _means(item: AnyItem, code: int) -> str:
    if isinstance(item, Choice) and code in item.not_applicable:
        return "not_applicable"
    if isinstance(item, Choice | Scale) and code in item.missing_codes:
        return "missing"
    return "alone" if isinstance(item, MultipleChoice) and code in item.alone else ""


def words(instrument: Instrument, wording: Wording | None, item: AnyItem) -> dict[int, str]:
    """Return the codes of an item with their words, or a scale's ends; last, its missing codes.

    A missing code means "no answer" in data from elsewhere, and is never offered.
    """
    if isinstance(item, Scale):
        return {0: _end(wording, item, 0), item.most: _end(wording, item, item.most)} | _none(item)
    said: Mapping[int, str] = {}
    if wording is not None and isinstance(item, Choice | MultipleChoice):
        said = wording.options[item.options]
    offered = {code: said.get(code, "") for code in instrument.codes(item)}
    return offered | (_none(item) if isinstance(item, Choice) else {})


def _none(item: Choice | Scale) -> dict[int, str]:
    return dict.fromkeys(item.missing_codes, "")


def _end(wording: Wording | None, item: Scale, code: int) -> str:
    """Return what stands at an end of a scale: the better one is high, unless lower is better."""
    if wording is None:
        return ""
    ends, is_high = wording.anchors[item.id], code > 0
    return ends.best if is_high is (item.direction != "lower_is_better") else ends.worst


def scores(instrument: Instrument) -> list[tuple[Score, tuple[Line, ...]]]:
    """Return every score with the steps that lead to it."""
    return [(score, recipe(score)) for score in instrument.scores]


def answered(
    instrument: Instrument, wording: Wording | None, example: Example
) -> list[tuple[AnyItem, int | None, str]]:
    """Return each item that may be scored with an example's code, None if open, and its words."""
    return [
        (item, code, "" if code is None else words(instrument, wording, item).get(code, ""))
        for item in instrument.items
        for code in [example.answers.get(item.id)]
    ]


class Unready(NamedTuple):
    """Words that are not a questionnaire's own yet: `placeholder`, or `copied` from another."""

    language: str
    why: Literal["placeholder", "copied"]
    other: str


def unready(wordings: Iterable[Wording]) -> list[Unready]:
    """Return the wordings that are placeholders, or ask in the very words of another language."""
    found, earlier = [], list[Wording]()
    for one in wordings:
        same = next((other.language for other in earlier if asked(other) == asked(one)), "")
        if one.status == "placeholder":
            found.append(Unready(one.language, "placeholder", ""))
        if same:
            found.append(Unready(one.language, "copied", same))
        earlier.append(one)
    return found

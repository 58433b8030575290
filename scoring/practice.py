"""Good practice for questionnaires on screens: what a reviewer would remark on, and why.

These are remarks, never refusals: an instrument as its holder published it may go against each of
them, and then it is the holder's words that count.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scoring.instrument import Instrument, OfItems, Page
from scoring.item import AnyItem, Choice, MultipleChoice
from scoring.wording import Wording

ECOA = "C-Path PRO Consortium and ISPOR, good practice for electronic questionnaires"
NHS = "NHS and GOV.UK design patterns for questions"


class Rule(NamedTuple):
    """Why something is remarked on, and whose advice that is."""

    reason: str
    source: str


RULES = {
    "options-unequal": Rule(
        "Options of one form are weighed alike; one with a capital or a full stop of its own, or "
        "one several times as long, draws the eye.",
        ECOA,
    ),
    "no-not-applicable": Rule(
        "A question about care may not concern everyone. Without a way to say so, they skip it, or "
        "answer something that is not so. Looked for in PREMs only: a PROM asks about the person.",
        "Sjetne and others 2011, doi:10.1186/1472-6963-11-88: GS-PEQ offers it",
    ),
    "no-recall-period": Rule(
        "On a phone each page stands alone: a period that is told at the start is forgotten.", ECOA
    ),
    "direction-unsaid": Rule(
        "A scale is made of this item and others, and it does not say which of its ends is the "
        "better one: nothing would notice that it is reversed.",
        "instruments/README.md, `direction`",
    ),
    "lacks-text": Rule("Another language has this text; whoever reads this one lacks it.", ECOA),
    "codes-differ": Rule(
        "An answer must mean the same in every language: scores are made of the codes.", ECOA
    ),
    "number-misleads": Rule(
        "A text begins with another number than its answer's code, as codes are typed into texts, "
        "and the two will be mixed up in tables.",
        NHS,
    ),
    "too-long": Rule(
        "Question and answers do not fit on two screens of a small phone, so that the question is "
        "out of sight when the last answer is read.",
        NHS,
    ),
    "markup": Rule("Texts are shown as they are: the patient would read the signs.", NHS),
}
"""What is looked at: the reason, and whose advice it is."""

PERIODS = {
    "en": r"\b(day|week|month|year|today)",
    "nb": r"\b(dag|døgn|uke|måned|år\b|året|i dag)",
    "nn": r"\b(dag|døgn|veke|månad|år\b|året|i dag)",
    "da": r"\b(dag|døgn|uge|måned|år\b|året|i dag)",
    "sv": r"\b(dag|dygn|veck|månad|år\b|året|i dag)",
}
"""By which words a period of recall is known, in each language that it can be looked for in."""

NO_PERIOD = re.compile(r"\b(now|in general)\b", re.IGNORECASE)
"""By which words a definition says that some of its pages ask about no period."""

TYPED = re.compile(r"(\d{1,3})\s*(?:[=:)]|\.(?!\d)|[-–]\s+\D|$)")
"""How a text begins into which a code was typed: 3 = often, 3. often; not 3 or 4, nor 2–3 times."""

MARKUP = re.compile(r"</?[a-zA-Z!][^>]*>|&#?\w+;|\*\*|__|`|\[[^\]]*\]\(|^#+ ", re.MULTILINE)

LINE, LINE_HEIGHT = 34, 24
"""Characters on a line, and its height in pixels: 16-pixel text on a screen 320 wide."""

OPTION_PADDING, GAP = 20, 24
SMALL_SCREEN = 568
"""The height in pixels of a small phone's screen, 320 x 568."""


class Remark(NamedTuple):
    """One remark: where (`nb: items.q1`), which of the RULES, and what was seen there."""

    place: str
    rule: str
    seen: str

    @property
    def reason(self) -> str:
        """Why it matters."""
        return RULES[self.rule].reason

    @property
    def source(self) -> str:
        """Whose advice it is."""
        return RULES[self.rule].source


Remarks = Iterator[Remark]


def remarks(instrument: Instrument, wordings: Sequence[Wording]) -> list[Remark]:
    """Return what good practice has to say of a definition and its wordings, in any state."""
    found = [*_definition(instrument), *_across(wordings)]
    for wording in wordings:
        found += [*_texts(wording), *_pages(instrument, wording)]
    return list(_each_list_once(found))


def _each_list_once(found: Sequence[Remark]) -> Remarks:
    """Yield remarks; what misleads in a list of answers is told in the first language only."""
    lists: set[str] = set()
    for one in found:
        path = one.place.partition(": ")[2]
        if one.rule != "number-misleads" or path not in lists:
            yield one
        if one.rule == "number-misleads":
            lists.add(path)


def _definition(instrument: Instrument) -> Remarks:
    together = {name: one.id for one in instrument.scores for name in _scale(one)}
    for item in instrument.items:
        if item.direction == "none" and item.id in together:
            place = f"items.{item.id}.direction"
            yield Remark(place, "direction-unsaid", f"is none, and {together[item.id]} is made of")
        if instrument.kind == "PREM" and isinstance(item, Choice) and not item.not_applicable:
            place = f"items.{item.id}.not_applicable"
            yield Remark(place, "no-not-applicable", f"{item.options} offers none")


def _scale(score: object) -> tuple[str, ...]:
    """Return the items of a score that is made of several."""
    return score.items if isinstance(score, OfItems) and len(score.items) > 1 else ()


def _across(wordings: Sequence[Wording]) -> Remarks:
    """Yield what one language has and another has not."""
    texts = {wording.language: dict(texts_of(wording)) for wording in wordings}
    for language, own in texts.items():
        for other, theirs in texts.items():
            for place in sorted(theirs.keys() - own.keys()):
                rule = "codes-differ" if place.startswith("options.") else "lacks-text"
                yield Remark(f"{language}: {place}", rule, f"is there in {other}: {theirs[place]}")


def texts_of(wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield every text of a wording that a patient reads, with its path."""
    yield "title", wording.title
    for part, texts in (("stems", wording.stems), ("items", wording.items)):
        yield from ((f"{part}.{name}", text) for name, text in texts.items())
    yield from ((f"units.{name}", text) for name, text in wording.units.items())
    for name, options in wording.options.items():
        yield from ((f"options.{name}.{code}", text) for code, text in options.items())
    for name, ends in wording.anchors.items():
        yield from ((f"anchors.{name}.best", ends.best), (f"anchors.{name}.worst", ends.worst))
    for name, score in wording.scores.items():
        yield from ((f"scores.{name}.name", score.name), (f"scores.{name}.high", score.high))


def _texts(wording: Wording) -> Remarks:
    """Yield what is to be said of each text alone, and of options beside each other."""
    for place, text in texts_of(wording):
        if found := MARKUP.search(text):
            yield Remark(f"{wording.language}: {place}", "markup", f"has {found.group()}")
    for name, options in wording.options.items():
        path = f"{wording.language}: options.{name}"
        for seen in _unequal(options):
            yield Remark(path, "options-unequal", seen)
        if wrong := list(_misleading(options)):
            yield Remark(path, "number-misleads", ", ".join(wrong))


def _misleading(options: Mapping[int, str]) -> Iterator[str]:
    """Yield each code whose text begins with another code, with that text."""
    for code, text in options.items():
        if (typed := TYPED.match(text)) and int(typed[1]) != code:
            yield f"{code} is {text}"


def _unequal(options: Mapping[int, str]) -> Iterator[str]:
    """Yield each way in which options differ in form."""
    lettered = [text for text in options.values() if text[:1].isalpha()]
    forms = {
        "a capital": [text for text in lettered if text[0].isupper()],
        "a full stop": [text for text in options.values() if text.endswith(".")],
    }
    among = {"a capital": len(lettered), "a full stop": len(options)}
    for form, some in forms.items():
        if 0 < len(some) < among[form]:
            yield f"{len(some)} of {among[form]} have {form}"
    shortest, *_, longest = sorted(options.values(), key=len) or ["", ""]
    if len(longest) > max(2 * LINE, 6 * len(shortest)):
        yield f"{len(longest)} characters beside {len(shortest)}: {longest}"


def _pages(instrument: Instrument, wording: Wording) -> Remarks:
    """Yield what is to be said of a page as a patient meets it."""
    asked = {item.id: item for item in (*instrument.items, *instrument.open_items)}
    for page in instrument.pages:
        for name in page.items:
            height = _height(wording, page, asked[name])
            if height > 2 * SMALL_SCREEN:
                screens = f"{height / SMALL_SCREEN:.1f} screens of {SMALL_SCREEN} pixels"
                yield Remark(f"{wording.language}: items.{name}", "too-long", screens)
    yield from _recall(instrument, wording)


def _height(wording: Wording, page: Page, item: AnyItem) -> int:
    """Return the height in pixels of a question with its stem and all its options."""
    heading = [wording.stems.get(page.id, ""), wording.items.get(item.id, "")]
    name = item.options if isinstance(item, Choice | MultipleChoice) else ""
    options = wording.options.get(name, {}).values()
    lines = sum(map(_lines, (*heading, *options)))
    return lines * LINE_HEIGHT + len(options) * OPTION_PADDING + len(heading) * GAP


def _lines(text: str) -> int:
    return -(-len(text) // LINE)


def _recall(instrument: Instrument, wording: Wording) -> Remarks:
    """Yield where no period is named, though the definition has one.

    Every page must name it; or one of them, where the definition says that some ask about now.
    """
    period, language = instrument.recall_period, wording.language
    if wording.status == "placeholder" or not re.search(PERIODS["en"], period):
        return
    if language not in PERIODS:
        seen = f"{period}: we have no words of this language to look for it by; look yourself"
        yield Remark(f"{language}: stems", "no-recall-period", seen)
        return
    without = [page.id for page in instrument.pages if not _names_a_period(wording, page)]
    if not NO_PERIOD.search(period) or len(without) == len(instrument.pages):
        for name in without:
            yield Remark(f"{language}: pages.{name}", "no-recall-period", f"no word of: {period}")


def _names_a_period(wording: Wording, page: Page) -> bool:
    texts = [wording.stems.get(page.id, ""), *(wording.items.get(name, "") for name in page.items)]
    return any(re.search(PERIODS[wording.language], text, re.IGNORECASE) for text in texts)

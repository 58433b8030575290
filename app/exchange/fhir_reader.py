"""The items of a FHIR Questionnaire, gone through in their order: pages, items and their texts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.exchange import fhir_item
from app.exchange.fhir_forms import Form, Texts
from app.exchange.fhir_notes import Names, NotCarried, Notes
from app.exchange.fhir_options import Offered, offered
from app.exchange.fhir_resource import Item
from app.exchange.fhir_scores import Marked
from app.exchange.fhir_sets import Kept, choice, coded
from app.exchange.fhir_unread import unread
from app.exchange.fhir_when import Earlier, Shown, shown_when, together
from app.exchange.fhir_words import Words
from app.exchange.workbook import refused
from app.papers import Document

MOST_ANSWERS = 50_000
"""The most answers that all items may offer together."""

MOST_CONDITIONS = 100_000
"""The most answers that the conditions of all items and groups may wait for together."""

LONGEST_STEM = 2_000
"""The longest text that a wording may have."""

SCORED = ("single_choice", "yes_no", *fhir_item.SCALES.values())


@dataclass(frozen=True, eq=False)
class Page:
    """A group that opens with a text, or an item that stands alone."""

    link_id: str
    stem: Texts = field(default_factory=dict)


class Place(NamedTuple):
    """Where an item stands: on which page, shown when, in which groups, or in a hidden one."""

    page: Page
    shown: Shown
    groups: tuple[str, ...] = ()
    is_hidden: bool = False


class Reader:
    """Reads the items of one questionnaire in all its languages; `forms` begin with the first."""

    def __init__(self, forms: Sequence[Form], notes: Notes) -> None:
        self.items: list[Document] = []
        self.open_items: list[Document] = []
        self.pages: list[Document] = []
        self.marked: list[Marked] = []
        self.kept = Kept()
        self.words = Words(self.kept.texts)
        self._forms, self._notes = forms, notes
        self._ids = _named(forms[0].items.values())
        self._runs: list[tuple[Page, list[str]]] = []
        self._before: dict[str, Earlier] = {}
        self._answers = self._waited_for = 0

    def read(self) -> None:
        """Go through all items, once; raises NotValid for more answers than are read."""
        self._walk(self._forms[0].questionnaire.item, None)
        names = Names("page_")
        for page, items in self._runs:
            name = names.name(page.link_id.removeprefix("page."))
            self.pages.append({"id": name, "stem": bool(page.stem), "items": items})
            self.words.put("stems", name, page.stem)
        for form in self._forms[1:]:
            for link_id in form.items:
                if link_id not in self._forms[0].items:
                    self._notes.item(link_id, f"is in {form.language} alone; it is left out")

    def _walk(self, items: Iterable[Item], place: Place | None) -> None:
        for item in items:
            for note in unread(item):
                self._notes.item(item.link_id, note)
            if item.type == "group":
                self._group(item, place)
            else:
                self._question(item, place or Place(Page(item.link_id), {}))

    def _group(self, item: Item, place: Place | None) -> None:
        """Read a group: a page of its own, unless it says nothing and stands in another."""
        text = self._said(item)
        outer = place or Place(Page(item.link_id), {})
        page = outer.page if place and not text else self._page(item, outer.page.stem, text)
        if not item.item:
            self._notes.item(item.link_id, "is a group of nothing; it is left out")
        if item.repeats:
            self._notes.item(item.link_id, "may be answered several times; it is asked once")
        shown = self._shown(item, outer.shown)
        is_hidden = outer.is_hidden or fhir_item.is_hidden(item)
        self._walk(item.item, Place(page, shown, (*outer.groups, item.link_id), is_hidden))

    def _page(self, item: Item, outer: Texts, text: Texts) -> Page:
        """Return the page of a group: its text, after that of what it stands in."""
        stem = {
            language: "\n".join(said[language] for said in (outer, text) if language in said)
            for language in (*outer, *text)
        }
        if outer and max(map(len, stem.values())) > LONGEST_STEM:
            self._tell(item, ["stands in groups whose texts are too long; its own alone was taken"])
            return Page(item.link_id, text)
        return Page(item.link_id, stem)

    def _question(self, item: Item, place: Place) -> None:
        document: Document = {}
        mark = fhir_item.formula(item)
        if mark and fhir_item.is_score(item):
            text = next(iter(self._said(item).values()), "")
            self.marked.append(Marked(item.link_id, mark, place.groups, text))
        elif reason := fhir_item.left_out(item) or (place.is_hidden and "is in a hidden group"):
            self._notes.item(item.link_id, f"{reason}; it is left out")
        else:
            document = self._asked(item, place)
        within = [one for one in item.item if not self._is_end(one, document)]
        for one in within:
            if not fhir_item.left_out(one) and not fhir_item.is_score(one):
                self._tell(one, ["stands within another question; it is asked whatever that says"])
        self._walk(within, place)

    def _asked(self, item: Item, place: Place) -> Document:
        """Return an item of ours, put where it belongs."""
        found = fhir_item.typed(item)
        name = self._ids[item.link_id]
        document: Document = {"id": name, **found.fields}
        self._tell(item, [*found.notes, *fhir_item.losses(item)])
        if name != item.link_id:
            self._notes.item(item.link_id, f"became the id {name}, as ids are written here")
        codes = self._choose(item, document) if item.type in fhir_item.CHOICES else {}
        is_scale = document["type"] in fhir_item.SCALES.values()
        if is_scale:
            codes = {str(code): code for code in range(fhir_item.most(document["type"]) + 1)}
        if shown := self._shown(item, place.shown):
            document["show_when"] = shown
        rising = dict(sorted(codes.items(), key=lambda pair: pair[1]))
        self._before[item.link_id] = Earlier(name, rising, is_scale)
        self._put(item, document, place)
        if found.unit:
            self.words.put("units", name, {self._forms[0].language: found.unit})
        return document

    def _put(self, item: Item, document: Document, place: Place) -> None:
        """Put an item among the others: on its page, with its text, into its scores."""
        name, is_scored = document["id"], document["type"] in SCORED
        if not self._runs or self._runs[-1][0] is not place.page:
            self._runs.append((place.page, []))
        self._runs[-1][1].append(name)
        self.words.put("items", name, self._said(item))
        (self.items if is_scored else self.open_items).append(document)
        if is_scored:
            message = "does not say which end of its answers is the better one; write its direction"
            self._notes.item(item.link_id, message)
        if fhir_item.formula(item) == "QS":
            self.marked.append(
                Marked(item.link_id, "QS", place.groups, "", name if is_scored else None)
            )

    def _choose(self, item: Item, document: Document) -> dict[str, int]:
        """Write the answers of a choice; return FHIR's own codes of them, with ours."""
        try:
            answers = self._offered(item)
        except NotCarried as error:
            self._tell(item, [f"{error}; write its answers"])
            return {}
        self._answers += len(answers)
        if self._answers > MOST_ANSWERS:
            raise refused("Questionnaire", f"offers more than {MOST_ANSWERS} answers in all")
        self._tell(item, choice(document, answers, self.kept))
        return coded(answers).codes

    def _offered(self, item: Item) -> list[Offered]:
        """Return the answers of an item with their texts in every language; raises NotCarried."""
        answers = offered(self._forms[0], item)
        for form in self._forms[1:]:
            other = form.items.get(item.link_id)
            said = _texts(form, other) if other else {}
            if said.keys() != {one.key for one in answers}:
                self._tell(item, [f"does not offer the same codes in {form.language}"])
            answers = [
                one._replace(texts={**one.texts, **said.get(one.key, {})}) for one in answers
            ]
        return answers

    def _is_end(self, item: Item, parent: Document) -> bool:
        """Take the text at an end of a scale, or a unit; say whether an item is one."""
        control = item.control()
        if control in fhir_item.ENDS and parent.get("type") in fhir_item.SCALES.values():
            self.words.end(
                parent["id"], "best" if control == "upper" else "worst", self._said(item)
            )
            message = "is the text at an end of a scale; the upper one was taken as the better"
            self._notes.item(item.link_id, message)
            return True
        if control == "unit" and parent.get("type") == "number":
            self.words.put("units", parent["id"], self._said(item))
            return True
        return False

    def _shown(self, item: Item, outer: Shown) -> Shown:
        """Return when an item is shown; where that has no place here, it is always, and noted."""
        try:
            shown = together([outer, shown_when(item, self._before)])
        except NotCarried as error:
            self._tell(item, [f"{error}; it is asked always"])
            return outer
        self._waited_for += sum(map(len, shown.values()))
        if self._waited_for > MOST_CONDITIONS:
            raise refused("Questionnaire", f"waits for more than {MOST_CONDITIONS} answers in all")
        return shown

    def _said(self, item: Item) -> Texts:
        """Return an item's text in every language."""
        found: Texts = {}
        for form in self._forms:
            if one := form.items.get(item.link_id):
                found |= form.said(one.text, one.text_beside)
        return found

    def _tell(self, item: Item, notes: Iterable[str]) -> None:
        for note in notes:
            self._notes.item(item.link_id, note)


def _texts(form: Form, item: Item) -> dict[str, Texts]:
    """Return what the answers of an item are called in a further language, by FHIR's own codes."""
    try:
        return {one.key: one.texts for one in offered(form, item)}
    except NotCarried:
        return {}


def _named(items: Iterable[Item]) -> dict[str, str]:
    """Return the id of each linkId that is no group's; the legal ones keep theirs."""
    links = [one.link_id for one in items if one.type != "group"]
    legal = [link for link in links if re.fullmatch("[a-z][a-z0-9_]{0,31}", link)]
    names = Names("q")
    return {
        link: names.name(link)
        for link in (*legal, *(one for one in links if one not in set(legal)))
    }

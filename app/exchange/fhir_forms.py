"""The questionnaires of some FHIR resources, one a language, each with its items and its sets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.exchange.fhir_notes import Notes, short
from app.exchange.fhir_resource import Bundle, Concept, Element, Item, Questionnaire, ValueSet
from app.exchange.workbook import refused
from app.papers import Document
from scoring import NotValid
from scoring.problem import shape_problems

Resource = TypeVar("Resource", bound=BaseModel)
Texts = dict[str, str]
"""A text by language."""

MOST_ITEMS = 2_000
"""The most items that are read; the longest instrument that is shipped has 36."""

MOST_OBJECTS = 60_000
"""The most that may stand in braces; three languages of 300 items of ten answers have as many."""

UNKNOWN = "und"
"""How ISO 639 writes a language that nobody has told."""


@dataclass(frozen=True)
class Form:
    """A questionnaire in one language: its items by linkId, and its value sets by all names.

    `known` are the codes of the sets that were looked up, or why there are none.
    """

    language: str
    questionnaire: Questionnaire
    items: Mapping[str, Item]
    sets: Mapping[str, ValueSet]
    known: dict[str, list[Concept] | str] = field(default_factory=dict)

    def said(self, text: str | None, beside: Element) -> Texts:
        """Return a text in the form's language, and in those that stand beside it."""
        own = {self.language: text} if text else {}
        others = {tongue(one): said for one, said in beside.translations().items()}
        return {**own, **others, **own}


def tongue(tag: str | None) -> str:
    """Return the language of a tag such as nb-NO; `und` where it is none."""
    first = (tag or "").partition("-")[0].lower()
    fits = first.isascii() and first.isalpha() and len(first) in (2, 3)
    return first if fits else UNKNOWN


def forms(resources: Sequence[Document], notes: Notes) -> list[Form]:
    """Return the questionnaires of some resources and Bundles, one a language.

    Raises NotValid for what has no questionnaire, two of one language, a Bundle in a Bundle, too
    much of anything, or a linkId twice.
    """
    _count(resources)
    several = [pair for resource in resources for pair in _opened(resource)]
    sets = dict(_named_sets(several))
    found: dict[str, Form] = {}
    for _, resource in several:
        kind = resource.get("resourceType")
        if kind == "Questionnaire":
            form = _form(read(Questionnaire, resource), sets)
            if form.language in found:
                message = f"there are two in {form.language}; give one, with its translations"
                raise refused("Questionnaire", message)
            found[form.language] = form
        elif kind != "ValueSet":
            notes.fact(short(str(kind)), "is a resource that is not read; it is left out")
    if not found:
        raise refused("document", "has no Questionnaire of FHIR R4")
    return list(found.values())


def _count(resources: Sequence[Document]) -> None:
    """Raise NotValid for more than is read, before any of it is looked at closely."""
    waiting: list[object] = [*resources]
    seen = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            seen += 1
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        if seen > MOST_OBJECTS:
            raise refused("document", f"has more than {MOST_OBJECTS} objects; split it up")


def _opened(resource: Document) -> Iterator[tuple[str | None, Document]]:
    """Yield a resource, or those of a Bundle, each with the address that it has there."""
    if resource.get("resourceType") != "Bundle":
        yield None, resource
        return
    for entry in read(Bundle, resource).entry:
        if entry.resource and entry.resource.get("resourceType") == "Bundle":
            raise refused("Bundle", "has a Bundle in it; give its resources themselves")
        if entry.resource:
            yield entry.full_url, entry.resource


def read(model: type[Resource], resource: Document) -> Resource:
    """Return a resource as its model; raises NotValid, naming each place that is wrong."""
    try:
        return model.model_validate(resource)
    except ValidationError as error:
        raise NotValid(shape_problems(error, resource)) from None


def _named_sets(several: Sequence[tuple[str | None, Document]]) -> Iterator[tuple[str, ValueSet]]:
    """Yield each value set by every name that an item may call it."""
    for address, resource in several:
        if resource.get("resourceType") == "ValueSet":
            one = read(ValueSet, resource)
            names = (address, one.url, one.id and f"ValueSet/{one.id}")
            yield from ((name, one) for name in names if name)


def _form(questionnaire: Questionnaire, sets: Mapping[str, ValueSet]) -> Form:
    items: dict[str, Item] = {}
    waiting = list(reversed(questionnaire.item))
    while waiting:
        item = waiting.pop()
        if item.link_id in items:
            raise refused(f"linkId {short(item.link_id)}", "stands twice; each must have its own")
        items[item.link_id] = item
        waiting += reversed(item.item)
    if len(items) > MOST_ITEMS:
        message = f"has {len(items)} items; at most {MOST_ITEMS} are read"
        raise refused("Questionnaire", message)
    if not items:
        raise refused("Questionnaire", "has no item")
    within = {f"#{one.id}": one for one in map(_contained, questionnaire.contained) if one}
    return Form(tongue(questionnaire.language), questionnaire, items, {**sets, **within})


def _contained(resource: dict[str, Any]) -> ValueSet | None:
    return read(ValueSet, resource) if resource.get("resourceType") == "ValueSet" else None

"""What is read of FHIR's resources: a Questionnaire, the sets of its options, a Bundle of both.

What is not named here is kept as it came (`model_extra`), so that it can be told of.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.exchange.fhir_terms import HL7

Whole = Annotated[int, Field(ge=-(2**63), le=2**63)]

TRANSLATION = f"{HL7}/translation"


class _Read(BaseModel):
    """A part of a resource, by FHIR's names; nothing is taken for another type than it has."""

    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, alias_generator=to_camel, allow_inf_nan=False
    )

    @property
    def unread(self) -> list[str]:
        """The names of what stands here and has no place in the model."""
        return sorted(self.model_extra or {})


class Extension(_Read):
    """Something said beyond FHIR's own fields; `url` says what."""

    url: str
    extension: list["Extension"] = []
    value_boolean: bool | None = None
    value_code: str | None = None
    value_codeable_concept: "Concepts | None" = None
    value_coding: "Coding | None" = None
    value_date: str | None = None
    value_decimal: float | None = None
    value_integer: Whole | None = None
    value_string: str | None = None
    value_markdown: str | None = None


class Element(_Read):
    """Anything that may have extensions."""

    extension: list[Extension] = []

    def having(self, *urls: str) -> Iterator[Extension]:
        """Yield the extensions of some kinds."""
        yield from (one for one in self.extension if one.url in urls)

    def first(self, name: str) -> Extension | None:
        """Return the first extension of HL7's of this name."""
        return next(self.having(f"{HL7}/{name}"), None)

    def translations(self) -> dict[str, str]:
        """Return what a text beside this says in other languages, by language as it is written."""
        found = {}
        for one in self.having(TRANSLATION):
            said = {part.url: part.value_code or part.value_string for part in one.extension}
            content = next((p.value_markdown for p in one.extension if p.value_markdown), None)
            language, text = said.get("lang"), said.get("content") or content
            if language and text:
                found[language] = text
        return found


class Coding(Element):
    """A code of a system, with what it is called."""

    system: str | None = None
    code: str | None = None
    display: str | None = None
    display_beside: Element = Field(default_factory=Element, alias="_display")


class Concepts(_Read):
    """One thing, by its codes in several systems."""

    coding: list[Coding] = []


class Option(Element):
    """An answer that is offered."""

    value_coding: Coding | None = None
    value_integer: Whole | None = None
    value_string: str | None = None
    value_string_beside: Element = Field(default_factory=Element, alias="_valueString")


class When(_Read):
    """A condition on the answer to another question; before R4 it had no operator."""

    question: str
    operator: str = "="
    answer_coding: Coding | None = None
    answer_integer: Whole | None = None
    answer_boolean: bool | None = None


class Item(Element):
    """A question, a group of them, or a text."""

    link_id: str
    type: str
    text: str | None = None
    text_beside: Element = Field(default_factory=Element, alias="_text")
    prefix: str | None = None
    code: list[Coding] = []
    enable_when: list[When] = []
    enable_behavior: str | None = None
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    max_length: Whole | None = None
    answer_value_set: str | None = None
    answer_option: list[Option] = []
    option: list[Option] = []
    options: "Reference | None" = None
    item: list["Item"] = []

    @property
    def offers_answers(self) -> bool:
        """Whether answers to choose among are named."""
        return bool(self.answer_option or self.option or self.answer_value_set or self.options)

    def control(self) -> str:
        """Return how it is to be shown, such as slider or help; empty where nothing is said."""
        found = self.first("questionnaire-itemControl")
        concepts = found.value_codeable_concept if found else None
        return next((one.code or "" for one in concepts.coding), "") if concepts else ""


class Reference(_Read):
    """Where another resource is, before R4."""

    reference: str


class Designation(_Read):
    """What a concept is called in another language."""

    language: str | None = None
    value: str


class Concept(Element):
    """A code of a value set; in an expansion it may hold others, and be only their heading."""

    code: str | None = None
    display: str | None = None
    display_beside: Element = Field(default_factory=Element, alias="_display")
    designation: list[Designation] = []
    abstract: bool = False
    contains: list["Concept"] = []


class Include(_Read):
    """Codes of one system that are in a value set, or those of other value sets."""

    concept: list[Concept] = []
    value_set: list[str] = []
    filter: list[Any] = []


class Compose(_Read):
    """What a value set is put together of."""

    include: list[Include] = []
    exclude: list[Any] = []


class Expansion(_Read):
    """A value set written out."""

    contains: list[Concept] = []


class ValueSet(_Read):
    """A set of codes to choose among."""

    id: str | None = None
    url: str | None = None
    name: str | None = None
    compose: Compose | None = None
    expansion: Expansion | None = None


class Questionnaire(Element):
    """A questionnaire in one language."""

    id: str | None = None
    url: str | None = None
    version: str | None = None
    name: str | None = None
    title: str | None = None
    title_beside: Element = Field(default_factory=Element, alias="_title")
    language: str | None = None
    publisher: str | None = None
    description: str | None = None
    copyright: str | None = None
    contained: list[dict[str, Any]] = []
    item: list[Item] = []


class Entry(_Read):
    """A resource of a Bundle."""

    full_url: str | None = None
    resource: dict[str, Any] | None = None


class Bundle(_Read):
    """Resources that go together."""

    entry: list[Entry] = []

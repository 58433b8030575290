"""All that is said in a FHIR questionnaire, by part, name and language, until wordings are made."""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeVar

from app.exchange.fhir_forms import Texts
from app.papers import Document

Key = TypeVar("Key")
Part = Literal["stems", "items", "units"]


class Words:
    """Texts of stems, items, units, the ends of scales and answers, each by language."""

    def __init__(self, answers: Mapping[str, Mapping[int, Texts]]) -> None:
        self._parts: dict[Part, dict[str, Texts]] = {"stems": {}, "items": {}, "units": {}}
        self._ends: dict[str, dict[str, Texts]] = {}
        self._answers = answers

    def put(self, part: Part, name: str, texts: Texts) -> None:
        """Keep a text, unless nothing is said."""
        if texts:
            self._parts[part][name] = texts

    def end(self, name: str, which: Literal["best", "worst"], texts: Texts) -> None:
        """Keep what stands at an end of a scale."""
        self._ends.setdefault(name, {})[which] = texts

    def languages(self) -> list[str]:
        """Return every language that something is said in, in the order in which they were met."""
        return list(dict.fromkeys(language for texts in self._all() for language in texts))

    def _all(self) -> Iterator[Texts]:
        for named in (*self._parts.values(), *self._ends.values()):
            yield from named.values()
        for coded in self._answers.values():
            yield from coded.values()

    def within(self, language: str) -> Document:
        """Return what is said in one language, as a wording has it."""
        said: Document = {part: _in(language, named) for part, named in self._parts.items()}
        by_code = {
            name: {str(code): text for code, text in _in(language, coded).items()}
            for name, coded in self._answers.items()
        }
        anchors = {name: _in(language, ends) for name, ends in self._ends.items()}
        said["options"] = {name: coded for name, coded in by_code.items() if coded}
        said["anchors"] = {name: ends for name, ends in anchors.items() if ends}
        return said


def _in(language: str, named: Mapping[Key, Texts]) -> dict[Key, str]:
    return {name: texts[language] for name, texts in named.items() if language in texts}

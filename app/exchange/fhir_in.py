"""A FHIR Questionnaire as a questionnaire here: what it says, and what it leaves to be decided.

Nothing in it is run, nothing is fetched, and nothing is guessed.
"""

import re
from collections.abc import Iterator, Sequence

from app.exchange.binder import Binder, Brought
from app.exchange.fhir_forms import UNKNOWN, Form, Texts, forms
from app.exchange.fhir_notes import Notes, short
from app.exchange.fhir_reader import Reader
from app.exchange.fhir_resource import Questionnaire
from app.exchange.fhir_scores import scores
from app.exchange.places import ID, VERSION
from app.exchange.workbook import refused
from app.papers import Document

OURS = re.compile(rf"/api/v1/instruments/(?P<id>{ID})/{VERSION}$")
"""The address of an instrument that we wrote ourselves."""

LONGEST_ID = 40
MOST_CREDIT = 2_000
MOST_LANGUAGES = 50
"""The most languages that one file may have wordings in."""


def bring(resources: Sequence[Document]) -> Brought:
    """Return the documents of a Questionnaire with its translations and value sets.

    Raises NotValid, naming the linkId or the place, for what cannot be read at all.
    """
    notes = Notes()
    some = forms(resources, notes)
    reader = Reader(some, notes)
    reader.read()
    definition = {
        **_facts(some[0].questionnaire, notes),
        "option_sets": reader.kept.option_sets,
        "recodes": reader.kept.recodes,
        "items": reader.items,
        "open_items": reader.open_items,
        "pages": reader.pages,
        "scores": scores(reader.marked, notes),
        "examples": [],
    }
    notes.fact("examples", "are not told; write answers with the scores that they must give")
    wordings = tuple(_wordings(some, reader, definition, notes))
    return Brought(Binder(definition, wordings), notes.problems())


def _facts(said: Questionnaire, notes: Notes) -> Document:
    """Return what a Questionnaire says of itself; what a definition needs besides is noted."""
    facts: Document = {"id": _id(said, notes), "version": said.version}
    if not re.fullmatch(VERSION, said.version or ""):
        facts["version"] = "1.0"
        notes.fact("version", f"is {(said.version or 'lacking')[:40]}; 1.0 was written")
    if name := said.title or said.name:
        facts["name"] = name
    facts["source"] = ". ".join(filter(None, (_where(said), said.description)))
    licence = {"holder": said.publisher, "terms": said.copyright}
    facts["licence"] = {name: one for name, one in licence.items() if one}
    notes.fact("kind", "is not told; write PROM or PREM")
    notes.fact("recall_period", "is not told; write it")
    notes.fact("source", "names the file; write what was published")
    notes.fact("licence", "has no status, which FHIR does not say; see holder and terms too")
    extensions = {one.url.rpartition("/")[2] for one in said.extension}
    if unread := sorted({*said.unread, *extensions} - PASSED_OVER):
        notes.fact("Questionnaire", f"says {', '.join(map(short, unread[:20]))}; it is not read")
    return facts


PASSED_OVER = {
    "resourceType",
    "status",
    "date",
    "text",
    "meta",
    "subjectType",
    "artifact-relatedArtifact",
}
"""What a Questionnaire says that changes nothing of what is asked."""


def _where(said: Questionnaire) -> str:
    return f"FHIR Questionnaire {short(said.url or said.id or said.name or 'without address', 200)}"


def _id(said: Questionnaire, notes: Notes) -> str:
    ours = OURS.search(said.url or "")
    if ours:
        return ours["id"]
    wanted = said.name or said.title or said.id or "questionnaire"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", wanted)
    legal = re.sub(r"[^a-z0-9]+", "-", spaced.lower())[:LONGEST_ID].strip("-") or "questionnaire"
    notes.fact("id", f"was made {legal}, of {wanted[:80]}; see that it is the one you want")
    return legal


def _wordings(
    some: Sequence[Form], reader: Reader, definition: Document, notes: Notes
) -> Iterator[Document]:
    """Yield a wording for each language that anything is said in."""
    first = some[0].questionnaire
    titles: Texts = {}
    for form in some:
        titles |= form.said(form.questionnaire.title, form.questionnaire.title_beside)
    for language in _languages(reader, notes):
        said = {
            "title": titles.get(language),
            "credit": short(first.copyright or "", MOST_CREDIT),
        }
        yield {
            "instrument": definition["id"],
            "version": definition["version"],
            "language": language,
            "revision": 1,
            "status": "unreviewed",
            "source": _where(first),
            **{name: text for name, text in said.items() if text},
            **reader.words.within(language),
        }


def _languages(reader: Reader, notes: Notes) -> list[str]:
    """Return the languages that there are to be wordings in; raises NotValid for too many."""
    found = reader.words.languages()
    if len(found) > MOST_LANGUAGES:
        message = f"is in {len(found)} languages; {MOST_LANGUAGES} are read"
        raise refused("Questionnaire", message)
    if UNKNOWN in found:
        notes.fact("language", "is not told; und was written, which stands for an unknown one")
    for language in found:
        notes.fact(f"wording {language}", "is unreviewed; write its source and its credit line")
    return found

"""The library's pages: the list with its filters, an instrument with all there is about it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app import (
    agreements,
    audit,
    authoring,
    catalogue,
    library,
    reading,
    reminders,
    since,
)
from app.centre import again
from app.centre.guard import Reader, Staff
from app.centre.pages import page
from app.errors import NotFound
from app.models import PublishedWording
from scoring import Wording

router = APIRouter(prefix="/centre", default_response_class=HTMLResponse, include_in_schema=False)

HISTORY = 50
"""How many of the newest changes of an instrument its page shows."""

Word = Annotated[str, Query(max_length=100)]


@router.get("/")
def shelves(
    here: Reader,
    words: Word = "",
    kind: Word = "",
    language: Word = "",
    licence: Word = "",
    status: Word = "",
    registry: Word = "",
) -> Response:
    """List the instruments that fit what is looked for; without filters, all."""
    wish = library.Wish(words, kind, language, licence, status, registry)
    every = library.entries(here.session)
    offers = {
        "kind": sorted({one.instrument.kind for one in every}),
        "language": sorted({language for one in every for language in one.languages}),
        "licence": sorted({one.instrument.licence.status for one in every}),
        "status": sorted({one.status for one in every}),
        "registry": sorted({name for one in every for name in one.used_by}),
    }
    found = [one for one in every if wish.fits(one)]
    due = reminders.reminders(here.session, here.settings)
    return page(
        here, "library.html", entries=found, every=every, wish=wish, offers=offers, reminders=due
    )


@router.get("/instruments/{instrument_id}")
def newest(instrument_id: str, here: Reader) -> Response:
    """Show an instrument's newest version."""
    versions = library.versions(here.session, instrument_id)
    return _show(here, instrument_id, versions[0][0].version, "")


@router.get("/instruments/{instrument_id}/{version}")
def instrument(instrument_id: str, version: str, here: Reader, language: Word = "") -> Response:
    """Show a version of an instrument, with its questions in a language."""
    return _show(here, instrument_id, version, language)


@router.get("/instruments/{instrument_id}/{version}/examples")
def examples(instrument_id: str, version: str, here: Reader) -> Response:
    """Run a version's examples, and show what each expects beside what the scoring gives."""
    published = catalogue.get(here.session, instrument_id, version)
    made = library.run(published)
    return page(
        here,
        "examples.html",
        instrument=published.instrument,
        wording=_wording(catalogue.revisions(here.session, instrument_id, version), here.language),
        answered=reading.answered,
        made=made,
        wrong=sum(not all(one.same for one in compared) for _, compared in made),
    )


def _show(here: Staff, instrument_id: str, version: str, language: str) -> Response:
    session = here.session
    row = catalogue.definition_row(session, instrument_id, version)
    one = catalogue.get(session, instrument_id, version).instrument
    revisions = catalogue.revisions(session, instrument_id, version)
    wording = _wording(revisions, language or here.language)
    versions = library.versions(session, instrument_id)
    newest_of = {row.language: row for row in revisions}.values()
    worded = [catalogue.wording_of(session, row.sha256) for row in newest_of]
    if language and (wording is None or wording.language != language):
        raise NotFound(f"There is no wording in {language}.")
    return page(
        here,
        "instrument.html",
        row=row,
        instrument=one,
        versions=versions,
        since=since.of_published(session, one, worded),
        revisions=revisions,
        wording=wording,
        questions=reading.questions(one, wording),
        recipes=reading.scores(one),
        answered=reading.answered,
        value_sets=library.value_sets(session, one),
        history=audit.of_record(session, instrument_id, HISTORY),
        kept_back=catalogue.KEPT_BACK.get(one.licence.status, ()),
        following=authoring.next_versions(session, instrument_id, version),
        agreements=agreements.entries(session, instrument_id),
        reminders=reminders.reminders(session, here.settings, instrument_id),
        today=agreements.today(here.settings),
        waiting=again.offered(session, instrument_id, version) if again.may(here.person) else 0,
    )


def _wording(rows: list[PublishedWording], language: str) -> Wording | None:
    """Return the newest wording in a language, else in any, else none."""
    liked = [row for row in rows if row.language == language] or rows
    return Wording.model_validate_json(liked[-1].document) if liked else None

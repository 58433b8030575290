"""Who is at the patient's door: a visit by a link, its form's token, and the order behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlmodel import Session

from app import orders, responses, security
from app.browser import sent_from_here, this_page
from app.db import Database
from app.errors import Closed, NotAuthentic, NotPermitted
from app.models import Draft, Order, Registry
from app.orders import Asked
from app.patient.languages import language_for
from app.responses import Given, Step
from app.security import Visit
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent from one of this visit's own pages."""

    visit: Visit
    fields: list[tuple[str, str]]

    def values(self, name: str) -> list[str]:
        """Return what was filled in under a name, without what was left empty."""
        return [text.strip() for key, text in self.fields if key == name and text.strip()]

    def first(self, name: str) -> str:
        """Return the first thing that was filled in under a name, or nothing."""
        return next(iter(self.values(name)), "")


@dataclass(frozen=True)
class Patient:
    """The patient behind a visit: the order, its questions, and the request's transaction.

    `language` is the one that the patient reads, `asked` what the order asks in it, and `this_page`
    the address to come back to.
    """

    settings: Settings
    visit: Visit
    session: Session
    order: Order
    language: str
    asked: Asked
    this_page: str

    @property
    def lacks_consent(self) -> bool:
        """Whether the patient has still to agree before anything is asked."""
        return self.order.consent is not None and self.order.consented_at is None

    @property
    def registry(self) -> Registry:
        """The registry that asks."""
        return self.session.get_one(Registry, self.order.registry_id)

    @cached_property
    def way(self) -> list[Step]:
        """All that the order asks, whatever is left out because of other answers."""
        return responses.steps(self.session, self.order, self.asked)

    @cached_property
    def draft(self) -> Draft | None:
        """What is saved so far."""
        return responses.draft(self.session, self.order)

    @property
    def given(self) -> Given:
        """The answers so far."""
        return self.draft.content if self.draft else {}

    @property
    def shown(self) -> list[Step]:
        """What is asked, now that these answers are given."""
        return responses.shown(self.way, self.given)

    @property
    def questions(self) -> list[Step]:
        """What is asked and can be answered: these are counted."""
        return [step for step in self.shown if step.is_question]

    def undone(self) -> str | None:
        """Return the address of the first thing that is neither answered nor skipped."""
        given = self.given
        for step in self.questions:
            if not responses.is_done(given, step):
                return f"/form/{step.number}"
        return None if self.draft and self.draft.respondent else "/form/who"


def database_of(request: Request) -> Database:
    """Return the service's database."""
    database: Database = request.app.state.database
    return database


def visit_of(request: Request) -> Visit:
    """Return the visit that the cookie stands for; raises NotAuthentic."""
    settings: Settings = request.app.state.settings
    visit = security.read_visit(settings, request.cookies.get(security.visit_cookie(settings)))
    if visit is None:
        raise NotAuthentic("There is no visit, or it has run out.")
    return visit


async def _sent(request: Request) -> Sent:
    """Read a form and see that it comes from a page of the visit that the cookie names.

    It fails, as it should, when another link was opened in the same browser since.
    """
    visit = visit_of(request)
    fields = await sent_from_here(request)
    ours = security.form_token(request.app.state.settings, visit)
    sent = Sent(visit, fields)
    if not any(security.same(token, ours) for token in sent.values("csrf")[:1]):
        raise NotPermitted("The form does not belong to this visit.")
    return sent


def _looking(request: Request) -> Iterator[Patient]:
    """Let a patient look at their order, whatever its state; nothing is changed."""
    visit = visit_of(request)
    with database_of(request).read() as session:
        order, *_kept = orders.at_hand(session, visit.registry_id, visit.order_id)
        _by_its_link(visit, order)
        yield _patient(request, visit, session, order)


async def _reading(patient: Annotated[Patient, Depends(_looking, scope="function")]) -> Patient:
    """Let a patient read the questions while the order takes answers."""
    if (state := orders.state(patient.order)) not in orders.TAKES_ANSWERS:
        raise Closed(state)
    return patient


def _writing(request: Request, sent: Annotated[Sent, Depends(_sent)]) -> Iterator[Patient]:
    """Let a patient write: the order is held; committed before the reply."""
    visit = sent.visit
    with database_of(request).write() as session:
        order = orders.hold(session, visit.registry_id, visit.order_id)
        _by_its_link(visit, order)
        yield _patient(request, visit, session, order)


async def _asking(patient: Annotated[Patient, Depends(_reading, scope="function")]) -> Patient:
    """Let a patient meet the questions, once a consent that is asked for is given."""
    if patient.lacks_consent:
        raise Closed("open")
    return patient


def _answering(patient: Annotated[Patient, Depends(_writing, scope="function")]) -> Patient:
    """Let a patient answer; the order has begun."""
    if patient.lacks_consent:
        raise Closed("open")
    orders.start(patient.session, patient.order)
    return patient


def _patient(request: Request, visit: Visit, session: Session, order: Order) -> Patient:
    settings: Settings = request.app.state.settings
    language = language_for(request, order)
    asked = orders.worded(session, settings, order, language)
    return Patient(settings, visit, session, order, language, asked, this_page(request))


def _by_its_link(visit: Visit, order: Order) -> None:
    """Turn away a visit whose link has been replaced: it may have gone to the wrong person."""
    if not visit.is_by_the_link_of(order):
        raise NotAuthentic("The link of this visit has been replaced.")


Looking = Annotated[Patient, Depends(_looking, scope="function")]
Reading = Annotated[Patient, Depends(_reading, scope="function")]
Asking = Annotated[Patient, Depends(_asking, scope="function")]
Writing = Annotated[Patient, Depends(_writing, scope="function")]
Answering = Annotated[Patient, Depends(_answering, scope="function")]
Sending = Annotated[Sent, Depends(_sent)]
From = Annotated[str, Query(alias="from")]
"""`check` when a question was opened from the last page, to go back there afterwards."""

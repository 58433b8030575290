"""The library as the PRO centre reads it: each instrument, who uses it, and its proof.

Nothing here reads what a patient answered.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select
from sqlmodel import Session

from app import catalogue, valuation
from app.catalogue import Published
from app.models import Order, PublishedInstrument, PublishedWording, Registry, now, table
from app.orders import TAKES_ANSWERS
from scoring import ValueSet
from scoring.difference import Difference, difference
from scoring.instrument import Example, Instrument
from scoring.methods import TOLERANCE

Use = Mapping[str, int]
"""How many orders there are of something, by the registry's name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An instrument in the list: its newest version, and what can be asked of all its versions."""

    instrument: Instrument
    status: str
    versions: int
    languages: Mapping[str, str]
    used_by: Use


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; what is empty is not asked for."""

    words: str = ""
    kind: str = ""
    language: str = ""
    licence: str = ""
    status: str = ""
    registry: str = ""

    def fits(self, one: Entry) -> bool:
        """Say whether an instrument is one of those that are looked for."""
        instrument = one.instrument
        text = f"{instrument.id} {instrument.name} {instrument.licence.holder}".casefold()
        return (
            all(word in text for word in self.words.casefold().split())
            and self.kind in ("", instrument.kind)
            and self.licence in ("", instrument.licence.status)
            and self.status in ("", one.status)
            and (not self.language or self.language in one.languages)
            and (not self.registry or self.registry in one.used_by)
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """What an example expects of one score, and what the scoring gives."""

    score: str
    expected: float | None
    computed: float | None

    @property
    def same(self) -> bool:
        """Whether the two are the same, as publishing demands."""
        if self.expected is None or self.computed is None:
            return self.expected is self.computed
        return abs(self.expected - self.computed) <= TOLERANCE


def entries(session: Session) -> list[Entry]:
    """Return every instrument by id, whatever its status."""
    use, languages = _use_by_instrument(session), _languages(session)
    found: dict[str, list[tuple[Published, str]]] = {}
    for published, status in catalogue.versions(session, None):
        found.setdefault(published.instrument.id, []).append((published, status))
    return [
        Entry(
            versions[0][0].instrument,
            versions[0][1],
            len(versions),
            languages.get((name, versions[0][0].instrument.version), {}),
            use.get(name, {}),
        )
        for name, versions in found.items()
    ]


def versions(session: Session, instrument_id: str) -> list[tuple[PublishedInstrument, Use]]:
    """Return the rows of an instrument's versions, newest first, each with its orders.

    Raises NotFound for an unknown instrument.
    """
    by_version = _use(session)
    return [
        (
            catalogue.definition_row(session, instrument_id, one.instrument.version),
            by_version.get((instrument_id, one.instrument.version), {}),
        )
        for one, _ in catalogue.versions(session, instrument_id)
    ]


def since(
    session: Session, instrument: Instrument, versions: Sequence[PublishedInstrument]
) -> Difference | None:
    """Return what is otherwise than in the version before; None in the first of `versions`."""
    older = [row.version for row in versions]
    before = older[older.index(instrument.version) + 1 :]
    if not before:
        return None
    return difference(catalogue.get(session, instrument.id, before[0]).instrument, instrument)


def open_orders(session: Session, instrument_id: str, version: str) -> int:
    """Return how many orders of a version take answers still, of all registries together."""
    order = table(Order).c
    asked = select(cast(order.instruments, Text), func.count()).group_by(
        cast(order.instruments, Text)
    )
    still = asked.where(order.status.in_(TAKES_ANSWERS), order.closes > now())
    wanted = (instrument_id, version)
    return sum(
        number
        for text, number in session.connection().execute(still)
        if wanted in [(one["instrument"], one["version"]) for one in json.loads(text)]
    )


def value_sets(session: Session, instrument: Instrument) -> list[tuple[ValueSet, str]]:
    """Return the value sets of an instrument with their hashes, those that it does not use too."""
    return valuation.listed(session, instrument.id)


def run(published: Published) -> list[tuple[Example, list[Compared]]]:
    """Return every example with what it expects and what the scoring gives now."""
    return [(one, _compared(published, one)) for one in published.instrument.examples]


def _compared(published: Published, example: Example) -> list[Compared]:
    given = published.scorer.score_one(example.answers, example.missing_rule)
    return [
        Compared(name, expected, given[name]["value"])
        for name, expected in example.expected.items()
    ]


def _languages(session: Session) -> dict[tuple[str, str], dict[str, str]]:
    """Return the languages of each version, each with the status of its newest wording."""
    wording = table(PublishedWording).c
    query = select(wording.instrument, wording.version, wording.language, wording.status)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, version, language, status in session.connection().execute(
        query.order_by(wording.language, wording.revision)
    ):
        found.setdefault((name, version), {})[language] = status
    return found


def _use_by_instrument(session: Session) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for (name, _), use in _use(session).items():
        found.setdefault(name, Counter()).update(use)
    return found


def _use(session: Session) -> dict[tuple[str, str], Counter[str]]:
    """Return how many orders each version has, by registry: numbers only, and no case."""
    order, registry = table(Order).c, table(Registry).c
    asked = cast(order.instruments, Text)
    query = (
        select(registry.name, asked, func.count())
        .join_from(table(Order), table(Registry), registry.id == order.registry_id)
        .group_by(registry.name, asked)
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for name, text, number in session.connection().execute(query):
        for one in json.loads(text):
            key = (one["instrument"], one["version"])
            found.setdefault(key, Counter())[name] += number
    return found

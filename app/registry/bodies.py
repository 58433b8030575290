"""Takes what was sent to be scored, and answers with the scores; nothing of it is kept."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

import scoring
from app.catalogue import Published
from app.errors import FieldError, Refused, TooLarge, Unclear
from app.offline.codes import why_wrong
from app.offline.columns import NotScorable, as_map, near
from app.offline.passing import MOST_TOLD, TextFormat, Unread, read_whole
from app.offline.plan import Asked, see_rule
from app.registry.formats import CSV, NDJSON
from app.registry.wishes import MOST_PEOPLE, Wish
from app.tables import Encoding, NotATable, Unreadable
from app.tables.ndjson_table import once
from app.valuation import Valued
from scoring.instrument import NamedRule

log = logging.getLogger("svar.score")

MOST_OF_JSON = 8 << 20
"""Bytes of a JSON body."""
MEDIA: dict[TextFormat, str] = {"csv": CSV, "ndjson": NDJSON}

OPTION = re.compile(r"--(missing-rule|missing|map|absent|answered|encoding)( (?=[A-Z0-9l]))?")

Answers = Mapping[str, Any]


class ScoredLater(Response):
    """An answer that reads the body only when the request's transaction is over.

    So whoever sends slowly, and whatever takes long to score, holds neither a turn nor a
    connection to the database. `score` runs in the thread pool; it gets the body and its size.
    """

    def __init__(
        self, score: Callable[[io.BytesIO, int], Response], most: int | None = None
    ) -> None:
        super().__init__()
        self.score, self.most = score, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for room, read the body, score it, and send the scores."""
        request = Request(scope, receive)
        async with request.app.state.scorings:
            body = await self._read(request)
            answer = await run_in_threadpool(self.score, body, body.getbuffer().nbytes)
            await answer(scope, receive, send)

    async def _read(self, request: Request) -> io.BytesIO:
        body = io.BytesIO()
        async for part in request.stream():
            body.write(part)
            if self.most is not None and body.tell() > self.most:
                raise TooLarge(
                    f"JSON is scored up to {self.most >> 20} MB at a time; send NDJSON or CSV, "
                    "which may be larger."
                )
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """What somebody's answers are scored with, and for whom."""

    definition: Published
    valued: Valued
    rule: NamedRule | None
    who: str

    def people(self, body: io.BytesIO, _: int) -> Response:
        """Score the people of a JSON body; raises Refused, naming what is wrong in which."""
        try:
            see_rule(self.valued.scorer, self.rule)
        except NotScorable as error:
            raise Refused("missing_rule", in_a_query(str(error))) from None
        answers = _answers(body.getvalue())
        if wrong := list(self._wrong(answers)):
            raise Refused.several(wrong[:MOST_TOLD], len(wrong))
        scores = [self.valued.scorer.score_one(_given(person), self.rule) for person in answers]
        self._say(len(scores))
        found = {
            "instrument": self.definition.instrument.id,
            "version": self.definition.instrument.version,
            "definition_sha256": self.definition.sha256,
            "scoring_version": scoring.VERSION,
            "value_sets": self.valued.used,
            "scores": scores,
        }
        return Response(orjson.dumps(found), media_type="application/json")

    def table(
        self,
        body: io.BytesIO,
        size: int,
        *,
        form: TextFormat,
        encoding: Encoding,
        asked: Asked,
    ) -> StreamingResponse:
        """Score a table; raises Refused, naming what cannot be read on which line."""
        try:
            found = read_whole(body, size, form, encoding, self.valued.scorer, asked)
        except NotATable as error:
            raise Refused("body", in_a_query(str(error))) from None
        except NotScorable as error:
            raise Refused(error.option or "body", in_a_query(str(error))) from None
        except Unread as error:
            named = [_named(error.place, one) for one in error.found.first]
            raise Refused.several(named, error.found.number) from None
        self._say(found.rows)
        return StreamingResponse(found.scores(), media_type=MEDIA[form], headers=self._origin())

    def _wrong(self, answers: Sequence[object]) -> Iterator[FieldError]:
        instrument = self.definition.instrument
        items = {item.id: item for item in instrument.items}
        known = {item.id: {*instrument.codes(item), *item.missing_codes} for item in items.values()}
        for place, person in enumerate(answers):
            if not isinstance(person, dict):
                yield FieldError(f"answers.{place}", 'give an object such as {"q1": 2}')
                continue
            for name, code in person.items():
                if name not in items:
                    why = f"is not an item of {instrument.id}{near(name[:40], list(items))}"
                    yield FieldError(f"answers.{place}.{name[:40]}", why)
                elif code is not None and (
                    type(code) not in (int, float) or code not in known[name]
                ):
                    why = f"{why_wrong(code, items[name], instrument)}; null is no answer"
                    yield FieldError(f"answers.{place}.{name}", why)

    def _say(self, rows: int) -> None:
        instrument = self.definition.instrument
        log.info("%s: %d of %s %s to score", self.who, rows, instrument.id, instrument.version)

    def _origin(self) -> dict[str, str]:
        """Return what a table cannot say itself: what its scores come from."""
        instrument = self.definition.instrument
        return {
            "Svar-Instrument": f"{instrument.id}/{instrument.version}",
            "Svar-Definition-SHA256": self.definition.sha256,
            "Svar-Scoring-Version": scoring.VERSION,
            "Svar-Value-Sets": " ".join(self.valued.used),
        }


def later(
    definition: Published, valued: Valued, wish: Wish, form: TextFormat | None, who: str
) -> ScoredLater:
    """Return the answer to a body that is yet to be read: a table, or JSON if `form` is None.

    Raises Refused for a wish that no table could fulfil.
    """
    what = Scoring(definition=definition, valued=valued, rule=wish.missing_rule, who=who)
    if form is None:
        return ScoredLater(what.people, MOST_OF_JSON)
    return ScoredLater(partial(what.table, form=form, encoding=wish.encoding, asked=_asked(wish)))


def _asked(wish: Wish) -> Asked:
    pairs = [one.rpartition("=") for one in wish.map]
    if any(not sign for _, sign, _ in pairs):
        raise Refused("map", "give the column and its item, such as EQ_MO=mo")
    try:
        maps = as_map([(column, item) for column, _, item in pairs])
    except NotScorable as error:
        raise Refused("map", in_a_query(str(error))) from None
    return Asked(
        maps=maps,
        absent=wish.absent,
        missing=wish.missing,
        rule=wish.missing_rule,
        answered=wish.answered,
    )


def _answers(text: bytes) -> list[Any]:
    try:
        document = orjson.loads(text)
        json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        why = str(error) if "twice" in str(error) else "it cannot be taken apart"
        raise Unclear(f"The body is not valid JSON: {why}.", FieldError("body", why)) from None
    if not isinstance(document, dict):
        raise Refused("body", 'give an object such as {"answers": [{"q1": 2}]}')
    if others := sorted(document.keys() - {"answers"}):
        raise Refused(others[0][:40], "is not a field here; remove it or mend its name")
    answers = document.get("answers")
    if not isinstance(answers, list):
        raise Refused("answers", 'give a list of objects, one a person, such as [{"q1": 2}]')
    if len(answers) > MOST_PEOPLE:
        why = f"at most {MOST_PEOPLE:,} people at a time; send NDJSON or CSV for more"
        raise Refused("answers", why)
    return answers


def _given(person: Answers) -> dict[str, int]:
    return {item: code for item, code in person.items() if code is not None}


def _named(place: str, one: Unreadable) -> FieldError:
    column = f".{one.column}" if one.column else ""
    return FieldError(f"{place}s.{one.place}{column}", in_a_query(one.why))


def in_a_query(said: str) -> str:
    """Return a sentence that names options of `svar score` as the query's parameters."""

    def parameter(found: re.Match[str]) -> str:
        return f"?{found[1].replace('-', '_')}{'=' if found[2] else ''}"

    return OPTION.sub(parameter, said)

"""The audit's page: who did what when in the PRO centre. It is read, and never changed.

It holds what was done to instruments and to people's access; what registries and patients do is in
trails of their own, which this page does not read.
"""

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app import audit
from app.centre.guard import Administrator
from app.centre.pages import page
from app.errors import Refused

router = APIRouter(
    prefix="/centre/audit", default_response_class=HTMLResponse, include_in_schema=False
)

ON_A_PAGE = 100
IN_A_FILE = 100_000
"""Lines of a file at most; who wants more asks for fewer days at a time."""

ACTS = (
    "instrument.published",
    "wording.published",
    "value_set.published",
    "instrument.withdrawn",
    "responses.rescored",
    "draft.begun",
    "draft.replaced",
    "draft.changed",
    "draft.part_added",
    "draft.part_removed",
    "draft.decided",
    "draft.handed_in",
    "draft.taken_back",
    "draft.given_back",
    "draft.discarded",
    "draft.published",
    "agreement.added",
    "agreement.ended",
    "staff.invited",
    "staff.link_made",
    "staff.password_chosen",
    "staff.logged_in",
    "staff.login_failed",
    "staff.logged_out",
    "staff.roles_changed",
    "staff.revoked",
    "staff.token_made",
    "staff.token_revoked",
)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Word = Annotated[str, Query(max_length=300)]
Day = Annotated[str, Query(pattern=r"^(20\d\d-\d\d-\d\d)?$")]


@router.get("")
def trail(
    here: Administrator,
    who: Word = "",
    what: Word = "",
    begin: Day = "",
    end: Day = "",
    before: UUID | None = None,
) -> Response:
    """Show the newest lines that fit what is looked for, and lead to older ones."""
    asked = {"who": who, "what": what, "begin": begin, "end": end}
    wish = _wish(here.settings.zone, who.strip(), what, begin, end)
    found = audit.lines(here.session, audit.NO_REGISTRY, wish, ON_A_PAGE + 1, before)
    shown = found[:ON_A_PAGE]
    older = shown[-1].id if len(found) > ON_A_PAGE else None
    return page(here, "audit.html", lines=shown, asked=asked, acts=ACTS, older=older)


@router.get("/file")
def file(
    here: Administrator,
    who: Word = "",
    what: Word = "",
    begin: Day = "",
    end: Day = "",
) -> Response:
    """Give the lines that fit what is looked for as CSV, newest first, in UTC."""
    wish = _wish(here.settings.zone, who.strip(), what, begin, end)
    found = audit.lines(here.session, audit.NO_REGISTRY, wish, IN_A_FILE + 1)
    if len(found) > IN_A_FILE:
        raise Refused("begin", f"more than {IN_A_FILE:,} lines: ask for fewer days at a time")
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("at", "who", "what", "record"))
    for line in found:
        cells = (line.at.isoformat(), line.who, line.what, line.record)
        rows.writerow(map(harmless, cells))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula."""
    return f"'{cell}" if cell.startswith(STARTS_A_FORMULA) else cell


def _wish(zone: ZoneInfo, who: str, what: str, begin: str, end: str) -> audit.Wish:
    """Return what is looked for; both days are whole, where the service is. Raises Refused."""
    first, last = _day("begin", begin), _day("end", end)
    return audit.Wish(
        who,
        what,
        datetime.combine(first, time(), zone) if first else None,
        datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
    )


def _day(field: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(field, f"{text} is no day: write it as 2026-11-25") from None

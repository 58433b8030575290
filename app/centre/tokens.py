"""The page of one's own tokens for scripts: made, shown once, revoked."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app import tokens
from app.centre.guard import Leaver, Reader, Staff
from app.centre.pages import page, to
from app.errors import Conflict, Refused

router = APIRouter(
    prefix="/centre/tokens", default_response_class=HTMLResponse, include_in_schema=False
)


@router.get("")
def mine(here: Reader) -> Response:
    """Show one's own tokens, without their texts, which are not kept."""
    return _page(here)


@router.post("")
def make(here: Leaver) -> Response:
    """Make a token, and show its text, this once."""
    days = here.first("days") or str(tokens.DAYS)
    try:
        text = tokens.make(
            here.session,
            here.settings,
            here.person.email,
            here.first("name"),
            int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
            here.who,
        )
    except (Refused, Conflict) as error:
        return _page(here, error.status, wrong=error.detail)
    return _page(here, text=text)


@router.post("/revoke")
def revoke(here: Leaver) -> Response:
    """End one of one's tokens, at once."""
    tokens.revoke(here.session, here.person.email, here.first("name"), here.who)
    return to("/centre/tokens")


def _page(here: Staff, status: int = 200, *, text: str = "", wrong: str = "") -> Response:
    return page(
        here,
        "tokens.html",
        status,
        tokens=tokens.of_person(here.session, here.person.email),
        text=text,
        wrong=wrong,
        typed=here.first("name") if wrong else "",
        days=tokens.DAYS,
        most=tokens.MOST_DAYS,
    )

"""The page of the people who have access: invited, given roles, sent away. For administrators."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app import staff
from app.centre.guard import Administering, Administrator, Staff
from app.centre.pages import page, to
from app.errors import Conflict, SvarError

router = APIRouter(
    prefix="/centre/people", default_response_class=HTMLResponse, include_in_schema=False
)

ALL = "/centre/people"


@router.get("")
def people(here: Administrator) -> Response:
    """Show who has access, with which roles, and who had it."""
    return _page(here)


@router.post("")
def invite(here: Administering) -> Response:
    """Invite somebody, and show the link that lets them in, this once."""
    try:
        person = staff.invite(
            here.session, here.first("email"), here.first("name"), here.values("role"), here.who
        )
    except SvarError as error:
        return _page(here, error.status, wrong=error.detail)
    return _with_link(here, person.email)


@router.post("/link")
def renew(here: Administering) -> Response:
    """Make a new link for somebody who has lost theirs, or the password, and show it, this once."""
    return _with_link(here, here.first("email"))


@router.post("/roles")
def change(here: Administering) -> Response:
    """Give somebody other roles, at once. Nobody takes the administrator's role from themselves."""
    email, roles = here.first("email"), here.values("role")
    if email == here.person.email and "administrator" not in roles:
        raise Conflict("Another administrator must take this role from you.")
    staff.change_roles(here.session, email, roles, here.who)
    return to(ALL)


@router.post("/revoke")
def revoke(here: Administering) -> Response:
    """End somebody's access, at once. Nobody ends their own."""
    email = here.first("email")
    if email == here.person.email:
        raise Conflict("Another administrator must end your access.")
    staff.revoke(here.session, email, here.who)
    return to(ALL)


def _with_link(here: Staff, email: str) -> Response:
    link = staff.link(here.session, here.settings, email, here.who)
    return _page(here, link=link, invited=email)


def _page(
    here: Staff, status: int = 200, *, link: str = "", invited: str = "", wrong: str = ""
) -> Response:
    hours = int(staff.LINK_LASTS.total_seconds() // 3600)
    typed = {name: here.first(name) if wrong else "" for name in ("email", "name")}
    return page(
        here,
        "people.html",
        status,
        everyone=staff.everyone(here.session),
        link=link,
        invited=invited,
        wrong=wrong,
        typed=typed,
        chosen=here.values("role") if wrong else [],
        hours=hours,
    )

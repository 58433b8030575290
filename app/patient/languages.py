"""The language of the pages: the patient chooses it on any page, and a cookie remembers it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.browser import is_address, language_cookie
from app.errors import NotFound
from app.models import Order
from app.settings import Settings
from app.texts import LANGUAGES, preferred

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

YEAR = 365 * 24 * 3600
WELCOME = "/form/"


@router.get("/language/{language}")
def choose(request: Request, language: str, to: str = WELCOME) -> Response:
    """Remember a language and go back to the page it was chosen on; raises NotFound.

    A link from elsewhere can do no more than change the language. Nothing else is stored.
    """
    if language not in LANGUAGES:
        raise NotFound("There are no pages in this language.")
    settings: Settings = request.app.state.settings
    answer = RedirectResponse(to if is_address(to) else WELCOME, 303)
    answer.set_cookie(
        language_cookie(settings),
        language,
        max_age=YEAR,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def language_for(request: Request, order: Order | None) -> str:
    """Return the language to speak: the one chosen, else the order's, else the browser's."""
    chosen = request.cookies.get(language_cookie(request.app.state.settings))
    if chosen in LANGUAGES:
        return chosen
    return order.language if order else preferred(request.headers.get("accept-language", ""))

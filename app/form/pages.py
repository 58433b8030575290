"""The form's pages: templates filled in with a questionnaire and a language's own sentences."""

from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import look
from app.texts import LANGUAGES, Texts, direction

TEMPLATES = Path(__file__).parent.parent / "templates"


def pages(*folders: str) -> Environment:
    """Return the templates in some folders; of two with one name, the one in the first."""
    made = Environment(
        loader=FileSystemLoader([TEMPLATES / name for name in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(address=look.address, languages=LANGUAGES, direction=direction)
    return made


_pages = pages("patient")


def render(
    words: Texts, template: str, status: int, *, sheet: str = look.SHEET, **more: Any
) -> HTMLResponse:
    """Return a page of nobody in particular; each needs `this_page`, its own address."""
    text = _pages.get_template(template).render(t=words, sheet=sheet, **more)
    return HTMLResponse(text, status)

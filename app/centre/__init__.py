"""The PRO centre's door: the pages of those who look after the instruments."""

from fastapi import APIRouter

from app.centre import agreeing, elsewhere, entering, library, people, trail
from app.centre.pages import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (agreeing, elsewhere, entering, library, people, trail):
    router.include_router(part.router)
